/// ACK (0E): what of an epoch is on disk, and what has arrived (PROTOCOL.md 2.7).
public struct Ack: Equatable, Sendable {
  /// Which.
  public var epoch: UInt32
  /// Every seq below it is on disk: the board frees it.
  public var durable: UInt32
  /// Every seq below it has arrived.
  public var received: UInt32
  /// Samples with a seq below it may be sent; FFFFFFFF for older epochs.
  public var limit: UInt32
  /// Asks the board to send from `received` on now.
  public var again: Bool

  /// Acknowledges.
  public init(epoch: UInt32, durable: UInt32, received: UInt32, limit: UInt32, again: Bool) {
    self.epoch = epoch
    self.durable = durable
    self.received = received
    self.limit = limit
    self.again = again
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.ack)
    epoch = try reader.u32()
    durable = try reader.u32()
    received = try reader.u32()
    limit = try reader.u32()
    again = try reader.u8() & 1 == 1
    try reader.skipTlvs()
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.ack.rawValue)
    body.append(u32: epoch)
    body.append(u32: durable)
    body.append(u32: received)
    body.append(u32: limit)
    body.append(again ? 1 : 0)
  }
}
