internal import Sync

/// Takes fields off bytes as fast as a check of each byte's place allows; the bytes are this node's
/// own.
struct ScanReader: ~Escapable {
  let bytes: Span<UInt8>
  private(set) var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) { self.bytes = bytes }

  func error(_ reason: DecodeError.Reason) -> DecodeError { DecodeError(reason, at: offset) }

  static func unzigzag(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func u8() throws(DecodeError) -> UInt8 {
    guard offset < bytes.count else { throw error(.truncated) }
    defer { offset += 1 }
    return bytes[offset]
  }

  @inline(__always)
  mutating func varint() throws(DecodeError) -> UInt64 {
    guard offset < bytes.count else { throw error(.truncated) }
    let first = bytes[offset]
    offset &+= 1
    return first < 0x80 ? UInt64(first) : try longVarint(UInt64(first & 0x7F))
  }

  @inline(never)
  private mutating func longVarint(_ low: UInt64) throws(DecodeError) -> UInt64 {
    var value = low
    var shift: UInt64 = 7
    while offset < bytes.count, shift < 64 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) &<< shift
      guard byte >= 0x80 else { return value }
      shift += 7
    }
    throw error(.varint)
  }

  @inline(__always)
  mutating func count(max: Int) throws(DecodeError) -> Int {
    let value = try varint()
    guard value <= UInt64(max) else { throw error(.count) }
    return Int(value)
  }

  mutating func skip(_ count: Int) throws(DecodeError) {
    guard count <= bytes.count - offset else { throw error(.truncated) }
    offset += count
  }

  /// Passes over so many varints: every one ends with a byte below 0x80.
  mutating func skipVarints(_ count: Int) throws(DecodeError) {
    var left = count
    // Eight bytes at a time, as long as all that end in them are to be passed over.
    while left >= 8, bytes.count - offset >= 8 {
      left -= (~word(at: offset) & 0x8080_8080_8080_8080).nonzeroBitCount
      offset += 8
    }
    while left > 0 {
      guard offset < bytes.count else { throw error(.truncated) }
      if bytes[offset] < 0x80 { left -= 1 }
      offset += 1
    }
  }

  @inline(__always)
  mutating func fixed64() throws(DecodeError) -> UInt64 {
    guard bytes.count - offset >= 8 else { throw error(.truncated) }
    defer { offset &+= 8 }
    return word(at: offset)
  }

  /// A group of one reading, as it would be if its channel were one of floats.
  struct LoneFloat {
    let channel: Int
    /// From the time before it to its own.
    let step: Int64
    let bits: Int64
  }

  private static let loneFloatBytes = 12

  /// The group that comes next, if its fields (channel, width 1, rows 1, step) have a byte each and
  /// eight more bytes follow; it is not passed over.
  @inline(__always)
  func loneFloat() -> LoneFloat? {
    guard bytes.count &- offset >= Self.loneFloatBytes else { return nil }
    let head = word(at: offset)
    guard head & 0x80FF_FF80 == 0x0001_0100 else { return nil }
    return LoneFloat(
      channel: Int(head & 0x7F), step: Self.unzigzag(head &>> 24 & 0x7F),
      bits: Int64(bitPattern: word(at: offset &+ 4)))
  }

  /// Passes over the group that `loneFloat` gave.
  @inline(__always)
  mutating func skipLoneFloat() { offset &+= Self.loneFloatBytes }

  /// Any eight bytes are a number, and the load checks that they are there.
  @inline(__always)
  private func word(at start: Int) -> UInt64 {
    let raw = unsafe bytes.bytes
    let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
    return UInt64(littleEndian: word)
  }

  mutating func raw(_ count: Int) throws(DecodeError) -> [UInt8] {
    let start = offset
    try skip(count)
    var out: [UInt8] = []
    out.reserveCapacity(count)
    for index in start..<offset { out.append(bytes[index]) }
    return out
  }

  mutating func spans(into spans: inout [SeqSpan]) throws(DecodeError) {
    let count = try self.count(max: Sync.Limits.sourceSpansMax)
    for _ in 0..<count {
      guard let fate = SeqSpan.Fate(rawValue: try u8()) else { throw error(.range) }
      spans.append(SeqSpan(fate, count: UInt32(truncatingIfNeeded: try varint())))
    }
  }
}
