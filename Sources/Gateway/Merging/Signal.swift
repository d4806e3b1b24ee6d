internal import Reactor

/// Something that happens now and then, which several tasks wait for: a count that only grows.
@Loop final class Signal {
  /// How often it has happened.
  private(set) var count: UInt64 = 0

  private struct Waiter {
    let continuation: CheckedContinuation<Bool, Never>
    let timer: LoopTimer
  }

  private var waiters: [Int: Waiter] = [:]
  private var named = 0

  nonisolated init() {}

  /// It happens: whoever waits goes on.
  func raise() {
    count &+= 1
    for name in Array(waiters.keys) { finish(name, true) }
  }

  /// Waits until it has happened more often than `count`, for at most so long, in µs, or until the
  /// task is cancelled; whether it has.
  func wait(beyond count: UInt64, forUs: Int64) async -> Bool {
    guard self.count == count else { return true }
    guard forUs > 0 else { return false }
    named &+= 1
    let name = named
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard !Task.isCancelled else { return continuation.resume(returning: false) }
        let timer = LoopTimer { [weak self] in self?.finish(name, false) }
        timer.arm(afterUs: forUs)
        waiters[name] = Waiter(continuation: continuation, timer: timer)
      }
    } onCancel: {
      Task { @Loop in self.finish(name, false) }
    }
  }

  private func finish(_ name: Int, _ hasHappened: Bool) {
    guard let waiter = waiters.removeValue(forKey: name) else { return }
    waiter.timer.cancel()
    waiter.continuation.resume(returning: hasHappened)
  }
}
