/// Divides all time into buckets, by a length and the clocks of a zone.
///
/// - Days, weeks, months and years begin the first time the zone's clocks show their first
///   midnight, or where they jump over it. So a day has 23 or 25 hours where clocks change, and a
///   day that a zone skipped altogether has no bucket. Several of them count from 1970 (days), from
///   Monday 5 January 1970 (weeks) and from the year 0 (months and years: `3mo` are quarters).
/// - Seconds, minutes and hours in UTC count from 1970.
/// - Seconds, minutes and hours in a zone count from each midnight of its clocks: a bucket begins
///   whenever the clocks show a multiple, each time they show it, or jump forward over one. So
///   `1h` gives 23 or 25 buckets of an hour where clocks change by an hour, and `6h` gives 0, 6,
///   12, 18 o'clock, the first of them 5 or 7 hours long. A length that does not divide a day
///   leaves a shorter bucket before midnight.
///
/// All times are µs since 1970 UTC; borders saturate at the ends of `Int64`.
public struct BucketGrid: Hashable, Sendable {
  /// How long each bucket is.
  public let length: BucketLength
  /// Whose midnights count; nil for UTC.
  public let zone: TimeZoneRules?
  private let rules: TimeZoneRules
  private let isWhole: Bool

  /// All of time as one bucket.
  public static let whole = BucketGrid(whole: BucketLength(years: ModelLimits.bucketYearsMax))

  /// Lays a grid; nil for seconds, minutes or hours longer than a day in a zone, which has no
  /// midnight that they could count from.
  public init?(_ length: BucketLength, zone: TimeZoneRules? = nil) {
    if zone != nil, let seconds = length.seconds, seconds > CivilDate.secondsPerDay { return nil }
    self.length = length
    self.zone = zone
    rules = zone ?? .utc
    isWhole = false
  }

  private init(whole length: BucketLength) {
    self.length = length
    zone = nil
    rules = .utc
    isWhole = true
  }

  /// The bucket that contains a time.
  public func bucket(containing utcUs: Int64) -> Range<Int64> {
    guard !isWhole else { return .min ..< .max }
    let seconds = Floor.quotient(utcUs, 1_000_000)
    let (start, end) = span(containing: seconds)
    return Self.microseconds(start)..<max(Self.microseconds(start), Self.microseconds(end))
  }

  /// The buckets that have part in a span, in order; the first and last may reach beyond it.
  public func buckets(in span: Range<Int64>) -> Buckets { Buckets(grid: self, span: span) }

  private func span(containing seconds: Int64) -> (start: Int64, end: Int64) {
    guard let step = length.seconds else { return calendarSpan(containing: seconds) }
    guard zone != nil else {
      let start = Floor.quotient(seconds, step) * step
      return (start, start + step)
    }
    return (dayPartStart(before: seconds, step), dayPartEnd(after: seconds, step))
  }

  private static func microseconds(_ seconds: Int64) -> Int64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : product
  }
}

/// Days, weeks, months, years.
extension BucketGrid {
  private func calendarSpan(containing seconds: Int64) -> (start: Int64, end: Int64) {
    var index = calendarIndex(ofLocal: rules.local(at: seconds))
    var end = calendarStart(index + 1)
    // Clocks set back over midnight show the day before again: it is the next day already.
    while end <= seconds {
      index += 1
      end = calendarStart(index + 1)
    }
    return (calendarStart(index), end)
  }

  /// Which bucket a local time lies in, counted as the type says.
  private func calendarIndex(ofLocal local: Int64) -> Int64 {
    let days = Floor.quotient(local, CivilDate.secondsPerDay)
    switch length.unit {
    case .weeks: return Floor.quotient(Floor.quotient(days + 3, 7), length.count)
    case .months:
      let date = CivilDate(days: days)
      return Floor.quotient(date.year * 12 + Int64(date.month) - 1, length.count)
    case .years: return Floor.quotient(CivilDate(days: days).year, length.count)
    default: return Floor.quotient(days, length.count)
    }
  }

  private func calendarStart(_ index: Int64) -> Int64 {
    let number = index * length.count
    let days: Int64
    switch length.unit {
    case .weeks: days = number * 7 - 3
    case .months:
      let month = Int(Floor.remainder(number, 12)) + 1
      days = CivilDate.days(year: Floor.quotient(number, 12), month: month, day: 1)
    case .years: days = CivilDate.days(year: number, month: 1, day: 1)
    default: days = number
    }
    return rules.firstInstant(ofLocal: days * CivilDate.secondsPerDay)
  }
}

/// Seconds, minutes and hours in a zone: parts of a day on its clocks.
extension BucketGrid {
  /// The part of the local day that a local time lies in.
  private func dayPart(ofLocal local: Int64, _ step: Int64) -> (start: Int64, end: Int64) {
    let midnight = Floor.quotient(local, CivilDate.secondsPerDay) * CivilDate.secondsPerDay
    let start = midnight + (local - midnight) / step * step
    return (start, min(start + step, midnight + CivilDate.secondsPerDay))
  }

  /// Whether a bucket begins where one period meets the next.
  private func isBorder(_ before: OffsetPeriod, _ after: OffsetPeriod, _ step: Int64) -> Bool {
    let shown = after.start + after.offset
    let start = dayPart(ofLocal: shown, step).start
    return after.offset >= before.offset ? start >= before.end + before.offset : start == shown
  }

  private func dayPartStart(before seconds: Int64, _ step: Int64) -> Int64 {
    var seconds = seconds
    var period = rules.period(at: seconds)
    while true {
      let start = dayPart(ofLocal: seconds + period.offset, step).start - period.offset
      guard start < period.start else { return start }
      let before = rules.period(at: period.start - 1)
      if isBorder(before, period, step) { return period.start }
      seconds = period.start - 1
      period = before
    }
  }

  private func dayPartEnd(after seconds: Int64, _ step: Int64) -> Int64 {
    var seconds = seconds
    var period = rules.period(at: seconds)
    while true {
      let end = dayPart(ofLocal: seconds + period.offset, step).end - period.offset
      guard end >= period.end else { return end }
      let after = rules.period(at: period.end)
      if isBorder(period, after, step) { return period.end }
      seconds = period.end
      period = after
    }
  }
}

/// The buckets of a grid that have part in a span, from the first on.
public struct Buckets: Sequence, IteratorProtocol, Sendable {
  private let grid: BucketGrid
  private let endUs: Int64
  private var nextUs: Int64?

  init(grid: BucketGrid, span: Range<Int64>) {
    self.grid = grid
    endUs = span.upperBound
    nextUs = span.isEmpty ? nil : span.lowerBound
  }

  /// The next bucket; nil when the span is done.
  public mutating func next() -> Range<Int64>? {
    guard let time = nextUs, time < endUs else { return nil }
    let bucket = grid.bucket(containing: time)
    nextUs = bucket.upperBound > time ? bucket.upperBound : nil
    return bucket
  }
}
