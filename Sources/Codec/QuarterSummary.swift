/// How long the stretches are that a block is summed up by.
public enum SummaryGrain: Hashable, Sendable {
  /// Quarters of an hour: the summary beside every block.
  case quarters
  /// Minutes: the rollup that takes the place of a content when its readings go.
  case minutes

  /// The first byte of its bytes: the two are never taken for each other.
  var version: UInt8 {
    switch self {
    case .quarters: 1
    case .minutes: 2
    }
  }

  /// Ticks of the node's clock (µs) or of a device's (ms) in one stretch.
  public func ticks(onNodeClock: Bool) -> Int64 {
    let milliseconds: Int64 =
      switch self {
      case .quarters: 900_000
      case .minutes: 60_000
      }
    return onNodeClock ? milliseconds * 1_000 : milliseconds
  }
}

/// What the readings of one quarter of an hour of a block come to, or of one minute.
public struct QuarterSummary: Hashable, Sendable {
  /// Which quarter (or minute) of the block's own clock: it starts at `quarter` times the ticks of
  /// the grain.
  public var quarter: Int64
  /// Readings in it.
  public var count: Int64
  /// Those that are numbers: all but NaN. Without one the three fields below are zero.
  public var numbers: Int64
  /// The least number, of equals the first: a mantissa, or the bit pattern of a float64.
  public var min: Int64
  /// The greatest number, of equals the first: a mantissa, or the bit pattern of a float64.
  public var max: Int64
  /// Their sum, added up in their order from +0: a mantissa, or the bit pattern of a float64.
  public var sum: Int64

  /// Puts a summary together.
  public init(
    quarter: Int64, count: Int64, numbers: Int64, min: Int64, max: Int64, sum: Int64
  ) {
    self.quarter = quarter
    self.count = count
    self.numbers = numbers
    self.min = min
    self.max = max
    self.sum = sum
  }
}
