/// DESCRIPTOR_READ (03): the host asks for a part of the descriptor (PROTOCOL.md 2.3).
public struct DescriptorRead: Equatable, Sendable {
  /// The first byte asked for.
  public var offset: UInt16
  /// How many, 1 to 247.
  public var length: UInt8

  /// Asks for a part.
  public init(offset: UInt16, length: UInt8) {
    precondition((1...Limits.descriptorChunkBytesMax).contains(Int(length)))
    self.offset = offset
    self.length = length
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.descriptorRead)
    offset = try reader.u16()
    length = try reader.u8()
    try reader.skipTlvs()
    guard (1...Limits.descriptorChunkBytesMax).contains(Int(length)) else { throw .field }
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.descriptorRead.rawValue)
    body.append(u16: offset)
    body.append(length)
  }
}
