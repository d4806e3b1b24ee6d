import Api
import Model
import Reactor
import Web

/// Knows one person, whose every request succeeds; it remembers what it was asked.
@Loop final class FakeAccess: AccessService {
  var asked: [String] = []
  var claimCode: String? = "AAAAA-AAAAA"

  nonisolated init() {}

  private let user = UserView(
    name: "ada", role: .admin, conflict: false, author: "local:1000", atUs: 5, trusted: true)
  private let token = TokenView(
    id: "0102030405060708", name: "Grafana", permissions: [.metrics], author: "user:ada", atUs: 6,
    trusted: false)

  func session(of caller: Caller?) -> SessionView {
    var view = SessionView(claimed: true)
    view.permissions = caller?.permissions.list ?? []
    view.local = caller?.isLocal
    return view
  }

  func holdsSession(_ request: Request) -> Bool { request.headers["Cookie"] == "held" }

  func signIn(_ wanted: SignInRequest, _ request: Request) async throws(ServiceError) -> SignedIn {
    guard wanted.password == "right" else {
      throw ServiceError(
        status: 429, code: "login.too-many", parameters: ["seconds": "12"], detail: "wait",
        remedy: "wait")
    }
    return SignedIn(view: SessionView(claimed: true), cookie: "a=b")
  }

  func claim(_ wanted: ClaimRequest, _ request: Request) async throws(ServiceError) -> SignedIn {
    asked.append("claim \(wanted.code) \(wanted.user)")
    return SignedIn(view: SessionView(claimed: true), cookie: "a=b")
  }

  func signOut(_ request: Request) async throws(ServiceError) -> String { "a=; Max-Age=0" }

  func changePassword(
    _ wanted: PasswordRequest, _ request: Request
  ) async throws(ServiceError) -> SessionView {
    asked.append("password \(wanted.old) \(wanted.new)")
    return SessionView(claimed: true)
  }

  func users() -> UsersList { UsersList(users: [user]) }

  func addUser(_ wanted: UserRequest, _ caller: Caller) async throws(ServiceError) -> UserView {
    asked.append("add \(wanted.name) \(wanted.role) \(caller.author)")
    return user
  }

  func changeUser(
    _ name: String, _ change: UserChange, _ caller: Caller
  ) async throws(ServiceError) -> UserView {
    asked.append("change \(name) \(change.role?.rawValue ?? "-") \(caller.author)")
    return user
  }

  func removeUser(_ name: String, _ caller: Caller) async throws(ServiceError) {
    asked.append("remove \(name) \(caller.author)")
  }

  func tokens() -> TokensList { TokensList(tokens: [token]) }

  func addToken(
    _ wanted: TokenRequest, _ caller: Caller
  ) async throws(ServiceError) -> NewTokenView {
    asked.append("token \(wanted.name) \(wanted.permissions.map(\.rawValue)) \(caller.author)")
    return NewTokenView(token: token, secret: "biv_secret")
  }

  func revokeToken(_ id: String, _ caller: Caller) async throws(ServiceError) {
    asked.append("revoke \(id) \(caller.author)")
  }

  func audit(limit: Int, cursor: String?) async throws(ServiceError) -> AuditList {
    asked.append("audit \(limit) \(cursor ?? "-")")
    return AuditList(entries: [], next: "1-2-3")
  }
}
