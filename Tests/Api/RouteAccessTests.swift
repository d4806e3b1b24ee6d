import Api
import Model
import Reactor
import Testing

@testable import Web

/// Knows who asks by a word in a header, as the daemon does by a token or a cookie.
@Loop private final class WordKeeper: Gatekeeper {
  static let csrf = "00112233"

  nonisolated init() {}

  func caller(of head: Request) -> Caller? {
    guard let word = head.headers["X-Who"] else { return nil }
    if let role = Role(rawValue: word) {
      return Caller(
        .user(name: word, role: role, session: .init(hash: [1], csrf: Self.csrf)),
        permissions: role.permissions)
    }
    return Permission(rawValue: word).map {
      Caller(.token(name: word), permissions: Permissions($0))
    }
  }
}

@Suite("Who may use which route") struct RouteAccessTests {
  /// What every route needs. A route that is not here fails the first test: whoever adds one says
  /// here who may use it.
  private static let needed: [String: RouteAccess] = [
    "GET /api/v1/status": .needs(.read), "GET /api/v1/devices": .needs(.read),
    "GET /api/v1/devices/{id}": .needs(.read),
    "PUT /api/v1/devices/{id}/name": .needs(.operate),
    "POST /api/v1/devices/{id}/open": .needs(.operate),
    "POST /api/v1/devices/{id}/forget": .needs(.administer),
    "POST /api/v1/devices/{id}/assign": .needs(.administer),
    "POST /api/v1/devices/{id}/commands": .needs(.operate),
    "GET /api/v1/snapshots": .needs(.read), "GET /api/v1/snapshots/{hash}": .needs(.read),
    "GET /api/v1/devices/{id}/snapshots": .needs(.read),
    "POST /api/v1/devices/{id}/snapshots": .needs(.operate),
    "GET /api/v1/commands": .needs(.read), "GET /api/v1/commands/{id}": .needs(.read),
    "GET /api/v1/questions": .needs(.read),
    "POST /api/v1/questions/{id}/answer": .needs(.operate),
    "GET /api/v1/readings": .needs(.read), "GET /api/v1/series": .needs(.read),
    "GET /api/v1/deletions": .needs(.read), "POST /api/v1/deletions": .needs(.administer),
    "POST /api/v1/deletions/{id}/undo": .needs(.administer),
    "GET /api/v1/late-values": .needs(.read), "POST /api/v1/late-values": .needs(.operate),
    "POST /api/v1/late-values/{id}/withdraw": .needs(.operate),
    "GET /api/v1/annotations": .needs(.read), "POST /api/v1/annotations": .needs(.operate),
    "POST /api/v1/annotations/{id}/remove": .needs(.operate),
    "GET /api/v1/retention": .needs(.read), "GET /api/v1/retention/{id}": .needs(.read),
    "PUT /api/v1/retention/{id}": .needs(.administer),
    "DELETE /api/v1/retention/{id}": .needs(.administer),
    "POST /api/v1/retention/acknowledge": .needs(.operate),
    "GET /api/v1/rules": .needs(.read), "POST /api/v1/rules": .needs(.administer),
    "PUT /api/v1/rules/{id}": .needs(.administer),
    "GET /api/v1/silence": .needs(.read), "PUT /api/v1/silence": .needs(.administer),
    "DELETE /api/v1/rules/{id}": .needs(.administer),
    "GET /api/v1/recipients": .needs(.administer),
    "POST /api/v1/recipients": .needs(.administer),
    "PUT /api/v1/recipients/{id}": .needs(.administer),
    "DELETE /api/v1/recipients/{id}": .needs(.administer),
    "POST /api/v1/recipients/{id}/test": .needs(.administer),
    "GET /api/v1/alarms": .needs(.read), "POST /api/v1/alarms/{id}/acknowledge": .needs(.operate),
    "GET /api/v1/clocks": .needs(.read), "PUT /api/v1/clocks/{epoch}": .needs(.administer),
    "DELETE /api/v1/clocks/{epoch}": .needs(.administer), "GET /api/v1/events": .needs(.read),
    "GET /api/v1/simulated": .localOnly, "POST /api/v1/simulated": .localOnly,
    "GET /metrics": .needs(.metrics), "GET /api/v1/openapi.json": .needs(.read),
    "GET /api/v1/session": .open, "POST /api/v1/session": .open,
    "DELETE /api/v1/session": .open, "PUT /api/v1/session/password": .needs(.read),
    "POST /api/v1/claim": .open, "GET /api/v1/users": .needs(.administer),
    "POST /api/v1/users": .needs(.administer), "PUT /api/v1/users/{name}": .needs(.administer),
    "DELETE /api/v1/users/{name}": .needs(.administer),
    "GET /api/v1/tokens": .needs(.administer), "POST /api/v1/tokens": .needs(.administer),
    "DELETE /api/v1/tokens/{id}": .needs(.administer),
    "GET /api/v1/audit": .needs(.administer),
    "GET /api/v1/sites": .needs(.read), "POST /api/v1/sites": .localOnly,
    "GET /api/v1/site": .needs(.read), "POST /api/v1/site": .needs(.administer),
    "POST /api/v1/site/recovery": .needs(.administer),
    "POST /api/v1/site/key": .needs(.administer),
    "POST /api/v1/invitations": .needs(.administer),
    "POST /api/v1/pairing": .needs(.administer), "GET /api/v1/sync": .needs(.read),
    "POST /api/v1/audit/{id}/restoration": .needs(.administer),
    "GET /api/v1/conflicts": .needs(.read),
    "POST /api/v1/conflicts/{id}/decide": .needs(.administer),
    "POST /api/v1/sync/now": .needs(.administer), "POST /api/v1/peers": .needs(.administer),
    "DELETE /api/v1/peers/{peer}": .needs(.administer),
    "POST /api/v1/peers/{peer}/revocation": .needs(.administer),
    "POST /api/v1/sync/exports": .needs(.administer),
    "GET /api/v1/sync/exports/{id}": .needs(.administer),
    "POST /api/v1/sync/imports": .needs(.administer),
    "PUT /api/v1/sync/imports/{id}": .needs(.administer),
    "POST /api/v1/sync/imports/{id}/end": .needs(.administer),
  ]

