import Model
import TestSupport
import Testing

@Suite("Calendar") struct CalendarTests {
  @Test("days and dates are each other's inverse over 20 000 years")
  func dates() throws {
    var expected = try #require(CivilDate(year: -8_000, month: 1, day: 1))
    for days in expected.days..<(expected.days + 7_305_000) {
      let date = CivilDate(days: days)
      guard date == expected, date.days == days else {
        Issue.record("day \(days) is \(date), not \(expected)")
        return
      }
      // The next day, counted by hand.
      expected.day += 1
      if expected.day > CivilDate.days(inMonth: expected.month, of: expected.year) {
        expected.day = 1
        expected.month += 1
      }
      if expected.month > 12 {
        expected.month = 1
        expected.year += 1
      }
    }
    #expect(CivilDate(days: 0) == CivilDate(year: 1970, month: 1, day: 1))
    #expect(CivilDate(year: 2000, month: 2, day: 29)?.days == 11_016)
  }

  @Test("weekdays are ISO's")
  func weekdays() {
    #expect(CivilDate(year: 1970, month: 1, day: 1)?.weekday == 4)
    #expect(CivilDate(year: 2026, month: 11, day: 22)?.weekday == 7)
    #expect(CivilDate(year: 1900, month: 1, day: 1)?.weekday == 1)
  }

  @Test(
    "a day that no month has is refused",
    arguments: [(2023, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 0, 1), (2024, 4, 31)])
  func datesRefused(year: Int64, month: Int, day: Int) {
    #expect(CivilDate(year: year, month: month, day: day) == nil)
  }

  @Test(
    "a length reads back as itself",
    arguments: ["15m", "1h", "1d", "1w", "1mo", "1y", "90s", "3mo", "100y", "876000h"])
  func lengths(text: String) { #expect(BucketLength(text: text)?.text == text) }

  @Test(
    "a length that is none is refused",
    arguments: [
      "", "h", "0h", "-1h", "1", "1H", "1 h", "1.5h", "101y", "876001h", "99999999999999999999s",
      "1h1m", "+1h", "1mon", "1\u{301}h",
    ])
  func lengthsRefused(text: String) { #expect(BucketLength(text: text) == nil) }

  @Test(
    "weekdays are read as lists and ranges",
    arguments: [
      ("1-5", [1, 2, 3, 4, 5]), ("7", [7]), ("1,3,6-7", [1, 3, 6, 7]), ("6-1", [6, 7, 1]),
      ("1-7", [1, 2, 3, 4, 5, 6, 7]), ("3-3", [3]),
      ("mon-fri", [1, 2, 3, 4, 5]), ("Sat,sun", [6, 7]), ("fri-1", [5, 6, 7, 1]),
    ] as [(String, Set<Int>)])
  func weekdayLists(text: String, days: Set<Int>) {
    #expect(CalendarFilter.weekdays(text: text) == days)
  }

  @Test(
    "weekdays that are none are refused",
    arguments: [
      "", "0", "8", "1-", "-5", "1--5", "monday", "mon-", "lun", "1;2", "1-2-3", "1,",
      "1,2,3,4,5,6,7,1",
    ])
  func weekdayListsRefused(text: String) { #expect(CalendarFilter.weekdays(text: text) == nil) }

  @Test(
    "a part of a day is read",
    arguments: [
      ("09:00-19:00", 32_400, 68_400), ("22:00-06:00", 79_200, 21_600),
      ("00:00-24:00", 0, 86_400), ("12:30:15-12:30:16", 45_015, 45_016),
      ("22:00-00:00", 79_200, 86_400),
    ] as [(String, Int64, Int64)])
  func daytimes(text: String, start: Int64, end: Int64) {
    let daytime = CalendarFilter.Daytime(text: text)
    #expect(daytime?.start == start)
    #expect(daytime?.end == end)
  }

  @Test(
    "a part of a day that is none is refused",
    arguments: [
      "", "09:00", "9:00-19:00", "09:00-09:00", "24:00-06:00", "09:60-10:00", "09:00-24:01",
      "25:00-26:00", "09:00-19:00-20:00", "00:00-00:00:00x", "-",
    ])
  func daytimesRefused(text: String) { #expect(CalendarFilter.Daytime(text: text) == nil) }
}
