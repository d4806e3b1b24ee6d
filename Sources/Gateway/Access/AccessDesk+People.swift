internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// What administrators do.
extension AccessDesk: AccessService {
  // MARK: People

  func users() -> UsersList {
    UsersList(users: fold.users(in: recorder.registers).map(Self.view))
  }

  func addUser(_ wanted: UserRequest, _ caller: Caller) async throws(ServiceError) -> UserView {
    let name = try checkedName(wanted.name)
    try check(password: wanted.password)
    return try await lock.hold { () async throws(ServiceError) in
      let known = fold.users(in: recorder.registers)
      guard !known.contains(where: { $0.name == name }) else { throw AccessProblem.exists(name) }
      guard known.count < Limits.accessEntriesMax else { throw AccessProblem.tooManyEntries }
      let record = UserRecord(
        role: wanted.role, generation: newGeneration(), password: try await hash(wanted.password))
      try await write(record, of: name, author: caller.author)
      return try shown(name)
    }
  }

  func changeUser(
    _ name: String, _ change: UserChange, _ caller: Caller
  ) async throws(ServiceError) -> UserView {
    if let password = change.password { try check(password: password) }
    let name = try existing(name).name
    return try await lock.hold { () async throws(ServiceError) in
      var password: [UInt8]?
      if let wanted = change.password { password = try await hash(wanted) }
      var record = try existing(name).record
      if let role = change.role {
        if role != .admin { try keepAnAdmin(name, caller) }
        record.role = role
      }
      if let password { record.password = password }
      try await write(record, of: name, author: caller.author)
      if password != nil {
        endSessions(of: name, unless: record.credential)
        await noteNow()
      }
      return try shown(name)
    }
  }

  func removeUser(_ name: String, _ caller: Caller) async throws(ServiceError) {
    let name = try existing(name).name
    try await lock.hold { () async throws(ServiceError) in
      let user = try existing(name)
      try keepAnAdmin(name, caller)
      let key = UserRecord.key(name)
      // First what counts for ever; the register is then only tidied.
      for generation in user.generations {
        try await recorder.write(
          .accessRevoked(
            AccessRevocation(.user, key: key.bytes, generation: generation, reason: "")),
          author: caller.author)
      }
      try await recorder.write(
        .registerWrite(
          RegisterWrite(key: key, value: nil, replaces: recorder.registers.replaces(key))),
        author: caller.author)
      endSessions(of: name, unless: nil)
      await noteNow()
    }
  }

  // MARK: Tokens

  func tokens() -> TokensList {
    TokensList(tokens: fold.tokens(in: recorder.registers).map(Self.view))
  }

  func addToken(
    _ wanted: TokenRequest, _ caller: Caller
  ) async throws(ServiceError) -> NewTokenView {
    do throws(UserName.Fault) {
      try UserName.check(wanted.name)
    } catch {
      throw AccessProblem.refused(error, "token.refused")
    }
    guard !wanted.permissions.isEmpty else { throw AccessProblem.nothingPermitted }
    return try await lock.hold { () async throws(ServiceError) in
      guard fold.tokens(in: recorder.registers).count < Limits.accessEntriesMax else {
        throw AccessProblem.tooManyEntries
      }
      let id = Self.random(TokenRecord.idByteCount)
      guard let secret = TokenSecret(id: id, secret: Self.random(TokenSecret.byteCount)) else {
        preconditionFailure("eight and twenty bytes make a token")
      }
      let record = TokenRecord(
        name: wanted.name, permissions: Permissions(wanted.permissions), secretHash: secret.hash)
      let key = RegisterKey(.token, id)
      try await recorder.write(
        .registerWrite(
          RegisterWrite(
            key: key, value: record.encoded(), replaces: recorder.registers.replaces(key))),
        author: caller.author)
      guard let token = fold.token(id, in: recorder.registers) else {
        throw AccessProblem.noToken(Hex.text(id))
      }
      return NewTokenView(token: Self.view(token), secret: secret.text)
    }
  }

  func revokeToken(_ id: String, _ caller: Caller) async throws(ServiceError) {
    guard let key = Hex.bytes(id[...]), fold.token(key, in: recorder.registers) != nil else {
      throw AccessProblem.noToken(id)
    }
    try await recorder.write(
      .accessRevoked(AccessRevocation(.token, key: key, generation: 0, reason: "")),
      author: caller.author)
  }

  // MARK: The audit

  func audit(limit: Int, cursor: String?) async throws(ServiceError) -> AuditList {
    var place: AuditCursor?
    if let cursor {
      guard let known = AuditCursor(text: cursor) else {
        throw ServiceError(
          status: 400, code: "bad-parameter",
          parameters: ["parameter": "cursor", "reason": "it is none of ours"],
          detail: "the parameter \"cursor\" cannot be used: it is none of ours",
          remedy: "begin again without it")
      }
      place = known
    }
    do throws(DatabaseError) {
      let page = try await history.audit(place, limit: limit)
      return AuditList(
        entries: page.records.compactMap(AuditText.view), next: page.next?.description)
    } catch {
      throw Problems.service(error)
    }
  }

  // MARK: Helpers

  /// Writes a person; it counts when this returns.
  func write(_ record: UserRecord, of name: String, author: String) async throws(ServiceError) {
    let key = UserRecord.key(name)
    try await recorder.write(
      .registerWrite(
        RegisterWrite(
          key: key, value: record.encoded(), replaces: recorder.registers.replaces(key))),
      author: author)
  }

  func newGeneration() -> UInt64 {
    Self.random(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The person of a name as somebody typed it.
  private func existing(_ typed: String) throws(ServiceError) -> AccessFold.User {
    guard let name = Self.name(typed), let user = user(name) else {
      throw AccessProblem.noUser(typed)
    }
    return user
  }

  private func shown(_ name: String) throws(ServiceError) -> UserView {
    Self.view(try existing(name))
  }

  /// Nobody locks everybody out over the network; who is at the machine may begin anew.
  private func keepAnAdmin(_ name: String, _ caller: Caller) throws(ServiceError) {
    guard !caller.isLocal else { return }
    let admins = fold.users(in: recorder.registers).filter { $0.record.role == .admin }
    guard admins.map(\.name) != [name] else { throw AccessProblem.lastAdmin(name) }
  }

  private static func view(_ user: AccessFold.User) -> UserView {
    UserView(
      name: user.name, role: user.record.role, conflict: user.isDisputed,
      author: user.stamp.author, atUs: user.stamp.wallUs, trusted: user.stamp.trusted)
  }

  private static func view(_ token: AccessFold.Token) -> TokenView {
    TokenView(
      id: Hex.text(token.id), name: token.record.name,
      permissions: token.record.permissions.list, author: token.stamp.author,
      atUs: token.stamp.wallUs, trusted: token.stamp.trusted)
  }
}
