internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// Who may do what on this node: knows people by their sessions and programs by their tokens, and
/// writes what administrators change into the journal.
///
/// It decides nothing by itself: who counts is `AccessFold`, how often one may try `LoginLimiter`,
/// which sessions there are `SessionTable`, what a route needs `AccessJudge`.
@Loop final class AccessDesk {
  /// When the running time is noted first: a start that crashes at once counts for nothing.
  private static let firstNoteUs: Int64 = 60_000_000

  let recorder: Recorder
  let history: History
  let log: Log
  let hasher = PasswordHasher()
  let lock = ChangeLock()
  private let store: Store
  private let cookieName: String
  private let code: ClaimCode
  private let startedUs = Clock.bootUs()
  private let startedS: Int64
  private(set) var fold: AccessFold { didSet { foldVersion &+= 1 } }
  private var claimed: Bool?
  /// Another one after every change of `fold`.
  private var foldVersion: UInt64 = 0
  private var programs = ProgramCache()
  var sessions: SessionTable
  var limiter = LoginLimiter()
  /// Sessions whose own password is being changed, with what it will be: they go on.
  var renewing: [[UInt8]: [UInt8]] = [:]
  private var noteTimer: LoopTimer?

  init(
    node: NodeId, recorder: Recorder, store: Store, history: History, opening: StoreOpening,
    log: Log
  ) {
    self.recorder = recorder
    self.store = store
    self.history = history
    self.log = log
    cookieName = "bivouac_" + Hex.text(node.bytes.prefix(4))
    guard let code = ClaimCode(random: Self.random(ClaimCode.randomByteCount)) else {
      preconditionFailure("ten bytes make a claim code")
    }
    self.code = code
    fold = opening.access
    startedS = opening.runningS
    sessions = SessionTable(opening.sessions, nowS: opening.runningS)
    noteTimer = LoopTimer { [weak self] in self?.noteLater() }
    if sessions.count > 0 { noteTimer?.arm(afterUs: Self.firstNoteUs) }
  }

  // MARK: Who counts

  /// A journal entry is on disk: what it changes is known from now on.
  func take(_ entry: JournalEntry) {
    switch entry.content {
    case .accessRevoked(let revocation):
      fold.apply(revocation)
      claimed = nil
    case .registerWrite(let write) where write.key.space == RegisterSpace.user.rawValue:
      claimed = nil
    default: break
    }
  }

  /// Takes what was folded from the disk anew.
  func replace(_ fold: AccessFold) {
    self.fold = fold
    claimed = nil
  }

  /// Whether an administrator counts.
  var isClaimed: Bool {
    if let claimed { return claimed }
    let found = fold.isClaimed(in: recorder.registers)
    claimed = found
    return found
  }

  func user(_ name: String) -> AccessFold.User? { fold.user(name, in: recorder.registers) }

  /// What makes whoever types it the first administrator.
  var claimText: String { code.text }

  func isClaimCode(_ typed: String) -> Bool { code.matches(typed) }

  /// What the status tells.
  var view: AccessView {
    AccessView(claimed: isClaimed, sessions: sessions.count, loginFailures: limiter.failureCount)
  }

  /// Random bytes of the system; without them nobody can be kept out.
  static func random(_ count: Int) -> [UInt8] {
    do throws(Errno) {
      return try System.randomBytes(count: count)
    } catch {
      preconditionFailure("the system gives no random bytes: \(error)")
    }
  }

  // MARK: Sessions

  /// The daemon's running time, in s.
  var runningS: Int64 { startedS + (Clock.bootUs() - startedUs) / 1_000_000 }

  /// The sessions that a request's cookies may mean.
  func hashes(in headers: Headers) -> [[UInt8]] {
    Cookies.values(cookieName, in: headers).compactMap { value in
      guard let id = Hex.bytes(value[...]), id.count == Session.idByteCount else { return nil }
      return Session.hash(ofId: id)
    }
  }

