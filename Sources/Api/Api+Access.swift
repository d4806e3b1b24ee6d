internal import Model
internal import Reactor
internal import Web

/// People, tokens, and what was changed by whom: for administrators.
extension Api {
  func addAccess(to router: inout Router) {
    addUsers(to: &router)
    addTokens(to: &router)
    addAudit(to: &router)
  }

  private func addUsers(to router: inout Router) {
    let access = node.access
    add(
      Operation(
        .get, "/api/v1/users", .needs(.administer), "The people who may sign in.",
        answer: .json(UsersList.self)), to: &router
    ) { _, _ in .json(access.users()) }
    add(
      Operation(
        .post, "/api/v1/users", .needs(.administer), "Adds a person.", body: UserRequest.self,
        answer: .json(UserView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(UserRequest.self)
      return .json(try await access.addUser(wanted, try request.known()), status: 201)
    }
    add(
      Operation(
        .put, "/api/v1/users/{name}", .needs(.administer),
        "Changes a person's role or password; another password ends their sessions.",
        body: UserChange.self, answer: .json(UserView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let change = try request.content(UserChange.self)
      guard change.role != nil || change.password != nil else {
        throw .badParameter("role", "neither \"role\" nor \"password\" is given")
      }
      return .json(
        try await access.changeUser(request.part("name"), change, try request.known()))
    }
    add(
      Operation(
        .delete, "/api/v1/users/{name}", .needs(.administer),
        "Removes a person for ever: one of the same name who is added later is another one.",
        answer: .nothing), to: &router
    ) { request, _ throws(ServiceError) in
      try await access.removeUser(request.part("name"), try request.known())
      return .noContent
    }
  }

  private func addTokens(to router: inout Router) {
    let access = node.access
    add(
      Operation(
        .get, "/api/v1/tokens", .needs(.administer), "The tokens of programs.",
        answer: .json(TokensList.self)), to: &router
    ) { _, _ in .json(access.tokens()) }
    add(
      Operation(
        .post, "/api/v1/tokens", .needs(.administer),
        "Makes a token; its secret is in this answer and nowhere else.", body: TokenRequest.self,
        answer: .json(NewTokenView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(TokenRequest.self)
      let made = try await access.addToken(wanted, try request.known())
      return .unkept(.json(made, status: 201))
    }
    add(
      Operation(
        .delete, "/api/v1/tokens/{id}", .needs(.administer), "Revokes a token, for ever.",
        answer: .nothing), to: &router
    ) { request, _ throws(ServiceError) in
      try await access.revokeToken(request.part("id"), try request.known())
      return .noContent
    }
  }

  private func addAudit(to router: inout Router) {
    let access = node.access
    add(
      Operation(
        .get, "/api/v1/audit", .needs(.administer),
        "What people and programs have changed, newest first.",
        parameters: [
          .init(
            name: "limit", schema: .integer(in: 1...Int64(ApiLimits.auditPerPageMax)),
            description: "At most so many; 100 when it is not given."),
          .init(name: "cursor", schema: .text, description: "Where the page before ended."),
        ], answer: .json(AuditList.self)), to: &router
    ) { _, query throws(ServiceError) in
      let limit = try query.number("limit", in: 1...ApiLimits.auditPerPageMax) ?? 100
      let cursor = try query.text("cursor")
      try query.finish()
      return .json(try await access.audit(limit: limit, cursor: cursor))
    }
  }
}

extension Request {
  /// Who asks: the router has seen to it that it is somebody.
  fileprivate func known() throws(ServiceError) -> Caller {
    guard let caller else {
      throw ServiceError(
        status: 401, code: "unauthenticated", detail: "nobody that is known asks",
        remedy: "sign in")
    }
    return caller
  }
}
