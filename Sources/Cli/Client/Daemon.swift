internal import Model
internal import Reactor
internal import Web

/// The daemon behind the socket, as the verbs see it: what it refuses becomes a `Failure`.
@Loop final class Daemon {
  let path: String
  /// What every target begins with.
  private let root: String
  private let client: HTTPClient

  /// `site` is the one that is asked where a hub keeps several; nil for its first one.
  init(socketPath: String, site: String? = nil) {
    path = socketPath
    root = (site.map { "/site/" + $0 } ?? "") + "/api/v1"
    client = HTTPClient(.unixSocket(path: socketPath))
  }

  /// Reads a resource, as the bytes of its JSON.
  func bytes(_ target: String, _ query: Query = Query()) async throws(Failure) -> [UInt8] {
    try await perform(ClientRequest(.get, root + target, query: query))
  }

  /// Asks something of a resource without a body; the bytes of the answer.
  func bytes(_ method: Method, _ target: String) async throws(Failure) -> [UInt8] {
    try await perform(ClientRequest(method, root + target))
  }

  /// Reads a resource.
  func get<View: Decodable>(
    _ type: View.Type, _ target: String, _ query: Query = Query()
  ) async throws(Failure) -> View {
    try Self.decode(type, await bytes(target, query))
  }

  /// Sends a body to a resource; the bytes of the answer.
  func send(
    _ method: Method, _ target: String, _ body: some Encodable
  ) async throws(Failure) -> [UInt8] {
    let request: ClientRequest
    do {
      request = try ClientRequest(method, root + target, json: body)
    } catch {
      throw Failure(.failure, .answerNotUnderstood(error.description))
    }
    return try await perform(request)
  }

  /// Puts bytes that are no JSON.
  func put(bytes: [UInt8], _ target: String) async throws(Failure) {
    var request = ClientRequest(.put, root + target)
    request.body = bytes
    request.headers["Content-Type"] = "application/octet-stream"
    _ = try await perform(request)
  }

  /// Posts bytes that are no JSON; the bytes of the answer.
  func post(
    bytes: [UInt8], mediaType: String, _ target: String, _ query: Query
  ) async throws(Failure) -> [UInt8] {
    var request = ClientRequest(.post, root + target, query: query)
    request.body = bytes
    request.headers["Content-Type"] = mediaType
    return try await perform(request)
  }

  /// Takes a resource away.
  func delete(_ target: String, _ query: Query) async throws(Failure) {
    _ = try await perform(ClientRequest(.delete, root + target, query: query))
  }

  /// Follows the live feed until it ends; it always ends by a failure or a cancellation.
  func follow(
    _ query: Query, lastEventId: String?, onEvent: @escaping @Loop (ServerSentEvent) -> Void
  ) async throws(Failure) {
    var request = ClientRequest(.get, root + "/events", query: query)
    request.silenceMs = CliLimits.feedSilenceMs
    if let lastEventId { request.headers["Last-Event-ID"] = lastEventId }
    do {
      let response = try await client.events(request, onEvent: onEvent)
      guard response.isSuccess else { throw DaemonProblem.failure(response) }
    } catch let failure as Failure {
      throw failure
    } catch let error as HTTPClientError {
      throw failure(error)
    } catch {
      throw Failure(.failure, .answerNotUnderstood("\(error)"))
    }
  }

  /// Leaves HTTP to hand over boards.
  func boards() async throws(Failure) -> UpgradedConnection {
    do {
      return try await UpgradeClient.connect(
        unixSocket: path, target: root + "/simulated", protocolName: "bivouac-boards")
    } catch {
      if case .upgradeRefused(let status, let problem) = error, let problem {
        let refusal = DaemonProblem(
          code: problem.slug, detail: problem.detail, remedy: problem.remedy,
          parameters: problem.parameters)
        throw refusal.failure(status: status)
      }
      throw failure(error)
    }
  }

  static func decode<View: Decodable>(
    _ type: View.Type, _ bytes: [UInt8]
  ) throws(Failure) -> View {
    do {
      return try JSON.decode(type, from: bytes)
    } catch {
      throw Failure(.failure, .answerNotUnderstood(error.description), next: .sameVersion)
    }
  }

  private func perform(_ request: ClientRequest) async throws(Failure) -> [UInt8] {
    let response: ClientResponse
    do {
      response = try await client.send(request)
    } catch {
      throw failure(error)
    }
    guard response.isSuccess else { throw DaemonProblem.failure(response) }
    return response.body
  }

  private func failure(_ error: HTTPClientError) -> Failure {
    switch error {
    case .noSocket: Failure(.noDaemon, .noDaemon(path, .noSocketThere), next: .startDaemon)
    case .refused: Failure(.noDaemon, .noDaemon(path, .nobodyListens), next: .startDaemon)
    case .notPermitted: Failure(.notPermitted, .socketNotPermitted(path), next: .joinGroup)
    case .timedOut: Failure(.failure, .noAnswerInTime, next: .seeDaemonLog)
    case .connectionLost: Failure(.failure, .connectionLost, next: .seeDaemonLog)
    case .cancelled: Failure(.failure, .interrupted)
    case .bodyTooLarge, .failed, .upgradeRefused, .wrongPin, .untrusted, .noTls:
      Failure(.failure, .answerNotUnderstood(error.description), next: .sameVersion)
    }
  }
}

/// A refusal of the daemon, as it comes over the wire (RFC 9457).
struct DaemonProblem: Decodable, Equatable {
  var code: String?
  /// `urn:bivouac:problem:` and the code, where the code has no member of its own.
  var type: String?
  var detail: String?
  var remedy: String?
  var parameters: [String: String]?

  init(code: String?, detail: String?, remedy: String?, parameters: [String: String]?) {
    self.code = code
    self.detail = detail
    self.remedy = remedy
    self.parameters = parameters
  }

  static func failure(_ response: ClientResponse) -> Failure {
    do {
      return try JSON.decode(DaemonProblem.self, from: response.body)
        .failure(status: response.status)
    } catch {
      return Failure(.failure, .answerNotUnderstood("status \(response.status)"))
    }
  }

  /// The failure that this is for a person, with its exit code.
  func failure(status: Int) -> Failure {
    let slug = type.map { $0.split(separator: ":").last.map(String.init) ?? $0 }
    let known = code ?? slug ?? "internal"
    return Failure(
      Self.exitCode(known, status: status),
      .problem(known, parameters ?? [:], detail: detail ?? known),
      next: .remedy(known, english: remedy ?? ""))
  }

  static func exitCode(_ code: String, status: Int) -> ExitCode {
    switch code {
    case "not-found", "unknown-channel", "retention.not-set", "ambiguous", "unknown-command",
      "no-such-id", "ambiguous-id", "no-such-clock", "peer.unknown", "hub.unknown-site":
      .notFound
    case "bad-argument", "bad-parameter", "bad-answer", "bad-value": .usage
    case "user.refused", "password.refused", "token.refused", "peer.bad-url": .usage
    case "hub.bad-place": .usage
    case "retention.bad-age", "retention.bad-size", "retention.order", "retention.nothing": .usage
    default: [401, 403].contains(status) ? .notPermitted : status == 404 ? .notFound : .failure
    }
  }
}
