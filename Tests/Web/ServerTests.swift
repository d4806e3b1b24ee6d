import Reactor
import Testing

@testable import Web

@Suite("Server and client over a unix socket", .timeLimit(.minutes(1))) struct ServerTests {
  init() { EventLoop.shared.start() }

  struct Name: Codable { var name: String }

  private func router() -> Router {
    var router = Router()
    router.get("/hello/{name}", access: .open) { request in
      .text("hello \(request.parameters["name"] ?? "") \(request.query["q"] ?? "")")
    }
    router.get("/large", access: .open) { _ in
      Response(body: [UInt8](repeating: 7, count: 3_000_000))
    }
    router.post("/echo", access: .open) { request in
      Response(headers: ["X-Count": "\(request.body.count)"], body: request.body)
    }
    router.post("/name", access: .open) { request throws(Problem) in
      .json(try request.decode(Name.self))
    }
    router.get("/later", access: .open) { _ in
      await pauseUs(3_000)
      return .text("later")
    }
    router.get("/peer", access: .open) { request in .text("\(request.peer)") }
    router.get("/escape", access: .open) { _ in
      Response(headers: ["X-Bad": "a\r\nX-Evil: b", "X-Good": "c"])
    }
    return router
  }

  @Test("parameters and queries arrive decoded, answers arrive whole") @Loop
  func hello() async throws {
    let test = try TestServer(router())
    let answer = try await test.client.send(
      ClientRequest(.get, "/hello/a%2Fb%20c", query: ["q": "x&y+z"]))
    #expect(answer.status == 200)
    #expect(answer.text == "hello a/b c x&y+z")
    await test.server.stop()
  }

  @Test("a handler that waits answers later, on the same connection as others") @Loop
  func later() async throws {
    let test = try TestServer(router())
    for _ in 0..<3 {
      let answer = try await test.client.send(ClientRequest(.get, "/later"))
      #expect(answer.text == "later")
    }
    #expect(test.server.metrics.connections == 1)
    await test.server.stop()
  }

  @Test(
    "bodies of any size up to the limit come back unchanged",
    arguments: [
      0, 1, 1000, 70_000, 1 << 20,
    ]) @Loop
  func echo(size: Int) async throws {
    let test = try TestServer(router())
    var request = ClientRequest(.post, "/echo")
    request.headers["Content-Type"] = "application/json"
    request.body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let answer = try await test.client.send(request)
    #expect(answer.body == request.body)
    #expect(answer.headers["x-count"] == "\(size)")
    await test.server.stop()
  }

  @Test("a large answer arrives whole, and a client that wants less ends it") @Loop
  func large() async throws {
    let test = try TestServer(router())
    #expect(try await test.client.send(ClientRequest(.get, "/large")).body.count == 3_000_000)
    var request = ClientRequest(.get, "/large")
    request.responseBytesMax = 1000
    await #expect(throws: HTTPClientError.bodyTooLarge(bytesMax: 1000)) {
      try await test.client.send(request)
    }
    await test.server.stop()
  }

  @Test(
    "a body over the limit is 413, whether a little or a lot over it",
    arguments: [
      (1 << 20) + 1, 5 << 20,
    ]) @Loop
  func tooLarge(size: Int) async throws {
    let test = try TestServer(router())
    var request = ClientRequest(.post, "/echo")
    request.body = [UInt8](repeating: 1, count: size)
    let answer = try await test.client.send(request)
    #expect(answer.status == 413)
    #expect(answer.problem?.slug == "body-too-large")
    await test.server.stop()
  }

  @Test(
    "what is not served is a problem with the right status",
    arguments: [
      (Method.get, "/nothing", 404, "not-found"),
      (.delete, "/echo", 405, "method-not-allowed"),
      (.get, "/hello/%zz", 400, "bad-request"),
      (.get, "/hello/a?b=%zz", 400, "bad-request"),
    ]) @Loop
  func problems(method: Method, path: String, status: Int, slug: String) async throws {
    let test = try TestServer(router())
    let answer = try await test.client.send(ClientRequest(method, path))
    #expect(answer.status == status)
    #expect(answer.problem?.slug == slug)
    if status == 405 { #expect(answer.headers["Allow"] == "POST, OPTIONS") }
    await test.server.stop()
  }

  @Test("a form is refused, a broken JSON body is 400 with the reason") @Loop
  func mediaTypes() async throws {
    let test = try TestServer(router())
    var form = ClientRequest(.post, "/name")
    form.headers["Content-Type"] = "application/x-www-form-urlencoded"
    form.body = Array("name=x".utf8)
    #expect(try await test.client.send(form).status == 415)
    var broken = ClientRequest(.post, "/name")
    broken.body = Array("{\"nam".utf8)
    let answer = try await test.client.send(broken)
    #expect(answer.status == 400)
    #expect(answer.problem?.detail?.contains("not JSON") == true)
    let good = try await test.client.send(try ClientRequest(.post, "/name", json: ["name": "é"]))
    #expect(good.text == "{\"name\":\"é\"}")
    await test.server.stop()
  }

  @Test("the kernel says who asks") @Loop func peer() async throws {
    let test = try TestServer(router())
    let answer = try await test.client.send(ClientRequest(.get, "/peer"))
    #expect(answer.text.hasPrefix("local(processId: "))
    await test.server.stop()
  }

  @Test("HEAD gives the head alone") @Loop func head() async throws {
    let test = try TestServer(router())
    let answer = try await test.client.send(ClientRequest(.head, "/large"))
    #expect(answer.headers["Content-Length"] == "3000000")
    #expect(answer.body.isEmpty)
    await test.server.stop()
  }

  @Test("a header value with a line break is not sent") @Loop func headerInjection() async throws {
    let test = try TestServer(router())
    let answer = try await test.client.send(ClientRequest(.get, "/escape"))
    #expect(answer.headers["X-Evil"] == nil)
    #expect(answer.headers["X-Good"] == "c")
    await test.server.stop()
  }

  @Test("a request that trickles in byte by byte is served") @Loop func slow() async throws {
    let test = try TestServer(router())
    let client = try test.raw()
    let text = """
      POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
      Content-Length: 4\r\n\r\nabcd
      """
    for character in text {
      try await client.write(String(character))
      await pauseUs(200)
    }
    try await client.untilReceived("abcd")
    #expect(client.received.hasPrefix("HTTP/1.1 200"))
    await test.server.stop()
  }

  @Test("what came of a body that is cut is handed over to a route that can use it, once")
  @Loop func cutBody() async throws {
    let came = CameBodies()
    var router = Router()
    let take: @Loop @Sendable (Request) async -> Void = { request in
      came.cut.append(String(decoding: request.body, as: UTF8.self))
    }
    for path in ["/kept", "/plain"] {
      router.add(
        .post, path, access: .open, bodyBytesMax: 64, cut: path == "/plain" ? nil : take
      ) { _ in
        came.wholeCount += 1
        return .noContent
      }
    }
    let test = try TestServer(router)
    let lines = [
      ("/plain", 9, "thrown"), ("/kept", 9, ""), ("/kept", 9, "half"),
    ]
    for (path, length, body) in lines {
      let client = try test.raw()
      try await client.write(
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(length)\r\n\r\n\(body)")
      try await until("the connection") { test.server.metrics.connections == 1 }
      client.close()
      try await until("its end") { test.server.metrics.connections == 0 }
    }
    try await until("what came") { !came.cut.isEmpty }
    #expect(came.cut == ["half"] && came.wholeCount == 0)
    let client = try test.raw()
    try await client.write(
      "POST /kept HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + "Content-Length: 4\r\n\r\nfull")
    try await client.untilReceived("204")
    client.close()
    try await until("its end") { test.server.metrics.connections == 0 }
    #expect(came.cut == ["half"] && came.wholeCount == 1, "one that came whole is no cut")
    await test.server.stop()
  }

  @Test("a chunked body without end is cut off") @Loop func endless() async throws {
    let test = try TestServer(router())
    let client = try test.raw()
    try await client.write(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n")
    let chunk = "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n"
    var sent = 0
    while !client.isEnded, sent < 1000 {
      do { try await client.write(chunk) } catch { break }
      sent += 1
      client.poll()
    }
    #expect(sent < 200)
    try await until("connection closed") { test.server.metrics.connections == 0 }
    await test.server.stop()
  }

  @Test("noise is answered with an error or closed, and others are served") @Loop
  func noise() async throws {
    let test = try TestServer(router())
    for text in ["\u{7F}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{1}é \r\n\r\n"]
    {
      let client = try test.raw()
      try await client.write(text)
      try await until("end of \(text.debugDescription)") {
        client.poll()
        return client.isEnded || client.received.hasPrefix("HTTP/1.")
      }
    }
    let answer = try await test.client.send(ClientRequest(.get, "/hello/x"))
    #expect(answer.status == 200)
    await test.server.stop()
  }

  @Test("a head that is too long is refused") @Loop func longHead() async throws {
    let test = try TestServer(router())
    var request = ClientRequest(.get, "/hello/x")
    request.headers["X-Long"] = String(repeating: "x", count: 20_000)
    #expect(try await test.client.send(request).status == 431)
    await test.server.stop()
  }
}

/// What came of bodies.
@Loop private final class CameBodies {
  var cut: [String] = []
  var wholeCount = 0
}
