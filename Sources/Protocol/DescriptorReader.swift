/// Reads descriptors (PROTOCOL.md section 3), in place and without allocating.
///
/// `summary` judges the whole; the others may be called once it has accepted, and would throw for
/// what it refuses.
public enum DescriptorReader {
  private enum Tag {
    static let model: UInt8 = 0x01
    static let firmware: UInt8 = 0x02
    static let channel: UInt8 = 0x10
    static let command: UInt8 = 0x11
  }

  /// Checks every rule and says what there is.
  public static func summary(_ bytes: Span<UInt8>) throws(Malformed) -> DescriptorSummary {
    guard bytes.count <= Limits.descriptorBytesMax else { throw .shape }
    var summary = DescriptorSummary()
    var seen = TagSet()
    try forEachTlv(bytes, in: 0..<bytes.count) { tag, value throws(Malformed) in
      switch tag {
      case Tag.model:
        try seen.insert(tag)
        summary.model = try text(bytes, value, countMax: 32)
      case Tag.firmware:
        try seen.insert(tag)
        summary.firmware = try text(bytes, value, countMax: 16)
      case Tag.channel:
        guard summary.channelCount < Limits.channelsMax else { throw .field }
        let key = try channel(bytes, value).key
        try requireNewKey(bytes, key, before: value.lowerBound)
        summary.channelCount += 1
      case Tag.command:
        let command = try command(bytes, value)
        try requireNewCommand(bytes, command, before: value.lowerBound)
        summary.commandCount += 1
      default: break
      }
    }
    return summary
  }

  /// Gives out the channels, the first with index 0.
  public static func forEachChannel(
    _ bytes: Span<UInt8>, _ body: (DescriptorChannel) throws(Malformed) -> Void
  ) throws(Malformed) {
    try forEachTlv(bytes, in: 0..<bytes.count) { tag, value throws(Malformed) in
      if tag == Tag.channel { try body(try channel(bytes, value)) }
    }
  }

  /// Gives out the commands.
  public static func forEachCommand(
    _ bytes: Span<UInt8>, _ body: (DescriptorCommand) throws(Malformed) -> Void
  ) throws(Malformed) {
    try forEachTlv(bytes, in: 0..<bytes.count) { tag, value throws(Malformed) in
      if tag == Tag.command { try body(try command(bytes, value)) }
    }
  }

  /// Gives out the arguments of a command, in order.
  public static func forEachArgument(
    of command: DescriptorCommand, _ bytes: Span<UInt8>,
    _ body: (DescriptorArgument) throws(Malformed) -> Void
  ) throws(Malformed) {
    // A range stands behind its argument: one is given out when the next begins.
    var waiting: DescriptorArgument?
    try forEachTlv(bytes, in: command.fields) { tag, value throws(Malformed) in
      if tag == 0x03 {
        if let argument = waiting { try body(argument) }
        waiting = try argument(bytes, value)
      } else if tag == 0x04 {
        waiting?.limits = try limits(bytes, value)
      }
    }
    if let argument = waiting { try body(argument) }
  }

  // MARK: TLVs

  /// The tags met so far in one place.
  private struct TagSet {
    private var bits: UInt32 = 0

    /// Throws for a tag below 32 that was met before.
    mutating func insert(_ tag: UInt8) throws(Malformed) {
      let bit = (1 as UInt32) &<< UInt32(tag)
      guard bits & bit == 0 else { throw .field }
      bits |= bit
    }
  }

