internal import Glibc
public import Reactor

/// Asks a daemon on a unix socket to leave HTTP for another protocol, and hands over the socket:
/// the way to pass descriptors, which no HTTP body can carry.
@Loop public enum UpgradeClient {
  /// Connects and upgrades; the caller owns the connection that comes back.
  ///
  /// Exactly the answer's head is read: bytes and descriptors behind it are still in the socket.
  public static func connect(
    unixSocket path: String, target: String, protocolName: String, headers: Headers = Headers(),
    timeoutMs: Int = 10_000
  ) async throws(HTTPClientError) -> UpgradedConnection {
    let untilUs = Clock.bootUs() + Int64(timeoutMs) * 1_000
    let socket = try open(path)
    var lines = ["GET \(target) HTTP/1.1", "Host: localhost", "Connection: Upgrade"]
    lines.append("Upgrade: \(protocolName)")
    for field in headers.fields where Headers.isSendable(name: field.name, value: field.value) {
      lines.append("\(field.name): \(field.value)")
    }
    try await write(
      Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), to: socket.raw, path)
    let head = try await readHead(socket.raw, path, untilUs: untilUs)
    let status = head.first.flatMap { $0.split(separator: " ").dropFirst().first } ?? ""
    guard status == "101" else {
      let problem = try await readProblem(socket.raw, path, head: head, untilUs: untilUs)
      throw .upgradeRefused(status: Int(status) ?? 0, problem: problem)
    }
    let peer = Peer(ofSocket: socket.raw)
    return UpgradedConnection(socket: socket, extra: [], peer: peer)
  }

  private static func open(_ path: String) throws(HTTPClientError) -> Descriptor {
    do {
      return try System.connectUnix(path)
    } catch {
      switch error {
      case .noEntry: throw .noSocket(path: path)
      case .connectionRefused: throw .refused(address: path)
      case .accessDenied, .notPermitted: throw .notPermitted(path: path)
      default: throw .failed(reason: "cannot connect to \(path): \(error)")
      }
    }
  }

  /// A request head fits any socket's buffer: one that does not go at once means a stuck peer.
  private static func write(
    _ bytes: [UInt8], to socket: Int32, _ path: String
  ) async throws(HTTPClientError) {
    do {
      guard try System.write(socket, from: bytes) == .count(bytes.count) else {
        throw HTTPClientError.timedOut(address: path)
      }
    } catch let error as HTTPClientError {
      throw error
    } catch {
      throw .connectionLost(address: path)
    }
  }

  private static func readHead(
    _ socket: Int32, _ path: String, untilUs: Int64
  ) async throws(HTTPClientError) -> [String] {
    var head: [UInt8] = []
    while true {
      let ahead = try peek(socket, path)
      guard let ahead else {
        try await readable(socket, path, untilUs: untilUs)
        continue
      }
      let end = endOfHead(head + ahead)
      let take = end.map { $0 - head.count } ?? ahead.count
      head += try consume(socket, take, path)
      if end != nil { break }
      guard head.count < WebLimits.upgradeHeadBytesMax else {
        throw .failed(reason: "\(path) answered with a head that is too long")
      }
    }
    return String(decoding: head, as: UTF8.self).split(separator: "\r\n").map { String($0) }
  }

  private static func readProblem(
    _ socket: Int32, _ path: String, head: [String], untilUs: Int64
  ) async throws(HTTPClientError) -> Problem? {
    let length =
      head.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) } ?? 0
    var body: [UInt8] = []
    while body.count < min(length, WebLimits.upgradeHeadBytesMax) {
      guard let ahead = try peek(socket, path) else {
        try await readable(socket, path, untilUs: untilUs)
        continue
      }
      body += try consume(socket, min(ahead.count, length - body.count), path)
    }
    do {
      return try JSON.decode(Problem.self, from: body)
    } catch {
      return nil
    }
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual([13, 10, 13, 10]) }
  }

  /// What waits in the socket, left there; nil when nothing does.
  private static func peek(_ socket: Int32, _ path: String) throws(HTTPClientError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: WebLimits.upgradeHeadBytesMax)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_PEEK))
    }
    if count > 0 { return Array(bytes[..<count]) }
    guard count < 0, errno == EAGAIN || errno == EINTR else {
      throw .connectionLost(address: path)
    }
    return nil
  }

  private static func consume(
    _ socket: Int32, _ count: Int, _ path: String
  ) throws(HTTPClientError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    do {
      guard try System.read(socket, into: &bytes) == .count(count) else {
        throw HTTPClientError.connectionLost(address: path)
      }
      return bytes
    } catch {
      throw .connectionLost(address: path)
    }
  }

  private static func readable(
    _ socket: Int32, _ path: String, untilUs: Int64
  ) async throws(HTTPClientError) {
    guard !Task.isCancelled else { throw .cancelled }
    guard Clock.bootUs() < untilUs else { throw .timedOut(address: path) }
    let wait = InputWait()
    guard await wait.untilReadable(socket, untilUs: untilUs) else {
      throw .timedOut(address: path)
    }
  }
}

/// Waits once for a descriptor to be readable.
@Loop private final class InputWait {
  private var registration: Registration?
  private var timer: LoopTimer?
  private var continuation: CheckedContinuation<Bool, Never>?

  /// False when the time is over, or the descriptor cannot be watched.
  func untilReadable(_ socket: Int32, untilUs: Int64) async -> Bool {
    await withCheckedContinuation { continuation in
      self.continuation = continuation
      timer = LoopTimer { [weak self] in self?.end(false) }
      timer?.arm(atUs: untilUs)
      do {
        registration = try Registration(raw: socket, interest: .read) { [weak self] _ in
          self?.end(true)
        }
      } catch {
        end(false)
      }
    }
  }

  private func end(_ isReadable: Bool) {
    registration?.cancel()
    timer?.cancel()
    continuation?.resume(returning: isReadable)
    continuation = nil
  }
}
