public import Model

/// What the sources of many commits have in common: device, clock and channel table.
public struct SourceShape: Hashable, Sendable {
  /// Whose samples.
  public var identity: DeviceIdentity
  /// The device's epoch; nil on the node's clock.
  public var epoch: UInt32?
  /// The channel table.
  public var channels: [CommitChannel]
}

/// Takes what a scan of commits finds, without a commit being decoded as a whole.
public protocol CommitVisitor {
  /// A source with `samples` samples begins, of a shape that `shapes` has at that index; indices
  /// are valid until `forget`. Says for each channel whether its samples are wanted.
  mutating func begin(
    shape: Int, of shapes: borrowing SourceShapes, firstSeq: UInt32, spans: [SeqSpan],
    samples: Int, wanted: inout [Bool]
  )
  /// A group of that many neighbouring channels follows.
  mutating func group(channel: Int, width: Int, rows: Int)
  /// So many bytes of a group of which nothing was wanted.
  mutating func skipped(channel: Int, bytes: Int)
  /// The number, a mantissa or a bit pattern, of the source's sample with that index.
  mutating func number(channel: Int, sample: Int, time: Int64, value: Int64)
  /// The text, in UTF-8, of the source's sample with that index.
  mutating func text(channel: Int, sample: Int, time: Int64, value: [UInt8])
  /// Indices of shapes begin anew.
  mutating func forget()
}

/// Remembers the shapes of sources, so that a source costs a comparison of bytes.
///
/// At most `Limits.sourceShapesMax` are remembered; then all are forgotten.
public struct SourceShapes: Sendable {
  /// The shapes by their index.
  public private(set) var all: [SourceShape] = []
  private var bytes: [[UInt8]] = []
  private var forms: [[UInt8]] = []
  private var indices: [[UInt8]: Int] = [:]
  /// The shape that probably comes next: commits mostly repeat their sources.
  private var guess = 0

  /// Begins with none.
  public init() {}

  /// The value form of each channel of a shape, as its code.
  func codes(_ shape: Int) -> [UInt8] { forms[shape] }

  /// The index of a shape by its bytes; nil when it is new.
  mutating func find(_ shape: Span<UInt8>) -> Int? {
    if guess < all.count, Self.isSame(bytes[guess], shape) {
      let found = guess
      guess = found + 1 < all.count ? found + 1 : 0
      return found
    }
    guard let found = indices[Self.copy(shape)] else { return nil }
    guess = found + 1 < all.count ? found + 1 : 0
    return found
  }

  /// Remembers a shape; true when all others had to be forgotten.
  mutating func add(_ shape: Span<UInt8>, _ content: SourceShape) -> Bool {
    let isFull = all.count >= Limits.sourceShapesMax
    if isFull { self = SourceShapes() }
    let copy = Self.copy(shape)
    indices[copy] = all.count
    bytes.append(copy)
    forms.append(content.channels.map { $0.form.code })
    all.append(content)
    guess = 0
    return isFull
  }

  private static func isSame(_ known: [UInt8], _ shape: Span<UInt8>) -> Bool {
    guard known.count == shape.count else { return false }
    for index in 0..<known.count where known[index] != shape[index] { return false }
    return true
  }

  private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
    unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}

/// Goes along the bytes of a commit body and hands over only what is wanted.
///
/// For bodies that this node wrote and whose check holds: it keeps to the bytes and the table
/// whatever they say, and throws what it cannot follow, but leaves the finer rules to
/// `CommitDecoder`.
public enum CommitScanner {
  /// Scans a body; the result is the arrival that it states, in µs.
  public static func scan(
    _ bytes: Span<UInt8>, shapes: inout SourceShapes, visitor: inout some CommitVisitor
  ) throws(DecodeError) -> Int64 {
    guard bytes.count <= Limits.commitBytesMax else { throw DecodeError(.tooLong, at: 0) }
    var reader = ScanReader(bytes)
    guard try reader.u8() == CommitEncoder.version else { throw DecodeError(.version, at: 0) }
    let arrivalUs = Int64(bitPattern: try reader.varint())
    let sources = try reader.count(max: Limits.commitSourcesMax)
    var scan = SourceScan()
    for _ in 0..<sources {
      try scan.run(&reader, arrivalUs: arrivalUs, shapes: &shapes, visitor: &visitor)
    }
    guard reader.offset == bytes.count else { throw reader.error(.leftover) }
    return arrivalUs
  }
}

/// The scan of one source; its buffers are used again for the next.
private struct SourceScan {
  private var wanted: [Bool] = []
  private var above: [Int64] = []
  private var time: Int64 = 0
  private var sample = 0

