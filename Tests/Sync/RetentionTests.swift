import TestSupport
import Testing

@testable import Sync

@Suite("Rules of retention") struct RetentionTests {
  private static let day: Int64 = 86_400_000_000

  @Test("readings become minutes at one age and go at another")
  func ages() {
    let rule = RetentionRule(rawUs: 90 * Self.day, minutesUs: 700 * Self.day)
    #expect(rule.level(ageUs: 90 * Self.day - 1, hasRollup: true) == .raw)
    #expect(rule.level(ageUs: 90 * Self.day, hasRollup: true) == .minutes)
    #expect(rule.level(ageUs: 700 * Self.day - 1, hasRollup: true) == .minutes)
    #expect(rule.level(ageUs: 700 * Self.day, hasRollup: true) == .gone)
  }

  @Test("readings without a rollup stay until minutes would go")
  func texts() {
    let rule = RetentionRule(rawUs: 90 * Self.day, minutesUs: 700 * Self.day)
    #expect(rule.level(ageUs: 699 * Self.day, hasRollup: false) == .raw)
    #expect(rule.level(ageUs: 700 * Self.day, hasRollup: false) == .gone)
    #expect(RetentionRule(rawUs: 1).level(ageUs: .max, hasRollup: false) == .raw)
  }

  @Test("for ever is for ever, and minutes never go before readings")
  func forever() {
    #expect(!RetentionRule.forever.hasAges)
    #expect(RetentionRule.forever.level(ageUs: .max, hasRollup: true) == .raw)
    let odd = RetentionRule(rawUs: 90 * Self.day, minutesUs: 1)
    #expect(odd.level(ageUs: 89 * Self.day, hasRollup: true) == .raw)
    #expect(odd.level(ageUs: 90 * Self.day, hasRollup: true) == .gone)
    // Of the future nothing goes.
    #expect(odd.level(ageUs: -1, hasRollup: true) == .raw)
  }

  @Test("a level never rises with age", arguments: 0..<200 as Range<UInt64>)
  func falling(seed: UInt64) {
    var prng = Prng(seed: seed)
    func age() -> Int64? { prng.chance(30) ? nil : Int64(prng.below(1_000)) }
    let rule = RetentionRule(rawUs: age(), minutesUs: age())
    for hasRollup in [true, false] {
      var before = BlockLevel.raw
      for ageUs in -5..<1_005 as Range<Int64> {
        let level = rule.level(ageUs: ageUs, hasRollup: hasRollup)
        #expect(level >= before, "seed \(seed)")
        #expect(hasRollup || level != .minutes, "seed \(seed)")
        before = level
      }
    }
  }

  @Test("readings go before minutes, and what has no minutes never goes for want of room")
  func sacrifice() {
    #expect(Sacrifice.allCases.sorted() == [.acknowledged, .raw, .minutes])
    #expect(Sacrifice.acknowledged.next == .raw && Sacrifice.raw.next == .minutes)
    #expect(Sacrifice.next(of: .raw, hasRollup: true) == .raw)
    #expect(Sacrifice.next(of: .minutes, hasRollup: true) == .minutes)
    #expect(Sacrifice.next(of: .raw, hasRollup: true, rollupIsSmaller: false) == .minutes)
    #expect(Sacrifice.next(of: .raw, hasRollup: false) == nil)
    #expect(Sacrifice.next(of: .gone, hasRollup: true) == nil)
    #expect(Sacrifice.raw.reached == .minutes && Sacrifice.minutes.reached == .gone)
  }

  // MARK: The clock

  private static let boot: Int64 = 5_000_000
  private static let wall: Int64 = 1_774_690_000_000_000
  private static let hour: Int64 = 3_600_000_000

  /// Looks every minute for some hours; after how many hours ages count, nil for never.
  private func settles(
    _ clock: RetentionClock, from wallUs: Int64, hours: Int64,
    isSynchronised: (Int64) -> Bool = { _ in true }, setUs: (Int64) -> Int64 = { _ in 0 }
  ) -> Int64? {
    var clock = clock
    for minute in 0...hours * 60 {
      let elapsed = minute * 60_000_000
      let now = wallUs + elapsed + setUs(minute)
      let found = clock.look(
        bootUs: Self.boot + elapsed, wallUs: now, isSynchronised: isSynchronised(minute))
      if let found {
        #expect(found == now)
        return minute / 60
      }
    }
    return nil
  }

  @Test("ages count when the clock was synchronised for an hour")
  func settled() {
    #expect(settles(RetentionClock(newestUs: nil), from: Self.wall, hours: 30) == 1)
    #expect(settles(RetentionClock(newestUs: Self.wall), from: Self.wall, hours: 30) == 1)
    let isLost = settles(
      RetentionClock(newestUs: nil), from: Self.wall, hours: 5, isSynchronised: { $0 != 30 })
    #expect(isLost == 1)
    let never = settles(
      RetentionClock(newestUs: nil), from: Self.wall, hours: 5, isSynchronised: { $0 % 59 != 0 })
    #expect(never == nil)
  }

  @Test("a clock that was set is watched for another hour")
  func set() {
    let found = settles(
      RetentionClock(newestUs: nil), from: Self.wall, hours: 5,
      setUs: { $0 < 59 ? 0 : 3_000_000 })
    #expect(found == 1)
    let back = settles(
      RetentionClock(newestUs: nil), from: Self.wall, hours: 1,
      setUs: { $0 < 30 ? 0 : -20 * 86_400_000_000 })
    #expect(back == nil)
  }

  @Test("one that stands years after all readings is watched for a day")
  func far() {
    let clock = RetentionClock(newestUs: Self.wall - 50 * 365 * Self.day)
    #expect(settles(clock, from: Self.wall, hours: 30) == 24)
    #expect(settles(clock, from: Self.wall, hours: 23) == nil)
    let near = RetentionClock(newestUs: Self.wall - 29 * Self.day)
    #expect(settles(near, from: Self.wall, hours: 30) == 1)
  }

  @Test("one that is synchronised two hours a day counts on each of a hundred days")
  func nowAndThen() {
    var clock = RetentionClock(newestUs: Self.wall)
    for day in 0..<100 as Range<Int64> {
      var counted = false
      for minute in 0...24 * 60 as ClosedRange<Int64> {
        let elapsed = day * Self.day + minute * 60_000_000
        let found = clock.look(
          bootUs: Self.boot + elapsed, wallUs: Self.wall + elapsed, isSynchronised: minute < 120)
        counted = counted || found != nil
      }
      #expect(counted, "day \(day)")
    }
  }
}
