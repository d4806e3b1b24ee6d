extension TimeZoneRules {
  /// Reads a compiled zone of the tz database: RFC 8536 (versions 1 to 3) and RFC 9636 (4).
  ///
  /// From version 2 on the second, 64-bit part counts and the first is only skipped. Leap seconds
  /// and abbreviations are not used; files with leap seconds are refused.
  public init(name: String, file: [UInt8]) throws(TimeZoneFileError) {
    guard file.count <= ModelLimits.zoneFileBytesMax else { throw .tooLarge("bytes") }
    var reader = ZoneFileReader(file)
    let first = try reader.header()
    guard first.version >= 0x32 else {
      let data = try reader.data(first, timeBytes: 4)
      self.init(name: name, data: data, rule: nil)
      return
    }
    try reader.skip(first.byteCount(timeBytes: 4))
    let second = try reader.header()
    guard second.version >= 0x32 else { throw .unknownVersion(second.version) }
    let data = try reader.data(second, timeBytes: 8)
    self.init(name: name, data: data, rule: try reader.footer())
  }

  private init(name: String, data: ZoneFileReader.Data, rule: PosixTimeZone?) {
    self.init(
      name: name, changes: data.changes, offsets: data.offsets, firstOffset: data.firstOffset,
      rule: rule)
  }
}

/// Reads the parts of a file one after the other, each bounded before it is touched.
private struct ZoneFileReader {
  /// The six counts of a header (RFC 8536, section 3.1).
  struct Header {
    var version: UInt8
    var utcFlags: Int, standardFlags: Int, leaps: Int, changes: Int, types: Int, characters: Int

    func byteCount(timeBytes: Int) -> Int {
      changes * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4)
        + standardFlags + utcFlags
    }
  }

  struct Data {
    var changes: [Int64]
    var offsets: [Int64]
    var firstOffset: Int64
  }

  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func skip(_ count: Int) throws(TimeZoneFileError) {
    guard count <= bytes.count - index else { throw .truncated }
    index += count
  }

  /// A big-endian number in two's complement.
  private mutating func number(bytes count: Int) throws(TimeZoneFileError) -> Int64 {
    let start = index
    try skip(count)
    var value: Int64 = bytes[start] & 0x80 == 0 ? 0 : -1
    for byte in bytes[start..<index] { value = value << 8 | Int64(byte) }
    return value
  }

  private mutating func count(_ what: String, max: Int) throws(TimeZoneFileError) -> Int {
    let value = try number(bytes: 4) & 0xFFFF_FFFF
    guard value <= Int64(max) else { throw .tooLarge(what) }
    return Int(value)
  }

  mutating func header() throws(TimeZoneFileError) -> Header {
    let start = index
    try skip(20)
    guard bytes[start..<start + 4].elementsEqual("TZif".utf8) else { throw .notTimeZone }
    let version = bytes[start + 4]
    guard version == 0 || (0x32...0x34).contains(version) else { throw .unknownVersion(version) }
    let utcFlags = try count("types", max: 256)
    let standardFlags = try count("types", max: 256)
    let leaps = try count("leap seconds", max: ModelLimits.zoneTransitionsMax)
    let changes = try count("changes", max: ModelLimits.zoneTransitionsMax)
    let types = try count("types", max: 256)
    let characters = try count("abbreviations", max: ModelLimits.zoneAbbreviationBytesMax)
    guard [0, types].contains(utcFlags), [0, types].contains(standardFlags) else {
      throw .badCounts
    }
    return Header(
      version: version, utcFlags: utcFlags, standardFlags: standardFlags, leaps: leaps,
      changes: changes, types: types, characters: characters)
  }

  mutating func data(_ header: Header, timeBytes: Int) throws(TimeZoneFileError) -> Data {
    guard header.types > 0, header.characters > 0 else { throw .badCounts }
    guard header.leaps == 0 else { throw .leapSeconds }
    var changes: [Int64] = []
    for _ in 0..<header.changes {
      let time = try number(bytes: timeBytes)
      guard ModelLimits.zoneTimes.contains(time), changes.last.map({ $0 < time }) ?? true else {
        throw .badTransitions
      }
      changes.append(time)
    }
    let indexes = index..<index + header.changes
    try skip(header.changes)
    var types: [Int64] = []
    for _ in 0..<header.types {
      let offset = try number(bytes: 4)
      guard ModelLimits.zoneOffsets.contains(offset) else { throw .badOffset }
      types.append(offset)
      try skip(2)
    }
    var offsets: [Int64] = []
    for type in bytes[indexes] {
      guard type < types.count else { throw .badType }
      offsets.append(types[Int(type)])
    }
    try skip(header.characters + header.standardFlags + header.utcFlags)
    return Data(changes: changes, offsets: offsets, firstOffset: types[0])
  }

  /// The rule between two line feeds; nil when it is empty.
  mutating func footer() throws(TimeZoneFileError) -> PosixTimeZone? {
    let rest = bytes[index...]
    guard let first = rest.first else { throw .truncated }
    guard first == 0x0A else { throw .badRule }
    guard let end = rest.dropFirst().firstIndex(of: 0x0A) else { throw .truncated }
    let text = bytes[(index + 1)..<end]
    guard text.count <= ModelLimits.zoneRuleBytesMax else { throw .tooLarge("rule") }
    return text.isEmpty ? nil : try PosixTimeZone(text)
  }
}
