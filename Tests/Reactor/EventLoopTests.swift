import Glibc
import Reactor
import Testing

@Suite("Event loop") struct EventLoopTests {
  init() { EventLoop.shared.start() }

  @Test("code of @Loop runs on the loop's thread, other code does not") func isolation() async {
    #expect(EventLoop.shared.isIsolatingCurrentContext() == false)
    let inside = await Task { @Loop in EventLoop.shared.isIsolatingCurrentContext() }.value
    #expect(inside == true)
  }

  @Test("jobs of one thread run in the order they were given") func order() async {
    let seen = Seen()
    let tasks = (0..<1_000).map { number in Task { @Loop in seen.numbers.append(number) } }
    for task in tasks { await task.value }
    #expect(await seen.numbers == Array(0..<1_000))
  }

  @Test("a job given by another thread wakes a sleeping loop") func crossThreadWake() async {
    for round in 1...200 {
      // The wake-up of the loop is what ends this wait: nothing else is armed.
      let told = await Task { @Loop in round }.value
      #expect(told == round)
    }
  }

  @Test("jobs from eight threads at once all run, each once") func manyThreads() async {
    let counter = Counter()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<2_000 { await counter.increment() } }
      }
    }
    #expect(await counter.count == 16_000)
  }

  @Test("a C callback on the loop's thread enters by assumeIsolated") func callback() async {
    let sorted = await Task { @Loop in
      var numbers: [Int32] = [3, 1, 2]
      unsafe qsort(&numbers, 3, 4) { left, right in
        guard let left = unsafe left, let right = unsafe right else { return 0 }
        let (a, b) = unsafe (left.load(as: Int32.self), right.load(as: Int32.self))
        return Loop.assumeIsolated { compare(a, b) }
      }
      return numbers
    }.value
    #expect(sorted == [1, 2, 3])
    #expect(await comparisons > 0)
  }

  @Test("assumeIsolated passes a typed error through") func typedError() async {
    let error = await Task { @Loop in
      do throws(Errno) {
        try Loop.assumeIsolated { () throws(Errno) in throw .busy }
        return nil as Errno?
      } catch {
        return error
      }
    }.value
    #expect(error == .busy)
  }

  @Test("assumeIsolated on another thread is our own mistake and stops the process")
  func notIsolated() async {
    await #expect(processExitsWith: .failure) {
      EventLoop.shared.start()
      Loop.assumeIsolated {}
    }
  }

  @Test("a second thread that runs the loop is our own mistake and stops the process")
  func ranTwice() async {
    await #expect(processExitsWith: .failure) {
      EventLoop.shared.start()
      EventLoop.shared.run()
    }
  }

  @Test("jobs that give new jobs for ever starve neither timers nor descriptors")
  func jobsDoNotStarve() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      let flood = Flood()
      var told = 0
      var fired = 0
      let registration = try Registration(raw: pipe.output.raw, interest: .read) { _ in told += 1 }
      let timer = LoopTimer { fired += 1 }
      flood.run()
      _ = try System.write(pipe.input.raw, from: [1])
      timer.arm(afterUs: 500)
      try await until("timer and descriptor") { fired == 1 && told > 3 }
      flood.isOver = true
      #expect(flood.jobs > 100)
      registration.cancel()
    }
  }

  @Test("jobs that all wait together are spread over turns by number")
  func jobsByNumber() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      _ = try System.write(pipe.input.raw, from: [1])
      let counter = Counter()
      var ranBefore: [Int] = []
      // Never read: told once in every turn.
      let registration = try Registration(raw: pipe.output.raw, interest: .read) { _ in
        ranBefore.append(counter.count)
      }
      for _ in 0..<2_000 { Task { counter.increment() } }
      try await until("all ran") { counter.count == 2_000 }
      registration.cancel()
      let steps = zip(ranBefore.dropFirst(), ranBefore).map { $0 - $1 }
      #expect(steps.max() ?? 0 <= Limits.jobsPerTurnMax)
    }
  }

  @Test("long jobs that wait together are spread over turns by time") func jobsByTime() async throws
  {
    try await onLoop {
      let spread = Spread()
      for _ in 0..<12 {
        Task {
          spread.note()
          usleep(UInt32(Limits.jobTimePerTurnUs))
        }
      }
      try await until("all ran") { spread.total == 12 }
      #expect(spread.mostInOneTurn == 1)
    }
  }

  @Test("a timer that re-arms itself for now starves neither jobs nor descriptors")
  func timersDoNotStarve() async throws {
    try await onLoop {
      let pipe = try System.pipe()
      var told = 0
      let registration = try Registration(raw: pipe.output.raw, interest: .read) { _ in told += 1 }
      _ = try System.write(pipe.input.raw, from: [1])
      let again = Again()
      again.timer = LoopTimer { [weak again] in again?.fire() }
      again.timer?.arm(afterUs: 0)
      for _ in 0..<10 { await Task { @Loop in }.value }
      try await until("descriptor") { told > 3 && again.count > 3 }
      registration.cancel()
      again.timer = nil
    }
  }

  @Test("an idle loop does not wake up at all") func idle() async {
    await #expect(processExitsWith: .success) {
      EventLoop.shared.start()
      let before = await EventLoop.shared.wakeUps()
      // Time passes on this thread, not on the loop's.
      usleep(300_000)
      let after = await EventLoop.shared.wakeUps()
      // One: the job that asks.
      #expect(after - before == 1)
    }
  }

  @Test("a cancelled timer does not wake the loop") func idleAfterCancel() async {
    await #expect(processExitsWith: .success) {
      try await onLoop {
        let timer = LoopTimer { Issue.record("fired") }
        timer.arm(afterUs: 400_000)
        // It has been waited for once before it is cancelled.
        await turns(2)
        timer.cancel()
      }
      let before = await EventLoop.shared.wakeUps()
      usleep(500_000)
      let after = await EventLoop.shared.wakeUps()
      #expect(after - before == 1)
    }
  }

  @Test("stop ends the run, start goes on with what waited") func stopAndStart() async {
    await #expect(processExitsWith: .success) {
      EventLoop.shared.start()
      #expect(await Task { @Loop in 1 }.value == 1)
      EventLoop.shared.stop()
      try untilPlainly("stopped") { !EventLoop.shared.isRunning }
      let late = Task { @Loop in 2 }
      #expect(!EventLoop.shared.isRunning)
      EventLoop.shared.start()
      #expect(await late.value == 2)
    }
  }

  @Test("a start right after a stop leaves the loop running") func startDuringStop() async {
    await #expect(processExitsWith: .success) {
      for round in 0..<300 {
        EventLoop.shared.start()
        if round % 3 == 0 { _ = await Task { @Loop in round }.value }
        EventLoop.shared.stop()
      }
      EventLoop.shared.start()
      #expect(await Task { @Loop in 7 }.value == 7)
    }
  }

  @Test("run returns on the calling thread when a job says stop") func runHere() async {
    await #expect(processExitsWith: .success) {
      let seen = Seen()
      Task { @Loop in
        seen.numbers.append(1)
        EventLoop.shared.stop()
      }
      EventLoop.shared.runOnThisThread()
      #expect(!EventLoop.shared.isRunning)
      EventLoop.shared.start()
      #expect(await seen.numbers == [1])
    }
  }
}

