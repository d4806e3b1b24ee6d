/// The parts of a span that pass a calendar filter, in order; neighbours that touch are one.
public struct PassingSpans: Sequence, IteratorProtocol, Sendable {
  private let filter: CalendarFilter
  private let span: Range<Int64>
  /// The stretch without a change of clocks that is gone through, and the local day in it.
  private var period: OffsetPeriod
  private var day: Int64
  /// What was found but may still grow.
  private var pending: Range<Int64>?
  private var isDone: Bool

  init(filter: CalendarFilter, span: Range<Int64>) {
    self.filter = filter
    self.span = span
    let start = Floor.quotient(span.lowerBound, 1_000_000)
    period = filter.zone.period(at: start)
    day = Floor.quotient(start + period.offset, CivilDate.secondsPerDay) - 1
    isDone = span.isEmpty
  }

  /// The next part that passes; nil when the span is done.
  public mutating func next() -> Range<Int64>? {
    if filter.isOpen {
      defer { isDone = true }
      return isDone ? nil : span
    }
    while !isDone {
      guard let found = step() else { continue }
      guard let before = pending else {
        pending = found
        continue
      }
      if found.lowerBound <= before.upperBound {
        pending = before.lowerBound..<Swift.max(before.upperBound, found.upperBound)
      } else {
        pending = found
        return before
      }
    }
    defer { pending = nil }
    return pending
  }

  /// Goes one local day on, and gives what passes of the one it was at.
  private mutating func step() -> Range<Int64>? {
    let midnight = day * CivilDate.secondsPerDay - period.offset
    let passes = filter.passes(days: day)
    let daytime = filter.daytime
    let start = midnight + daytime.start
    let end = midnight + daytime.end + (daytime.crossesMidnight ? CivilDate.secondsPerDay : 0)
    let clipped = clip(Swift.max(start, period.start), Swift.min(end, period.end))
    advance(midnight)
    return passes ? clipped : nil
  }

  private mutating func advance(_ midnight: Int64) {
    day += 1
    let next = midnight + CivilDate.secondsPerDay
    if next >= period.end {
      period = filter.zone.period(at: period.end)
      // The day before may still be going on, past midnight.
      day = Floor.quotient(period.start + period.offset, CivilDate.secondsPerDay) - 1
      if period.start > Floor.quotient(span.upperBound, 1_000_000) { isDone = true }
    } else if next > Floor.quotient(span.upperBound, 1_000_000) {
      isDone = true
    }
  }

  private func clip(_ start: Int64, _ end: Int64) -> Range<Int64>? {
    let lower = Swift.max(Self.microseconds(start), span.lowerBound)
    let upper = Swift.min(Self.microseconds(end), span.upperBound)
    return lower < upper ? lower..<upper : nil
  }

  private static func microseconds(_ seconds: Int64) -> Int64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : product
  }
}
