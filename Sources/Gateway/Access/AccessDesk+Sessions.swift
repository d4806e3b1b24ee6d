internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// Signing in and out.
extension AccessDesk {
  /// What the claim code is tried under: no person can be called so.
  private static let claimName = "\u{0}claim"

  var claimCode: String? { isClaimed ? nil : claimText }

  func session(of caller: Caller?) -> SessionView {
    var view = SessionView(claimed: isClaimed)
    guard let caller else { return view }
    view.permissions = caller.permissions.list
    switch caller.who {
    case .local: view.local = true
    case .user(let name, let role, let session):
      view.user = name
      view.role = role
      view.csrf = session.csrf
    case .token(let name): view.token = name
    }
    return view
  }

  func holdsSession(_ request: Request) -> Bool {
    hashes(in: request.headers).contains { person($0) != nil }
  }

  func signIn(
    _ wanted: SignInRequest, _ request: Request
  ) async throws(ServiceError) -> SignedIn {
    guard isClaimed else { throw AccessProblem.claimFirst }
    // A name that nobody can have is tried like one that nobody has.
    let name = Self.name(wanted.user) ?? ""
    try attempt(request.address, name)
    let hash = user(name)?.record.password ?? PasswordHash.nobody
    let isRight = try await verify(wanted.password, hash, request.address, name)
    // Whatever has changed meanwhile counts.
    guard isRight, let user = user(name), user.record.password == hash else {
      throw fail(request.address, AccessProblem.wrong)
    }
    limiter.succeeded(request.address, name)
    return await begin(user, request)
  }

  func claim(_ wanted: ClaimRequest, _ request: Request) async throws(ServiceError) -> SignedIn {
    guard !isClaimed else { throw AccessProblem.claimDone }
    try attempt(request.address, Self.claimName)
    guard isClaimCode(wanted.code) else { throw fail(request.address, AccessProblem.claimWrong) }
    limiter.succeeded(request.address, Self.claimName)
    let name = try checkedName(wanted.user)
    try check(password: wanted.password)
    let made = try await lock.hold { () async throws(ServiceError) in
      guard !isClaimed else { throw AccessProblem.claimDone }
      let record = UserRecord(
        role: .admin, generation: user(name)?.record.generation ?? newGeneration(),
        password: try await hash(wanted.password))
      try await write(record, of: name, author: "user:" + name)
      return user(name)
    }
    guard let made else { throw AccessProblem.noUser(name) }
    log.write(.notice, "access.claimed", [:])
    return await begin(made, request)
  }

  func signOut(_ request: Request) async throws(ServiceError) -> String {
    let held = hashes(in: request.headers)
    for hash in held { sessions.end(hash) }
    if !held.isEmpty, let error = await noteNow() { throw Problems.service(error) }
    return cookie("", request)
  }

  func changePassword(
    _ wanted: PasswordRequest, _ request: Request
  ) async throws(ServiceError) -> SessionView {
    guard case .user(let name, _, let session)? = request.caller?.who else {
      throw AccessProblem.noSession
    }
    try check(password: wanted.new)
    try attempt(request.address, name)
    guard let before = user(name)?.record,
      try await verify(wanted.old, before.password, request.address, name)
    else { throw fail(request.address, AccessProblem.oldWrong) }
    limiter.succeeded(request.address, name)
    return try await lock.hold { () async throws(ServiceError) in
      let password = try await hash(wanted.new)
      // Another change may have come first: then this one was asked of what is no more.
      guard var record = user(name)?.record, record.generation == before.generation,
        record.password == before.password
      else { throw AccessProblem.oldWrong }
      record.password = password
      renewing[session.hash] = record.credential
      defer { renewing[session.hash] = nil }
      try await write(record, of: name, author: "user:" + name)
      sessions.renew(session.hash, credential: record.credential, csrf: Self.random(16))
      endSessions(of: name, unless: record.credential)
      await noteNow()
      return self.session(of: person(session.hash))
    }
  }

  // MARK: Helpers

  /// Ends the sessions of a person whose password was another one.
  func endSessions(of name: String, unless credential: [UInt8]?) {
    sessions.endAll { $0.user != name || $0.credential == credential }
  }

  /// The name that is meant; nil for one that nobody can have.
  static func name(_ typed: String) -> String? {
    do throws(UserName.Fault) { return try UserName.checked(typed) } catch { return nil }
  }

  func checkedName(_ typed: String) throws(ServiceError) -> String {
    do throws(UserName.Fault) {
      return try UserName.checked(typed)
    } catch {
      throw AccessProblem.refused(error)
    }
  }

  func check(password: String) throws(ServiceError) {
    do throws(PasswordHash.Fault) {
      try PasswordHash.check(password)
    } catch {
      throw AccessProblem.refused(error)
    }
  }

  func hash(_ password: String) async throws(ServiceError) -> [UInt8] {
    do throws(PasswordHasher.Failure) {
      return try await hasher.make(password, salt: Self.random(PasswordHash.saltByteCount))
    } catch {
      throw unhashed(error)
    }
  }

  private func attempt(_ address: String, _ name: String) throws(ServiceError) {
    if let seconds = limiter.attempt(address, name, nowUs: Clock.bootUs()) {
      throw AccessProblem.tooMany(seconds)
    }
  }

  private func verify(
    _ password: String, _ hash: [UInt8], _ address: String, _ name: String
  ) async throws(ServiceError) -> Bool {
    do throws(PasswordHasher.Failure) {
      return try await hasher.verify(password, hash)
    } catch {
      limiter.abandoned(address, name)
      throw unhashed(error)
    }
  }

  /// Whoever waits is told the same; what is wrong with the machine is in the log.
  private func unhashed(_ failure: PasswordHasher.Failure) -> ServiceError {
    if case .failed(let cause) = failure {
      log.write(.error, "password.unhashed", ["cause": cause])
    }
    return AccessProblem.busy
  }

  /// The name is not logged: it may be a password in the wrong field.
  private func fail(_ address: String, _ problem: ServiceError) -> ServiceError {
    limiter.failed()
    log.write(.warning, "login.failed", ["address": address, "code": problem.code])
    return problem
  }
}

extension Request {
  /// Where it comes from, for counting attempts.
  fileprivate var address: String {
    switch peer {
    case .network(let address): address
    case .local: "local"
    case .unknown: "unknown"
    }
  }
}
