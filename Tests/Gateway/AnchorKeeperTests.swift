import Sync
import Testing

@testable import Gateway

@Suite("Anchor keeper") struct AnchorKeeperTests {
  private func at(
    _ bootUs: Int64, wall wallUs: Int64? = nil, trusted: Bool = true
  ) -> ClockObservation {
    ClockObservation(
      bootUs: bootUs, wallUs: wallUs ?? 1_700_000_000_000_000 + bootUs, trusted: trusted,
      errorUs: 0)
  }

  @Test("a clock that nobody trusts gives no anchor") func untrusted() {
    var keeper = AnchorKeeper()
    for hour in 0..<5 {
      let taken = keeper.observe(at(Int64(hour) * 3_600_000_000, trusted: false))
      #expect(!taken)
    }
  }

  @Test("the first trusted look is an anchor, the next one an hour later") func steady() {
    var keeper = AnchorKeeper()
    let times: [(Int64, Bool)] = [
      (1_000_000, true), (2_000_000, false), (3_600_999_999, false), (3_601_000_000, true),
      (3_602_000_000, false),
    ]
    for (bootUs, expected) in times {
      let taken = keeper.observe(at(bootUs))
      #expect(taken == expected, "at \(bootUs)")
    }
  }

  @Test("a step is an anchor, in either direction, once ten seconds have passed")
  func steps() {
    for step: Int64 in [60_000, -60_000, 1_577_880_000_000_000] {
      var keeper = AnchorKeeper()
      _ = keeper.observe(at(0))
      let wallUs: (Int64) -> Int64 = { 1_700_000_000_000_000 + $0 + step }
      let early = keeper.observe(at(9_999_999, wall: wallUs(9_999_999)))
      let due = keeper.observe(at(10_000_000, wall: wallUs(10_000_000)))
      let again = keeper.observe(at(30_000_000, wall: wallUs(30_000_000)))
      #expect(!early && due && !again, "step \(step)")
    }
  }

  @Test("a slow drift within 50 ppm is no step") func drift() {
    var keeper = AnchorKeeper()
    _ = keeper.observe(at(0))
    let bootUs: Int64 = 1_000_000_000
    let slow = keeper.observe(at(bootUs, wall: 1_700_000_000_000_000 + bootUs + 99_000))
    #expect(!slow)
    let fast = keeper.observe(at(bootUs, wall: 1_700_000_000_000_000 + bootUs + 101_000))
    #expect(fast)
  }

  @Test("a wall clock at the ends of time trips nothing") func extremes() {
    var keeper = AnchorKeeper()
    _ = keeper.observe(at(0, wall: .min))
    let jumped = keeper.observe(at(20_000_000, wall: .max))
    #expect(jumped)
  }
}
