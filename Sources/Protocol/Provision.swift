/// PROVISION (02): the host gives an id to a board that has none (PROTOCOL.md 2.2).
public struct Provision: Equatable, Sendable {
  /// The nonce of the HELLO that this answers.
  public var nonce: UInt32
  /// Random, never 0.
  public var deviceId: UInt64

  /// Gives an id, which must not be 0.
  public init(nonce: UInt32, deviceId: UInt64) {
    precondition(deviceId != 0)
    self.nonce = nonce
    self.deviceId = deviceId
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.provision)
    nonce = try reader.u32()
    deviceId = try reader.u64()
    try reader.skipTlvs()
    guard deviceId != 0 else { throw .field }
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.provision.rawValue)
    body.append(u32: nonce)
    body.append(u64: deviceId)
  }
}
