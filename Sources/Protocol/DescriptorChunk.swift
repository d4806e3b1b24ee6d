/// DESCRIPTOR (04): a part of the descriptor (PROTOCOL.md 2.3); its bytes stay in the body.
public struct DescriptorChunk: Equatable, Sendable {
  /// Where in the body the bytes begin.
  public static let bytesAt = 3

  /// The place of the first byte in the descriptor.
  public var offset: UInt16
  /// How many bytes, at least 1.
  public var count: Int

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.descriptor)
    offset = try reader.u16()
    count = reader.remaining
    guard count >= 1 else { throw .short }
  }

  /// Writes a part of the descriptor, 1 to 247 bytes, into an empty body.
  public static func write(offset: UInt16, bytes: Span<UInt8>, into body: inout Body) {
    precondition((1...Limits.descriptorChunkBytesMax).contains(bytes.count))
    body.append(MessageType.descriptor.rawValue)
    body.append(u16: offset)
    body.append(bytes)
  }
}
