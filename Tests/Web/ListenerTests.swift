import Glibc
import Reactor
import Testing

@testable import Web

@Suite("Listening and connecting", .timeLimit(.minutes(1))) struct ListenerTests {
  init() { EventLoop.shared.start() }

  private func mode(_ path: String) -> UInt32? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return status.st_mode & 0o7777
  }

  @Test("the socket file is for user and group, and gone after stop") @Loop
  func permissions() async throws {
    let test = try TestServer(Router())
    #expect(mode(test.path) == 0o660)
    await test.server.stop()
    #expect(mode(test.path) == nil)
  }

  @Test("a socket file that nobody answers on is replaced") @Loop func stale() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    do {
      // Closed without removing the file, as after kill -9.
      let raw = try System.listenUnix(path).release()
      close(raw)
    }
    #expect(mode(path) != nil)
    let server = HTTPServer(Router())
    try server.start(try Listener(unix: path))
    #expect(
      try await HTTPClient(.unixSocket(path: path)).send(ClientRequest(.get, "/")).status == 404)
    await server.stop()
  }

  @Test("a socket that is answered on is refused, and goes on") @Loop func live() async throws {
    let test = try TestServer(Router())
    let failure = #expect(throws: ListenFailure.self) { _ = try Listener(unix: test.path) }
    #expect(failure?.isInUse == true)
    #expect(failure?.remedy.contains("stop the other daemon") == true)
    #expect(try await test.client.send(ClientRequest(.get, "/")).status == 404)
    await test.server.stop()
  }

  @Test("a file that is no socket is left alone") @Loop func notASocket() throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    try System.writeFile(path, [1, 2, 3])
    #expect(throws: ListenFailure.self) { _ = try Listener(unix: path) }
    #expect(try System.readFile(path, bytesMax: 10) == [1, 2, 3])
  }

  @Test("a folder that is not there and a path too long are named") @Loop func badPaths() {
    let missing = #expect(throws: ListenFailure.self) { _ = try Listener(unix: "/nowhere/at/all") }
    #expect(missing?.description == "the folder /nowhere/at does not exist")
    let long = #expect(throws: ListenFailure.self) {
      _ = try Listener(unix: "/" + String(repeating: "x", count: 200))
    }
    #expect(long?.description.contains("at most 107 bytes") == true, "\(String(describing: long))")
  }

  @Test("a client says that there is no socket, and that nobody answers") @Loop
  func noDaemon() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    let client = HTTPClient(.unixSocket(path: path))
    await #expect(throws: HTTPClientError.noSocket(path: path)) {
      try await client.send(ClientRequest(.get, "/"))
    }
    await #expect(throws: HTTPClientError.noSocket(path: path)) {
      _ = try await UpgradeClient.connect(unixSocket: path, target: "/", protocolName: "x")
    }
    let raw = try System.listenUnix(path).release()
    close(raw)
    await #expect(throws: HTTPClientError.refused(address: path)) {
      try await client.send(ClientRequest(.get, "/"))
    }
    #expect(HTTPClientError.refused(address: path).isNoDaemon)
  }

  @Test("a server that does not answer is given up in time") @Loop func timesOut() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    let listener = try System.listenUnix(path)
    let client = HTTPClient(.unixSocket(path: path))
    var request = ClientRequest(.get, "/")
    request.timeoutMs = 50
    await #expect(throws: HTTPClientError.timedOut(address: path)) {
      try await client.send(request)
    }
    request.timeoutMs = 0
    request.silenceMs = 50
    await #expect(throws: HTTPClientError.timedOut(address: path)) {
      try await client.send(request)
    }
    await #expect(throws: HTTPClientError.timedOut(address: path)) {
      _ = try await UpgradeClient.connect(
        unixSocket: path, target: "/", protocolName: "x", timeoutMs: 50)
    }
    _ = listener.raw
  }

  @Test("a cancelled request ends at once") @Loop func cancelled() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    let listener = try System.listenUnix(path)
    let client = HTTPClient(.unixSocket(path: path))
    let task = Task { @Loop in try await client.send(ClientRequest(.get, "/")) }
    await pauseUs(5_000)
    task.cancel()
    await #expect(throws: HTTPClientError.cancelled) { try await task.value }
    _ = listener.raw
  }

  @Test("an answer that is cut off is a lost connection") @Loop func cut() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    let listener = try System.listenUnix(path)
    let raw = listener.raw
    let client = HTTPClient(.unixSocket(path: path))
    let task = Task { @Loop in try await client.send(ClientRequest(.get, "/")) }
    var accepted: Int32 = -1
    try await until("connected") {
      do { accepted = try System.accept(raw)?.release() ?? -1 } catch { Issue.record("\(error)") }
      return accepted >= 0
    }
    await pauseUs(5_000)
    _ = try System.write(
      accepted, from: Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".utf8))
    close(accepted)
    await #expect(throws: HTTPClientError.connectionLost(address: path)) { try await task.value }
  }
}
