/// One frame as it stands on the wire: `00 | COBS(body) | check | 00` (PROTOCOL.md section 1).
public struct Frame: Sendable {
  private var bytes = InlineArray<258, UInt8>(repeating: 0)

  /// Bytes on the wire, delimiters included.
  public private(set) var count = 0

  /// Nothing on the wire.
  init() {}

  /// Bytes as they are, at most 258: text between frames.
  init(plain: Span<UInt8>) {
    precondition(plain.count <= Limits.frameBytesMax)
    for index in plain.indices { append(plain[index]) }
  }

  /// Frames a body of 1 to 250 bytes; another length is a mistake of ours.
  public init(body: Span<UInt8>) {
    precondition(!body.isEmpty && body.count <= Limits.bodyBytesMax)
    append(0)
    appendEncoded(body)
    appendCheck(Crc32c.checksum(bytes.span.extracting(1..<count)))
    append(0)
  }

  /// Its bytes, borrowed.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(0..<count) }
  }

  private mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  /// COBS of at most 250 bytes: no run is long enough for the code FF, so it adds exactly one byte.
  private mutating func appendEncoded(_ body: Span<UInt8>) {
    var codeAt = count
    append(1)
    for index in body.indices {
      let byte = body[index]
      if byte == 0 {
        codeAt = count
        append(1)
      } else {
        append(byte)
        bytes[codeAt] += 1
      }
    }
  }

  /// 32 bits as five bytes of seven, low first, each with its top bit set: never zero, never ASCII.
  private mutating func appendCheck(_ check: UInt32) {
    for shift in 0..<5 {
      append(0x80 | UInt8(truncatingIfNeeded: check &>> UInt32(7 * shift)))
    }
  }
}
