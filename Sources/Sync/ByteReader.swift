internal import Model

/// Takes the fields of canonical bodies one after the other, never past the end.
struct ByteReader: ~Copyable, ~Escapable {
  private let bytes: Span<UInt8>
  private(set) var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  var remaining: Int { bytes.count - offset }

  func error(_ reason: DecodeError.Reason) -> DecodeError { DecodeError(reason, at: offset) }

  func end() throws(DecodeError) {
    guard remaining == 0 else { throw error(.leftover) }
  }

  mutating func u8() throws(DecodeError) -> UInt8 {
    guard offset < bytes.count else { throw error(.truncated) }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func fixed<Integer: FixedWidthInteger & UnsignedInteger>(
    _ type: Integer.Type
  ) throws(DecodeError) -> Integer {
    let size = Integer.bitWidth / 8
    guard remaining >= size else { throw error(.truncated) }
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    offset += size
    return Integer(truncatingIfNeeded: value)
  }

  /// LEB128 in its shortest form.
  mutating func varint() throws(DecodeError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    let start = offset
    while true {
      guard offset < bytes.count else { throw error(.truncated) }
      let byte = bytes[offset]
      offset += 1
      if shift == 63, byte > 1 { throw DecodeError(.varint, at: start) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        if byte == 0, shift > 0 { throw DecodeError(.varint, at: start) }
        return value
      }
      shift += 7
    }
  }

  mutating func zigzag() throws(DecodeError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A varint that counts or points: at most `max`.
  mutating func count(max: Int) throws(DecodeError) -> Int {
    let start = offset
    let value = try varint()
    guard value <= UInt64(max) else { throw DecodeError(.count, at: start) }
    return Int(value)
  }

  /// A varint that is a time: at most `Int64.max`.
  mutating func time() throws(DecodeError) -> Int64 {
    let start = offset
    guard let value = Int64(exactly: try varint()) else { throw DecodeError(.range, at: start) }
    return value
  }

  mutating func varint32() throws(DecodeError) -> UInt32 {
    let start = offset
    guard let value = UInt32(exactly: try varint()) else { throw DecodeError(.range, at: start) }
    return value
  }

  mutating func raw(_ count: Int) throws(DecodeError) -> [UInt8] {
    guard count <= remaining else { throw error(.truncated) }
    var out: [UInt8] = []
    out.reserveCapacity(count)
    for index in offset..<(offset + count) { out.append(bytes[index]) }
    offset += count
    return out
  }

  mutating func bytes8() throws(DecodeError) -> [UInt8] {
    let size = Int(try u8())
    return try raw(size)
  }

  mutating func bytesV(max: Int) throws(DecodeError) -> [UInt8] {
    let size = try count(max: max)
    return try raw(size)
  }

  /// UTF-8 that takes back exactly its own bytes.
  mutating func text(_ count: Int) throws(DecodeError) -> String {
    let start = offset
    guard let text = String(validating: try raw(count), as: UTF8.self) else {
      throw DecodeError(.text, at: start)
    }
    return text
  }

  mutating func text8() throws(DecodeError) -> String {
    let size = Int(try u8())
    return try text(size)
  }

  mutating func textV(max: Int) throws(DecodeError) -> String {
    let size = try count(max: max)
    return try text(size)
  }

  mutating func identity() throws(DecodeError) -> DeviceIdentity {
    let start = offset
    let kind = DeviceIdentity.Kind(rawValue: try u8())
    let field = try bytes8()
    guard let kind, let identity = DeviceIdentity(kind: kind, bytes: field) else {
      throw DecodeError(.identity, at: start)
    }
    return identity
  }
}
