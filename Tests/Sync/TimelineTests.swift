import Model
import Sync
import TestSupport
import Testing

@Suite("Timeline") struct TimelineTests {
  private let device = Samples.board(1)
  private let boot: ClockEpoch
  private let otherBoot: ClockEpoch

  init() throws {
    boot = try #require(ClockEpoch([UInt8](repeating: 1, count: 16)))
    otherBoot = try #require(ClockEpoch([UInt8](repeating: 2, count: 16)))
  }

  private func anchor(
    _ bootUs: Int64, _ utcUs: Int64, errorUs: Int64 = 0, _ origin: Anchor.Origin = .kernel
  ) -> JournalContent {
    .anchor(Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: errorUs, origin: origin))
  }

  private func fit(
    epoch: UInt32 = 1, segment: Int64 = 0, ticks: Int64, bootUs: Int64, ppb: Int64 = 0,
    bound: Int64 = 0, good: Bool = true
  ) -> JournalContent {
    .clockFit(
      ClockFit(
        identity: device, epoch: epoch, segmentStartMs: segment, referenceTicksMs: ticks,
        referenceBootUs: bootUs, ratePpb: ppb, boundUs: bound, isGood: good))
  }

  private func clock(_ arrivalUs: Int64, wallUs: Int64 = 0) -> CommitClock {
    CommitClock(
      arrival: NodeTime(clockEpoch: boot, bootUs: arrivalUs),
      observation: ClockObservation(
        bootUs: arrivalUs, wallUs: wallUs, trusted: false, errorUs: 0))
  }

  @Test("between two anchors time is linear, beyond them it goes on") func anchors() {
    var timeline = Timeline()
    timeline.apply(anchor(1_000_000, 11_000_000), in: boot)
    timeline.apply(anchor(3_000_000, 13_000_200, errorUs: 7), in: boot)
    func utc(_ bootUs: Int64) -> Dating? {
      timeline.node.date(NodeTime(clockEpoch: boot, bootUs: bootUs))
    }
    #expect(utc(2_000_000)?.utcUs == 12_000_100)
    #expect(utc(0)?.utcUs == 10_000_000)
    #expect(utc(5_000_000) == Dating(utcUs: 15_000_200, boundUs: 107, quality: .good))
    #expect(timeline.node.date(NodeTime(clockEpoch: otherBoot, bootUs: 0)) == nil)
  }

  @Test("an anchor nobody vouches for leaves the time uncertain") func untrusted() {
    var timeline = Timeline()
    timeline.apply(anchor(0, 0, .unknown), in: boot)
    #expect(timeline.date(bootUs: 5, in: clock(9)).utc.quality == .uncertain)
  }

  @Test("what a person says of a boot counts alone, a guess only where nothing else is known")
  func ranks() {
    func utc(_ timeline: Timeline) -> Dating? {
      timeline.node.date(NodeTime(clockEpoch: boot, bootUs: 0))
    }
    var timeline = Timeline()
    timeline.apply(anchor(0, 1_000_000, .unknown), in: boot)
    #expect(utc(timeline) == Dating(utcUs: 1_000_000, boundUs: 0, quality: .uncertain))
    timeline.apply(anchor(0, 2_000_000), in: boot)
    #expect(utc(timeline) == Dating(utcUs: 2_000_000, boundUs: 0, quality: .good))
    timeline.apply(anchor(9, 1_000_000, .unknown), in: boot)
    #expect(utc(timeline)?.utcUs == 2_000_000)
    timeline.apply(anchor(5, 7_000_005, .person), in: boot)
    timeline.apply(anchor(60_000_000, 62_000_000), in: boot)
    #expect(utc(timeline)?.utcUs == 7_000_000)
    timeline.apply(anchor(5, 8_000_005, .person), in: boot)
    #expect(utc(timeline)?.utcUs == 8_000_000)
  }

  @Test("a fit maps ticks with its rate, and its bound grows with the distance") func rate() {
    var timeline = Timeline()
    timeline.apply(anchor(0, 0), in: boot)
    timeline.apply(fit(ticks: 1_000, bootUs: 5_000_000, ppb: 1_000_000, bound: 10), in: boot)
    let date = timeline.date(
      ticksMs: 2_000, of: device, epoch: 1, lastMs: 2_000, in: clock(9_000_000))
    #expect(date.node.bootUs == 6_001_000)
    #expect(date.utc.quality == .good)
    #expect(date.utc.boundUs == 411, "10 of the fit, 100 of its drift, 301 of the anchor's")
  }

  @Test("a good fit goes before a nearer provisional one; a segment has its own fits")
  func choice() {
    var timeline = Timeline()
    timeline.apply(anchor(0, 0), in: boot)
    timeline.apply(fit(ticks: 9_000, bootUs: 1, good: false), in: boot)
    func date(_ ticksMs: Int64) -> ReadingDate {
      timeline.date(ticksMs: ticksMs, of: device, epoch: 1, lastMs: ticksMs, in: clock(50))
    }
    #expect(date(9_000).node.bootUs == 1)
    #expect(date(9_000).utc.quality == .provisional)
    timeline.apply(fit(ticks: 60_000, bootUs: 60_000_777), in: boot)
    #expect(date(9_000).node.bootUs == 9_000_777)
    timeline.apply(fit(segment: 100_000, ticks: 100_000, bootUs: 500_000_000), in: boot)
    #expect(date(100_001).node.bootUs == 500_001_000)
    #expect(date(99_999).node.bootUs == 99_999_777)
  }

  @Test("an epoch never probed lies between its neighbours") func between() {
    var timeline = Timeline()
    timeline.apply(anchor(0, 0), in: boot)
    timeline.apply(fit(epoch: 1, ticks: 0, bootUs: 10_000_000), in: boot)
    timeline.apply(fit(epoch: 3, ticks: 0, bootUs: 60_000_000), in: boot)
    let date = timeline.date(
      ticksMs: 4_000, of: device, epoch: 2, lastMs: 5_000, in: clock(99_000_000))
    #expect(date.utc.quality == .uncertain)
    #expect(date.utc.utcUs == 59_000_000, "a second before the last sample, before epoch 3")
    #expect(date.utc.boundUs == 45_000_000, "and no earlier than 4 s after epoch 1 began")
    let newest = timeline.date(
      ticksMs: 5_000, of: device, epoch: 4, lastMs: 5_000, in: clock(99_000_000))
    #expect(newest.utc.utcUs == 99_000_000)
  }

  @Test("without anchor or fit the commit's own clocks give an uncertain time") func nothing() {
    let date = Timeline().date(
      ticksMs: 4_000, of: device, epoch: 2, lastMs: 5_000, in: clock(9_000_000, wallUs: 70_000_000))
    #expect(date.utc == Dating(utcUs: 69_000_000, boundUs: nil, quality: .uncertain))
    #expect(date.node.bootUs == 8_000_000)
  }

  @Test("anchors and fits may say anything") func extremes() {
    for seed in 0..<300 as Range<UInt64> {
      var prng = Prng(seed: seed)
      let times: [Int64] = [0, 1, 1 << 20, 1 << 62, .max, .max - 1]
      let ticks: [Int64] = [0, 1, 1 << 20, 1 << 47, (1 << 48) - 1]
      let signed: [Int64] = [.min, .min + 1, -1, 0, 1, .max]
      var timeline = Timeline()
      for _ in 0..<6 {
        timeline.apply(
          anchor(
            times[prng.below(6)], signed[prng.below(6)], errorUs: times[prng.below(6)]), in: boot)
        timeline.apply(
          fit(
            epoch: UInt32(prng.below(3)), segment: ticks[prng.below(5)],
            ticks: ticks[prng.below(5)], bootUs: times[prng.below(6)],
            ppb: signed[prng.below(6)], bound: times[prng.below(6)], good: prng.chance(50)),
          in: prng.chance(50) ? boot : otherBoot)
      }
      let wallUs = signed[prng.below(6)]
      _ = timeline.date(
        ticksMs: ticks[prng.below(5)], of: device, epoch: UInt32(prng.below(4)),
        lastMs: ticks[prng.below(5)], in: clock(times[prng.below(6)], wallUs: wallUs))
      _ = timeline.date(bootUs: times[prng.below(6)], in: clock(0, wallUs: wallUs))
    }
  }

  @Test("a timeline keeps a bounded number of points, the newest among them") func bounded() {
    var timeline = Timeline()
    for second in 0..<5_000 as Range<Int64> {
      timeline.apply(anchor(second * 1_000_000, second * 1_000_000 + 5), in: boot)
    }
    let last = timeline.node.date(NodeTime(clockEpoch: boot, bootUs: 4_999_000_000))
    #expect(last == Dating(utcUs: 4_999_000_005, boundUs: 0, quality: .good))
  }
}
