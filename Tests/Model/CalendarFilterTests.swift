import Model
import TestSupport
import Testing

@Suite("Calendar filters") struct CalendarFilterTests {
  private func filter(_ weekdays: String, _ daytime: String, _ zone: String) throws
    -> CalendarFilter
  {
    let weekdays = try #require(CalendarFilter.weekdays(text: weekdays))
    let daytime = try #require(CalendarFilter.Daytime(text: daytime))
    let zone = try ZoneTable.zone(zone)
    return try #require(CalendarFilter(weekdays: weekdays, daytime: daytime, zone: zone))
  }

  private func hours(_ filter: CalendarFilter, _ span: Range<Int64>) -> Int64 {
    filter.spans(in: span).reduce(0) { $0 + $1.upperBound - $1.lowerBound } / 3_600_000_000
  }

  // Monday 25 March 2024 00:00 in Paris, to the Monday after: the clocks go forward on Sunday.
  private let week: Range<Int64> = 1_711_321_200_000_000..<1_711_922_400_000_000

  @Test("working hours are told as one part a day")
  func working() throws {
    let parts = Array(try filter("1-5", "09:00-19:00", "Europe/Paris").spans(in: week))
    #expect(parts.count == 5)
    #expect(parts.allSatisfy { $0.upperBound - $0.lowerBound == 36_000_000_000 })
    #expect(parts.first?.lowerBound == 1_711_353_600_000_000)
  }

  @Test("a range across midnight belongs to the day it begins on")
  func night() throws {
    let parts = Array(try filter("5", "22:00-06:00", "Europe/Paris").spans(in: week))
    #expect(parts == [1_711_746_000_000_000..<1_711_774_800_000_000])
    // Saturday's lasts seven hours: the clocks go forward in it.
    #expect(hours(try filter("6", "22:00-06:00", "Europe/Paris"), week) == 7)
  }

  @Test("a skipped hour never passes, and a repeated one twice")
  func changes() throws {
    let filter = try filter("1-7", "02:00-03:00", "Europe/Paris")
    #expect(hours(filter, week) == 6)
    let autumn: Range<Int64> = 1_729_893_600_000_000..<1_730_070_000_000_000
    #expect(hours(filter, autumn) == 3)
  }

  @Test("what is open passes as one span, and what passes nothing gives none")
  func ends() throws {
    #expect(Array(try filter("1-7", "00:00-24:00", "Etc/UTC").spans(in: week)) == [week])
    #expect(Array(try filter("7", "00:00-24:00", "Etc/UTC").spans(in: 5..<5)) == [])
    #expect(CalendarFilter(weekdays: [], zone: .utc) == nil)
    #expect(CalendarFilter(weekdays: [8], zone: .utc) == nil)
  }

  @Test("the parts that pass are those whose every time passes", arguments: 0..<24 as Range<UInt64>)
  func parts(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    for name in ZoneTable.zones {
      let zone = try ZoneTable.zone(name)
      let start = Int64(prng.below(24 * 4)) * 900
      var end = Int64(prng.below(24 * 4 + 1)) * 900
      if end == start { end = 86_400 }
      let daytime = try #require(CalendarFilter.Daytime(start: start, end: end))
      let weekdays = Set((1...7).filter { _ in prng.chance(50) })
      let filter = try #require(
        CalendarFilter(weekdays: weekdays.isEmpty ? [3] : weekdays, daytime: daytime, zone: zone))
      var from = ZoneTable.from + Int64(prng.below(Int(ZoneTable.to - ZoneTable.from)))
      let change = zone.period(at: from).end
      if prng.chance(70), change < .max { from = change - Int64(prng.below(300_000)) }
      let span = (from * 1_000_000)..<((from + 4 * 86_400) * 1_000_000 + 1)
      expect(filter, span, "seed \(seed), \(name), \(filter.weekdays), \(daytime), \(span)")
    }
  }

  /// The parts against a walk through the span in steps of a minute and a half.
  private func expect(_ filter: CalendarFilter, _ span: Range<Int64>, _ what: Comment) {
    let parts = Array(filter.spans(in: span))
    for (part, next) in zip(parts, parts.dropFirst()) {
      #expect(part.upperBound < next.lowerBound, what)
    }
    for part in parts {
      #expect(filter.passes(part.lowerBound) && filter.passes(part.upperBound - 1), what)
      #expect(part.lowerBound == span.lowerBound || !filter.passes(part.lowerBound - 1), what)
      #expect(part.upperBound == span.upperBound || !filter.passes(part.upperBound), what)
    }
    for time in stride(from: span.lowerBound, to: span.upperBound, by: 90_000_000) {
      let isIn = parts.contains { $0.contains(time) }
      guard isIn != filter.passes(time) else { continue }
      Issue.record("\(what): \(time)")
      return
    }
  }
}