  private let node = FakeNode()

  /// Whoever waits for the loop must have started it.
  init() { EventLoop.shared.start() }

  @Loop private func router() -> Router {
    var router = Router(gatekeeper: WordKeeper())
    Api(node: node, sites: FakeSites(), hub: FakeHub()).addRoutes(to: &router)
    return router
  }

  private static let network = Peer.network(address: "127.0.0.1")

  private func head(
    _ method: Web.Method, _ pattern: String, _ headers: Headers = Headers(),
    peer: Peer = Self.network
  ) -> Request {
    Request(
      method, pattern.replacing("{", with: "").replacing("}", with: ""), headers: headers,
      peer: peer)
  }

  /// What becomes of a request by its head: the code of the refusal, or nil.
  @Loop private func refusal(_ router: Router, _ head: Request) -> String? {
    guard case .answer(let response) = router.judge(head) else { return nil }
    // Whoever may use it is then asked for the type of the body.
    guard response.status == 401 || response.status == 403 else { return nil }
    do { return try JSON.decode(Problem.self, from: response.bytes).code } catch { return "?" }
  }

  @Test("every route says who may use it, and it is what was decided") @Loop func table() {
    let told = router().routes.map { ("\($0.method) \($0.pattern)", $0.access) }
    #expect(Set(told.map(\.0)) == Set(Self.needed.keys))
    for (route, access) in told { #expect(access == Self.needed[route], "\(route)") }
  }

  @Test("nobody uses anything but what is open") @Loop func nobody() {
    let router = router()
    for (method, pattern, access) in router.routes {
      let code = refusal(router, head(method, pattern))
      switch access {
      case .open: #expect(code == nil, "\(method) \(pattern)")
      case .needs: #expect(code == "unauthenticated", "\(method) \(pattern)")
      case .localOnly: #expect(code == "local-only", "\(method) \(pattern)")
      }
      // What nobody knows counts for nobody.
      #expect(refusal(router, head(method, pattern, ["X-Who": "god"])) == code)
      // Nor does who comes from nowhere.
      if access != .open {
        #expect(refusal(router, head(method, pattern, peer: .unknown)) != nil)
      }
    }
  }

  @Test("a role uses what its permissions allow, and no more", arguments: Role.allCases)
  @Loop func roles(role: Role) {
    let router = router()
    let headers: Headers = ["X-Who": role.rawValue, "X-Bivouac-CSRF": WordKeeper.csrf]
    for (method, pattern, access) in router.routes {
      let code = refusal(router, head(method, pattern, headers))
      #expect(code == expected(access, role.permissions), "\(role) \(method) \(pattern)")
    }
  }

  @Test(
    "a token uses what it was given, without any secret beside it", arguments: Permission.allCases)
  @Loop func tokens(permission: Permission) {
    let router = router()
    for (method, pattern, access) in router.routes {
      let code = refusal(router, head(method, pattern, ["X-Who": permission.rawValue]))
      #expect(
        code == expected(access, Permissions(permission)), "\(permission) \(method) \(pattern)")
    }
  }

  @Test("a change that comes with a cookie alone is refused", arguments: ["", "00112234", "0011"])
  @Loop func foreignChange(csrf: String) {
    let router = router()
    let headers: Headers = ["X-Who": "admin", "X-Bivouac-CSRF": csrf]
    for (method, pattern, access) in router.routes {
      guard case .needs = access else { continue }
      let code = refusal(router, head(method, pattern, headers))
      #expect(code == (method == .get ? nil : "csrf"), "\(method) \(pattern)")
      let bare = refusal(router, head(method, pattern, ["X-Who": "admin"]))
      #expect(bare == (method == .get ? nil : "csrf"), "\(method) \(pattern)")
    }
  }

  @Test("over the unix socket everything is open") @Loop func local() {
    let router = router()
    let peer = Peer.local(processId: 1, userId: 7, groupId: 7)
    for (method, pattern, _) in router.routes {
      #expect(refusal(router, head(method, pattern, peer: peer)) == nil, "\(method) \(pattern)")
    }
  }

  @Test("who may not is told what is missing, and how to be known") @Loop func told() throws {
    let router = router()
    guard
      case .answer(let nobody) = router.judge(head(.get, "/api/v1/status")),
      case .answer(let viewer) = router.judge(
        head(.get, "/api/v1/users", ["X-Who": "viewer"]))
    else { throw NotRefused() }
    #expect(nobody.headers["WWW-Authenticate"] == "Bearer")
    let problem = try JSON.decode(Problem.self, from: viewer.bytes)
    #expect(problem.parameters == ["needs": "administer", "has": "metrics, read"])
    #expect(problem.status == 403 && problem.remedy != nil)
  }

  private struct NotRefused: Error {}

  private func expected(_ access: RouteAccess, _ had: Permissions) -> String? {
    switch access {
    case .open: nil
    case .needs(let permission): had.contains(permission) ? nil : "forbidden"
    case .localOnly: "local-only"
    }
  }
}
