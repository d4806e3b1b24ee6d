import Reactor
import Testing

/// Something expected did not come in time.
struct NotInTime: Error {}

/// Waits until a condition on the loop holds, looking again every millisecond; ten seconds are for
/// a machine that is very busy.
@Loop func until(
  _ what: String, withinMs: Int64 = 10_000, location: SourceLocation = #_sourceLocation,
  _ condition: @Loop () -> Bool
) async throws {
  let endUs = Clock.bootUs() + withinMs * 1_000
  while !condition() {
    if Clock.bootUs() > endUs {
      Issue.record("not in time: \(what)", sourceLocation: location)
      throw NotInTime()
    }
    await pause(us: 1_000)
  }
}

/// Gives the loop back for a while, by a timer of its own.
@Loop func pause(us: Int64) async {
  var timer: LoopTimer?
  await withCheckedContinuation { continuation in
    timer = LoopTimer { continuation.resume() }
    timer?.arm(afterUs: us)
  }
  timer?.cancel()
}
