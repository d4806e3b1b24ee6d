/// Takes fields one after the other from bytes that anybody may have written, never past the end.
struct ByteSource: ~Copyable, ~Escapable {
  let bytes: Span<UInt8>
  private(set) var offset: Int

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, at offset: Int = 0) {
    precondition(offset >= 0 && offset <= bytes.count, "begins outside the bytes")
    self.bytes = bytes
    self.offset = offset
  }

  var remaining: Int { bytes.count - offset }

  func error(_ reason: CodecError.Reason) -> CodecError { CodecError(reason, at: offset) }

  func end() throws(CodecError) {
    guard remaining == 0 else { throw error(.leftover) }
  }

  @_lifetime(self: copy self)
  mutating func u8() throws(CodecError) -> UInt8 {
    guard remaining > 0 else { throw error(.truncated) }
    offset += 1
    return bytes[offset - 1]
  }

  /// LEB128 in its shortest form.
  @_lifetime(self: copy self)
  mutating func varint() throws(CodecError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try u8()
      // The tenth byte holds one bit; a last byte of zero says that a shorter form exists.
      if shift == 63 && byte > 1 { throw CodecError(.varint, at: start) }
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 {
        if byte == 0 && shift > 0 { throw CodecError(.varint, at: start) }
        return value
      }
      shift += 7
    }
  }

  @_lifetime(self: copy self)
  mutating func zigzag() throws(CodecError) -> Int64 { ZigZag.decode(try varint()) }

  /// A varint that counts or measures: `min` to `max`.
  @_lifetime(self: copy self)
  mutating func count(min: Int = 0, max: Int) throws(CodecError) -> Int {
    let start = offset
    let value = try varint()
    guard value >= UInt64(min), value <= UInt64(max) else { throw CodecError(.count, at: start) }
    return Int(value)
  }

  /// Steps over bytes and gives the offset at which they begin.
  @_lifetime(self: copy self)
  mutating func skip(_ count: Int) throws(CodecError) -> Int {
    guard count <= remaining else { throw error(.truncated) }
    offset += count
    return offset - count
  }

  @_lifetime(self: copy self)
  mutating func raw(_ count: Int) throws(CodecError) -> [UInt8] {
    let start = try skip(count)
    var out: [UInt8] = []
    out.reserveCapacity(count)
    for index in start..<offset { out.append(bytes[index]) }
    return out
  }
}
