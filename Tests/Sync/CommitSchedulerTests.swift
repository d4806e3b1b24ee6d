import Sync
import TestSupport
import Testing

@Suite("Commit scheduler") struct CommitSchedulerTests {
  private static let second: Int64 = 1_000_000

  @Test("what waits is committed after the interval, and no earlier") func interval() {
    var scheduler = CommitScheduler(intervalUs: 10 * Self.second)
    #expect(scheduler.handle(.pending(nowUs: 0)) == [.wake(atUs: 10 * Self.second)])
    #expect(scheduler.handle(.pending(nowUs: 5)) == [])
    let early = scheduler.handle(.timer(nowUs: 9 * Self.second))
    #expect(early == [.wake(atUs: 10 * Self.second)])
    #expect(scheduler.handle(.timer(nowUs: 10 * Self.second)) == [.commit])
    #expect(scheduler.handle(.committed(nowUs: 10 * Self.second + 9)) == [])
  }

  @Test("an interval out of its range is brought into it", arguments: [(0, 1), (90, 60)])
  func range(_ seconds: Int64, _ expected: Int64) {
    var scheduler = CommitScheduler(intervalUs: seconds * Self.second)
    #expect(scheduler.handle(.pending(nowUs: 0)) == [.wake(atUs: expected * Self.second)])
  }

  @Test("someone who waits is served within 50 ms") func urgent() {
    var scheduler = CommitScheduler(intervalUs: 10 * Self.second)
    _ = scheduler.handle(.pending(nowUs: 0))
    guard case .wake(let atUs) = scheduler.handle(.urgent(nowUs: 1_000)).first else {
      Issue.record("no earlier commit")
      return
    }
    #expect(atUs <= 51_000)
    #expect(scheduler.handle(.timer(nowUs: atUs)) == [.commit])
  }

  @Test("a ring that is half full brings the commit forward, one that is less does not")
  func ring() {
    var scheduler = CommitScheduler(intervalUs: 10 * Self.second)
    #expect(scheduler.handle(.ring(unacknowledged: 15, capacity: 32, nowUs: 0)) == [])
    #expect(scheduler.handle(.ring(unacknowledged: 0, capacity: 0, nowUs: 0)) == [])
    #expect(!scheduler.handle(.ring(unacknowledged: 16, capacity: 32, nowUs: 0)).isEmpty)
  }

  @Test("what comes during a commit is committed after it") func during() {
    var scheduler = CommitScheduler(intervalUs: 10 * Self.second)
    _ = scheduler.handle(.urgent(nowUs: 0))
    #expect(scheduler.handle(.timer(nowUs: 50_000)) == [.commit])
    #expect(scheduler.handle(.urgent(nowUs: 51_000)) == [])
    #expect(scheduler.handle(.committed(nowUs: 60_000)).count == 1)
  }

  @Test("after a failure it is tried again after 1, 2, 4, 5, 5 s") func retries() {
    var scheduler = CommitScheduler(intervalUs: Self.second)
    _ = scheduler.handle(.pending(nowUs: 0))
    var nowUs = Self.second
    for wait in [1, 2, 4, 5, 5] {
      #expect(scheduler.handle(.timer(nowUs: nowUs)) == [.commit])
      #expect(scheduler.handle(.urgent(nowUs: nowUs)) == [], "nobody can hurry a full disk")
      let dueUs = nowUs + Int64(wait) * Self.second
      #expect(scheduler.handle(.failed(nowUs: nowUs)) == [.wake(atUs: dueUs)])
      #expect(scheduler.isFailing)
      nowUs = dueUs
    }
    #expect(scheduler.handle(.timer(nowUs: nowUs)) == [.commit])
    #expect(scheduler.handle(.committed(nowUs: nowUs)).count == 1, "what came meanwhile is next")
    #expect(!scheduler.isFailing)
  }

  @Test("stopping commits what waits, once, and says whether it worked") func stopping() {
    var idle = CommitScheduler(intervalUs: Self.second)
    #expect(idle.handle(.stop(nowUs: 0)) == [.stopped(unsaved: false)])
    var waiting = CommitScheduler(intervalUs: Self.second)
    _ = waiting.handle(.pending(nowUs: 0))
    #expect(waiting.handle(.stop(nowUs: 1)) == [.commit])
    var failing = waiting
    #expect(waiting.handle(.committed(nowUs: 2)) == [.stopped(unsaved: false)])
    #expect(failing.handle(.failed(nowUs: 2)) == [.stopped(unsaved: true)])
    #expect(failing.handle(.pending(nowUs: 3)) == [])
  }

  @Test("stopping during a commit also saves what came meanwhile") func stoppingDuring() {
    var scheduler = CommitScheduler(intervalUs: Self.second)
    _ = scheduler.handle(.pending(nowUs: 0))
    _ = scheduler.handle(.timer(nowUs: Self.second))
    _ = scheduler.handle(.pending(nowUs: Self.second))
    #expect(scheduler.handle(.stop(nowUs: Self.second)) == [])
    #expect(scheduler.handle(.committed(nowUs: Self.second)) == [.commit])
    #expect(scheduler.handle(.committed(nowUs: Self.second)) == [.stopped(unsaved: false)])
  }

  @Test("never more than ten commits in a second, and none is forgotten")
  func rate() {
    for seed in 0..<50 as Range<UInt64> {
      var prng = Prng(seed: seed)
      var scheduler = CommitScheduler(intervalUs: Self.second)
      var commits: [Int64] = []
      var wakeUs: Int64?
      var committing: Int64?
      var oldestUs: Int64?
      var nowUs: Int64 = 0
      var actions: [CommitScheduler.Action] = []
      while nowUs < 10 * Self.second {
        nowUs += Int64(prng.below(8_000))
        if let end = committing, nowUs >= end {
          committing = nil
          actions += scheduler.handle(.committed(nowUs: nowUs))
        }
        if prng.chance(60) {
          actions += scheduler.handle(
            prng.chance(80) ? .urgent(nowUs: nowUs) : .pending(nowUs: nowUs))
          oldestUs = oldestUs ?? nowUs
        }
        if let due = wakeUs, nowUs >= due {
          wakeUs = nil
          actions += scheduler.handle(.timer(nowUs: nowUs))
        }
        for action in actions {
          switch action {
          case .commit:
            commits.append(nowUs)
            committing = nowUs + Int64(prng.below(20_000))
            #expect(nowUs - (oldestUs ?? nowUs) < 2 * Self.second, "seed \(seed)")
            oldestUs = nil
          case .wake(let atUs): wakeUs = atUs
          case .stopped: Issue.record("seed \(seed) stopped")
          }
        }
        actions = []
      }
      #expect(commits.count > 50, "seed \(seed)")
      for (index, time) in commits.enumerated() where index >= 10 {
        #expect(time - commits[index - 10] > Self.second, "seed \(seed)")
      }
    }
  }
}