  /// The person of a session, as they are now; a session that no longer fits them ends.
  func person(_ hash: [UInt8]) -> Caller? {
    guard let session = sessions.use(hash, nowS: runningS) else { return nil }
    guard let user = user(session.user), user.record.generation == session.generation,
      [session.credential, renewing[hash]].contains(user.record.credential)
    else {
      sessions.end(hash)
      noteTimer?.arm(afterUs: 0)
      return nil
    }
    let key = Caller.SessionKey(hash: hash, csrf: Hex.text(session.csrf))
    return Caller(
      .user(name: user.name, role: user.record.role, session: key),
      permissions: user.record.role.permissions)
  }

  /// Begins a session: the `Set-Cookie` of its browser, and who it is.
  func begin(_ user: AccessFold.User, _ request: Request) async -> SignedIn {
    for hash in hashes(in: request.headers) { sessions.end(hash) }
    let id = Self.random(Session.idByteCount)
    let nowS = runningS
    let session = Session(
      hash: Session.hash(ofId: id), user: user.name, generation: user.record.generation,
      credential: user.record.credential, csrf: Self.random(16), startedS: nowS, usedS: nowS)
    sessions.begin(session)
    await noteNow()
    return SignedIn(
      view: self.session(of: person(session.hash)),
      cookie: cookie(Hex.text(id), request))
  }

  func cookie(_ value: String, _ request: Request) -> String {
    let isProxied = request.headers["Origin"]?.lowercased().hasPrefix("https://") ?? false
    return Cookies.setting(
      cookieName, to: value, isSecure: request.isEncrypted || isProxied)
  }

  // MARK: What the disk knows of them

  /// Writes what changed. What cannot be written now is tried again later: meanwhile it holds in
  /// memory.
  @discardableResult func noteNow(ended: Bool = false) async -> DatabaseError? {
    let changes = sessions.takeChanges()
    defer { if sessions.count > 0 { armNote() } }
    do throws(DatabaseError) {
      try await store.note(changes, runningS: runningS, ended: ended)
      return nil
    } catch {
      sessions.putBack(changes)
      log.write(.warning, "sessions.unwritten", ["cause": error.cause])
      armNote()
      return error
    }
  }

  /// Ends in order: after this the next start knows how long this one ran.
  func stop() async {
    noteTimer?.cancel()
    guard sessions.count > 0 || startedS > 0 else { return }
    await noteNow(ended: true)
    noteTimer = nil
  }

  private func armNote() {
    guard noteTimer?.isArmed == false else { return }
    noteTimer?.arm(afterUs: Limits.sessionNoteSeconds * 1_000_000)
  }

  private func noteLater() {
    sessions.endOver(nowS: runningS)
    Task { @Loop in await noteNow() }
  }
}

extension AccessDesk: Gatekeeper {
  func caller(of head: Request) -> Caller? {
    let authorization = head.headers.values(of: "Authorization")
    // Who shows a token is known by it or not at all.
    if !authorization.isEmpty { return authorization.count == 1 ? known(authorization[0]) : nil }
    for hash in hashes(in: head.headers) {
      if let caller = person(hash) { return caller }
    }
    return nil
  }

  /// Whether whoever asks may read here, as somebody of another site may who is known here too.
  func mayRead(_ head: Request) -> Bool {
    caller(of: head)?.permissions.contains(.read) ?? false
  }

  /// As `program`, at little cost while nothing changes.
  private func known(_ authorization: String) -> Caller? {
    // Both only grow, so their sum is another one after a change of either.
    let version = recorder.registersVersion &+ foldVersion
    guard let key = ProgramCache.key(authorization) else { return nil }
    if let caller = programs.program(key, version: version) { return caller }
    guard let caller = program(authorization) else { return nil }
    programs.remember(key, caller)
    return caller
  }

  private func program(_ authorization: String) -> Caller? {
    let words = authorization.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer",
      let secret = TokenSecret(text: String(words[1])),
      let token = fold.token(secret.id, in: recorder.registers),
      ConstantTime.equal(token.record.secretHash, secret.hash)
    else { return nil }
    return Caller(.token(name: token.record.name), permissions: token.record.permissions)
  }
}