  private static func forEachTlv(
    _ bytes: Span<UInt8>, in range: Range<Int>,
    _ body: (_ tag: UInt8, _ value: Range<Int>) throws(Malformed) -> Void
  ) throws(Malformed) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard range.upperBound - offset >= 2 else { throw .short }
      let start = offset + 2
      let end = start + Int(bytes[offset + 1])
      guard end <= range.upperBound else { throw .short }
      try body(bytes[offset], start..<end)
      offset = end
    }
  }

  private static func channel(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> DescriptorChannel {
    var channel = DescriptorChannel()
    var seen = TagSet()
    try forEachTlv(bytes, in: range) { tag, value throws(Malformed) in
      guard (0x01...0x08).contains(tag) else { return }
      try seen.insert(tag)
      switch tag {
      case 0x01: channel.key = try key(bytes, value)
      case 0x02: channel.unit = try printable(bytes, value, counts: 0...8)
      case 0x03:
        channel.kind = try byte(bytes, value)
        guard channel.kind <= 4 else { throw .field }
      case 0x04: channel.exponent = try exponent(try byte(bytes, value))
      case 0x05: channel.limits = try limits(bytes, value)
      case 0x06:
        let (offset, gainPpm) = try zigzags(bytes, value)
        channel.calibration = DescriptorCalibration(offset: offset, gainPpm: gainPpm)
      case 0x07:
        var reader = ByteReader(bytes.extracting(value))
        channel.periodMs = try reader.varint()
        guard reader.remaining == 0 else { throw .shape }
      default: channel.label = try text(bytes, value, countMax: 32)
      }
    }
    guard !channel.key.isEmpty else { throw .field }
    return channel
  }

  private static func command(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> DescriptorCommand {
    var command = DescriptorCommand()
    var seen = TagSet()
    var hasOp = false
    var mayTakeRange = false
    command.fields = range
    try forEachTlv(bytes, in: range) { tag, value throws(Malformed) in
      let followsArgument = mayTakeRange
      mayTakeRange = false
      switch tag {
      case 0x01:
        try seen.insert(tag)
        command.name = try key(bytes, value)
      case 0x02:
        try seen.insert(tag)
        command.op = try byte(bytes, value)
        hasOp = true
      case 0x03:
        _ = try argument(bytes, value)
        command.argumentCount += 1
        mayTakeRange = true
      case 0x04:
        guard followsArgument else { throw .field }
        _ = try limits(bytes, value)
      case 0x05:
        try seen.insert(tag)
        let flags = try byte(bytes, value)
        command.takesLease = flags & 1 != 0
        command.isSignal = flags & 2 != 0
      default: break
      }
    }
    guard !command.name.isEmpty, hasOp else { throw .field }
    return command
  }

  private static func argument(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> DescriptorArgument {
    guard range.count >= 3 else { throw .short }
    guard bytes[range.lowerBound] <= 1 else { throw .field }
    var argument = DescriptorArgument()
    argument.isText = bytes[range.lowerBound] == 1
    argument.exponent = try exponent(bytes[range.lowerBound + 1])
    argument.name = try printable(
      bytes, range.lowerBound + 2..<range.upperBound, counts: 1...16)
    return argument
  }

  // MARK: Values

  private static func byte(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> UInt8 {
    guard range.count == 1 else { throw .shape }
    return bytes[range.lowerBound]
  }

  private static func exponent(_ byte: UInt8) throws(Malformed) -> Int8 {
    let exponent = Int8(bitPattern: byte)
    guard (-12...12).contains(exponent) else { throw .field }
    return exponent
  }

  private static func zigzags(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> (Int64, Int64) {
    var reader = ByteReader(bytes.extracting(range))
    let first = try reader.zigzag()
    let second = try reader.zigzag()
    guard reader.remaining == 0 else { throw .shape }
    return (first, second)
  }

  private static func limits(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> DescriptorLimits {
    let (low, high) = try zigzags(bytes, range)
    guard low <= high else { throw .field }
    return DescriptorLimits(low: low, high: high)
  }

  private static func key(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) throws(Malformed) -> Range<Int> {
    guard (1...16).contains(range.count) else { throw .field }
    for index in range {
      switch bytes[index] {
      case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x5F, 0x2E, 0x2D: break
      default: throw .field
      }
    }
    return range
  }

  private static func printable(
    _ bytes: Span<UInt8>, _ range: Range<Int>, counts: ClosedRange<Int>
  ) throws(Malformed) -> Range<Int> {
    guard counts.contains(range.count) else { throw .field }
    for index in range where !(0x20...0x7E).contains(bytes[index]) { throw .field }
    return range
  }

  private static func text(
    _ bytes: Span<UInt8>, _ range: Range<Int>, countMax: Int
  ) throws(Malformed) -> Range<Int> {
    guard (1...countMax).contains(range.count) else { throw .field }
    let value = bytes.extracting(range)
    var index = 0
    while index < value.count {
      let width = value[index] == 0x09 ? 0 : TextLine.printableWidth(value, at: index)
      guard width > 0 else { throw .field }
      index += width
    }
    return range
  }

  // MARK: Uniqueness, by looking back: there is no table

  private static func areEqual(
    _ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>
  ) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count
    where bytes[left.lowerBound + index] != bytes[right.lowerBound + index] { return false }
    return true
  }

  private static func requireNewKey(
    _ bytes: Span<UInt8>, _ key: Range<Int>, before end: Int
  ) throws(Malformed) {
    try forEachTlv(bytes, in: 0..<end - 2) { tag, value throws(Malformed) in
      guard tag == Tag.channel else { return }
      try forEachTlv(bytes, in: value) { inner, other throws(Malformed) in
        if inner == 0x01 && areEqual(bytes, other, key) { throw .field }
      }
    }
  }

  private static func requireNewCommand(
    _ bytes: Span<UInt8>, _ new: DescriptorCommand, before end: Int
  ) throws(Malformed) {
    try forEachTlv(bytes, in: 0..<end - 2) { tag, value throws(Malformed) in
      guard tag == Tag.command else { return }
      let earlier = try command(bytes, value)
      guard earlier.op != new.op, !areEqual(bytes, earlier.name, new.name) else {
        throw .field
      }
    }
  }
}
