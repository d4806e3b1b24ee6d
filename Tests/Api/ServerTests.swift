import Api
import Glibc
import Model
import Reactor
import Testing
import Web

@Suite("The API on a real socket", .serialized, .timeLimit(.minutes(1)))
struct ServerTests {
  let node = FakeNode()
  let path: String

  init() throws {
    EventLoop.shared.start()
    path = try temporaryFolder() + "/s"
  }

  @Loop private func serving(_ body: @Loop () async throws -> Void) async throws {
    var router = Router()
    Api(node: node).addRoutes(to: &router)
    let server = HTTPServer(router)
    try server.start(try Listener(unix: path))
    do {
      try await body()
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  @Loop private func viewer(_ query: String = "", lastEventId: String? = nil) throws -> RawClient {
    let client = try RawClient(path)
    let header = lastEventId.map { "Last-Event-ID: \($0)\r\n" } ?? ""
    try client.send("GET /api/v1/events\(query) HTTP/1.1\r\nHost: x\r\n\(header)\r\n")
    return client
  }

  @Loop private func event(_ device: String, _ name: String) -> LiveEvent {
    var event = LiveEvent()
    event.command = CommandView(
      id: name, device: device, name: name, arguments: [], state: .queued, issuer: "x",
      issuedUs: 1, lifeMs: 1, leaseMs: 0)
    return event
  }

  @Test("a request over the socket is answered, and its author is this user")
  @Loop func request() async throws {
    try await serving {
      let client = try RawClient(path)
      let body = "{}"
      try client.send(
        "POST /api/v1/devices/greenhouse/open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      try await client.until("an answer") { $0.text.hasPrefix("HTTP/1.1 200") }
      #expect(node.asked == ["open greenhouse false local:\(getuid())"])
    }
  }

  @Test("events come with ids, and a viewer of one device sees no other")
  @Loop func live() async throws {
    try await serving {
      let all = try viewer()
      let one = try viewer("?device=greenhouse")
      try await all.until("open") { $0.text.contains("event: open") }
      try await one.until("open") { $0.text.contains("event: open") }
      node.say(event(FakeNode.pump, "first"))
      node.say(event(FakeNode.greenhouse, "second"))
      try await all.until("both") { $0.text.contains("first") && $0.text.contains("second") }
      try await one.until("its own") { $0.text.contains("second") }
      #expect(!one.text.contains("first"))
      #expect(all.text.contains("event: command"))
      #expect(
        all.text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }.count == 3)
    }
  }

  @Test("a viewer that comes back gets what it missed, once and in order")
  @Loop func back() async throws {
    try await serving {
      let first = try viewer()
      try await first.until("open") { $0.text.contains("event: open") }
      node.say(event(FakeNode.pump, "seen"))
      try await first.until("one") { $0.text.contains("seen") }
      node.say(event(FakeNode.pump, "missed-1"))
      node.say(event(FakeNode.pump, "missed-2"))
      try await first.until("all") { $0.text.contains("missed-2") }
      let ids = first.text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }
        .map { String($0.dropFirst(4)) }
      let second = try viewer(lastEventId: ids[1])
      try await second.until("all") { $0.text.contains("missed-2") }
      #expect(!second.text.contains("\"seen\""))
      let order = second.text.ranges(of: "missed-1").first?.lowerBound
      let later = second.text.ranges(of: "missed-2").first?.lowerBound
      #expect(order.flatMap { order in later.map { order < $0 } } == true)
      #expect(!second.text.contains("event: missed"))
    }
  }

