/// One reading of a board, numbered within its epoch.
public struct Sample: Equatable, Sendable {
  /// What it says.
  public enum Value: Equatable, Sendable {
    /// `n` of `n * 10^exponent`; the exponent is in the descriptor.
    case integer(Int64)
    /// A float, its bits as they came.
    case float(Double)
    /// Text: `count` bytes of the body from `offset` on, of any content.
    case text(offset: Int, count: Int)
  }

  /// Its number within the epoch.
  public var seq: UInt32
  /// Milliseconds since the board's boot.
  public var ticks: UInt64
  /// The index of its channel in the descriptor.
  public var channel: UInt8
  /// What it says.
  public var value: Value

  /// States a sample.
  public init(seq: UInt32, ticks: UInt64, channel: UInt8, value: Value) {
    self.seq = seq
    self.ticks = ticks
    self.channel = channel
    self.value = value
  }
}
