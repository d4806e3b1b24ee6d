internal import Model
internal import Protocol

/// Takes the fields of canonical bodies one after the other, never past the end.
struct FieldReader: ~Copyable, ~Escapable {
  private let bytes: Span<UInt8>
  private var fields: Protocol.ByteReader

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    fields = Protocol.ByteReader(bytes)
  }

  var offset: Int { fields.offset }

  var remaining: Int { fields.remaining }

  func error(_ reason: DecodeError.Reason) -> DecodeError { DecodeError(reason, at: offset) }

  func end() throws(DecodeError) {
    guard remaining == 0 else { throw error(.leftover) }
  }

  mutating func u8() throws(DecodeError) -> UInt8 {
    do throws(Malformed) { return try fields.u8() } catch { throw self.error(.truncated) }
  }

  mutating func fixed<Integer: FixedWidthInteger & UnsignedInteger>(
    _ type: Integer.Type
  ) throws(DecodeError) -> Integer {
    let size = Integer.bitWidth / 8
    guard remaining >= size else { throw error(.truncated) }
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(try u8()) << UInt64(8 * index) }
    return Integer(truncatingIfNeeded: value)
  }

  /// LEB128 in its shortest form, as the link protocol has it.
  mutating func varint() throws(DecodeError) -> UInt64 {
    let start = offset
    do throws(Malformed) { return try fields.varint() } catch {
      throw DecodeError(error == .varint ? .varint : .truncated, at: start)
    }
  }

  mutating func zigzag() throws(DecodeError) -> Int64 {
    Varint.unzigzag(try varint())
  }

  /// A varint that counts or points: at most `max`.
  mutating func count(max: Int) throws(DecodeError) -> Int {
    let start = offset
    let value = try varint()
    guard value <= UInt64(max) else { throw DecodeError(.count, at: start) }
    return Int(value)
  }

  /// A varint that is a time: at most `Int64.max`.
  @inline(never)
  mutating func time() throws(DecodeError) -> Int64 {
    let start = offset
    guard let value = Int64(exactly: try varint()) else { throw DecodeError(.range, at: start) }
    return value
  }

  @inline(never)
  mutating func varint32() throws(DecodeError) -> UInt32 {
    let start = offset
    guard let value = UInt32(exactly: try varint()) else { throw DecodeError(.range, at: start) }
    return value
  }

  @inline(never)
  mutating func raw(_ count: Int) throws(DecodeError) -> [UInt8] {
    guard count <= remaining else { throw error(.truncated) }
    var out: [UInt8] = []
    out.reserveCapacity(count)
    for index in offset..<(offset + count) { out.append(bytes[index]) }
    do throws(Malformed) { try fields.skip(count) } catch { throw self.error(.truncated) }
    return out
  }

  mutating func bytes8() throws(DecodeError) -> [UInt8] {
    let size = Int(try u8())
    return try raw(size)
  }

  @inline(never)
  mutating func bytesV(max: Int) throws(DecodeError) -> [UInt8] {
    let size = try count(max: max)
    return try raw(size)
  }

  /// UTF-8 that takes back exactly its own bytes.
  mutating func text(_ count: Int) throws(DecodeError) -> (text: String, utf8: [UInt8]) {
    let start = offset
    let utf8 = try raw(count)
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw DecodeError(.text, at: start)
    }
    return (text, utf8)
  }

  /// With its bytes: to look at them through the views of a string is what is largest in the
  /// SQLite extension.
  @inline(never)
  mutating func name8() throws(DecodeError) -> (text: String, utf8: [UInt8]) {
    let size = Int(try u8())
    return try text(size)
  }

  mutating func text8() throws(DecodeError) -> String { try name8().text }

  @inline(never)
  mutating func textV(max: Int) throws(DecodeError) -> String {
    let size = try count(max: max)
    return try text(size).text
  }

  @inline(never)
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
