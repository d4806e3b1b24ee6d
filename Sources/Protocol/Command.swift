/// COMMAND (10): an order to the board (PROTOCOL.md 2.9); its arguments stay in the body.
public struct Command: Equatable, Sendable {
  /// Where in the body the arguments begin.
  public static let argumentsAt = 20

  /// The running epoch.
  public var epoch: UInt32
  /// Of the RESUME.
  public var session: UInt32
  /// Counts from 1 in the session.
  public var id: UInt16
  /// How long this command may still wait before it begins, in ms; at least 1.
  public var lifeMs: UInt32
  /// How long an actuator holds what it is told, in ms; 0 without a lease.
  public var leaseMs: UInt32
  /// The operation, from the descriptor.
  public var op: UInt8

  /// Orders.
  public init(
    epoch: UInt32, session: UInt32, id: UInt16, lifeMs: UInt32, leaseMs: UInt32, op: UInt8
  ) {
    self.epoch = epoch
    self.session = session
    self.id = id
    self.lifeMs = lifeMs
    self.leaseMs = leaseMs
    self.op = op
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.command)
    epoch = try reader.u32()
    session = try reader.u32()
    id = try reader.u16()
    lifeMs = try reader.u32()
    leaseMs = try reader.u32()
    op = try reader.u8()
    guard session != 0, id != 0, lifeMs != 0 else { throw .field }
  }

  /// Writes the message into an empty body, with at most 230 bytes of arguments.
  public func write(arguments: Span<UInt8>, into body: inout Body) {
    body.append(MessageType.command.rawValue)
    body.append(u32: epoch)
    body.append(u32: session)
    body.append(u16: id)
    body.append(u32: lifeMs)
    body.append(u32: leaseMs)
    body.append(op)
    body.append(arguments)
  }
}
