/// RESULT (11): what became of the last command; also the answer to RESUME (PROTOCOL.md 2.10).
public struct CommandResult: Equatable, Sendable {
  /// The session of the last RESUME accepted.
  public var attached: UInt32
  /// The session of the command; 0 when none was received since boot.
  public var session: UInt32
  /// The id of the command.
  public var id: UInt16
  /// What became of it.
  public var status: CommandStatus
  /// What it gave back; 0 when nothing.
  public var value: Int32

  /// States an outcome.
  public init(
    attached: UInt32, session: UInt32, id: UInt16, status: CommandStatus, value: Int32
  ) {
    self.attached = attached
    self.session = session
    self.id = id
    self.status = status
    self.value = value
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.result)
    attached = try reader.u32()
    session = try reader.u32()
    id = try reader.u16()
    let code = try reader.u8()
    value = Int32(bitPattern: try reader.u32())
    try reader.skipTlvs()
    guard let status = CommandStatus(rawValue: code) else { throw .field }
    self.status = status
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.result.rawValue)
    body.append(u32: attached)
    body.append(u32: session)
    body.append(u16: id)
    body.append(status.rawValue)
    body.append(u32: UInt32(bitPattern: value))
  }
}
