internal import Reactor
internal import Web

/// The connection over which boards are handed to the daemon: a line and a descriptor for each, a
/// line back, then silence until one side goes.
@Loop final class HandOver {
  /// What the daemon said of a board.
  struct Answer: Decodable {
    var port: String?
    var problem: DaemonProblem?
  }

  private struct Line: Encodable { var label: String }

  private let socket: Descriptor
  private var registration: Registration?
  private var received: [UInt8] = []
  private var waiter: CheckedContinuation<Void, Never>?
  private var isEnded = false

  init(_ connection: consuming UpgradedConnection) {
    received = connection.extra
    socket = connection.intoSocket()
  }

  /// Hands a board's line over and waits for the answer; throws when the daemon is gone.
  func give(_ terminal: consuming Descriptor, label: String) async throws -> Answer {
    try watch()
    let bytes = try JSON.encode(Line(label: label)) + [UInt8(ascii: "\n")]
    guard try System.send(socket.raw, bytes, descriptors: [terminal.raw]) == .count(bytes.count)
    else { throw Errno.brokenPipe }
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(received[..<end])
        received.removeFirst(end + 1)
        return try JSON.decode(Answer.self, from: line)
      }
      guard !isEnded, received.count <= CliLimits.answerLineBytesMax else {
        throw Errno.brokenPipe
      }
      await wait()
    }
  }

  /// Returns when the daemon closed the connection, or `end` was called.
  func untilClosed() async {
    while !isEnded { await wait() }
  }

  /// Closes our side.
  func end() {
    isEnded = true
    registration?.cancel()
    wake()
  }

  private func watch() throws(Errno) {
    guard registration == nil else { return }
    registration = try Registration(raw: socket.raw, interest: .read) { [weak self] _ in
      self?.receive()
    }
  }

  private func receive() {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    do {
      guard case .count(let count) = try System.read(socket.raw, into: &bytes) else { return }
      guard count > 0, received.count <= CliLimits.answerLineBytesMax else { return end() }
      received.append(contentsOf: bytes[0..<count])
      wake()
    } catch {
      end()  // the daemon is gone
    }
  }

  private func wait() async {
    guard !isEnded else { return }
    await withCheckedContinuation { waiter = $0 }
  }

  private func wake() {
    waiter?.resume()
    waiter = nil
  }

  isolated deinit { registration?.cancel() }
}
