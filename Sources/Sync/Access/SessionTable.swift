/// A person who is signed in, in one browser.
///
/// Its ages count the daemon's running time, in s, and never a wall clock, which may be wrong.
public struct Session: Hashable, Sendable {
  /// The hash of what the browser shows: all that is kept of it.
  public var hash: [UInt8]
  /// Whose.
  public var user: String
  /// Of which generation.
  public var generation: UInt64
  /// What the password was (`UserRecord.credential`): another one ends the session.
  public var credential: [UInt8]
  /// What every change that the browser asks for must carry.
  public var csrf: [UInt8]
  /// When it began.
  public var startedS: Int64
  /// When it was used last.
  public var usedS: Int64

  /// Puts a session together.
  public init(
    hash: [UInt8], user: String, generation: UInt64, credential: [UInt8], csrf: [UInt8],
    startedS: Int64, usedS: Int64
  ) {
    self.hash = hash
    self.user = user
    self.generation = generation
    self.credential = credential
    self.csrf = csrf
    self.startedS = startedS
    self.usedS = usedS
  }

  /// The length of what the browser shows, in bytes.
  public static let idByteCount = 32

  /// What is kept of what the browser shows.
  public static func hash(ofId id: [UInt8]) -> [UInt8] { Blake2b.content(id) }

  /// Whether it has come to its end by itself.
  public func isOver(nowS: Int64) -> Bool {
    nowS - startedS >= Limits.sessionAgeSecondsMax || nowS - usedS >= Limits.sessionIdleSecondsMax
  }
}

/// The sessions of this node, and what of them the disk does not know yet.
public struct SessionTable: Sendable {
  /// What has changed since the last time that it was taken.
  public struct Changes: Hashable, Sendable {
    /// Sessions that are new, or were used.
    public var written: [Session] = []
    /// The hashes of sessions that have ended.
    public var ended: [[UInt8]] = []

    /// Puts changes together.
    public init(written: [Session] = [], ended: [[UInt8]] = []) {
      self.written = written
      self.ended = ended
    }

    /// Whether there is nothing to write.
    public var isEmpty: Bool { written.isEmpty && ended.isEmpty }
  }

  private var sessions: [[UInt8]: Session] = [:]
  private var touched: Set<[UInt8]> = []
  private var ended: Set<[UInt8]> = []

  /// Begins with what the disk knows; what is over by now ends.
  public init(_ known: [Session] = [], nowS: Int64 = 0) {
    for session in known { sessions[session.hash] = session }
    endOver(nowS: nowS)
  }

  /// How many there are.
  public var count: Int { sessions.count }

  /// Adds a session; of too many the longest unused one gives way.
  public mutating func begin(_ session: Session) {
    if sessions.count >= Limits.sessionsMax { endOver(nowS: session.startedS) }
    if sessions.count >= Limits.sessionsMax,
      let unused = sessions.values.min(by: { ($0.usedS, $0.startedS) < ($1.usedS, $1.startedS) })
    {
      end(unused.hash)
    }
    sessions[session.hash] = session
    touched.insert(session.hash)
    ended.remove(session.hash)
  }

  /// The session of a hash, which counts as used now; nil when there is none, or it is over.
  public mutating func use(_ hash: [UInt8], nowS: Int64) -> Session? {
    guard let session = sessions[hash] else { return nil }
    guard !session.isOver(nowS: nowS) else {
      end(hash)
      return nil
    }
    if nowS > session.usedS {
      sessions[hash]?.usedS = nowS
      touched.insert(hash)
    }
    return session
  }

  /// Ends a session.
  public mutating func end(_ hash: [UInt8]) {
    guard sessions.removeValue(forKey: hash) != nil else { return }
    touched.remove(hash)
    ended.insert(hash)
  }

  /// Ends every session that `keeps` does not keep.
  public mutating func endAll(unless keeps: (Session) -> Bool) {
    for session in sessions.values where !keeps(session) { end(session.hash) }
  }

  /// Gives a session that goes on another password and secret.
  public mutating func renew(_ hash: [UInt8], credential: [UInt8], csrf: [UInt8]) {
    guard sessions[hash] != nil else { return }
    sessions[hash]?.credential = credential
    sessions[hash]?.csrf = csrf
    touched.insert(hash)
  }

  /// Ends what is over.
  public mutating func endOver(nowS: Int64) {
    endAll { !$0.isOver(nowS: nowS) }
  }

  /// What the disk does not know yet, in the order of the hashes; afterwards it is taken for known.
  public mutating func takeChanges() -> Changes {
    defer {
      touched = []
      ended = []
    }
    return Changes(
      written: touched.sorted { $0.precedes($1) }.compactMap { sessions[$0] },
      ended: ended.sorted { $0.precedes($1) })
  }

  /// Changes that were taken could not be written: they are told again.
  public mutating func putBack(_ changes: Changes) {
    for session in changes.written where sessions[session.hash] != nil {
      touched.insert(session.hash)
    }
    ended.formUnion(changes.ended.filter { sessions[$0] == nil })
  }
}
