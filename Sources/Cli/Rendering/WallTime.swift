/// Points in time on the wall clock, written for people and for programs.
enum WallTime {
  /// `2026-11-21 04:18:10.123` of local time, or of UTC.
  static func text(us: Int64, inUtc: Bool = false) -> String {
    let (seconds, fractionUs) = split(us)
    guard let civil = CivilTime(secondsSince1970: seconds, inUtc: inUtc) else { return "\(us)" }
    return civil.date + " " + civil.clock + "." + CivilTime.padded(fractionUs / 1_000, 3)
  }

  /// `04:18:10.123`, for lines that follow each other within a day.
  static func clock(us: Int64, inUtc: Bool = false) -> String {
    String(text(us: us, inUtc: inUtc).drop { $0 != " " }.dropFirst())
  }

  /// RFC 3339 in UTC with microseconds: `2026-11-21T04:18:10.123456Z`.
  static func rfc3339(us: Int64) -> String {
    let (seconds, fractionUs) = split(us)
    guard let civil = CivilTime(secondsSince1970: seconds, inUtc: true) else { return "\(us)" }
    return civil.date + "T" + civil.clock + "." + CivilTime.padded(fractionUs, 6) + "Z"
  }

  /// Whole seconds, rounded down, and the microseconds beyond.
  private static func split(_ us: Int64) -> (seconds: Int64, fractionUs: Int64) {
    let seconds = us >= 0 ? us / 1_000_000 : (us - 999_999) / 1_000_000
    return (seconds, us - seconds * 1_000_000)
  }
}
