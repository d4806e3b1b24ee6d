import Glibc
import Reactor
import Testing

/// Real-time signals that nothing else in this process uses; raised on the loop's own thread, so
/// that they wait for the signalfd and reach nobody else.
@Suite("Signals") struct SignalTests {
  private let some = firstFree + 3
  private let other = firstFree + 4

  @Test("a signal is told by its number") func told() async throws {
    try await onLoop { [some, other] in
      var told: [Int32] = []
      let source = try SignalSource([some, other]) { told.append($0) }
      raise(other)
      try await until("the other") { told == [other] }
      raise(some)
      try await until("both") { told == [other, some] }
      source.cancel()
    }
  }

  @Test("a cancelled source is told nothing, and a new one gets what waited")
  func cancelled() async throws {
    let late = firstFree + 5
    try await onLoop {
      let source = try SignalSource([late]) { _ in Issue.record("told") }
      source.cancel()
      raise(late)
      await turns(3)
      var told = 0
      let next = try SignalSource([late]) { _ in told += 1 }
      try await until("told") { told == 1 }
      next.cancel()
    }
  }

  @Test("letting go of a source ends it") func lettingGo() async throws {
    let dropped = firstFree + 6
    try await onLoop {
      var source: SignalSource? = try SignalSource([dropped]) { _ in Issue.record("told") }
      #expect(source != nil)
      source = nil
      raise(dropped)
      await turns(3)
    }
  }

  @Test("a thread of ours blocks SIGTERM before it begins, the program's first call does so for it")
  func blocked() async {
    await #expect(processExitsWith: .success) {
      // A thread of the default pool blocks everything; a program's first thread does not.
      var none = sigset_t()
      unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
      #expect(!isBlocked(SIGTERM))
      Signals.blockBeforeThreads()
      #expect(isBlocked(SIGTERM) && isBlocked(SIGINT) && isBlocked(SIGHUP))
      #expect(!isBlocked(SIGSEGV) && !isBlocked(SIGQUIT))
      EventLoop.shared.start()
      let inLoop = await Task { @Loop in isBlocked(SIGTERM) && !isBlocked(SIGSEGV) }.value
      #expect(inLoop)
    }
  }

  @Test("a blocked SIGTERM that comes before the source is made is told, not lost")
  func early() async {
    await #expect(processExitsWith: .success) {
      EventLoop.shared.start()
      try await onLoop {
        raise(SIGTERM)
        var told: [Int32] = []
        let source = try SignalSource([SIGTERM, SIGINT]) { told.append($0) }
        try await until("SIGTERM") { told == [SIGTERM] }
        source.cancel()
      }
    }
  }

  @Test("a child made with the reset has an empty mask and dies of SIGPIPE again")
  func child() async {
    await #expect(processExitsWith: .success) {
      Signals.blockBeforeThreads()
      let inherited = try childStatus(resetting: false)
      #expect(inherited == 0)
      let reset = try childStatus(resetting: true)
      #expect(reset == SIGPIPE)
      let inheritedTerm = try childStatus(resetting: false, signal: "TERM")
      #expect(inheritedTerm == 0)
      let resetTerm = try childStatus(resetting: true, signal: "TERM")
      #expect(resetTerm == SIGTERM)
    }
  }
}

/// The first real-time signal that the C library leaves to programs (SIGRTMIN is a macro).
private let firstFree: Int32 = 34

private func isBlocked(_ signal: Int32) -> Bool {
  var mask = sigset_t()
  unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
  return unsafe sigismember(&mask, signal) == 1
}

/// The signal a shell that sends itself one dies of, 0 when it survives.
private func childStatus(resetting: Bool, signal: String = "PIPE") throws -> Int32 {
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  if resetting { unsafe try Signals.reset(inChildOf: &attributes) }
  let words = ["/bin/sh", "-c", "kill -\(signal) $$; exit 0"]
  var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
  defer { unsafe arguments.forEach { unsafe free($0) } }
  var child: pid_t = 0
  let code = unsafe posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ)
  guard code == 0 else { throw Errno(code: code) }
  var status: Int32 = 0
  guard unsafe waitpid(child, &status, 0) == child else { throw Errno(code: errno) }
  return status & 0x7F
}
