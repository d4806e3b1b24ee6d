/// What the readings of one quarter of an hour of a block come to.
public struct QuarterSummary: Hashable, Sendable {
  /// Which quarter of the block's own clock: its start is `quarter * quarterTicks`.
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
