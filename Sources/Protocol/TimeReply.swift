/// TIME_REPLY (13): the ticks of the board (PROTOCOL.md 2.11).
public struct TimeReply: Equatable, Sendable {
  /// As in the probe.
  public var cookie: UInt32
  /// Milliseconds since the board's boot when the reply was composed, 48 bits.
  public var ticks: UInt64
  /// The tick at which the present segment began; 0 before any sleep.
  public var segment: UInt64

  /// Answers a probe.
  public init(cookie: UInt32, ticks: UInt64, segment: UInt64) {
    self.cookie = cookie
    self.ticks = ticks
    self.segment = segment
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.timeReply)
    cookie = try reader.u32()
    ticks = try reader.u48()
    segment = try reader.u48()
    try reader.skipTlvs()
    guard segment <= ticks else { throw .field }
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.timeReply.rawValue)
    body.append(u32: cookie)
    body.append(u48: ticks)
    body.append(u48: segment)
  }
}
