/// Reads the fields of a body in order, and throws where the body ends or breaks the rules.
public struct ByteReader: ~Escapable {
  private let bytes: Span<UInt8>

  /// Where the next field begins.
  public private(set) var offset: Int

  /// Begins at the first byte.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    offset = 0
  }

  /// Bytes not yet read.
  public var remaining: Int { bytes.count - offset }

  /// Reads one byte.
  @_lifetime(self: copy self)
  public mutating func u8() throws(Malformed) -> UInt8 {
    guard offset < bytes.count else { throw .short }
    let byte = bytes[offset]
    offset += 1
    return byte
  }

  /// Reads a little-endian u16.
  @_lifetime(self: copy self)
  public mutating func u16() throws(Malformed) -> UInt16 {
    UInt16(truncatingIfNeeded: try fixed(byteCount: 2))
  }

  /// Reads a little-endian u32.
  @_lifetime(self: copy self)
  public mutating func u32() throws(Malformed) -> UInt32 {
    UInt32(truncatingIfNeeded: try fixed(byteCount: 4))
  }

  /// Reads a little-endian u48.
  @_lifetime(self: copy self)
  public mutating func u48() throws(Malformed) -> UInt64 { try fixed(byteCount: 6) }

  /// Reads a little-endian u64.
  @_lifetime(self: copy self)
  public mutating func u64() throws(Malformed) -> UInt64 { try fixed(byteCount: 8) }

  /// Reads an unsigned LEB128, which must be in its shortest form and fit 64 bits.
  @_lifetime(self: copy self)
  public mutating func varint() throws(Malformed) -> UInt64 {
    // One byte is the rule: a difference between two readings.
    if offset < bytes.count, bytes[offset] < 0x80 {
      offset += 1
      return UInt64(bytes[offset - 1])
    }
    return try longVarint()
  }

  @_lifetime(self: copy self)
  private mutating func longVarint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard offset < bytes.count else { throw .short }
      let byte = bytes[offset]
      offset += 1
      let low = UInt64(byte & 0x7F)
      // The tenth byte holds one bit; a last byte of zero says that a shorter form exists.
      if shift == 63 && byte > 1 { throw .varint }
      value |= low &<< shift
      if byte < 0x80 {
        if byte == 0 && shift > 0 { throw .varint }
        return value
      }
      shift += 7
    }
  }

  /// Reads a signed number.
  @_lifetime(self: copy self)
  public mutating func zigzag() throws(Malformed) -> Int64 {
    Varint.unzigzag(try varint())
  }

  /// Steps over bytes and gives the offset at which they begin.
  @_lifetime(self: copy self)
  @discardableResult
  public mutating func skip(_ count: Int) throws(Malformed) -> Int {
    guard count <= remaining else { throw .short }
    defer { offset += count }
    return offset
  }

  /// Steps over the TLVs of later versions, to the end of the body.
  @_lifetime(self: copy self)
  public mutating func skipTlvs() throws(Malformed) {
    while remaining > 0 {
      try skip(1)
      try skip(Int(try u8()))
    }
  }

  /// Reads the type byte of a body and throws when it is another one.
  @_lifetime(self: copy self)
  public mutating func expect(_ type: MessageType) throws(Malformed) {
    guard try u8() == type.rawValue else { throw .shape }
  }

  @_lifetime(self: copy self)
  private mutating func fixed(byteCount: Int) throws(Malformed) -> UInt64 {
    guard byteCount <= remaining else { throw .short }
    var value: UInt64 = 0
    for index in 0..<byteCount {
      value |= UInt64(bytes[offset + index]) &<< UInt64(8 * index)
    }
    offset += byteCount
    return value
  }
}
