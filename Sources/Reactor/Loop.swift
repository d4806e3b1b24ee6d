/// The actor of everything that runs on the one epoll thread.
///
/// Code marked `@Loop` calls other code marked `@Loop` plainly: no hop, no lock. It never blocks:
/// what may block has a `ThreadExecutor`.
@globalActor
public actor Loop {
  /// The only instance.
  public static let shared = Loop()

  /// The loop that runs it.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe EventLoop.shared.asUnownedSerialExecutor()
  }

  /// Enters the actor from a plain call that is known to be on its thread: a C library's callback.
  ///
  /// Anywhere else it is our own mistake and stops the process.
  public static func assumeIsolated<Result: Sendable, Failure: Error>(
    _ operation: @Loop () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    EventLoop.shared.checkIsolated()
    typealias Isolated = @Loop () throws(Failure) -> Result
    typealias Plain = () throws(Failure) -> Result
    return try withoutActuallyEscaping(operation) {
      (operation: @escaping Isolated) throws(Failure) -> Result in
      // Isolation is no part of a closure's representation; the check above stands for it.
      try unsafe unsafeBitCast(operation, to: Plain.self)()
    }
  }
}
