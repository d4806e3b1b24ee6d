import Reactor
import Testing

@Suite("Loop timers") struct LoopTimerTests {
  @Test("timers fire in the order of their deadlines, however they were armed")
  func order() async throws {
    try await onLoop {
      let base = Clock.bootUs()
      var fired: [Int64] = []
      let delays: [Int64] = [4_000, 1_000, 3_000, 2_000, 0]
      let timers = delays.map { delay in
        let timer = LoopTimer { fired.append(delay) }
        timer.arm(atUs: base + delay)
        return timer
      }
      try await until("all fired") { fired.count == 5 }
      #expect(fired == [0, 1_000, 2_000, 3_000, 4_000])
      #expect(timers.allSatisfy { !$0.isArmed })
    }
  }

  @Test("timers of one deadline fire in the order they were armed") func equalDeadlines()
    async throws
  {
    try await onLoop {
      let deadline = Clock.bootUs() + 1_000
      var fired: [Int] = []
      let timers = (0..<20).map { number in LoopTimer { fired.append(number) } }
      for timer in timers { timer.arm(atUs: deadline) }
      try await until("all fired") { fired.count == 20 }
      #expect(fired == Array(0..<20))
    }
  }

  @Test("a timer never fires early") func notEarly() async throws {
    try await onLoop {
      for delay in [1, 50, 333, 999, 2_001] as [Int64] {
        var firedUs: Int64?
        let timer = LoopTimer { firedUs = Clock.bootUs() }
        let deadlineUs = Clock.bootUs() + delay
        timer.arm(atUs: deadlineUs)
        try await until("fired") { firedUs != nil }
        #expect(firedUs ?? 0 >= deadlineUs)
      }
    }
  }

  @Test("a cancelled timer does not fire") func cancel() async throws {
    try await onLoop {
      var fired = 0
      var last = false
      let cancelled = LoopTimer { fired += 1 }
      let later = LoopTimer { last = true }
      cancelled.arm(afterUs: 500)
      later.arm(afterUs: 2_000)
      cancelled.cancel()
      #expect(!cancelled.isArmed)
      try await until("later one") { last }
      #expect(fired == 0)
    }
  }

  @Test("a timer due in the same turn can still be cancelled by an earlier one")
  func cancelInTurn() async throws {
    try await onLoop {
      let deadline = Clock.bootUs() - 1
      var fired: [String] = []
      let second = LoopTimer { fired.append("second") }
      let first = LoopTimer {
        fired.append("first")
        second.cancel()
      }
      first.arm(atUs: deadline)
      second.arm(atUs: deadline)
      await turns(3)
      #expect(fired == ["first"])
    }
  }

  @Test("re-arming replaces the deadline, to later and to sooner") func rearm() async throws {
    try await onLoop {
      var fired: [String] = []
      let moved = LoopTimer { fired.append("moved") }
      let middle = LoopTimer { fired.append("middle") }
      let base = Clock.bootUs()
      moved.arm(atUs: base + 1_000)
      middle.arm(atUs: base + 3_000)
      moved.arm(atUs: base + 6_000)
      try await until("both") { fired.count == 2 }
      #expect(fired == ["middle", "moved"])
      fired = []
      moved.arm(afterUs: 60_000_000)
      moved.arm(afterUs: 100)
      try await until("sooner") { fired == ["moved"] }
    }
  }

  @Test("a handler may re-arm its own timer; what is due at once waits for the next turn")
  func rearmInHandler() async throws {
    try await onLoop {
      let periodic = Periodic()
      periodic.start()
      try await until("five rounds") { periodic.turns.count >= 5 }
      periodic.timer = nil
      #expect(Set(periodic.turns).count == periodic.turns.count)
    }
  }

  @Test("a deadline that has passed means the next turn, even before the boot")
  func past() async throws {
    try await onLoop {
      for deadline in [Int64.min, -1, 0, 1] {
        var fired = false
        let timer = LoopTimer { fired = true }
        timer.arm(atUs: deadline)
        try await until("past deadline") { fired }
        #expect(!timer.isArmed)
      }
    }
  }

  @Test("a deadline that never comes does no harm") func never() async throws {
    try await onLoop {
      let never = LoopTimer { Issue.record("fired") }
      never.arm(afterUs: .max)
      #expect(never.isArmed)
      await pause(us: 500)
      #expect(never.isArmed)
      never.cancel()
    }
  }

  @Test("letting go of a timer cancels it and frees what its handler holds")
  func lettingGo() async throws {
    try await onLoop {
      var fired = 0
      var held: Held? = Held()
      weak let witness = held
      var timer: LoopTimer? = LoopTimer { [held] in
        _ = held
        fired += 1
      }
      held = nil
      #expect(witness != nil)
      timer?.arm(afterUs: 200)
      timer = nil
      await pause(us: 2_000)
      #expect(fired == 0)
      #expect(witness == nil)
    }
  }
}

private final class Held {}

@Loop private final class Periodic {
  var timer: LoopTimer?
  var turns: [UInt64] = []

  func start() {
    timer = LoopTimer { [weak self] in
      guard let self else { return }
      turns.append(EventLoop.shared.metrics.turns)
      timer?.arm(afterUs: 0)
    }
    timer?.arm(afterUs: 0)
  }
}
