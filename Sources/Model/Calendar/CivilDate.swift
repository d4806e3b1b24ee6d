/// A date of the proleptic Gregorian calendar.
///
/// The two conversions are `days_from_civil` and `civil_from_days` of Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms": eras of 400 years that begin on 1 March.
public struct CivilDate: Hashable, Sendable {
  /// The year; 0 is the year before 1, as astronomers count.
  public var year: Int64
  /// 1 to 12.
  public var month: Int
  /// 1 to 31.
  public var day: Int

  /// Seconds in a day that has no change of offset.
  public static let secondsPerDay: Int64 = 86_400

  /// Makes a date; nil when the month has no such day.
  public init?(year: Int64, month: Int, day: Int) {
    guard (-1_000_000...1_000_000).contains(year), (1...12).contains(month),
      day >= 1, day <= Self.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The date so many days after 1 January 1970. `days` is at most 10^12 either way.
  public init(days: Int64) {
    let shifted = days + 719_468
    let era = Floor.quotient(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1 January 1970.
  public var days: Int64 { Self.days(year: year, month: month, day: day) }

  /// Days from 1 January 1970 to a date that need not be checked, for example a month's first.
  static func days(year: Int64, month: Int, day: Int) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = Floor.quotient(shiftedYear, 400)
    let yearOfEra = shiftedYear - era * 400
    let shiftedMonth = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The ISO weekday: Monday is 1, Sunday 7.
  public var weekday: Int { Self.weekday(ofDays: days) }

  /// The ISO weekday of a day counted from 1 January 1970, which was a Thursday.
  static func weekday(ofDays days: Int64) -> Int { Int(Floor.remainder(days + 3, 7)) + 1 }

  /// Whether February of a year has 29 days.
  public static func isLeap(_ year: Int64) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// 28 to 31. The month lies in 1 to 12.
  public static func days(inMonth month: Int, of year: Int64) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// Division that rounds down, also below zero. Divisors are positive.
enum Floor {
  static func quotient(_ number: Int64, _ divisor: Int64) -> Int64 {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
  }

  static func remainder(_ number: Int64, _ divisor: Int64) -> Int64 {
    let remainder = number % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}
