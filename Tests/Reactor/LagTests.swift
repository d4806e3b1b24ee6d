import Glibc
import Synchronization
import Testing

@testable import Reactor

@Suite("Loop lag") struct LagTests {
  @Test("a turn that computes for 80 ms is counted") func busy() async {
    await #expect(processExitsWith: .success) {
      try await onLoop {
        let before = EventLoop.shared.metrics
        #expect(before.turnsOver50Ms == 0)
        // Ends its turn: what is measured is the turn of the job after it.
        await Task { @Loop in compute(forUs: 80_000) }.value
        await turns(1)
        let after = EventLoop.shared.metrics
        #expect(after.turnsOver50Ms == 1)
        #expect(after.lagMaxUs >= 80_000)
        #expect(after.busyMaxUs >= 80_000)
        #expect(after.lagRecentMaxUs == after.lagMaxUs)
        #expect(after.isDelayKnown)
      }
    }
  }

  @Test("a turn that blocks for 80 ms is counted") func blocked() async {
    await #expect(processExitsWith: .success) {
      try await onLoop {
        await Task { @Loop in _ = usleep(80_000) }.value
        await turns(1)
        #expect(EventLoop.shared.metrics.turnsOver50Ms == 1)
        #expect(EventLoop.shared.metrics.busyMaxUs < 40_000, "it slept")
      }
    }
  }

  @Test("the counts start again from zero") func reset() async {
    await #expect(processExitsWith: .success) {
      try await onLoop {
        await Task { @Loop in _ = usleep(60_000) }.value
        await turns(1)
        EventLoop.shared.resetMetrics()
        var zero = LoopMetrics()
        zero.jobsQueuedMax = EventLoop.shared.metrics.jobsQueuedMax
        #expect(EventLoop.shared.metrics == zero)
        await turns(1)
        #expect(EventLoop.shared.metrics.turns > 0)
        #expect(EventLoop.shared.metrics.turnsOver50Ms == 0)
      }
    }
  }

  @Test("each turn is in one bucket of the histogram") func histogram() async throws {
    try await onLoop {
      await turns(5)
      let metrics = EventLoop.shared.metrics
      #expect(metrics.lagCounts.reduce(0, +) == metrics.turns)
      #expect(metrics.lagCounts.count == LoopMetrics.lagBoundsUs.count + 1)
    }
  }

  @Test("a turn whose thread was only waiting for a processor has no lag")
  func descheduled() async {
    await #expect(processExitsWith: .success) {
      // More threads than processors, all of them computing: this one gets a share.
      let isOver = Atomic<Bool>(false)
      let crowd = Crowd(isOver: { isOver.load(ordering: .relaxed) })
      defer {
        isOver.store(true, ordering: .relaxed)
        crowd.join()
      }
      var meter = LagMeter()
      meter.attach()
      var wallUs: Int64 = 0
      // How long it has to wait is the scheduler's affair: the first turn that had to wait long.
      for _ in 0..<100 where wallUs < 60_000 {
        meter.reset()
        let startUs = Clock.awakeUs()
        meter.turnBegins(atUs: startUs, hasSlept: true)
        compute(forUs: 10_000)
        let endUs = Clock.awakeUs()
        meter.turnEnds(atUs: endUs)
        wallUs = endUs - startUs
      }
      let metrics = meter.metrics(nowUs: Clock.awakeUs())
      meter.detach()
      #expect(wallUs >= 60_000, "the turn was never made to wait")
      #expect(metrics.turns == 1)
      #expect(metrics.lagMaxUs >= 9_000)
      #expect(metrics.lagMaxUs < 50_000, "a wall time of \(wallUs) µs")
    }
  }

  @Test("delay from before the turn is never taken off its lag") func slack() {
    // Nothing waited: the lag is the wall time.
    #expect(LagMeter.lagUs(wallUs: 80_000, delayUs: 0, slackUs: 0) == 80_000)
    // All of it within the turn.
    #expect(LagMeter.lagUs(wallUs: 80_000, delayUs: 70_000, slackUs: 0) == 10_000)
    // Up to 900 µs of it may lie before the turn: they count as lag.
    #expect(LagMeter.lagUs(wallUs: 80_000, delayUs: 70_000, slackUs: 900) == 10_900)
    #expect(LagMeter.lagUs(wallUs: 80_000, delayUs: 500, slackUs: 900) == 80_000)
    // A reading that does not fit never makes the lag negative.
    #expect(LagMeter.lagUs(wallUs: 6_000, delayUs: 9_000, slackUs: 0) == 0)
  }

  @Test("short turns in a row read the delay at most once a millisecond") func cheap() {
    var meter = LagMeter()
    meter.attach()
    for turn in 0..<1_000 as Range<Int64> {
      meter.turnBegins(atUs: 1_000_000 + turn * 10, hasSlept: false)
      meter.turnEnds(atUs: 1_000_000 + turn * 10 + 5)
    }
    let metrics = meter.metrics(nowUs: 1_010_000)
    meter.detach()
    #expect(metrics.turns == 1_000)
    #expect((9...11).contains(metrics.delayReads))
    #expect(metrics.lagMaxUs == 5)
  }

  @Test("the recent maximum forgets what is two windows old") func recent() {
    var window = LagWindow()
    let unit = Limits.lagWindowUs
    window.record(70, nowUs: 5 * unit)
    #expect(window.maxUs(nowUs: 5 * unit) == 70)
    #expect(window.maxUs(nowUs: 6 * unit) == 70)
    #expect(window.maxUs(nowUs: 7 * unit) == 0)
    window.record(9, nowUs: 6 * unit)
    #expect(window.maxUs(nowUs: 6 * unit) == 70)
    #expect(window.maxUs(nowUs: 7 * unit) == 9)
    window.record(3, nowUs: 9 * unit)
    #expect(window.maxUs(nowUs: 9 * unit) == 3)
  }

  @Test(
    "schedstat's second number is the delay, anything else is none",
    arguments: [
      ("49809 2500999 1\n", 2_500), ("0 0 0\n", 0), ("", 0), ("5", 0), ("5 x 1", 0), ("1 2000", 0),
    ] as [(String, Int64)])
  func parse(text: String, expected: Int64) {
    #expect(RunQueueDelay.parseUs(Array(text.utf8).span) == expected)
  }
}

/// Uses so many microseconds of processor time.
private func compute(forUs: Int64) {
  let endUs = Clock.threadUs() + forUs
  while Clock.threadUs() < endUs {}
}

/// Threads that compute without end: eight for each processor.
private final class Crowd {
  private let threads: [UInt]

  init(isOver: @escaping @Sendable () -> Bool) {
    let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    threads = (0..<processors * 8).map { _ in
      SystemThread.start(name: "crowd") { while !isOver() {} }
    }
  }

  func join() {
    for thread in threads { SystemThread.join(thread) }
  }
}
