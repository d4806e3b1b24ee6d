internal import Sync

/// What the disk knows of people who are signed in: it replicates nowhere, and is no part of the
/// journal.
extension StoreCore {
  private static let columns = "hash, user, generation, credential, csrf, started, used, crc"

  /// Sessions, and the daemon's running time in s, as far as it was noted. After an end that was
  /// not in order it counts as one interval more.
  func sessions() throws(DatabaseError) -> (sessions: [Session], runningS: Int64) {
    var clock = try database.prepare("SELECT seconds, ended FROM running WHERE id = 1")
    guard try clock.step() else { return ([], 0) }
    let runningS =
      max(0, clock.int64(0)) + (clock.int64(1) == 1 ? 0 : Sync.Limits.sessionNoteSeconds)
    clock.reset()
    var rows = try database.prepare(
      "SELECT \(Self.columns) FROM session ORDER BY used DESC LIMIT \(Sync.Limits.sessionsMax)")
    var found: [Session] = []
    while try rows.step() {
      let session = Session(
        hash: rows.blob(0), user: rows.text(1),
        generation: UInt64(bitPattern: rows.int64(2)), credential: rows.blob(3),
        csrf: rows.blob(4), startedS: rows.int64(5), usedS: rows.int64(6))
      // A row that was altered lets nobody in: its owner signs in again.
      if Self.check(session) == rows.int64(7) { found.append(session) }
    }
    return (found, runningS)
  }

  /// Writes what changed of them, and the running time, in one transaction.
  func note(
    _ changes: SessionTable.Changes, runningS: Int64, ended: Bool
  ) throws(DatabaseError) {
    try database.transaction { () throws(DatabaseError) in
      var remove = try database.prepare("DELETE FROM session WHERE hash = ?")
      for hash in changes.ended {
        remove.bind(1, hash)
        try remove.run()
      }
      var write = try database.prepare(
        "INSERT OR REPLACE INTO session(\(Self.columns)) VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      for session in changes.written {
        write.bind(1, session.hash)
        write.bind(2, session.user)
        write.bind(3, Int64(bitPattern: session.generation))
        write.bind(4, session.credential)
        write.bind(5, session.csrf)
        write.bind(6, session.startedS)
        write.bind(7, session.usedS)
        write.bind(8, Self.check(session))
        try write.run()
      }
      try database.execute(
        "INSERT OR REPLACE INTO running(id, seconds, ended) "
          + "VALUES(1, \(runningS), \(ended ? 1 : 0))")
    }
  }

  private static func check(_ session: Session) -> Int64 {
    var check = RowCheck()
    for bytes in [session.hash, Array(session.user.utf8), session.credential, session.csrf] {
      check.add(Int64(bytes.count))
      check.add(bytes.span)
    }
    for number in [Int64(bitPattern: session.generation), session.startedS, session.usedS] {
      check.add(number)
    }
    return check.value
  }
}
