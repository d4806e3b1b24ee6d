public import Glibc

/// The process's signals: blocked everywhere, and taken from a signalfd by the loop.
public enum Signals {
  /// The signals a daemon answers to.
  static let answered: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]

  /// The first call of a program, before any thread exists: blocks SIGINT, SIGTERM, SIGHUP, SIGUSR1
  /// and SIGUSR2 for the threads to come, so that they wait for a `SignalSource`, and ignores
  /// SIGPIPE.
  public static func blockBeforeThreads() {
    block(answered)
    ignorePipe()
  }

  /// Makes a write to a closed pipe or socket an error, `EPIPE`, instead of the end of the process.
  public static func ignorePipe() {
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Blocks signals for the calling thread.
  static func block(_ signals: [Int32]) {
    var set = Signals.set(of: signals)
    let code = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    precondition(code == 0, "signals \(signals) cannot be blocked: \(Errno(code: code))")
  }

  /// Gives a child that is about to be made by `posix_spawn` an empty mask and the default action
  /// of SIGPIPE: both are inherited, and few programs expect them otherwise.
  public static func reset(
    inChildOf attributes: UnsafeMutablePointer<posix_spawnattr_t>
  ) throws(Errno) {
    var none = set(of: [])
    var pipe = set(of: [SIGPIPE])
    let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
    for code in unsafe [
      posix_spawnattr_setsigmask(attributes, &none),
      posix_spawnattr_setsigdefault(attributes, &pipe),
      posix_spawnattr_setflags(attributes, flags),
    ] where code != 0 {
      throw Errno(code: code)
    }
  }

  static func set(of signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals {
      let code = unsafe sigaddset(&set, signal)
      precondition(code == 0, "\(signal) is no signal")
    }
    return set
  }

  /// Every signal but those that tell a fault of the thread itself.
  static var everyAsynchronous: sigset_t {
    var set = sigset_t()
    unsafe sigfillset(&set)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] {
      unsafe sigdelset(&set, fault)
    }
    return set
  }
}