  @_lifetime(reader: copy reader)
  mutating func run(
    _ reader: inout ScanReader, arrivalUs: Int64, shapes: inout SourceShapes,
    visitor: inout some CommitVisitor
  ) throws(DecodeError) {
    let start = reader.offset
    _ = try reader.u8()
    try reader.skip(Int(try reader.u8()))
    let isNumbered = try reader.u8() == 1
    if isNumbered { _ = try reader.varint() }
    let head = start..<reader.offset
    var firstSeq: UInt32 = 0
    var spans: [SeqSpan] = []
    if isNumbered {
      firstSeq = UInt32(truncatingIfNeeded: try reader.varint())
      spans = try reader.spans()
    }
    let tableStart = reader.offset
    let channels = try reader.count(max: Limits.sourceChannelsMax)
    for _ in 0..<channels {
      try reader.skip(Int(try reader.u8()))
      try reader.skip(Int(try reader.u8()) + 3)
    }
    let table = tableStart..<reader.offset
    let shape = try Self.shape(reader.bytes, head, table, &shapes, &visitor)
    let samples = try reader.count(max: Limits.commitSamplesMax)
    wanted.removeAll(keepingCapacity: true)
    wanted.append(contentsOf: repeatElement(false, count: channels))
    visitor.begin(
      shape: shape, of: shapes, firstSeq: firstSeq, spans: spans, samples: samples,
      wanted: &wanted)
    let codes = shapes.codes(shape)
    guard wanted.count == channels, codes.count == channels else { throw reader.error(.count) }
    (time, sample) = (isNumbered ? 0 : arrivalUs, 0)
    while sample < samples { try group(&reader, samples, codes, &visitor) }
  }

  private static func shape(
    _ bytes: Span<UInt8>, _ head: Range<Int>, _ table: Range<Int>, _ shapes: inout SourceShapes,
    _ visitor: inout some CommitVisitor
  ) throws(DecodeError) -> Int {
    var name: [UInt8] = []
    name.reserveCapacity(head.count + table.count)
    for index in head { name.append(bytes[index]) }
    for index in table { name.append(bytes[index]) }
    if let found = shapes.find(name.span) { return found }
    var reader = FieldReader(name.span)
    let identity = try reader.identity()
    let epoch = try reader.u8() == 1 ? try reader.varint32() : nil
    let count = try reader.count(max: Limits.sourceChannelsMax)
    var channels: [CommitChannel] = []
    for _ in 0..<count { channels.append(try reader.channel()) }
    let isFull = shapes.add(
      name.span, SourceShape(identity: identity, epoch: epoch, channels: channels))
    if isFull { visitor.forget() }
    return shapes.all.count - 1
  }

  @_lifetime(reader: copy reader)
  private mutating func group(
    _ reader: inout ScanReader, _ samples: Int, _ codes: [UInt8],
    _ visitor: inout some CommitVisitor
  ) throws(DecodeError) {
    let channel = try reader.count(max: max(codes.count - 1, 0))
    let width = try reader.count(max: codes.count - channel)
    let rows = try reader.count(max: samples - sample)
    guard width > 0, rows > 0, width * rows <= samples - sample else {
      throw reader.error(.count)
    }
    var isWanted = false
    for column in channel..<(channel + width) where wanted[column] { isWanted = true }
    visitor.group(channel: channel, width: width, rows: rows)
    time &+= ScanReader.unzigzag(try reader.varint())
    let period = rows > 1 ? ScanReader.unzigzag(try reader.varint()) : 0
    let first = time
    time &+= period &* Int64(rows - 1)
    defer { sample += width * rows }
    let start = reader.offset
    switch (codes[channel], isWanted) {
    case (0, true):
      try decimals(&reader, channel..<(channel + width), rows, first, period, &visitor)
      return
    case (0, false): try reader.skipVarints(width * rows)
    case (1, false): try reader.skip(8 * rows)
    case (1, true):
      for row in 0..<rows {
        let bits = Int64(bitPattern: try reader.fixed64())
        visitor.number(
          channel: channel, sample: sample + row, time: first &+ period &* Int64(row), value: bits)
      }
    case (_, false): for _ in 0..<rows { try reader.skip(try reader.count(max: 0xFFFF)) }
    case (_, true):
      for row in 0..<rows {
        let text = try reader.raw(try reader.count(max: 0xFFFF))
        visitor.text(
          channel: channel, sample: sample + row, time: first &+ period &* Int64(row), value: text)
      }
    }
    if !isWanted { visitor.skipped(channel: channel, bytes: reader.offset - start) }
  }

  @_lifetime(reader: copy reader)
  private mutating func decimals(
    _ reader: inout ScanReader, _ channels: Range<Int>, _ rows: Int, _ first: Int64,
    _ period: Int64, _ visitor: inout some CommitVisitor
  ) throws(DecodeError) {
    let width = channels.count
    if above.count < width { above = [Int64](repeating: 0, count: width) }
    for column in 0..<width { above[column] = 0 }
    var rowTime = first
    var index = sample
    for _ in 0..<rows {
      for column in 0..<width {
        let difference = try reader.varint()
        if wanted[channels.lowerBound + column] {
          let value = above[column] &+ ScanReader.unzigzag(difference)
          above[column] = value
          visitor.number(
            channel: channels.lowerBound + column, sample: index, time: rowTime, value: value)
        }
        index += 1
      }
      rowTime &+= period
    }
  }
}
