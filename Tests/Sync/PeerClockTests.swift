import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Clocks of peers", .serialized) struct PeerClockTests {
  private let boot: ClockEpoch

  init() throws { boot = try #require(ClockEpoch(Array(repeating: 6, count: 16))) }

  private func stamp(_ bootUs: Int64) -> Stamp {
    Stamp(trusted: false, bootUs: bootUs, wallUs: 5, author: "ann")
  }

  @Test("An age is never too small, and too great by a round trip and the drift at most")
  func bounds() throws {
    var prng = Prng(seed: 11)
    for _ in 0..<500 {
      // The other clock is ahead by anything, and up to 200 ppm faster or slower.
      let aheadUs = Int64(prng.next() % 1_000_000_000)
      let ppm = Double(prng.next() % 401) - 200
      func theirs(_ us: Int64) -> Int64 { aheadUs + us + Int64(Double(us) * ppm / 1e6) }
      let (askedUs, waitUs) = (Int64(prng.next() % 1_000_000), Int64(prng.next() % 600_000))
      let answeredUs = askedUs + (waitUs == 0 ? 0 : Int64(prng.next() % UInt64(waitUs)))
      let nowUs = askedUs + waitUs + Int64(prng.next() % 800_000_000)
      let ageUs = Int64(prng.next() % 60_000_000)
      let clock = PeerClock(
        ClockReading(boot, bootUs: theirs(answeredUs)), sinceUs: askedUs)
      let said = try #require(
        clock.age(of: stamp(theirs(nowUs) - ageUs), boot, nowUs: nowUs))
      #expect(said >= ageUs - 2)
      #expect(said <= ageUs + waitUs + (nowUs - askedUs) / 2_500 + 2)
    }
  }

  @Test("Of another boot, of long ago or of the future it says nothing")
  func unknown() throws {
    let other = try #require(ClockEpoch(Array(repeating: 7, count: 16)))
    let clock = PeerClock(ClockReading(boot, bootUs: 1_000), sinceUs: 500)
    #expect(clock.age(of: stamp(900), boot, nowUs: 500) == 100)
    #expect(clock.age(of: stamp(900), other, nowUs: 500) == nil)
    #expect(clock.age(of: stamp(900), boot, nowUs: 499) == nil)
    #expect(clock.age(of: stamp(900), boot, nowUs: 501 + PeerClock.servesUs) == nil)
    #expect(clock.age(of: stamp(5_000), boot, nowUs: 500) == 0)
    let last = PeerClock(ClockReading(boot, bootUs: .max), sinceUs: 0)
    #expect(last.age(of: stamp(0), boot, nowUs: 1) == nil)
  }

  @Test("Who answers measures the asker only by an echo of its own last answer")
  func meter() {
    var meter = PeerClockMeter()
    let reading = ClockReading(boot, bootUs: 77)
    #expect(meter.take(reading, echo: 0, nowUs: 100) == nil)
    #expect(meter.take(reading, echo: 99, nowUs: 150) == nil)
    #expect(meter.take(reading, echo: 150, nowUs: 190) == PeerClock(reading, sinceUs: 150))
    #expect(meter.take(reading, echo: 150, nowUs: 200) == nil)
  }

  private func age(
    _ stamp: Stamp, here: ClockEpoch? = nil, trusted: Bool = true, _ measured: PeerClock? = nil
  ) throws -> Int64? {
    let now = ClockObservation(bootUs: 2_000, wallUs: 9_000, trusted: trusted, errorUs: 0)
    let other = try #require(ClockEpoch(Array(repeating: 7, count: 16)))
    return stamp.ageUs(in: boot, now: now, here: here ?? other, measured: measured)
  }

  @Test("One boot goes before a session's word, and that before wall clocks") func order() throws {
    let stamp = Stamp(trusted: true, bootUs: 500, wallUs: 4_000, author: "ann")
    var untrusted = stamp
    untrusted.trusted = false
    let measured = PeerClock(ClockReading(boot, bootUs: 800), sinceUs: 1_900)
    #expect(try age(stamp, here: boot, measured) == 1_500)
    #expect(try age(stamp, measured) == 400)
    #expect(try age(untrusted, trusted: false, measured) == 400)
    #expect(try age(stamp) == 5_000)
    #expect(try age(untrusted) == nil)
    #expect(try age(stamp, trusted: false) == nil)
    unsafe SeededBug.current = .lifeFromReceipt
    defer { unsafe SeededBug.current = nil }
    #expect(try age(stamp, measured) != 400)
  }
}
