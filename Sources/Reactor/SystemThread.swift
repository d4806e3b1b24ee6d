internal import CLinux
internal import Glibc

/// Threads of our own: named, with every signal blocked from their first instruction on.
enum SystemThread {
  /// The calling thread.
  static var current: UInt { UInt(pthread_self()) }

  /// Starts a thread that nobody joins.
  static func detached(name: String, _ body: @escaping @Sendable () -> Void) {
    pthread_detach(pthread_t(start(name: name, body)))
  }

  /// Waits for the end of a thread, once.
  static func join(_ thread: UInt) {
    pthread_join(pthread_t(thread), nil)
  }

  /// Starts a thread; it must be joined or detached once.
  static func start(name: String, _ body: @escaping @Sendable () -> Void) -> UInt {
    var thread = pthread_t()
    var former = sigset_t()
    // A new thread inherits the mask: a signal must not find it before it could block.
    var blocked = Signals.everyAsynchronous
    unsafe pthread_sigmask(SIG_BLOCK, &blocked, &former)
    let box = unsafe Unmanaged.passRetained(Body(name: name, run: body)).toOpaque()
    let code = unsafe pthread_create(&thread, nil, threadMain, box)
    unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
    precondition(code == 0, "a thread cannot be made: \(Errno(code: code))")
    return UInt(thread)
  }
}

private final class Body: Sendable {
  let name: String
  let run: @Sendable () -> Void

  init(name: String, run: @escaping @Sendable () -> Void) {
    self.name = name
    self.run = run
  }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
  unsafe clinux_name_thread(body.name)
  body.run()
  return nil
}
