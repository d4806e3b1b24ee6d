import Glibc
import Reactor
import Testing

/// Something expected did not come in time.
struct NotInTime: Error {}

/// Runs a test's body on the loop.
func onLoop(_ body: @Loop () async throws -> Void) async throws {
  EventLoop.shared.start()
  try await body()
}

/// Waits until a condition on the loop holds, looking again every millisecond; ten seconds are for
/// a machine that is very busy.
@Loop func until(
  _ what: String, withinMs: Int64 = 10_000, location: SourceLocation = #_sourceLocation,
  _ condition: @Loop () -> Bool
) async throws {
  let endUs = Clock.bootUs() + withinMs * 1_000
  while !condition() {
    if Clock.bootUs() > endUs {
      Issue.record("not in time: \(what)", sourceLocation: location)
      throw NotInTime()
    }
    await pause(us: 1_000)
  }
}

/// As `until`, blocking the calling thread: for conditions that the loop cannot look at.
func untilPlainly(
  _ what: String, withinMs: Int64 = 10_000, location: SourceLocation = #_sourceLocation,
  _ condition: () -> Bool
) throws {
  let endUs = Clock.bootUs() + withinMs * 1_000
  while !condition() {
    if Clock.bootUs() > endUs {
      Issue.record("not in time: \(what)", sourceLocation: location)
      throw NotInTime()
    }
    usleep(200)
  }
}

/// Gives the loop back for a while, by a timer of its own.
@Loop func pause(us: Int64) async {
  var timer: LoopTimer?
  await withCheckedContinuation { continuation in
    timer = LoopTimer { continuation.resume() }
    timer?.arm(afterUs: us)
  }
  timer?.cancel()
}

/// Gives the loop back for some turns.
@Loop func turns(_ count: UInt64) async {
  let last = EventLoop.shared.metrics.turns + count
  while EventLoop.shared.metrics.turns < last { await pause(us: 100) }
}

/// A folder of its own under TMPDIR, removed with what is in it when it goes.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    let base = System.environment("TMPDIR") ?? P_tmpdir
    var template = Array("\(base)/reactor-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Errno(code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  var names: [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    unsafe closedir(folder)
    return names.sorted()
  }

  deinit {
    for name in names {
      let path = file(name)
      if unsafe unlink(path) != 0 { unsafe _ = rmdir(path) }
    }
    unsafe _ = rmdir(path)
  }
}

/// Two connected unix sockets.
final class SocketPair {
  let first: Descriptor
  private var second: Descriptor?

  init() throws {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC
    guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Errno(code: errno) }
    first = Descriptor(adopting: ends[0])
    second = Descriptor(adopting: ends[1])
    secondRaw = ends[1]
  }

  let secondRaw: Int32

  func closeSecond() { second = nil }
}

/// Whether a descriptor number is open in this process.
func isOpen(_ fd: Int32) -> Bool { fcntl(fd, F_GETFD) >= 0 }
