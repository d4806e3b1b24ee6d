import Model
import Sync
import TestSupport
import Testing

@testable import Gateway

/// A node's clocks as they were, driven through the code that writes anchors and dates readings.
private struct ClockStory {
  static let year: Int64 = 31_557_600_000_000
  static let startUtcUs: Int64 = 1_763_700_000_000_000

  /// UTC of the boot, and how much faster than UTC the node's crystal runs.
  var bootUtcUs = startUtcUs
  var driftPpm = 0.0
  /// How wrong the wall clock is now, and whether the kernel vouches for it.
  var wrongUs: Int64 = 0
  var isTrusted = false
  var errorUs: Int64 = 2_000

  private(set) var bootUs: Int64 = 0
  private(set) var keeper = AnchorKeeper()
  private(set) var timeline = Timeline()
  private(set) var anchors = 0
  private(set) var clockEpoch = ClockStory.epoch(1)
  /// Readings: when on the node's clock, when really, and what their commit's clocks said.
  private(set) var readings: [(clock: CommitClock, utcUs: Int64)] = []

  static func epoch(_ number: UInt8) -> ClockEpoch {
    guard let epoch = ClockEpoch([UInt8](repeating: number, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return epoch
  }

  /// What the time is.
  var utcUs: Int64 { bootUtcUs + Int64((Double(bootUs) / (1 + driftPpm / 1e6)).rounded()) }

  /// What the clocks say.
  private var observation: ClockObservation {
    ClockObservation(
      bootUs: bootUs, wallUs: utcUs + wrongUs, trusted: isTrusted, errorUs: errorUs)
  }

  /// Lets time pass: the clock is looked at, and read by, at each step.
  mutating func pass(_ steps: Int, eachUs: Int64) {
    for _ in 0..<steps {
      bootUs += eachUs
      let now = observation
      if keeper.observe(now) {
        anchors += 1
        timeline.apply(
          .anchor(
            Anchor(bootUs: now.bootUs, utcUs: now.wallUs, errorUs: now.errorUs, origin: .kernel)),
          in: clockEpoch)
      }
      let arrival = NodeTime(clockEpoch: clockEpoch, bootUs: bootUs)
      readings.append((CommitClock(arrival: arrival, observation: now), utcUs))
    }
  }

  /// The largest error of a date, and whether every one lies within the bound it states.
  func check() -> (worstUs: Int64, isHonest: Bool, qualities: Set<TimeQuality>) {
    var worst: Int64 = 0
    var isHonest = true
    var qualities: Set<TimeQuality> = []
    for reading in readings {
      let date = timeline.date(bootUs: reading.clock.arrival.bootUs, in: reading.clock).utc
      let offUs = abs(date.utcUs - reading.utcUs)
      worst = max(worst, offUs)
      qualities.insert(date.quality)
      isHonest = isHonest && date.boundUs.map { offUs <= $0 } ?? true
    }
    return (worst, isHonest, qualities)
  }
}

@Suite("Stories of clocks") struct ClockStoryTests {
  private static let minute: Int64 = 60_000_000
  private static let hour: Int64 = 3_600_000_000
  private static let day: Int64 = 86_400_000_000

  @Test(
    "a clock that was wrong at the boot dates all its readings right once NTP has set it",
    arguments: [
      ("1970", -ClockStory.startUtcUs), ("14 days behind", -14 * day),
      ("50 years ahead", 50 * ClockStory.year), ("a second behind", -1_000_000),
    ])
  func wrongAtBoot(name: String, wrongUs: Int64) {
    var story = ClockStory()
    story.wrongUs = wrongUs
    story.pass(120, eachUs: Self.minute)
    #expect(story.anchors == 0)
    #expect(story.check().qualities == [.uncertain])
    story.wrongUs = 500
    story.isTrusted = true
    story.pass(120, eachUs: Self.minute)
    let (worstUs, isHonest, qualities) = story.check()
    #expect(worstUs <= 1_000, "\(name)")
    #expect(isHonest && qualities == [.good], "\(name)")
  }

  @Test(
    "a clock that was vouched for and wrong dates its earlier readings right after a step",
    arguments: [-14 * day, 50 * ClockStory.year, -ClockStory.startUtcUs, 3_600_000_000, -2_000_000])
  func step(wrongUs: Int64) {
    var story = ClockStory()
    story.isTrusted = true
    story.wrongUs = wrongUs
    story.pass(300, eachUs: Self.minute)
    story.wrongUs = 0
    story.pass(2, eachUs: Self.minute)
    let (worstUs, isHonest, _) = story.check()
    #expect(worstUs == 0)
    #expect(isHonest)
  }

  @Test("every stretch of the clock moves alike: no reading changes its place among the others")
  func alike() {
    var story = ClockStory()
    story.isTrusted = true
    story.wrongUs = 50 * ClockStory.year
    story.pass(600, eachUs: Self.minute)
    let before = story.readings.map {
      story.timeline.date(bootUs: $0.clock.arrival.bootUs, in: $0.clock).utc.utcUs
    }
    let count = story.readings.count
    story.wrongUs = 0
    story.pass(1, eachUs: Self.minute)
    let after = story.readings.prefix(count).map {
      story.timeline.date(bootUs: $0.clock.arrival.bootUs, in: $0.clock).utc.utcUs
    }
    let moved = Set(zip(before, after).map { $0 - $1 })
    #expect(moved == [50 * ClockStory.year])
  }

  @Test(
    "a drift is followed between anchors, and the bound stays honest beyond them",
    arguments: [-200.0, -50, 20, 200])
  func drift(ppm: Double) {
    var story = ClockStory()
    story.driftPpm = ppm
    story.isTrusted = true
    story.errorUs = 0
    story.pass(48 * 60, eachUs: Self.minute)
    // NTP is lost for a day: the last anchors say how the clock drifts.
    story.isTrusted = false
    story.pass(24 * 60, eachUs: Self.minute)
    let (worstUs, isHonest, _) = story.check()
    #expect(isHonest, "worst \(worstUs)")
    // A reading between two anchors is exact to what an hour's curve may be off.
    let between = story.readings.prefix(47 * 60)
    for reading in between {
      let date = story.timeline.date(bootUs: reading.clock.arrival.bootUs, in: reading.clock).utc
      #expect(abs(date.utcUs - reading.utcUs) <= 2)
    }
  }

  @Test("a machine that runs for thirty years writes an anchor an hour and dates within its bounds")
  func decades() {
    var story = ClockStory()
    story.isTrusted = true
    story.driftPpm = 3
    story.pass(30 * 8_766, eachUs: Self.hour)
    #expect(story.anchors == 30 * 8_766)
    let (worstUs, isHonest, qualities) = story.check()
    #expect(isHonest && qualities == [.good])
    #expect(worstUs <= 5_000)
  }

  @Test(
    "whatever the wall clock does, what is vouched for last dates everything", arguments: 0..<60)
  func random(seed: Int) {
    var prng = Prng(seed: UInt64(seed))
    var story = ClockStory()
    for _ in 0..<8 {
      story.isTrusted = prng.chance(50)
      // Never between a look's noise and a step that the anchors can tell from drift.
      story.wrongUs =
        prng.chance(30) ? 0 : (prng.chance(50) ? 1 : -1) * Int64(10_000_000 + prng.below(1 << 50))
      story.pass(1 + prng.below(50), eachUs: 20_000_000)
    }
    story.isTrusted = true
    story.wrongUs = 0
    story.pass(3, eachUs: 20_000_000)
    let (worstUs, isHonest, _) = story.check()
    #expect(worstUs == 0, "seed \(seed)")
    #expect(isHonest, "seed \(seed)")
  }
}
