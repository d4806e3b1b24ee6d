internal import CLinux
internal import Glibc
internal import Synchronization

/// The jobs an executor has been given and not yet taken, with the bell that wakes it.
///
/// Many threads push, one takes. The bell (an eventfd) rings only when the taker sleeps.
final class JobInbox: Sendable {
  private struct State {
    var jobs: [UnownedJob] = []
    var isAsleep = false
    var queuedMax = 0
    var isEndRequested = false
    var isEnded = false
    var dropped: UInt64 = 0
  }

  /// What a taker without jobs does next.
  enum Rest { case run, sleep, end }

  private let state = Mutex(State())
  let doorbell: Descriptor

  /// The bell is non-blocking for a taker that waits in epoll, blocking for one that reads it.
  init(blockingDoorbell: Bool = false) {
    let flags = Int32(EFD_CLOEXEC) | (blockingDoorbell ? 0 : Int32(EFD_NONBLOCK))
    do {
      doorbell = Descriptor(adopting: try System.check { eventfd(0, flags) })
    } catch {
      preconditionFailure("an executor cannot be made: \(error)")
    }
  }

  /// The most jobs that ever waited together.
  var queuedMax: Int { state.withLock { $0.queuedMax } }

  func resetQueuedMax() {
    state.withLock { $0.queuedMax = 0 }
  }

  /// Jobs that came after the end.
  var dropped: UInt64 { state.withLock { $0.dropped } }

  func push(_ job: UnownedJob) {
    let wasAsleep = state.withLock { state in
      if state.isEnded {
        state.dropped += 1
        return false
      }
      state.jobs.append(job)
      state.queuedMax = max(state.queuedMax, state.jobs.count)
      let wasAsleep = state.isAsleep
      state.isAsleep = false
      return wasAsleep
    }
    if wasAsleep { ring() }
  }

  /// Wakes the taker, whatever it does.
  func ring() {
    // The only failure is a full counter, which rings as well.
    _ = eventfd_write(doorbell.raw, 1)
  }

  /// Waits for the bell; only with a blocking one.
  func awaitRing() {
    var count: eventfd_t = 0
    while unsafe eventfd_read(doorbell.raw, &count) < 0 {
      precondition(errno == EINTR, "a thread executor cannot wait: \(Errno(code: errno))")
    }
  }

  /// Says that the taker is about to sleep; false when there are jobs, and it must not.
  func fallAsleepIfEmpty() -> Bool {
    state.withLock { state in
      guard state.jobs.isEmpty else { return false }
      state.isAsleep = true
      return true
    }
  }

  /// Says what the taker does now that it has no job in hand: it ends when it was asked to and
  /// nothing is left, and from then on jobs are dropped.
  func rest() -> Rest {
    state.withLock { state in
      guard state.jobs.isEmpty else { return .run }
      if state.isEndRequested {
        state.isEnded = true
        return .end
      }
      state.isAsleep = true
      return .sleep
    }
  }

  /// Asks the taker to end once nothing is left.
  func requestEnd() {
    state.withLock { $0.isEndRequested = true }
    ring()
  }

  /// Says that the taker is awake: pushing need not ring.
  func wakeUp() {
    state.withLock { $0.isAsleep = false }
  }

  /// Exchanges the waiting jobs against an empty array, so that both keep their memory.
  func take(into jobs: inout [UnownedJob]) {
    var taken = jobs
    jobs = []
    state.withLock { swap(&$0.jobs, &taken) }
    jobs = taken
  }
}

/// The jobs taken from an inbox, run one by one.
struct JobBatch {
  private var jobs: [UnownedJob] = []
  private var position = 0
  var jobsRun: UInt64 = 0

  var isEmpty: Bool { position == jobs.count }

  /// The next job in the order they were pushed, nil when there is none.
  mutating func next(from inbox: JobInbox) -> UnownedJob? {
    if isEmpty {
      // A burst's memory is given back; an ordinary turn's is used again.
      jobs.removeAll(keepingCapacity: jobs.capacity <= Limits.jobsKeptMax)
      position = 0
      inbox.take(into: &jobs)
      if jobs.isEmpty { return nil }
    }
    defer { position += 1 }
    jobsRun += 1
    return jobs[position]
  }
}
