internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// The answering side: greets other nodes, and answers what they ask in their sessions
/// (docs/sync-format.md, sections 6 and 9).
@Loop final class SyncDoor {
  /// Hellos that wait for their third message; a key agreement was spent on each.
  static let greetingsMax = 64
  /// How long they wait, in µs.
  static let greetingUs: Int64 = 10_000_000
  /// Sessions at once; beyond, the longest unused gives way.
  static let sessionsMax = 1_024
  /// The most of a batch in one answer, in bytes.
  static let servedBytesMax = 1 << 20
  /// The longest body of a request: a whole vector, or a batch beside it.
  static let bodyBytesMax = (4 << 20) + (2 << 20)

  /// Connections at once where the system gives the descriptors: three for each node that calls.
  /// More wait in the kernel's queue.
  static let connectionsMax = 1_024

  /// How many there are room for beside those of pages, and `filesReserved` descriptors of others.
  static func connections(filesReserved: Int) -> Int {
    let others = PageServer.filesOfOthers + WebLimits.networkConnectionsMax + filesReserved
    do throws(Errno) {
      let files = try System.raiseFileLimit(to: others + connectionsMax)
      return max(WebLimits.connectionsMax, min(connectionsMax, files - others))
    } catch {
      return WebLimits.connectionsMax
    }
  }

  /// The most of those from one address, so that a stranger does not keep everybody out.
  static let greetingsPerAddressMax = 16

  private struct Greeting {
    let responder: HelloResponder
    let peer: Peer
    let fromUs: Int64
  }

  private let node: any MergingNode
  private let carriage: Carriage
  private let readAhead = ReadAhead()
  private var greetings: [SessionId: Greeting] = [:]
  private var sessions: [SessionId: DoorSession] = [:]
  private var limiter = HelloLimiter()
  /// How many were turned away because their address began too much.
  var limitedCount: UInt64 { limiter.refusedCount }
  /// Messages that were not what they had to be.
  private(set) var refusedCount: UInt64 = 0

  init(node: any MergingNode, carriage: Carriage) {
    self.node = node
    self.carriage = carriage
  }

  /// How many sessions there are.
  var sessionCount: Int { sessions.count }

  /// Adds the three routes.
  func addRoutes(to router: inout Router) {
    let types = ["application/octet-stream"]
    router.add(
      .post, "/sync/1/hello", access: .open, mediaTypes: types, bodyBytesMax: 4_096
    ) { [weak self] request in self?.greet(request) ?? .gone }
    router.add(
      .post, "/sync/1/session", access: .open, mediaTypes: types, bodyBytesMax: 4_096
    ) { [weak self] request in self?.begin(request.body) ?? .gone }
    router.add(
      .post, "/sync/1/{session}/{channel}", access: .open, mediaTypes: types,
      bodyBytesMax: Self.bodyBytesMax,
      refusal: { [weak self] head in self?.session(of: head) == nil ? .gone : nil },
      cut: { [weak self] request in await self?.keep(request) }
    ) { [weak self] request in await self?.answer(request) ?? .gone }
  }

  // MARK: Hello

  /// Turns somebody away who begins too much for an address; nil where it may go on.
  func tooOften(_ request: Request) -> Response? {
    let address =
      switch request.peer {
      case .network(let address): address
      case .local, .unknown: "local"
      }
    guard let seconds = limiter.attempt(address, nowUs: Clock.bootUs()) else { return nil }
    return .syncBusy(429, seconds: seconds)
  }

  private func greet(_ request: Request) -> Response {
    if let refusal = tooOften(request) { return refusal }
    let nowUs = Clock.bootUs()
    greetings = greetings.filter { nowUs - $0.value.fromUs < Self.greetingUs }
    guard let site = node.siteId else { return .syncRefused("no-site", 404) }
    guard greetings.count < Self.greetingsMax,
      greetings.values.count(where: { $0.peer == request.peer }) < Self.greetingsPerAddressMax
    else { return .syncBusy }
    guard let session = SessionId(Self.random(SessionId.byteCount)) else { return .syncBusy }
    do throws(HelloRefusal) {
      let responder = try HelloResponder(
        to: request.body, site: site, key: node.key,
        HelloResponder.Randomness(
          secret: Self.random(32), nonce: Self.random(16), session: session))
      greetings[session] = Greeting(responder: responder, peer: request.peer, fromUs: nowUs)
      return .octets(responder.message2)
    } catch {
      refusedCount &+= 1
      return .syncRefused(error.rawValue, 403)
    }
  }

