public import Model
public import Reactor
public import Web

/// Who may do what, as the API asks it.
@Loop public protocol AccessService: AnyObject {
  /// Who asks.
  func session(of caller: Caller?) -> SessionView
  /// Whether a request carries the cookie of somebody who is signed in, whatever else it lacks.
  func holdsSession(_ request: Request) -> Bool
  /// Signs somebody in: what they are told, and the `Set-Cookie` of their browser.
  func signIn(_ wanted: SignInRequest, _ request: Request) async throws(ServiceError) -> SignedIn
  /// Makes the first administrator, and signs them in.
  func claim(_ wanted: ClaimRequest, _ request: Request) async throws(ServiceError) -> SignedIn
  /// Signs somebody out; the `Set-Cookie` that takes the cookie away.
  func signOut(_ request: Request) async throws(ServiceError) -> String
  /// Changes one's own password.
  func changePassword(
    _ wanted: PasswordRequest, _ request: Request
  ) async throws(ServiceError) -> SessionView
  /// Everybody who counts.
  func users() -> UsersList
  /// Adds a person.
  func addUser(_ wanted: UserRequest, _ caller: Caller) async throws(ServiceError) -> UserView
  /// Changes a person's role or password.
  func changeUser(
    _ name: String, _ change: UserChange, _ caller: Caller
  ) async throws(ServiceError) -> UserView
  /// Removes a person, of every generation.
  func removeUser(_ name: String, _ caller: Caller) async throws(ServiceError)
  /// Every token that counts.
  func tokens() -> TokensList
  /// Makes a token.
  func addToken(
    _ wanted: TokenRequest, _ caller: Caller
  ) async throws(ServiceError) -> NewTokenView
  /// Revokes a token.
  func revokeToken(_ id: String, _ caller: Caller) async throws(ServiceError)
  /// What was changed, newest first.
  func audit(limit: Int, cursor: String?) async throws(ServiceError) -> AuditList
  /// What makes whoever types it the first administrator; nil once there is one.
  var claimCode: String? { get }
}

/// Somebody who has just signed in.
public struct SignedIn: Sendable, Equatable {
  /// What they are told.
  public var view: SessionView
  /// The header that their browser is given.
  public var cookie: String

  /// Puts both together.
  public init(view: SessionView, cookie: String) {
    self.view = view
    self.cookie = cookie
  }
}
