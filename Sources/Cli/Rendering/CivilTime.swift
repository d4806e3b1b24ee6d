internal import Glibc

/// A date and a time of day, as a calendar shows them.
struct CivilTime: Equatable {
  var year: Int32
  var month: Int32
  var day: Int32
  var hour: Int32 = 0
  var minute: Int32 = 0
  var second: Int32 = 0

  /// What clocks show, in the machine's zone or in UTC; nil beyond the years a calendar holds.
  init?(secondsSince1970: Int64, inUtc: Bool) {
    var seconds = time_t(secondsSince1970)
    var parts = unsafe tm()
    let isDone =
      inUtc
      ? unsafe gmtime_r(&seconds, &parts) != nil : unsafe localtime_r(&seconds, &parts) != nil
    guard isDone else { return nil }
    unsafe (year, month, day) = (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    unsafe (hour, minute, second) = (parts.tm_hour, parts.tm_min, parts.tm_sec)
  }

  init(year: Int32, month: Int32, day: Int32) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Seconds since 1970, where the zone is the machine's or so many seconds east of UTC; nil for a
  /// day that is in no calendar.
  func secondsSince1970(secondsEast: Int32?) -> Int64? {
    guard (1...12).contains(month), (1...31).contains(day), (0..<24).contains(hour),
      (0..<60).contains(minute), (0...60).contains(second)
    else { return nil }
    var parts = unsafe tm()
    unsafe (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
    unsafe (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
    unsafe parts.tm_isdst = -1
    let seconds: time_t
    if let secondsEast {
      seconds = unsafe timegm(&parts) - time_t(secondsEast)
    } else {
      seconds = unsafe mktime(&parts)
    }
    // 31 April is no day: the C library would make it 1 May.
    guard unsafe parts.tm_mday == day || second == 60 else { return nil }
    return Int64(seconds)
  }

  /// `2026-11-21`.
  var date: String {
    [Self.padded(year, 4), Self.padded(month, 2), Self.padded(day, 2)].joined(separator: "-")
  }

  /// `04:18:10`.
  var clock: String {
    [hour, minute, second].map { Self.padded($0, 2) }.joined(separator: ":")
  }

  /// A number with zeros before it.
  static func padded(_ value: some BinaryInteger, _ width: Int) -> String {
    let text = "\(value)"
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
