import Glibc
import Reactor
import Testing

@Suite("Thread executor") struct ThreadExecutorTests {
  @Test("its actor runs on a thread of its own, with the name given, and always the same")
  func ownThread() async {
    let executor = ThreadExecutor(name: "a database of long name")
    let actor = Blocking(executor)
    let first = await actor.thread()
    for _ in 0..<50 { #expect(await actor.thread() == first) }
    #expect(first != currentThread())
    EventLoop.shared.start()
    #expect(await Task { @Loop in currentThread() }.value != first)
    #expect(await actor.threadName() == "a database of l")
    #expect(executor.isIsolatingCurrentContext() == false)
    #expect(await actor.isIsolated())
    executor.shutDown()
  }

  @Test("jobs run in the order they were given") func order() async {
    let executor = ThreadExecutor(name: "order")
    let actor = Blocking(executor)
    let tasks = (0..<500).map { number in Task { await actor.append(number, nil) } }
    for task in tasks { await task.value }
    #expect(await actor.numbers.count == 500)
    executor.shutDown()
  }

  @Test("a job that blocks holds up neither the loop nor the pool") func blocking() async throws {
    let executor = ThreadExecutor(name: "blocking")
    let actor = Blocking(executor)
    let pipe = try System.pipe(blocking: true)
    let raw = pipe.output.raw
    let blocked = Task { await actor.readByte(raw) }
    try await onLoop {
      for _ in 0..<100 { await Task { @Loop in }.value }
      // Only now may it go on: the loop ran while it was blocked.
      _ = try System.write(pipe.input.raw, from: [5])
    }
    #expect(await blocked.value == 5)
    executor.shutDown()
  }

  @Test("shutting down first does what was already given") func drains() async {
    let executor = ThreadExecutor(name: "drains")
    let actor = Blocking(executor)
    let tasks = (0..<200).map { number in Task { @Loop in await actor.append(number, nil) } }
    EventLoop.shared.start()
    for task in tasks { await task.value }
    executor.shutDown()
    executor.shutDown()
    #expect(executor.jobsDropped == 0)
  }

  @Test("a job that comes after the end is dropped and counted") func late() async throws {
    let executor = ThreadExecutor(name: "late")
    let actor = Blocking(executor)
    #expect(await actor.thread() != 0)
    executor.shutDown()
    Task { await actor.append(1, nil) }
    try untilPlainly("counted") { executor.jobsDropped == 1 }
  }

  @Test("the thread ends at the shutdown") func ends() async throws {
    let executor = ThreadExecutor(name: "ends")
    let actor = Blocking(executor)
    let path = "/proc/" + (await actor.taskPath())
    #expect(System.isFolder(path))
    executor.shutDown()
    try untilPlainly("gone") { !System.exists(path) }
  }

  @Test("an executor that waits for its own end is our own mistake and stops the process")
  func itself() async {
    await #expect(processExitsWith: .failure) {
      let executor = ThreadExecutor(name: "itself")
      await Blocking(executor).shutDown()
    }
  }

  @Test("entering from another thread is our own mistake and stops the process")
  func entered() async {
    await #expect(processExitsWith: .failure) {
      Blocking(ThreadExecutor(name: "entered")).enterPlainly()
    }
  }
}

private func currentThread() -> UInt { UInt(pthread_self()) }

private actor Blocking {
  private let executor: ThreadExecutor
  var numbers: [Int] = []

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  init(_ executor: ThreadExecutor) { self.executor = executor }

  func thread() -> UInt { currentThread() }

  /// `PID/task/TID`.
  func taskPath() -> String {
    var path = [CChar](repeating: 0, count: 64)
    unsafe readlink("/proc/thread-self", &path, path.count - 1)
    let bytes = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  func isIsolated() -> Bool { executor.isIsolatingCurrentContext() == true }

  func threadName() -> String {
    do {
      let bytes = try System.readFile("/proc/thread-self/comm", bytesMax: 64)
      return String(decoding: bytes.dropLast(), as: UTF8.self)
    } catch {
      return "\(error)"
    }
  }

  func append(_ number: Int, _ unused: Int?) { numbers.append(number) }

  func readByte(_ raw: Int32) -> UInt8 {
    var byte: [UInt8] = [0]
    do {
      _ = try System.read(raw, into: &byte)
    } catch {
      Issue.record("\(error)")
    }
    return byte[0]
  }

  func shutDown() { executor.shutDown() }

  nonisolated func enterPlainly() { assumeIsolated { _ in } }
}
