import Glibc
import Reactor
import Testing

/// A client that writes and reads bytes on a unix socket: nothing between the test and the server.
@Loop final class RawClient {
  private let socket: Descriptor
  private(set) var text = ""
  private(set) var isEnded = false
  private var registration: Registration?

  init(_ path: String) throws {
    socket = try System.connectUnix(path)
    registration = try Registration(raw: socket.raw, interest: .read) { [weak self] _ in
      self?.receive()
    }
  }

  private func receive() {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    do {
      guard case .count(let count) = try System.read(socket.raw, into: &bytes) else { return }
      if count == 0 { return end() }
      text += String(decoding: bytes[0..<count], as: UTF8.self)
    } catch {
      end()
    }
  }

  private func end() {
    isEnded = true
    registration?.cancel()
  }

  func send(_ text: String, descriptors: [Int32] = []) throws {
    _ = try System.send(socket.raw, Array(text.utf8), descriptors: descriptors)
  }

  /// Waits until the condition holds of what has been read.
  func until(_ comment: Comment, _ condition: @Loop (RawClient) -> Bool) async throws {
    let endUs = Clock.bootUs() + 10_000_000
    while !condition(self) {
      if Clock.bootUs() > endUs {
        Issue.record("not in time: \(comment); read so far: \(text)")
        throw NotInTime()
      }
      await pauseMs(1)
    }
  }
}

struct NotInTime: Error {}

/// Gives the loop back for a while.
@Loop func pauseMs(_ milliseconds: Int64) async {
  var timer: LoopTimer?
  await withCheckedContinuation { continuation in
    timer = LoopTimer { continuation.resume() }
    timer?.arm(afterUs: milliseconds * 1_000)
  }
  timer?.cancel()
}

/// A folder of the test's own, made by mkdtemp under TMPDIR.
func temporaryFolder() throws -> String {
  let base = System.environment("TMPDIR") ?? P_tmpdir
  var template = Array("\(base)/bivouac-api-XXXXXX".utf8CString)
  guard unsafe mkdtemp(&template) != nil else { throw NotInTime() }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
