/// A rule of POSIX's TZ variable (`CET-1CEST,M3.5.0,M10.5.0/3`), which says how a zone goes on
/// after the last change that its file lists.
struct PosixTimeZone: Hashable, Sendable {
  /// On which day of a year the offset changes.
  enum Day: Hashable, Sendable {
    /// `Jn`: 1 to 365, 29 February never counted.
    case julian(Int)
    /// `n`: 0 to 365, 29 February counted.
    case zeroBased(Int)
    /// `Mm.w.d`: in a month, in its week 1 to 5 (5 is the last), on a day from Sunday, 0.
    case weekday(month: Int, week: Int, day: Int)
  }

  /// A change of offset, every year.
  struct Change: Hashable, Sendable {
    var day: Day
    /// Seconds after that day's midnight on the clock before the change: up to a week either way.
    var secondOfDay: Int64
  }

  /// Daylight saving time, with the changes to it and back.
  struct Daylight: Hashable, Sendable {
    /// Seconds east of UTC.
    var offset: Int64
    var start: Change
    var end: Change
  }

  /// Seconds east of UTC outside daylight saving time.
  var offset: Int64
  /// Nil when the offset never changes.
  var daylight: Daylight?

  /// The stretch without a change of offset that contains a time.
  func period(at seconds: Int64) -> OffsetPeriod {
    guard let daylight else {
      return OffsetPeriod(start: .min, end: .max, offset: offset)
    }
    let year = CivilDate(days: Floor.quotient(seconds + offset, CivilDate.secondsPerDay)).year
    var period = OffsetPeriod(start: .min, end: .max, offset: offset)
    // A change may lie a week outside its own year, so the neighbours' neighbours count too.
    for candidate in (year - 2)...(year + 2) {
      let end = Self.utc(of: daylight.end, in: candidate, offset: daylight.offset)
      let start = Self.utc(of: daylight.start, in: candidate, offset: offset)
      period.narrow(around: seconds, change: end, to: offset)
      // After the end: where both fall together, daylight saving time lasts the whole year.
      period.narrow(around: seconds, change: start, to: daylight.offset)
    }
    // An end of the year before that equals this year's start comes earlier in the loop.
    return period
  }

  private static func utc(of change: Change, in year: Int64, offset: Int64) -> Int64 {
    days(of: change.day, in: year) * CivilDate.secondsPerDay + change.secondOfDay - offset
  }

  private static func days(of day: Day, in year: Int64) -> Int64 {
    switch day {
    case .julian(let number):
      let skipped = CivilDate.isLeap(year) && number >= 60 ? 1 : 0
      return CivilDate.days(year: year, month: 1, day: 1) + Int64(number - 1 + skipped)
    case .zeroBased(let number):
      return CivilDate.days(year: year, month: 1, day: 1) + Int64(number)
    case .weekday(let month, let week, let day):
      let first = CivilDate.days(year: year, month: month, day: 1)
      let firstWeekday = CivilDate.weekday(ofDays: first) % 7
      var ofMonth = (day - firstWeekday + 7) % 7 + 7 * (week - 1)
      if ofMonth >= CivilDate.days(inMonth: month, of: year) { ofMonth -= 7 }
      return first + Int64(ofMonth)
    }
  }
}

/// A stretch of time in which a zone's offset does not change.
public struct OffsetPeriod: Hashable, Sendable {
  /// Where it begins, in seconds since 1970 UTC; `Int64.min` when it has no beginning.
  public var start: Int64
  /// Where the next one begins; `Int64.max` when there is none.
  public var end: Int64
  /// Seconds east of UTC.
  public var offset: Int64

  /// Takes a change into account: the latest one up to a time begins the period, the next ends it.
  mutating func narrow(around seconds: Int64, change: Int64, to offset: Int64) {
    if change <= seconds {
      guard change >= start else { return }
      start = change
      self.offset = offset
    } else {
      end = min(end, change)
    }
  }
}
