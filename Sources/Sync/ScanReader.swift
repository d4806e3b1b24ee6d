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

  mutating func varint() throws(DecodeError) -> UInt64 {
    guard offset < bytes.count else { throw error(.truncated) }
    let first = bytes[offset]
    offset += 1
    guard first >= 0x80 else { return UInt64(first) }
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while offset < bytes.count, shift < 64 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      guard byte >= 0x80 else { return value }
      shift += 7
    }
    throw error(.varint)
  }

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
    while left > 0 {
      guard offset < bytes.count else { throw error(.truncated) }
      if bytes[offset] < 0x80 { left -= 1 }
      offset += 1
    }
  }

  mutating func fixed64() throws(DecodeError) -> UInt64 {
    guard bytes.count - offset >= 8 else { throw error(.truncated) }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    offset += 8
    return value
  }

  mutating func raw(_ count: Int) throws(DecodeError) -> [UInt8] {
    let start = offset
    try skip(count)
    var out: [UInt8] = []
    out.reserveCapacity(count)
    for index in start..<offset { out.append(bytes[index]) }
    return out
  }

  mutating func spans() throws(DecodeError) -> [SeqSpan] {
    let count = try self.count(max: Limits.sourceSpansMax)
    var spans: [SeqSpan] = []
    spans.reserveCapacity(min(count, bytes.count - offset))
    for _ in 0..<count {
      guard let fate = SeqSpan.Fate(rawValue: try u8()) else { throw error(.range) }
      spans.append(SeqSpan(fate, count: UInt32(truncatingIfNeeded: try varint())))
    }
    return spans
  }
}
