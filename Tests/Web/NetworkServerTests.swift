import Glibc
import Reactor
import Testing

@testable import Web

/// What a test saw of a server's work.
@Loop private final class Seen {
  var requests = 0
}

@Suite("Server over the network", .timeLimit(.minutes(1))) struct NetworkServerTests {
  init() { EventLoop.shared.start() }

  @Loop private func start(
    _ address: String = "127.0.0.1:0", connectionsMax: Int = 20
  ) throws -> (HTTPServer, LoopbackAddress, Seen) {
    let seen = Seen()
    var router = Router()
    router.get("/", access: .open) { _ in
      seen.requests += 1
      return .text("page")
    }
    router.post("/do", access: .open) { _ in
      seen.requests += 1
      return .text("done")
    }
    let listener = try Listener(tcp: try LoopbackAddress(address))
    let chosen = listener.tcp
    let bound = try #require(chosen)
    var settings = HTTPServer.Settings()
    settings.connectionsMax = connectionsMax
    settings.networkGuard = NetworkGuard(port: bound.port, names: ["gateway.example"])
    let server = HTTPServer(router, settings: settings)
    try server.start(listener)
    return (server, bound, seen)
  }

  /// A client on a socket of its own; on this machine the kernel connects at once.
  @Loop func connect(_ address: LoopbackAddress) throws -> RawClient {
    let family = address.isVersion6 ? AF_INET6 : AF_INET
    let raw = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    try #require(raw >= 0)
    let result: Int32
    if address.isVersion6 {
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = address.port.bigEndian
      unsafe inet_pton(AF_INET6, address.host, &six.sin6_addr)
      result = unsafe withUnsafePointer(to: six) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    } else {
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = address.port.bigEndian
      unsafe inet_pton(AF_INET, address.host, &four.sin_addr)
      result = unsafe withUnsafePointer(to: four) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Glibc.connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    try #require(result == 0)
    _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
    return RawClient(Descriptor(adopting: raw))
  }

  /// The status of the answer to a head, in which `PORT` stands for the server's.
  @Loop private func status(
    _ head: String, at address: LoopbackAddress
  ) async throws -> String {
    let client = try connect(address)
    let text = head.replacing("PORT", with: "\(address.port)").replacing("\n", with: "\r\n")
    try await client.write(text + "\r\n\r\n")
    try await client.untilReceived("\r\n\r\n")
    return String(client.received.dropFirst("HTTP/1.1 ".count).prefix(3))
  }

  @Test(
    "who asks in a name of ours is served, on both families",
    arguments: [
      ("127.0.0.1:0", "GET / HTTP/1.1\nHost: 127.0.0.1:PORT"),
      ("127.0.0.1:0", "GET / HTTP/1.1\nHost: LOCALHOST:PORT\nOrigin: http://localhost:PORT"),
      ("127.0.0.1:0", "GET / HTTP/1.1\nHost: gateway.example\nOrigin: https://gateway.example"),
      ("127.0.0.1:0", "GET / HTTP/1.1\nHost: localhost:PORT\nSec-Fetch-Site: cross-site"),
      ("[::1]:0", "GET / HTTP/1.1\nHost: [::1]:PORT\nOrigin: http://[::1]:PORT"),
      ("[::1]:0", "GET / HTTP/1.1\nHost: localhost:PORT"),
    ]) @Loop
  func served(on: String, head: String) async throws {
    let (server, address, seen) = try start(on)
    #expect(try await status(head, at: address) == "200")
    #expect(seen.requests == 1)
    await server.stop()
  }

  @Test(
    "whoever else asks is refused before any route, whatever the path and the method",
    arguments: [
      ("403", "GET / HTTP/1.1\nHost: evil.example:PORT"),
      ("403", "GET / HTTP/1.1\nHost: localhost"),
      ("403", "GET / HTTP/1.1\nHost: localhost:1"),
      ("403", "GET / HTTP/1.1\nHost: localhost.:PORT"),
      ("403", "GET / HTTP/1.1\nHost: 127.0.0.2:PORT"),
      ("403", "GET /nowhere HTTP/1.1\nHost: evil.example"),
      ("403", "GET / HTTP/1.0"),
      ("403", "GET / HTTP/1.1\nHost: localhost:PORT\nHost: evil.example"),
      ("403", "GET / HTTP/1.1\nHost: localhost:PORT\nOrigin: null"),
      ("403", "GET / HTTP/1.1\nHost: localhost:PORT\nOrigin: http://evil.example"),
      ("403", "POST /do HTTP/1.1\nHost: localhost:PORT\nSec-Fetch-Site: cross-site"),
      ("403", "OPTIONS /do HTTP/1.1\nHost: localhost:PORT\nOrigin: http://evil.example"),
      ("400", "GET http://evil.example/ HTTP/1.1\nHost: localhost:PORT"),
      ("400", "GET http://localhost:PORT/ HTTP/1.1\nHost: localhost:PORT"),
      ("400", "GET / HTTP/1.1"),
      (
        "431",
        "GET / HTTP/1.1\nHost: localhost:PORT\n" + String(repeating: "X: y\n", count: 63)
          + "Host: evil.example"
      ),
    ]) @Loop
  func refused(expected: String, head: String) async throws {
    let (server, address, seen) = try start()
    #expect(try await status(head, at: address) == expected)
    #expect(seen.requests == 0)
    await server.stop()
  }

  @Test("a unix socket is asked for no name: its file says who may") @Loop
  func unixSocket() async throws {
    var router = Router()
    router.get("/", access: .open) { _ in .text("page") }
    var settings = HTTPServer.Settings()
    settings.networkGuard = NetworkGuard(port: 1)
    let test = try TestServer(router, settings: settings)
    let client = try test.raw()
    try await client.write("GET / HTTP/1.1\r\nHost: anything\r\n\r\n")
    try await client.untilReceived("page")
    await test.server.stop()
  }

  @Test("an address that is taken says so, and is there again at once afterwards") @Loop
  func taken() async throws {
    let (server, address, _) = try start()
    let failure = #expect(throws: Errno.self) { _ = try Listener(tcp: address) }
    #expect(failure?.name == "EADDRINUSE")
    // A connection that the server ends lingers in TIME_WAIT: that is no reason to wait.
    let client = try connect(address)
    try await client.write("GET / HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n")
    try await until("closed") {
      client.poll()
      return client.isEnded
    }
    await server.stop()
    let again = try Listener(tcp: address).tcp
    #expect(again == address)
  }

  @Test("beyond the bound a client waits, and is served when another leaves") @Loop
  func bound() async throws {
    let (server, address, seen) = try start(connectionsMax: 2)
    let idle = [try connect(address), try connect(address)]
    try await until("both are there") { server.metrics.connections == 2 }
    let client = try connect(address)
    try await client.write("GET / HTTP/1.1\r\nHost: \(address)\r\n\r\n")
    await pauseUs(20_000)  // that nothing happens can only be seen by waiting
    #expect(server.metrics.connections == 2 && seen.requests == 0)
    idle[0].close()
    try await client.untilReceived("page")
    await server.stop()
  }
}
