import Reactor
import Testing

/// Something expected did not come in time.
struct NotInTime: Error {}

/// Waits until a condition on the loop holds, looking again each turn that something happens and at
/// least every millisecond; ten seconds are for a machine that is very busy.
@Loop func until(
  _ comment: Comment = "", withinMs: Int64 = 10_000,
  location: SourceLocation = #_sourceLocation, _ condition: @Loop () -> Bool
) async throws {
  EventLoop.shared.start()
  let endUs = Clock.bootUs() + withinMs * 1_000
  while !condition() {
    if Clock.bootUs() > endUs {
      Issue.record("not in time: \(comment)", sourceLocation: location)
      throw NotInTime()
    }
    await pauseUs(1_000)
  }
}

/// Gives the loop back for a while, by a timer of its own.
@Loop func pauseUs(_ afterUs: Int64) async {
  var timer: LoopTimer?
  await withCheckedContinuation { continuation in
    timer = LoopTimer { continuation.resume() }
    timer?.arm(afterUs: afterUs)
  }
  timer?.cancel()
}
