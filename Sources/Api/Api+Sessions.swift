internal import Model
internal import Reactor
internal import Web

/// The body of a request that says nothing: an empty object.
struct EmptyRequest: Decodable {}

/// Signing in and out, and the first administrator.
extension Api {
  func addSessions(to router: inout Router) {
    let access = node.access
    add(
      Operation(
        .get, "/api/v1/session", .open, "Who asks, and whether the node has an administrator.",
        answer: .json(SessionView.self)), to: &router
    ) { request, _ in .unkept(.json(access.session(of: request.caller))) }
    add(
      Operation(
        .post, "/api/v1/session", .open,
        "Signs in: the answer sets a cookie, and says what changes must carry beside it.",
        body: SignInRequest.self, answer: .json(SessionView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(SignInRequest.self)
      return .signedIn(try await access.signIn(wanted, request))
    }
    add(
      Operation(.delete, "/api/v1/session", .open, "Signs out.", answer: .nothing), to: &router
    ) { request, _ throws(ServiceError) in
      // Another page cannot sign anybody out.
      guard request.caller != nil || !access.holdsSession(request) else {
        throw .foreignChange
      }
      var response = Response.noContent
      response.headers["Set-Cookie"] = try await access.signOut(request)
      return response
    }
    add(
      Operation(
        .put, "/api/v1/session/password", .needs(.read),
        "Changes one's own password; every other session of the same person ends.",
        body: PasswordRequest.self, answer: .json(SessionView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(PasswordRequest.self)
      return .unkept(.json(try await access.changePassword(wanted, request)))
    }
    add(
      Operation(
        .post, "/api/v1/claim", .open,
        "Makes the first administrator of whoever knows the code on the daemon's terminal.",
        body: ClaimRequest.self, answer: .json(SessionView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(ClaimRequest.self)
      return .signedIn(try await access.claim(wanted, request))
    }
  }
}

extension Response {
  /// An answer that nothing on its way may keep.
  static func unkept(_ response: Response) -> Response {
    var response = response
    response.headers["Cache-Control"] = "no-store"
    return response
  }

  fileprivate static func signedIn(_ signedIn: SignedIn) -> Response {
    var response = unkept(.json(signedIn.view))
    response.headers["Set-Cookie"] = signedIn.cookie
    return response
  }
}

extension ServiceError {
  /// A change that came with a cookie and without the secret of its session.
  static let foreignChange = ServiceError(
    status: 403, code: "csrf", detail: Problem.foreignChange.detail ?? "",
    remedy: Problem.foreignChange.remedy ?? "")
}
