/// TIME (12): a question for the ticks (PROTOCOL.md 2.11).
public struct TimeProbe: Equatable, Sendable {
  /// Comes back in the reply.
  public var cookie: UInt32

  /// Asks.
  public init(cookie: UInt32) {
    self.cookie = cookie
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.time)
    cookie = try reader.u32()
    try reader.skipTlvs()
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.time.rawValue)
    body.append(u32: cookie)
  }
}
