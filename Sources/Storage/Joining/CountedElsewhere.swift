internal import Codec
internal import Sync

/// What of a block without its readings counts by copies of them: those that are there still count
/// one by one, whoever stored them; of several that are not, the lowest identity.
struct CountedElsewhere {
  /// A copy of which only sums are left, too.
  struct Sums {
    let ticks: ClosedRange<Int64>
    /// Readings of each quarter of an hour of the board's clock.
    let counts: [Int64: Int64]
    /// All of them: of texts nothing else is known.
    let count: Int64
  }

  struct Reading {
    let ticks: Int64
    /// A mantissa, or the bits of a float64.
    let value: Int64
  }

  let form: ValueForm
  /// By their ticks.
  let readings: [Reading]
  let sums: [Sums]

  /// What is left of the sums over a stretch of the block's clock; nil for nothing. Extremes stay:
  /// they are those of all together. Where a copy is known by its sums alone, readings are taken to
  /// be evenly spaced, and `isRough` is true.
  func rest(
    of whole: QuarterSums, _ times: ClosedRange<Int64>, quarter: Int64?, isRough: inout Bool
  ) -> QuarterSums? {
    var rest = whole
    let here = readings[first(from: times.lowerBound)..<first(from: times.upperBound &+ 1)]
    take(here, from: &rest)
    for other in sums where other.ticks.overlaps(times) {
      let both = other.ticks.clamped(to: times)
      let known = here.count { both.contains($0.ticks) }
      let most = quarter.map { other.counts[$0] ?? 0 } ?? other.count
      let share = Double(Self.length(both)) / Double(Self.length(times))
      let held = min(most, Int64((Double(whole.count) * share).rounded()))
      let gone = min(rest.count, max(0, held - Int64(known)))
      guard gone > 0 else { continue }
      isRough = true
      Self.scale(&rest, form, to: rest.count - gone)
    }
    return rest.count > 0 ? rest : nil
  }

  /// The same of a number of readings.
  func rest(of count: Int64, _ times: ClosedRange<Int64>, quarter: Int64?) -> Int64 {
    var isRough = false
    let whole = QuarterSums(count: count, numbers: 0, least: 0, most: 0, sum: 0)
    return rest(of: whole, times, quarter: quarter, isRough: &isRough)?.count ?? 0
  }

  private static func length(_ times: ClosedRange<Int64>) -> Int64 {
    times.upperBound &- times.lowerBound &+ 1
  }

  /// The place of the first reading from a time on.
  private func first(from ticks: Int64) -> Int {
    var (low, high) = (0, readings.count)
    while low < high {
      let middle = (low + high) / 2
      if readings[middle].ticks >= ticks { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func take(_ readings: ArraySlice<Reading>, from rest: inout QuarterSums) {
    rest.count = max(0, rest.count - Int64(readings.count))
    switch form {
    case .text: return
    case .decimal:
      rest.numbers = max(0, rest.numbers - Int64(readings.count))
      for reading in readings { rest.sum &-= reading.value }
    case .float:
      var sum = Self.number(rest.sum)
      for reading in readings where !Self.number(reading.value).isNaN {
        rest.numbers = max(0, rest.numbers - 1)
        sum -= Self.number(reading.value)
      }
      rest.sum = Int64(bitPattern: sum.bitPattern)
    }
  }

  private static func number(_ bits: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: bits))
  }

  /// Leaves so many of the readings, which are taken for equal.
  private static func scale(_ rest: inout QuarterSums, _ form: ValueForm, to count: Int64) {
    let numbers = Int64((Double(rest.numbers) * Double(count) / Double(rest.count)).rounded())
    let share = rest.numbers == 0 ? 0 : Double(numbers) / Double(rest.numbers)
    switch form {
    case .text: break
    case .decimal: rest.sum = Int64(exactly: (Double(rest.sum) * share).rounded()) ?? rest.sum
    case .float: rest.sum = Int64(bitPattern: (number(rest.sum) * share).bitPattern)
    }
    (rest.count, rest.numbers) = (count, numbers)
  }
}
