import Reactor
import Testing

@testable import Devices

@Suite("Busy lines", .serialized) struct BusyPortTests {
  init() { EventLoop.shared.start() }

  /// A line with someone at its other end who says ten bytes again and again.
  @Loop private final class Chatter {
    var terminal: PseudoTerminal?
    let port: SerialPort
    var said: [UInt8] = []
    var heard: [UInt8] = []
    var reads = 0
    var losses = 0

    init() throws {
      let terminal = try System.openPseudoTerminal()
      port = try SerialPort.open(devnode: terminal.path)
      self.terminal = consume terminal
      try port.listen(
        onBytes: { [weak self] span in
          self?.reads += 1
          for index in span.indices { self?.heard.append(span[index]) }
        },
        onLost: { [weak self] _ in self?.losses += 1 })
    }

    func say() throws {
      guard let master = terminal?.master.raw else { return }
      let bytes = (0..<10).map { UInt8(truncatingIfNeeded: said.count + $0) }
      guard case .count(let count) = try System.write(master, from: bytes) else { return }
      said += bytes[0..<count]
    }

    /// Says something every three milliseconds or so, until a condition holds.
    func say(until condition: () -> Bool) async throws {
      let endUs = Clock.bootUs() + 20_000_000
      while !condition() {
        try #require(Clock.bootUs() < endUs)
        try say()
        await pause(us: 3_000)
      }
    }

    func allHeard() async throws {
      try await until("all is heard") { self.heard.count >= self.said.count }
      #expect(heard == said)
    }
  }

  @Test("a line that says little, often, is read by the clock: all of it, in order, in fewer reads")
  @Loop func busy() async throws {
    let chatter = try Chatter()
    try await chatter.say { chatter.port.isBusy }
    let (readsBefore, saidBefore) = (chatter.reads, chatter.said.count)
    try await chatter.say { chatter.said.count >= saidBefore + 1_000 || !chatter.port.isBusy }
    try await chatter.allHeard()
    let says = (chatter.said.count - saidBefore) / 10
    #expect((chatter.reads - readsBefore) * 2 < says + 8, "\(chatter.reads) reads, \(says) said")
    chatter.port.close()
  }

  @Test("a line that brings much is read whenever it is ready, and so is one that begins to")
  @Loop func much() async throws {
    let chatter = try Chatter()
    let endUs = Clock.bootUs() + 2 * DeviceLimits.busyAfterUs
    try await chatter.say {
      for _ in 0..<10 { try? chatter.say() }
      return Clock.bootUs() > endUs
    }
    #expect(!chatter.port.isBusy)
    try await chatter.say { chatter.port.isBusy }
    try await chatter.say {
      for _ in 0..<40 { try? chatter.say() }
      return !chatter.port.isBusy
    }
    try await chatter.allHeard()
    chatter.port.close()
  }

  @Test("when it calms down it is waited for again, and loses nothing by that")
  @Loop func calms() async throws {
    let chatter = try Chatter()
    for _ in 0..<2 {
      try await chatter.say { chatter.port.isBusy }
      try await until("it is calm") { !chatter.port.isBusy }
      try await chatter.allHeard()
      try chatter.say()
      try await chatter.allHeard()
    }
    chatter.port.close()
  }

  @Test("where an answer is awaited it is read when it is ready, however much it says")
  @Loop func prompt() async throws {
    let chatter = try Chatter()
    try await chatter.say { chatter.port.isBusy }
    chatter.port.isPrompt = true
    #expect(!chatter.port.isBusy)
    let end = chatter.said.count + 5_000
    try await chatter.say { chatter.said.count >= end || chatter.port.isBusy }
    #expect(!chatter.port.isBusy)
    chatter.port.isPrompt = false
    try await chatter.say { chatter.port.isBusy }
    try await chatter.allHeard()
    chatter.port.close()
  }

  @Test("one that goes is lost, once; one that is closed is not read again")
  @Loop func goes() async throws {
    let gone = try Chatter()
    try await gone.say { gone.port.isBusy }
    gone.terminal = nil
    try await until("the loss is told") { gone.losses > 0 }
    let closed = try Chatter()
    try await closed.say { closed.port.isBusy }
    closed.port.close()
    let heard = closed.heard.count
    for _ in 0..<20 { try closed.say() }
    await pause(us: 3 * DeviceLimits.busyPeriodUs)
    #expect(gone.losses == 1 && closed.losses == 0)
    #expect(closed.heard.count == heard)
  }

  @Test("what is written to it goes out, also beyond what the line takes at once")
  @Loop func writes() async throws {
    let chatter = try Chatter()
    try await chatter.say { chatter.port.isBusy }
    guard let master = chatter.terminal?.master.raw else { return }
    var (sent, received) = (0, 0)
    while sent < 20_000 {
      if chatter.port.write([UInt8](repeating: 1, count: 1_000)) == .accepted { sent += 1_000 }
      var chunk = [UInt8](repeating: 0, count: 4_096)
      if case .count(let count)? = try? System.read(master, into: &chunk) { received += count }
      await pause(us: 500)
    }
    try await until("all is written") {
      var chunk = [UInt8](repeating: 0, count: 4_096)
      if case .count(let count)? = try? System.read(master, into: &chunk) { received += count }
      return received >= sent
    }
    #expect(received == sent)
    chatter.port.close()
  }
}
