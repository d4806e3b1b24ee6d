internal import CLinux
internal import Glibc
internal import Synchronization

/// One epoll instance and the thread that waits on it: the executor of `@Loop`.
///
/// A turn is: wait, hand out events, do what they put off, fire timers, run jobs; each part is
/// bounded (`Limits`), so that none starves another. With nothing armed it sleeps without a single
/// wake-up.
public final class EventLoop: SerialExecutor {
  /// The loop of this process.
  public static let shared = EventLoop()

  /// The thread inside `run`, 0 when there is none.
  private let thread = Atomic<UInt>(0)
  /// Whether somebody runs the loop; the lock also covers setting `stopRequested`, so that a start
  /// that comes during a stop is not lost.
  private let isClaimed = Mutex(false)
  private let stopRequested = Atomic<Bool>(false)
  private let inbox = JobInbox()
  @Loop let poller: Poller
  @Loop let timers: TimerQueue
  @Loop var tasks = TurnTasks()
  @Loop private var meter = LagMeter()
  @Loop private var batch = JobBatch()

  private init() {
    do {
      poller = try Poller(doorbell: inbox.doorbell.raw)
      timers = try TimerQueue(epoll: poller.epoll.raw)
    } catch {
      preconditionFailure("the event loop cannot be made: \(error)")
    }
  }

  /// What the loop has done since the start or the last `resetMetrics`.
  @Loop public var metrics: LoopMetrics {
    var metrics = meter.metrics(nowUs: Clock.awakeUs())
    metrics.eventsStale = poller.eventsStale
    metrics.events = poller.events
    metrics.timersFired = timers.fired
    metrics.jobs = batch.jobsRun
    metrics.jobsQueuedMax = inbox.queuedMax
    return metrics
  }

  /// Starts every count again from zero.
  @Loop public func resetMetrics() {
    meter.reset()
    poller.resetCounts()
    timers.fired = 0
    batch.jobsRun = 0
    inbox.resetQueuedMax()
  }

  /// Whether a thread is inside `run`.
  public var isRunning: Bool { thread.load(ordering: .acquiring) != 0 }

  /// Runs on the calling thread until `stop`; one thread at a time.
  ///
  /// Jobs enqueued while nobody runs it wait for the next run.
  public func run() {
    let isOurs = isClaimed.withLock { isClaimed in
      defer { isClaimed = true }
      return !isClaimed
    }
    precondition(isOurs, "the event loop already runs on another thread")
    runClaimed()
  }

  /// Runs on a thread of its own, named `loop`, for tests and the command line. When it already
  /// runs it goes on, and a stop that it has not yet followed is taken back.
  public func start() {
    let isOurs = isClaimed.withLock { isClaimed in
      stopRequested.store(false, ordering: .relaxed)
      defer { isClaimed = true }
      return !isClaimed
    }
    if isOurs { SystemThread.detached(name: "loop") { [self] in runClaimed() } }
  }

  /// Makes `run` return after the turn in progress; from any thread.
  ///
  /// When nobody runs the loop, the next `run` returns at once.
  public func stop() {
    isClaimed.withLock { _ in stopRequested.store(true, ordering: .relaxed) }
    inbox.ring()
  }

  /// Takes a job of `@Loop` from any thread; wakes the loop only when it sleeps.
  public func enqueue(_ job: consuming ExecutorJob) {
    inbox.push(UnownedJob(job))
  }

  /// This executor, for an actor's `unownedExecutor`.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// Whether the caller is on the loop's thread, where everything of `@Loop` runs.
  public func isIsolatingCurrentContext() -> Bool? {
    thread.load(ordering: .relaxed) == SystemThread.current
  }

  /// Stops the process when the caller is not on the loop's thread.
  public func checkIsolated() {
    precondition(
      thread.load(ordering: .relaxed) == SystemThread.current,
      "code of @Loop was entered on another thread")
  }

  private func runClaimed() {
    thread.store(SystemThread.current, ordering: .releasing)
    var isOver = false
    while !isOver {
      Loop.assumeIsolated { runTurns() }
      isOver = isClaimed.withLock { isClaimed in
        guard stopRequested.exchange(false, ordering: .relaxed) else { return false }
        thread.store(0, ordering: .releasing)
        isClaimed = false
        return true
      }
    }
  }

  @Loop private func runTurns() {
    meter.attach()
    while !stopRequested.load(ordering: .relaxed) { turn() }
    meter.detach()
  }

  @Loop private func turn() {
    timers.prepareWait()
    let mayBlock = batch.isEmpty && tasks.isEmpty && !timers.hasDue && inbox.fallAsleepIfEmpty()
    let count = poller.wait(mayBlock: mayBlock)
    meter.turnBegins(atUs: Clock.awakeUs(), hasSlept: mayBlock)
    if mayBlock { inbox.wakeUp() }
    poller.dispatch(count: count)
    for stage in TurnTask.Stage.allCases { TurnTasks.run(tasks.take(stage)) }
    timers.fireDue(nowUs: Clock.bootUs())
    runJobs()
    meter.turnEnds(atUs: Clock.awakeUs())
  }

  /// Runs jobs in the order they came, until there are none or this turn's share is used up.
  @Loop private func runJobs() {
    let untilUs = Clock.awakeUs() + Limits.jobTimePerTurnUs
    for _ in 0..<Limits.jobsPerTurnMax {
      guard let job = batch.next(from: inbox) else { return }
      unsafe job.runSynchronously(on: asUnownedSerialExecutor())
      if Clock.awakeUs() >= untilUs { return }
    }
  }
}
