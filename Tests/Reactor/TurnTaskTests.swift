import Reactor
import Testing

@Suite("Turn tasks") struct TurnTaskTests {
  @Test("what is asked for during a turn is done once, decoding before acting, in order")
  func stages() async throws {
    try await onLoop {
      var done: [String] = []
      let act = [0, 1].map { number in TurnTask(.act) { done.append("act \(number)") } }
      let decode = [0, 1].map { number in
        TurnTask(.decode) {
          done.append("decode \(number)")
          act[number].ask()
          act[number].ask()
        }
      }
      for task in decode + [decode[0]] { task.ask() }
      #expect(done.isEmpty, "nothing is done within the asking")
      try await until("all done") { done.count >= 4 }
      #expect(done == ["decode 0", "decode 1", "act 0", "act 1"])
    }
  }

  @Test("what asks for its own stage again is done in the next turn, without waiting for an event")
  func again() async throws {
    try await onLoop {
      var (turns, timesDone) = ([UInt64](), 0)
      var task: TurnTask?
      task = TurnTask(.act) {
        turns.append(EventLoop.shared.metrics.turns)
        timesDone += 1
        if timesDone < 3 { task?.ask() }
      }
      task?.ask()
      try await until("three times") { timesDone == 3 }
      #expect(Set(turns).count == 3)
    }
  }
}
