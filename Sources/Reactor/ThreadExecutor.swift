internal import CLinux
internal import Glibc
internal import Synchronization

/// The executor of an actor that may block: one thread of its own, for the database and the like.
///
/// Jobs run in the order they come. The thread holds the executor: it lives until `shutDown`, and
/// must outlive the actors that name it.
public final class ThreadExecutor: SerialExecutor {
  private let inbox = JobInbox(blockingDoorbell: true)
  private let thread = Atomic<UInt>(0)
  private let joinable = Mutex<UInt?>(nil)

  /// Starts the thread; the kernel keeps 15 bytes of its name.
  public init(name: String) {
    let started = SystemThread.start(name: name) { [self] in runJobs() }
    joinable.withLock { $0 = started }
  }

  /// Takes a job from any thread. Once the thread has ended a job is dropped and counted: its task
  /// never goes on.
  public func enqueue(_ job: consuming ExecutorJob) {
    inbox.push(UnownedJob(job))
  }

  /// This executor, for an actor's `unownedExecutor`.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  /// Whether the caller is on this executor's thread.
  public func isIsolatingCurrentContext() -> Bool? {
    thread.load(ordering: .relaxed) == SystemThread.current
  }

  /// Stops the process when the caller is not on this executor's thread.
  public func checkIsolated() {
    precondition(
      thread.load(ordering: .relaxed) == SystemThread.current,
      "code of a thread executor was entered on another thread")
  }

  /// Jobs dropped because the thread had ended.
  public var jobsDropped: UInt64 { inbox.dropped }

  /// Ends the thread once it has nothing left to do, and waits for that; not from one of its own
  /// jobs. Called again it returns at once.
  public func shutDown() {
    precondition(
      thread.load(ordering: .relaxed) != SystemThread.current,
      "a thread executor cannot wait for its own end")
    let started = joinable.withLock { joinable in
      let started = joinable
      joinable = nil
      return started
    }
    guard let started else { return }
    inbox.requestEnd()
    SystemThread.join(started)
  }

  private func runJobs() {
    thread.store(SystemThread.current, ordering: .relaxed)
    var batch = JobBatch()
    while true {
      while let job = batch.next(from: inbox) {
        unsafe job.runSynchronously(on: asUnownedSerialExecutor())
      }
      switch inbox.rest() {
      case .sleep: inbox.awaitRing()
      case .run: continue
      case .end: return
      }
    }
  }
}