  @Test("a viewer that does not read gets the last value of each channel, with ids that only rise")
  @Loop func lastValues() async throws {
    try await serving {
      let slow = try viewer()
      try await slow.until("open") { $0.text.contains("event: open") }
      // Without a wait in between not a byte of it can be sent, so that all of it piles up.
      for value in 0..<5_000 {
        for channel in ["a", "b"] {
          var event = LiveEvent()
          event.reading = ReadingView(
            device: FakeNode.pump, channel: channel, unit: "Cel",
            value: .decimal(Int64(value), exponent: 0),
            arrivalUs: 1, quality: .good, pending: true, simulated: true)
          node.say(event)
        }
      }
      node.say(event(FakeNode.pump, "behind"))
      try await slow.until("the end") { $0.text.contains("behind") }
      for channel in ["a", "b"] {
        #expect(slow.text.contains("\"channel\":\"\(channel)\",\"device\""))
      }
      #expect(slow.text.ranges(of: "\"value\":\"4999\"").count == 2)
      #expect(slow.text.utf8.count < 100_000, "last values, not a queue")
      let numbers = slow.text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }
        .compactMap { $0.split(separator: "-").last.flatMap { Int($0) } }
      #expect(numbers == numbers.sorted())
      #expect(numbers.last == 10_001)
    }
  }

  @Test("a port that becomes a device is followed under the name it was asked for")
  @Loop func becomes() async throws {
    try await serving {
      let one = try viewer("?device=greenhouse")
      try await one.until("open") { $0.text.contains("event: open") }
      node.greenhouseId = "sim-0000000000000009"
      var change = LiveEvent()
      change.device = node.devices()[0]
      node.say(change)
      node.say(event("sim-0000000000000009", "second"))
      try await one.until("its own") { $0.text.contains("second") }
    }
  }

  @Test("a viewer that comes back from another run is told that something is missing")
  @Loop func otherRun() async throws {
    try await serving {
      let client = try viewer(lastEventId: "other-5")
      try await client.until("word of it") { $0.text.contains("event: missed") }
    }
  }

  @Loop private func boards() async throws -> RawClient {
    let client = try RawClient(path)
    try client.send(
      "POST /api/v1/simulated HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
        + "Upgrade: bivouac-boards\r\nContent-Length: 0\r\n\r\n")
    try await client.until("the upgrade") { $0.text.contains("\r\n\r\n") }
    #expect(client.text.hasPrefix("HTTP/1.1 101"))
    return client
  }

  @Test("boards are handed over one by one, each with its pty and its label")
  @Loop func adopt() async throws {
    try await serving {
      let client = try await boards()
      let terminal = try System.openPseudoTerminal()
      for label in ["a", "b"] {
        let slave = try System.openRawTerminal(terminal.path)
        try client.send("{\"label\":\"\(label)\"}\n", descriptors: [slave.raw])
      }
      try await client.until("two answers") {
        $0.text.contains("{\"port\":\"port-1\"}\n{\"port\":\"port-2\"}\n")
      }
      #expect(node.labels == ["a", "b"])
    }
  }

  @Test("what is no pty is refused, and the next board is taken all the same")
  @Loop func notATerminal() async throws {
    try await serving {
      let client = try await boards()
      let pipe = try System.pipe()
      try client.send("{}\n", descriptors: [pipe.output.raw])
      try await client.until("a refusal") { $0.text.contains("simulation.not-a-pty") }
      try client.send("{}\n")
      try await client.until("a refusal") { $0.text.contains("simulation.no-descriptor") }
      let terminal = try System.openPseudoTerminal()
      let slave = try System.openRawTerminal(terminal.path)
      try client.send("{}\n", descriptors: [slave.raw])
      try await client.until("a port") { $0.text.contains("{\"port\":\"port-1\"}") }
    }
  }

  @Test("a line without end ends the connection, and so does a heap of descriptors")
  @Loop func rules() async throws {
    try await serving {
      let long = try await boards()
      try long.send(String(repeating: "x", count: 3_000))
      try await long.until("the end") { $0.isEnded }
      let many = try await boards()
      let pipe = try System.pipe()
      for _ in 0..<2 {
        try many.send("x", descriptors: Array(repeating: pipe.output.raw, count: 10))
      }
      try await many.until("the end") { $0.isEnded }
    }
  }
}