  private func begin(_ message3: [UInt8]) -> Response {
    guard let id = HelloResponder.session(in: message3),
      let greeting = greetings.removeValue(forKey: id)
    else { return .gone }
    do throws(HelloRefusal) {
      let proven = try greeting.responder.proven(by: message3)
      guard node.admits(proven.peer) else {
        refusedCount &+= 1
        return .octets(proven.refused(.membership))
      }
      let (session, message4) = proven.accepted()
      makeRoom()
      sessions[id] = DoorSession(
        session, readAhead: readAhead, nowUs: Clock.bootUs())
      return .octets(message4)
    } catch {
      refusedCount &+= 1
      return .syncRefused(error.rawValue, 403)
    }
  }

  private func makeRoom() {
    let nowMs = Clock.bootUs() / 1_000
    sessions = sessions.filter { !$0.value.isOver(nowMs: nowMs) }
    guard sessions.count >= Self.sessionsMax,
      let unused = sessions.min(by: { $0.value.usedUs < $1.value.usedUs })
    else { return }
    sessions[unused.key] = nil
  }

  // MARK: Sessions

  /// The session and channel that a request names; nil where it names none, whoever sends it.
  private func session(of head: Request) -> (id: SessionId, session: DoorSession, channel: UInt8)? {
    guard let bytes = Hex.bytes((head.parameters["session"] ?? "")[...]),
      let id = SessionId(bytes), let session = sessions[id],
      let channel = UInt8(head.parameters["channel"] ?? ""), channel <= 2
    else { return nil }
    return (id, session, channel)
  }

  private func answer(_ request: Request) async -> Response {
    guard let (id, session, channel) = session(of: request) else { return .gone }
    guard node.admits(session.peer), !session.isOver(nowMs: Clock.bootUs() / 1_000) else {
      sessions[id] = nil
      return .gone
    }
    do throws(DoorFailure) {
      return .octets(try await session.answer(request.body, channel, node, carriage))
    } catch {
      switch error {
      case .busy: return .syncBusy
      case .over:
        refusedCount &+= 1
        sessions[id] = nil
        return .gone
      }
    }
  }

  /// A request was cut: of a push, what came whole counts.
  private func keep(_ request: Request) async {
    guard let (_, session, channel) = session(of: request), node.admits(session.peer) else {
      return
    }
    await session.keep(request.body, channel, node, carriage)
  }

  /// The session of a node that was used last.
  func session(of peer: NodeId) -> DoorSession? {
    sessions.values.filter { $0.peer == peer }.max { $0.usedUs < $1.usedUs }
  }

  /// Ends every session of a node whose rights were taken.
  func end(_ peer: NodeId) { sessions = sessions.filter { $0.value.peer != peer } }

  static func random(_ count: Int) -> [UInt8] {
    do throws(Errno) { return try System.randomBytes(count: count) } catch {
      preconditionFailure("the system gives no random bytes: \(error)")
    }
  }
}

/// Why a request in a session has no answer of its own.
enum DoorFailure: Error {
  /// Another request of this channel is under way.
  case busy
  /// A message that is not what it has to be has ended the session.
  case over
}

extension Response {
  /// Bytes of the sync protocol.
  static func octets(_ bytes: [UInt8]) -> Response {
    var response = Response(status: 200, body: bytes)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Cache-Control"] = "no-store"
    return response
  }

  /// There is no such session, any more.
  static var gone: Response { syncRefused("session", 410) }

  /// Later.
  static var syncBusy: Response { syncBusy(503, seconds: 2) }

  /// Later, and when.
  static func syncBusy(_ status: Int, seconds: Int64) -> Response {
    var response = syncRefused("busy", status)
    response.headers["Retry-After"] = "\(seconds)"
    return response
  }

  /// A refusal outside of any session: nobody can hold it against the other node.
  static func syncRefused(_ code: String, _ status: Int) -> Response {
    .refusal(
      ServiceError(
        status: status, code: "sync." + code, detail: "this node does not take that: \(code)",
        remedy: "see docs/sync-format.md"))
  }
}
