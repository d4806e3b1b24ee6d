import Glibc
import Reactor
import Testing

@testable import Web

@Suite("Leaving HTTP", .timeLimit(.minutes(1))) struct UpgradeTests {
  init() { EventLoop.shared.start() }

  @Loop private func receive(_ socket: Int32) async throws -> Message {
    while true {
      if let message = try System.receive(socket, bytesMax: 100) { return message }
      await pauseUs(500)
    }
  }

  @Loop private func start() throws -> TestServer {
    var router = Router()
    router.get("/echo", access: .open) { _ in
      .upgrade("bivouac-test") { connection in
        do {
          let raw = connection.socket.raw
          if !connection.extra.isEmpty { _ = try System.write(raw, from: connection.extra) }
          while true {
            var message = try await receive(raw)
            guard !message.bytes.isEmpty, !Task.isCancelled else { return }
            if let passed = message.descriptors.next() {
              _ = try System.write(passed.raw, from: Array("through the pipe".utf8))
            }
            _ = try System.write(raw, from: message.bytes.reversed())
          }
        } catch {
          #expect(error as? Errno == .brokenPipe, "the client may leave before it is answered")
        }
      }
    }
    return try TestServer(router)
  }

  @Loop private func connect(_ test: TestServer) async throws -> UpgradedConnection {
    try await UpgradeClient.connect(
      unixSocket: test.path, target: "/echo", protocolName: "bivouac-test")
  }

  @Test("bytes go both ways and a descriptor is passed") @Loop func bothWays() async throws {
    let test = try start()
    let connection = try await connect(test)
    let pipe = try System.pipe()
    _ = try System.send(
      connection.socket.raw, Array("abc".utf8), descriptors: [pipe.input.raw])
    let answer = try await receive(connection.socket.raw)
    #expect(answer.bytes == Array("cba".utf8))
    var bytes = [UInt8](repeating: 0, count: 100)
    #expect(try System.read(pipe.output.raw, into: &bytes) == .count(16))
    #expect(test.server.metrics.upgrades == 1)
    await test.server.stop()
  }

  @Test("it ends when the client lets go, and libmicrohttpd has kept nothing") @Loop
  func ends() async throws {
    let test = try start()
    do {
      let connection = try await connect(test)
      try await until("open") { test.server.metrics.upgrades == 1 }
      try await until("left HTTP") { test.server.metrics.connections == 0 }
      _ = try System.write(connection.socket.raw, from: [1])
    }
    try await until("ended") { test.server.metrics.upgrades == 0 }
    await test.server.stop()
  }

  @Test("bytes sent ahead of the answer are not lost") @Loop func ahead() async throws {
    let test = try start()
    let client = try test.raw()
    try await client.write(
      "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"
        + "Upgrade: Bivouac-Test\r\n\r\nahead")
    try await client.untilReceived("\r\n\r\nahead")
    #expect(client.received.hasPrefix("HTTP/1.1 101"))
    client.close()
    await test.server.stop()
  }

  @Test("a request that does not ask for it gets 426") @Loop func notAsked() async throws {
    let test = try start()
    let answer = try await test.client.send(ClientRequest(.get, "/echo"))
    #expect(answer.status == 426)
    #expect(answer.headers["Upgrade"] == "bivouac-test")
    await test.server.stop()
  }

  @Test("a refusal carries the problem") @Loop func refused() async throws {
    let test = try start()
    let error = await #expect(throws: HTTPClientError.self) {
      _ = try await UpgradeClient.connect(
        unixSocket: test.path, target: "/nothing", protocolName: "bivouac-test")
    }
    guard case .upgradeRefused(404, let problem) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problem?.slug == "not-found")
    await test.server.stop()
  }

  @Test("open ones are bounded") @Loop func bounded() async throws {
    let test = try start()
    var bag: [Int32] = []
    for _ in 0..<WebLimits.upgradesMax {
      bag.append(try await connect(test).intoSocket().release())
    }
    let error = await #expect(throws: HTTPClientError.self) { _ = try await connect(test) }
    guard case .upgradeRefused(503, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    for raw in bag { close(raw) }
    try await until("all ended") { test.server.metrics.upgrades == 0 }
    await test.server.stop()
  }
}
