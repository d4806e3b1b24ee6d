import Reactor
import Testing

@testable import Gateway

@Suite("Waiting for news") struct SignalTests {
  @Test("whoever waits goes on when it happens, all of them")
  func raised() async {
    EventLoop.shared.start()
    let signal = Signal()
    let waiters = (0..<5).map { _ in
      Task { @Loop in await signal.wait(beyond: 0, forUs: 30_000_000) }
    }
    await signal.raise()
    for waiter in waiters { #expect(await waiter.value) }
  }

  @Test("what has happened before the wait is not waited for")
  func earlier() async {
    EventLoop.shared.start()
    let signal = Signal()
    await signal.raise()
    #expect(await signal.wait(beyond: 0, forUs: 30_000_000))
    #expect(await !signal.wait(beyond: 1, forUs: 1_000))
  }

  @Test("a wait ends with its task, and leaves the others waiting")
  func cancelled() async {
    EventLoop.shared.start()
    let signal = Signal()
    let left = Task { @Loop in await signal.wait(beyond: 0, forUs: 30_000_000) }
    let gone = Task { @Loop in await signal.wait(beyond: 0, forUs: 30_000_000) }
    gone.cancel()
    #expect(await !gone.value)
    await signal.raise()
    #expect(await left.value)
  }
}