extension EventLoop {
  @Loop fileprivate func wakeUps() -> UInt64 { metrics.wakeUps }

  /// `run` blocks, which an asynchronous test may not do elsewhere.
  fileprivate func runOnThisThread() { run() }
}

@Loop private var comparisons = 0

@Loop private func compare(_ left: Int32, _ right: Int32) -> Int32 {
  comparisons += 1
  return left < right ? -1 : left > right ? 1 : 0
}

@Loop private final class Seen {
  var numbers: [Int] = []
  nonisolated init() {}
}

@Loop private final class Counter {
  var count = 0
  nonisolated init() {}
  func increment() { count += 1 }
}

/// How many jobs ran in which turn.
@Loop private final class Spread {
  var total = 0
  private var byTurn: [UInt64: Int] = [:]

  var mostInOneTurn: Int { byTurn.values.max() ?? 0 }

  func note() {
    total += 1
    byTurn[EventLoop.shared.metrics.turns, default: 0] += 1
  }
}

@Loop private final class Flood {
  var isOver = false
  var jobs = 0

  /// Every job gives the next one: the queue is never empty.
  func run() {
    if isOver { return }
    jobs += 1
    Task { self.run() }
  }
}

@Loop private final class Again {
  var timer: LoopTimer?
  var count = 0

  func fire() {
    count += 1
    timer?.arm(afterUs: 0)
  }
}
