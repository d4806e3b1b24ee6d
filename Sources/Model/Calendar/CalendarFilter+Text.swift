extension CalendarFilter {
  /// The names of weekdays, from Monday on, by which a list may call them.
  private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  /// Reads ISO weekdays as a list of days and ranges, `1-5`, `1,3,6-7` or `mon-fri`; nil when it is
  /// not one.
  ///
  /// A range may go over the end of the week: `6-1` is Saturday, Sunday and Monday.
  public static func weekdays(text: String) -> Set<Int>? {
    var days: Set<Int> = []
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
    guard items.count <= 7 else { return nil }
    for item in items {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { weekday($0) }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else {
        return nil
      }
      for day in first...(last < first ? last + 7 : last) { days.insert((day - 1) % 7 + 1) }
    }
    return days
  }

  private static func weekday(_ text: Substring) -> Int? {
    if let place = names.firstIndex(where: { $0 == text.lowercased() }) { return place + 1 }
    guard text.utf8.count == 1, let day = Int(text), (1...7).contains(day) else { return nil }
    return day
  }
}

extension CalendarFilter.Daytime {
  /// Reads `09:00-19:00`, with seconds if wanted, and `24:00` for the end of the day; nil when it
  /// is not one.
  public init?(text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let start = Self.seconds(ends[0]), let end = Self.seconds(ends[1]) else {
      return nil
    }
    self.init(start: start, end: end)
  }

  private static func seconds(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else { return nil }
    var seconds: Int64 = 0
    for (index, part) in parts.enumerated() {
      guard part.utf8.count == 2, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int64(part), number < (index == 0 ? 25 : 60)
      else { return nil }
      seconds = seconds * 60 + number
    }
    if parts.count == 2 { seconds *= 60 }
    return seconds <= CivilDate.secondsPerDay ? seconds : nil
  }
}
