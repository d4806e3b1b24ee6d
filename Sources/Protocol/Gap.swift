/// GAP (0F): samples that were made and are lost (PROTOCOL.md 2.8).
public struct Gap: Equatable, Sendable {
  /// Of the epoch in the HELLO that the session answered, 0 to 3.
  public var index: UInt8
  /// The first seq that is gone.
  public var first: UInt32
  /// How many, at least 1.
  public var count: UInt32

  /// Declares a loss.
  public init(index: UInt8, first: UInt32, count: UInt32) {
    precondition(count > 0)
    self.index = index
    self.first = first
    self.count = count
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.gap)
    index = try reader.u8()
    first = try reader.u32()
    count = try reader.u32()
    try reader.skipTlvs()
    // The seq after the last one must fit: seqMax + 1.
    guard Int(index) < Limits.epochsMax, count > 0, first <= Limits.seqMax,
      count - 1 <= Limits.seqMax - first
    else { throw .field }
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.gap.rawValue)
    body.append(index)
    body.append(u32: first)
    body.append(u32: count)
  }
}
