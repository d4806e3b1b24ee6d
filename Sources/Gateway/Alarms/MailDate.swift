internal import Model

/// Times in UTC as mails have them.
enum MailDate {
  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// RFC 5322, `Sun, 22 Nov 2026 03:14:15 +0000`; of µs since 1970.
  static func text(_ us: Int64) -> String {
    let (date, time) = parts(us)
    return "\(weekdays[date.weekday - 1]), \(date.day) \(months[date.month - 1]) \(date.year)"
      + " \(time) +0000"
  }

  /// `2026-11-22 03:14:15`, for people of any language.
  static func plain(_ us: Int64) -> String {
    let (date, time) = parts(us)
    return "\(date.year)-\(two(Int64(date.month)))-\(two(Int64(date.day))) \(time)"
  }

  private static func parts(_ us: Int64) -> (CivilDate, String) {
    let seconds = us / 1_000_000 - (us % 1_000_000 < 0 ? 1 : 0)
    let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
    let second = seconds - days * 86_400
    return (
      CivilDate(days: days),
      "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    )
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
