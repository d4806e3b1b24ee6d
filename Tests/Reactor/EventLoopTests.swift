import Reactor
import Synchronization
import Testing

@Suite("Event loop") struct EventLoopTests {
  init() { EventLoop.shared.start() }

  @Test("code of @Loop runs on the loop's thread") func isolation() async {
    #expect(EventLoop.shared.isIsolatingCurrentContext() == false)
    let inside = await Task { @Loop in EventLoop.shared.isIsolatingCurrentContext() }.value
    #expect(inside == true)
  }

  @Test("a timer fires") func timer() async throws {
    try await Task { @Loop in
      var fired = false
      let timer = LoopTimer { fired = true }
      timer.arm(afterUs: 100)
      try await until { fired }
      #expect(!timer.isArmed)
    }.value
  }
}
