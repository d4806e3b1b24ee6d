import Reactor
import Testing

@testable import Web

/// Keeps the writers of the streams that a test opens.
@Loop private final class Feed {
  var writers: [StreamWriter] = []
  var closed = 0
  var isStopped = false

  func add(_ writer: StreamWriter) {
    writers.append(writer)
    writer.onClose { [self] in closed += 1 }
  }
}

@Suite("Streams", .timeLimit(.minutes(1))) struct StreamTests {
  init() { EventLoop.shared.start() }

  @Loop private func start(
    heartbeatUs: Int64 = WebLimits.heartbeatUs, overflow: StreamOverflow = .endStream
  ) throws -> (TestServer, Feed) {
    let feed = Feed()
    var router = Router()
    router.get("/events", access: .open) { _ in
      .events(overflow: overflow) { feed.add($0) }
    }
    router.get("/export", access: .open) { _ in
      .produce(mediaType: "application/jsonl") { writer in
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 99_999) + [10]
        for _ in 0..<30 { guard await writer.send(line) else { return } }
      }
    }
    var settings = HTTPServer.Settings()
    settings.heartbeatUs = heartbeatUs
    return (try TestServer(router, settings: settings), feed)
  }

  @Loop private func open(_ test: TestServer) async throws -> RawClient {
    let client = try test.raw()
    try await client.write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
    return client
  }

  @Test("events arrive as they are written, whether at once or after a wait") @Loop
  func events() async throws {
    let (test, feed) = try start()
    var events: [ServerSentEvent] = []
    let client = test.client
    let following = Task { @Loop in
      try await client.events(ClientRequest(.get, "/events")) { events.append($0) }
    }
    try await until("opened") { feed.writers.count == 1 }
    for number in 1...3 {
      feed.writers[0].write(ServerSentEvent(id: "\(number)", data: "value \(number)"))
      try await until("event \(number)") { events.count == number }
    }
    feed.writers[0].end()
    let answer = try await following.value
    #expect(answer.status == 200)
    #expect(answer.headers["Content-Type"] == "text/event-stream")
    #expect(events.map(\.data) == ["value 1", "value 2", "value 3"])
    #expect(feed.closed == 1)
    await test.server.stop()
  }

  @Test("an export of any size goes at the speed of the client") @Loop
  func export() async throws {
    let (test, _) = try start()
    var request = ClientRequest(.get, "/export")
    request.responseBytesMax = 4_000_000
    #expect(try await test.client.send(request).body.count == 3_000_000)
    await test.server.stop()
  }

  @Test("a client that leaves in the middle of an export frees its slot") @Loop
  func exportAbandoned() async throws {
    let (test, _) = try start()
    let client = try test.raw()
    try await client.write("GET /export HTTP/1.1\r\nHost: x\r\n\r\n")
    try await client.untilReceived("xxxx")
    client.close()
    try await until("freed") {
      test.server.metrics.connections == 0 && test.server.metrics.streams == 0
    }
    await test.server.stop()
  }

  @Test("viewers that leave free their slots at once, while the stream is silent") @Loop
  func viewersLeave() async throws {
    let (test, feed) = try start()
    var clients: [RawClient] = []
    for _ in 0..<40 { clients.append(try await open(test)) }
    try await until("all open") { test.server.metrics.streams == 40 }
    for client in clients { client.close() }
    try await until("all freed") { test.server.metrics.connections == 0 }
    #expect(feed.closed == 40)
    #expect(feed.writers.allSatisfy { $0.isClosed })
    #expect(feed.writers[0].write([1]) == .ended)
    await test.server.stop()
  }

  @Test("a silent stream says a comment") @Loop func heartbeat() async throws {
    let (test, _) = try start(heartbeatUs: 20_000)
    let client = try await open(test)
    try await client.untilReceived("3\r\n:\n\n\r\n3\r\n:\n\n\r\n")
    await test.server.stop()
  }

  @Test("a viewer that does not read loses old chunks, counted, and memory stays bounded") @Loop
  func slowViewer() async throws {
    let (test, feed) = try start(overflow: .dropOldest)
    let client = try await open(test)
    try await until("open") { feed.writers.count == 1 }
    let chunk = [UInt8](repeating: UInt8(ascii: "y"), count: 10_000)
    for _ in 0..<500 {
      feed.writers[0].write(chunk)
      await pauseUs(10)
    }
    #expect(feed.writers[0].bytesWaiting <= WebLimits.streamBufferBytesMax)
    #expect(feed.writers[0].chunksDropped > 400)
    feed.writers[0].write(Array("the last".utf8))
    try await client.untilReceived("the last")
    await test.server.stop()
  }

  @Test("fifty open streams, one of them not reading, end within two seconds at stop") @Loop
  func stopWithStreams() async throws {
    let (test, feed) = try start(overflow: .dropOldest)
    var clients: [RawClient] = []
    for _ in 0..<50 { clients.append(try await open(test)) }
    try await until("all open") { feed.writers.count == 50 }
    for _ in 0..<40 { feed.writers[0].write([UInt8](repeating: 1, count: 60_000)) }
    for client in clients.dropFirst() { try await client.untilReceived("\r\n\r\n") }
    let startUs = Clock.bootUs()
    await test.server.stop()
    #expect(Clock.bootUs() - startUs < 2_000_000)
    #expect(feed.closed == 50)
    for client in clients.dropFirst() {
      try await client.untilReceived("\r\n0\r\n")  // the chunk that says the end, not a cut
      try await until("closed") {
        client.poll()
        return client.isEnded
      }
    }
    #expect(!System.exists(test.path))
  }

  @Test("stop waits for an answer in progress, and answers for one that does not come") @Loop
  func stopWithHandlers() async throws {
    var router = Router()
    var wasCancelled = false
    let feed = Feed()
    router.get("/soon", access: .open) { _ in
      await pauseUs(50_000)
      return .text("done")
    }
    router.get("/never", access: .open) { _ in
      while !feed.isStopped { await pauseUs(1_000) }
      wasCancelled = Task.isCancelled
      return .text("too late")
    }
    var settings = HTTPServer.Settings()
    settings.stopGraceUs = 150_000
    let test = try TestServer(router, settings: settings)
    let (soon, never) = (try test.raw(), try test.raw())
    try await soon.write("GET /soon HTTP/1.1\r\nHost: x\r\n\r\n")
    try await never.write("GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
    try await until("both run") { test.server.requestsOpen == 2 }
    await test.server.stop()
    feed.isStopped = true
    try await soon.untilReceived("done")
    try await never.untilReceived("503")
    try await until("the handler has seen it") { wasCancelled }
  }

  @Test("a client that leaves cancels the handler it waits for") @Loop
  func clientLeaves() async throws {
    var router = Router()
    var wasCancelled = false
    router.get("/long", access: .open) { _ in
      while !Task.isCancelled { await pauseUs(1_000) }
      wasCancelled = true
      return .text("late")
    }
    let test = try TestServer(router)
    let client = try test.raw()
    try await client.write("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    try await until("runs") { test.server.requestsOpen == 1 }
    client.close()
    try await until("cancelled") { wasCancelled }
    try await until("freed") { test.server.metrics.connections == 0 }
    await test.server.stop()
  }

  @Test("a client that leaves in the middle of its request frees its slot") @Loop
  func leavesMidRequest() async throws {
    let (test, _) = try start()
    for text in ["GET /eve", "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc"] {
      let client = try test.raw()
      try await client.write(text)
      try await until("seen") { test.server.metrics.connections == 1 }
      client.close()
      try await until("freed") { test.server.metrics.connections == 0 }
    }
    await test.server.stop()
  }

  @Test("a client that says nothing is closed after the idle timeout") @Loop
  func idle() async throws {
    var settings = HTTPServer.Settings()
    settings.idleTimeoutS = 1
    let test = try TestServer(Router(), settings: settings)
    let client = try test.raw()
    try await client.write("GET / HT")
    try await until("closed") {
      client.poll()
      return client.isEnded
    }
    await test.server.stop()
  }

  @Test("connections over the limit wait and are served when one ends") @Loop
  func connectionLimit() async throws {
    let feed = Feed()
    var router = Router()
    router.get("/events", access: .open) { _ in .events { feed.add($0) } }
    var settings = HTTPServer.Settings()
    settings.connectionsMax = 3
    let test = try TestServer(router, settings: settings)
    var clients: [RawClient] = []
    for _ in 0..<4 { clients.append(try await open(test)) }
    try await until("three open") { feed.writers.count == 3 }
    await pauseUs(20_000)
    #expect(feed.writers.count == 3)
    clients[0].close()
    clients[1].close()
    clients[2].close()
    try await until("the fourth open") { feed.writers.count == 4 }
    await test.server.stop()
  }
}
