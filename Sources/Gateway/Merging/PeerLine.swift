internal import Reactor
internal import Sync
internal import Web

/// Why a peer is not reached; the link tries again.
struct PeerFailure: Error, Equatable {
  /// A code for `sync status`: `unreachable`, `timeout`, `http-502`, `cut`, `wrong-pin`,
  /// `untrusted`, `no-tls`, `needs-tls`, or what the other said.
  let code: String
  /// When the other side wants to be asked again, in s; 0 where it did not say.
  var retrySeconds: UInt32 = 0
}

/// Requests to a node that answers.
enum PeerLine {
  /// What an answer holds at most: a sealed vector, or one with a batch.
  static let answerBytesMax = (4 << 20) + (64 << 10) + Sync.Limits.pullBytesMax
  /// How long the other side may say nothing, in ms; news may wait longer, and a long question
  /// takes its time over a slow link, of which 16 kbit/s are taken for granted.
  static let silenceMs = 30_000, newsSilenceMs = 65_000, bytesPerMs = 2

  /// One POST: what came, and why it did not all come.
  @Loop static func exchange(
    _ client: HTTPClient, _ path: String, _ body: [UInt8], silenceMs: Int = Self.silenceMs
  ) async throws(PeerFailure) -> (bytes: [UInt8], cut: PeerFailure?) {
    var request = ClientRequest(.post, path)
    request.headers["Content-Type"] = "application/octet-stream"
    request.body = body
    request.timeoutMs = 0
    request.silenceMs = silenceMs + body.count / bytesPerMs
    let gathered = Gathered()
    let response: ClientResponse
    do throws(HTTPClientError) {
      response = try await client.stream(request) { gathered.take($0) }
    } catch {
      guard !gathered.bytes.isEmpty else { throw PeerFailure(code: code(of: error)) }
      return (gathered.bytes, PeerFailure(code: "cut"))
    }
    guard response.status == 200 else { throw failure(response) }
    return (gathered.bytes, gathered.isTooLong ? PeerFailure(code: "too-long") : nil)
  }

  private static func code(of error: HTTPClientError) -> String {
    switch error {
    case .timedOut: "timeout"
    case .cancelled: "ended"
    case .connectionLost: "cut"
    case .wrongPin: "wrong-pin"
    case .untrusted: "untrusted"
    case .noTls: "no-tls"
    default: "unreachable"
    }
  }

  /// What the other side refused with outside of any seal: a hint, and no more.
  private static func failure(_ response: ClientResponse) -> PeerFailure {
    if let code = response.problem?.code, code.hasPrefix("sync.") {
      let seconds = response.headers["Retry-After"].flatMap { UInt32($0) } ?? 0
      return PeerFailure(code: String(code.dropFirst(5)), retrySeconds: min(seconds, 600))
    }
    return PeerFailure(code: "http-\(response.status)")
  }

  /// The bytes of one answer as they come.
  @Loop private final class Gathered {
    private(set) var bytes: [UInt8] = []
    private(set) var isTooLong = false

    func take(_ more: [UInt8]) {
      guard bytes.count + more.count <= answerBytesMax else { return isTooLong = true }
      bytes += more
    }
  }
}
