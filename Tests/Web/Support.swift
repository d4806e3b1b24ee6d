import Glibc
import Reactor
import Testing

@testable import Web

/// Something expected did not come in time.
struct NotInTime: Error {}

/// Waits on the loop until a condition holds, looking again every millisecond; ten seconds are
/// for a machine that is very busy.
@Loop func until(
  _ comment: Comment = "", location: SourceLocation = #_sourceLocation,
  _ condition: @Loop () -> Bool
) async throws {
  let endUs = Clock.bootUs() + 10_000_000
  while !condition() {
    if Clock.bootUs() > endUs {
      Issue.record("not in time: \(comment)", sourceLocation: location)
      throw NotInTime()
    }
    await pauseUs(1_000)
  }
}

/// Gives the loop back for a while.
@Loop func pauseUs(_ afterUs: Int64) async {
  var timer: LoopTimer?
  await withCheckedContinuation { continuation in
    timer = LoopTimer { continuation.resume() }
    timer?.arm(afterUs: afterUs)
  }
  timer?.cancel()
}

/// A folder of its own for a test, removed with all that is in it.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    let base = System.environment("TMPDIR") ?? String(P_tmpdir)
    var template = Array("\(base)/bivouac-web-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
    }
    try #require(made)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    _ = unsafe unlink(path + "/socket")
    _ = unsafe rmdir(path)
  }
}

/// A server on a socket in a folder of its own.
@Loop final class TestServer {
  let folder: TestFolder
  let server: HTTPServer
  nonisolated let path: String
  private(set) lazy var client = HTTPClient(.unixSocket(path: path))

  init(_ router: Router, settings: HTTPServer.Settings = HTTPServer.Settings()) throws {
    folder = try TestFolder()
    path = folder.path + "/socket"
    server = HTTPServer(router, settings: settings)
    try server.start(try Listener(unix: path))
  }

  /// Another connection, spoken to byte by byte.
  func raw() throws -> RawClient { RawClient(try System.connectUnix(path)) }
}

/// A client that says what it likes.
@Loop final class RawClient {
  private var socket: Descriptor?
  private(set) var received = ""
  private(set) var isEnded = false

  init(_ socket: consuming Descriptor) { self.socket = consume socket }

  /// Writes all of it, waiting for room as long as it takes.
  func write(_ text: String) async throws {
    guard let raw = socket?.raw else { throw Errno.brokenPipe }
    var rest = Array(text.utf8)
    while !rest.isEmpty {
      switch try System.write(raw, from: rest) {
      case .count(let count): rest.removeFirst(count)
      case .wouldBlock: await pauseUs(500)
      }
    }
  }

  /// Takes what has come.
  func poll() {
    guard let raw = socket?.raw, !isEnded else { return }
    var bytes = [UInt8](repeating: 0, count: 65536)
    do {
      guard case .count(let count) = try System.read(raw, into: &bytes) else { return }
      received += String(decoding: bytes[..<count], as: UTF8.self)
      isEnded = count == 0
    } catch {
      isEnded = true
    }
  }

  func untilReceived(_ text: String) async throws {
    do {
      try await until("\(text)") {
        poll()
        return received.contains(text)
      }
    } catch {
      Issue.record("received only \(received.suffix(200))")
      throw error
    }
  }

  func close() { socket = nil }
}

extension ClientResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}
