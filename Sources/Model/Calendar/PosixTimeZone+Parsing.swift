extension PosixTimeZone {
  /// Reads a rule as RFC 8536, section 3.3 allows it in a file: with hours from -167 to 167.
  ///
  /// Daylight saving time without its two changes is refused: POSIX leaves them to the system.
  init(_ text: some Sequence<UInt8>) throws(TimeZoneFileError) {
    var reader = RuleReader(Array(text))
    try reader.name()
    offset = -(try reader.time(hoursMax: 24))
    guard !reader.isAtEnd else { return }
    try reader.name()
    var shifted = offset + 3_600
    if reader.peek != 0x2C { shifted = -(try reader.time(hoursMax: 24)) }
    try reader.skip(0x2C)
    let start = try reader.change()
    try reader.skip(0x2C)
    let end = try reader.change()
    guard reader.isAtEnd else { throw .badRule }
    daylight = Daylight(offset: shifted, start: start, end: end)
  }
}

/// Reads the parts of a rule one after the other.
private struct RuleReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }
  var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func skip(_ byte: UInt8) throws(TimeZoneFileError) {
    guard peek == byte else { throw .badRule }
    index += 1
  }

  /// Skips an abbreviation: at least three letters, or anything between `<` and `>`.
  mutating func name() throws(TimeZoneFileError) {
    let start = index
    if peek == 0x3C {
      while let byte = peek, byte != 0x3E { index += byte == 0 ? bytes.count - index : 1 }
      try skip(0x3E)
    } else {
      while let byte = peek, (0x41...0x5A).contains(byte & 0xDF) { index += 1 }
    }
    guard index - start >= 3 else { throw .badRule }
  }

  /// `[+-]h[:m[:s]]`, in seconds.
  mutating func time(hoursMax: Int) throws(TimeZoneFileError) -> Int64 {
    var sign: Int64 = 1
    if peek == 0x2D { sign = -1 }
    if peek == 0x2D || peek == 0x2B { index += 1 }
    var seconds = Int64(try number(in: 0...hoursMax)) * 3_600
    for scale in [60, 1] as [Int64] where peek == 0x3A {
      index += 1
      seconds += Int64(try number(in: 0...59)) * scale
    }
    return sign * seconds
  }

  mutating func change() throws(TimeZoneFileError) -> PosixTimeZone.Change {
    var change = PosixTimeZone.Change(day: try day(), secondOfDay: 7_200)
    if peek == 0x2F {
      index += 1
      change.secondOfDay = try time(hoursMax: 167)
    }
    return change
  }

  private mutating func day() throws(TimeZoneFileError) -> PosixTimeZone.Day {
    switch peek {
    case 0x4A:
      index += 1
      return .julian(try number(in: 1...365))
    case 0x4D:
      index += 1
      let month = try number(in: 1...12)
      try skip(0x2E)
      let week = try number(in: 1...5)
      try skip(0x2E)
      return .weekday(month: month, week: week, day: try number(in: 0...6))
    default:
      return .zeroBased(try number(in: 0...365))
    }
  }

  private mutating func number(in range: ClosedRange<Int>) throws(TimeZoneFileError) -> Int {
    let start = index
    var value = 0
    while let byte = peek, (0x30...0x39).contains(byte), index - start < 4 {
      value = value * 10 + Int(byte - 0x30)
      index += 1
    }
    guard index > start, range.contains(value) else { throw .badRule }
    return value
  }
}
