internal import Model
internal import Sync

/// The writer's side of the database: everything that `Store` does, as plain calls.
///
/// It is used by one thread at a time.
final class StoreCore {
  struct Statements: ~Copyable {
    var insertHot: Statement
    var insertJournal: Statement
    var insertEntrySignature: Statement
    var upsertCursor: Statement
    var upsertDevice: Statement
    var upsertFolded: Statement
    var insertPack: Statement
    var insertBlock: Statement
  }

  let database: Database
  var statements: Statements
  private(set) var options: StoreOptions
  /// Local id of this incarnation; nil until the first commit is on the disk.
  private(set) var incarnationId: Int64?
  private var clockEpochId: Int64?
  private var heads = [UInt64](repeating: 0, count: Lane.allCases.count)

  /// Commits since the cursor table was refreshed.
  private var commitsSinceCheckpoint = 0
  private var lastHotId: Int64?
  private var changedCursors: [CursorKey: Cursor] = [:]
  private var changedDevices: [DeviceIdentity: ClosedRange<Int64>] = [:]

  let dating = DatingKeeper()
  /// What is known of records of other nodes.
  var merging = MergingState()

  private struct CursorKey: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32
  }

  /// Opens, migrates and folds.
  init(_ options: StoreOptions) throws(DatabaseError) {
    let database = try Database.open(
      Database.Options(
        path: options.path, vfs: options.vfs, synchronous: options.synchronous,
        walPagesMax: options.walPagesMax))
    // Before the first change: a file that is refused stays as it is.
    try Migrations.check(database, node: options.node, former: options.former)
    // A new file is changed to WAL by way of a rollback journal. Should that journal come back
    // after a power cut, for want of a sync of its folder, SQLite would undo the whole database
    // with it: the power-cut tests saw that. EXTRA syncs the folder.
    if options.synchronous == "FULL" { try database.execute("PRAGMA synchronous=EXTRA") }
    let mode = try database.text("PRAGMA journal_mode=WAL")
    let synchronous = SeededBug.visibleBeforeDurable.isOn ? "OFF" : options.synchronous
    try database.execute("PRAGMA synchronous=\(synchronous)")
    guard mode == "wal" else {
      throw DatabaseError(.cannotOpen, path: options.path, message: "journal mode \(mode ?? "?")")
    }
    try Migrations.run(database, node: options.node, former: options.former)
    statements = Statements(
      insertHot: try database.prepare(
        "INSERT INTO hot(\(RowSeal.hotColumns)) VALUES(?, ?, ?, ?, ?, ?)"),
      insertJournal: try database.prepare(
        "INSERT INTO journal(\(RowSeal.journalColumns)) VALUES(?, ?, ?, ?, ?)"),
      insertEntrySignature: try database.prepare(
        "INSERT INTO entry_signature VALUES(?, ?, ?)"),
      upsertCursor: try database.prepare(
        "INSERT OR REPLACE INTO cursor(kind, identity, epoch, nonce, next, closed, ring) "
          + "VALUES(?, ?, ?, ?, ?, ?, ?)"),
      upsertDevice: try database.prepare(
        "INSERT INTO device(kind, identity, first_hot, last_hot) VALUES(?1, ?2, ?3, ?4) "
          + "ON CONFLICT DO UPDATE SET first_hot = min(first_hot, ?3), "
          + "last_hot = max(last_hot, ?4)"),
      upsertFolded: try database.prepare(
        "INSERT OR REPLACE INTO folded(id, hot, crc) VALUES(1, ?, ?)"),
      insertPack: try database.prepare("INSERT INTO pack(body) VALUES(?)"),
      insertBlock: try database.prepare(
        "INSERT INTO block(\(BlockRow.columns)) VALUES(\(BlockRow.placeholders))"))
    self.database = database
    self.options = options
  }

  /// Everything that the disk knows.
  ///
  /// What is read in full is compared with its checks: the small tables, the journal, the commits
  /// since the last checkpoint. The other commits are left to the inspection.
  func open() throws(DatabaseError) -> StoreOpening {
    var opening = StoreOpening()
    try Soundness.check(database)
    let continuity = try Continuity(database)
    let isSound = try Soundness.cachesHold(database)
    var folded: Int64 = 0
    if isSound {
      folded = try database.number("SELECT hot FROM folded WHERE id = 1") ?? 0
      opening.cursors.apply(try Folding.cursorTable(database))
      let newest = continuity.last(to: RowId.ownEnd - 1) ?? 0
      guard newest >= folded else {
        throw Damage(.missing, "hot", (newest + 1)...folded).error(database.path)
      }
    }
    try Folding.hotTail(database, after: folded, continuity) { (ids, cursors, identities) in
      opening.cursors.apply(cursors)
      note(cursors, identities, ids)
      commitsSinceCheckpoint += 1
    }
    if !isSound {
      // The tables are only a memory of the commits, which were just gone through from the first.
      try checkpoint(anew: true)
      opening.note(Damage(.rebuilt, "cursor"))
    }
    try foldJournals(into: &opening)
    (opening.sessions, opening.runningS) = try sessions()
    opening.commitCount = continuity.commitCount
    opening.seriesCount = Int(try database.number("SELECT max(id) FROM series") ?? 0)
    return opening
  }

  /// What every journal comes to, from zero.
  func foldJournals() throws(DatabaseError) -> StoreOpening {
    var opening = StoreOpening()
    try foldJournals(into: &opening)
    return opening
  }

  private func foldJournals(into opening: inout StoreOpening) throws(DatabaseError) {
    try Folding.journal(database, options: options, into: &opening)
    try Folding.foreignJournal(database, into: &opening)
  }
}

extension StoreCore {
  /// Writes readings, cursors and journal entries in one transaction; afterwards all of it is on
  /// the disk. When it throws, nothing is, and the same may be tried again.
  func commit(_ commit: PendingCommit) throws(DatabaseError) -> CommitReceipt {
    precondition(commit.journal.count <= Limits.journalEntriesMax, "\(commit.journal.count)")
    let before = (incarnationId, clockEpochId, heads)
    merging.changed.isOwn = true
    do throws(DatabaseError) {
      // Encoded before the transaction, which others wait for.
      let body = commit.content.map { CommitEncoder.encode($0.body) } ?? []
      precondition(body.count <= Sync.Limits.commitBytesMax, "body of \(body.count) bytes")
      var receipt = CommitReceipt(record: nil, journal: [], bodyBytes: body.count)
      if let content = commit.content, commit.journal.isEmpty, incarnationId != nil {
        // One statement is a transaction by itself, begun and ended without two more.
        try insert(body, content, commit.clock, &receipt)
      } else {
        try database.transaction { () throws(DatabaseError) in
          try begin(commit.clock)
          for entry in commit.journal { receipt.journal.append(try insert(entry)) }
          if let content = commit.content {
            try insert(body, content, commit.clock, &receipt)
          }
        }
      }
      if let content = commit.content { committed(content) }
      return receipt
    } catch {
      (incarnationId, clockEpochId, heads) = before
      throw error
    }
  }

  /// Refreshes the cursor table, so that the next opening reads few rows.
  ///
  /// Anew: nothing of what the tables hold counts.
  func checkpoint(anew: Bool = false) throws(DatabaseError) {
    let isDue = !changedCursors.isEmpty || !changedDevices.isEmpty
    // Without a commit there is nothing yet to which the tables could be fresh.
    guard anew || (isDue && lastHotId != nil) else { return }
    try database.transaction { () throws(DatabaseError) in
      if anew { try database.execute("DELETE FROM cursor; DELETE FROM device; DELETE FROM folded") }
      guard let lastHotId else { return }
      for cursor in changedCursors.values { try upsert(cursor) }
      for (identity, range) in changedDevices { try upsert(identity, range) }
      try upsertFolded(lastHotId)
    }
    changedCursors.removeAll()
    changedDevices.removeAll()
    commitsSinceCheckpoint = 0
  }

  /// Dates some blocks; whether more are due.
  func dateBlocks() throws(DatabaseError) -> Bool { try dating.step(database) }

  /// Refreshes the cursor table when enough commits have come since the last time.
  func checkpointIfDue() throws(DatabaseError) {
    if commitsSinceCheckpoint >= Limits.commitsPerCheckpoint { try checkpoint() }
  }

  /// Refreshes the cursor table and empties the write-ahead log into the file.
  func finish() throws(DatabaseError) {
    try checkpoint()
    try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func upsert(_ cursor: Cursor) throws(DatabaseError) {
    statements.upsertCursor.bind(1, Int64(cursor.identity.kind.rawValue))
    statements.upsertCursor.bind(2, cursor.identity.bytes)
    statements.upsertCursor.bind(3, Int64(cursor.epoch))
    statements.upsertCursor.bind(4, Int64(cursor.nonce))
    statements.upsertCursor.bind(5, Int64(cursor.next))
    statements.upsertCursor.bind(6, Int64(cursor.isClosed ? 1 : 0))
    statements.upsertCursor.bind(7, Int64(cursor.ringCapacity))
    try statements.upsertCursor.run()
  }

  func upsert(_ device: DeviceIdentity, _ ids: ClosedRange<Int64>) throws(DatabaseError) {
    statements.upsertDevice.bind(1, Int64(device.kind.rawValue))
    statements.upsertDevice.bind(2, device.bytes)
    statements.upsertDevice.bind(3, ids.lowerBound)
    statements.upsertDevice.bind(4, ids.upperBound)
    try statements.upsertDevice.run()
  }

  /// Says up to which commit the tables are fresh, with their check.
  func upsertFolded(_ hotId: Int64) throws(DatabaseError) {
    statements.upsertFolded.bind(1, hotId)
    statements.upsertFolded.bind(2, try RowSeal.caches(database, foldedHot: hotId))
    try statements.upsertFolded.run()
  }

  private func committed(_ content: CommitContent) {
    commitsSinceCheckpoint += 1
    let hotId = id(.telemetry)
    note(content.cursors, content.body.sources.map(\.identity), hotId...hotId)
  }

  private func note(
    _ cursors: [Cursor], _ identities: [DeviceIdentity], _ ids: ClosedRange<Int64>
  ) {
    lastHotId = ids.upperBound
    for cursor in cursors {
      changedCursors[CursorKey(identity: cursor.identity, epoch: cursor.epoch)] = cursor
    }
    for identity in identities { noteDevices([identity: ids]) }
  }

  /// Has the next checkpoint say between which commits devices are.
  func noteDevices(_ devices: [DeviceIdentity: ClosedRange<Int64>]) {
    for (identity, ids) in devices {
      if let known = changedDevices[identity] {
        changedDevices[identity] =
          min(known.lowerBound, ids.lowerBound)...max(known.upperBound, ids.upperBound)
      } else if changedDevices.count < Limits.devicesMax {
        changedDevices[identity] = ids
      }
    }
  }

  private func record(_ lane: Lane) -> RecordId {
    RecordId(
      origin: options.node, incarnation: options.incarnation, lane: lane,
      seq: heads[Int(lane.rawValue)])
  }

  private func insert(
    _ body: [UInt8], _ content: CommitContent, _ clock: ClockObservation,
    _ receipt: inout CommitReceipt
  ) throws(DatabaseError) {
    let hotId = nextId(.telemetry)
    statements.insertHot.bind(1, hotId)
    statements.insertHot.bind(2, clockEpochId ?? 0)
    statements.insertHot.bind(3, body)
    let cursors = SeededBug.cursorApart.isOn ? [] : content.cursors
    let (cursorBytes, clockBytes) = (CursorColumn.encode(cursors), clock.encoded())
    statements.insertHot.bind(4, cursorBytes)
    statements.insertHot.bind(5, clockBytes)
    statements.insertHot.bind(
      6,
      RowSeal.hot(hotId, clockEpochId ?? 0, body.span, cursorBytes.span, clockBytes.span))
    try statements.insertHot.run()
    receipt.record = record(.telemetry)
  }

  private func insert(_ entry: JournalEntry) throws(DatabaseError) -> RecordId {
    let lane = entry.content.lane
    let (id, kind, body) = (nextId(lane), Int64(entry.content.kind), JournalEncoder.encode(entry))
    statements.insertJournal.bind(1, id)
    let clockEpochId =
      try entry.clockEpoch.flatMap { (clockEpoch) throws(DatabaseError) in
        try self.clockEpochId(clockEpoch)
      } ?? self.clockEpochId ?? 0
    statements.insertJournal.bind(2, clockEpochId)
    statements.insertJournal.bind(3, kind)
    statements.insertJournal.bind(4, body)
    statements.insertJournal.bind(5, RowSeal.journal(id, clockEpochId, kind, body.span))
    try statements.insertJournal.run()
    // What the record says is no longer to be put on record.
    if case .trimming = entry.content { try database.execute("DELETE FROM trimmed") }
    return record(lane)
  }

  /// The row of a boot of the node; nil when nothing was ever written in it.
  private func clockEpochId(_ clockEpoch: ClockEpoch) throws(DatabaseError) -> Int64? {
    var found = try database.prepare("SELECT id FROM clock_epoch WHERE boot = ?")
    found.bind(1, clockEpoch.bytes)
    return try found.step() ? found.int64(0) : nil
  }

  /// The key of the next row of a lane.
  private func nextId(_ lane: Lane) -> Int64 {
    heads[Int(lane.rawValue)] += 1
    return id(lane)
  }

  /// The key of the newest row of a lane.
  private func id(_ lane: Lane) -> Int64 {
    precondition(incarnationId != nil, "no incarnation")
    let head = heads[Int(lane.rawValue)]
    return RowId.make(incarnation: incarnationId ?? 0, lane: lane, seq: Int64(head))
  }

  /// In the first transaction: the node, the clock epoch, the incarnation with its parent.
  private func begin(_ clock: ClockObservation) throws(DatabaseError) {
    guard incarnationId == nil else { return }
    let me = try ownNode()
    let parent = try newestIncarnation(of: me)
    if SeededBug.incarnationByCounting.isOn {
      options.incarnation = Incarnation((parent?.incarnation.number ?? 0) + 1)
    }
    try insert(
      "INSERT OR IGNORE INTO clock_epoch(id, boot) VALUES((SELECT coalesce(max(id), 0) + 1 "
        + "FROM clock_epoch WHERE id < \(RowId.foreignFirst)), ?)", options.clockEpoch.bytes)
    var found = try database.prepare("SELECT id FROM clock_epoch WHERE boot = ?")
    found.bind(1, options.clockEpoch.bytes)
    // It has just been written, or was there: the index that looks for it is not as it was.
    guard try found.step() else {
      throw Damage(.missing, "clock_epoch").error(options.path)
    }
    clockEpochId = found.int64(0)
    found.reset()
    let isRenumbering = try isRenumbering()
    if let parent, isRenumbering || SeededBug.incarnationKept.isOn { return try goOn(in: parent) }
    let own = "id < \(RowId.foreignFirst)"
    let next = (try database.number("SELECT max(id) FROM incarnation WHERE \(own)") ?? 0) + 1
    precondition(next < Limits.incarnationsMax, "incarnation \(next)")
    try insert(
      "INSERT INTO incarnation(id, node, number) VALUES(\(next), \(me), ?)",
      RowId.bytes(options.incarnation))
    incarnationId = next
    let stamp = Stamp(
      trusted: clock.trusted, bootUs: clock.bootUs, wallUs: clock.wallUs, author: "node")
    _ = try insert(
      JournalEntry(stamp: stamp, content: .incarnation(IncarnationBegun(parent: parent))))
  }

  /// The seeded bug that only a copy shows which was put back: a database that was closed in order,
  /// and in this boot, is gone on with as if nothing had come after it.
  private func isRenumbering() throws(DatabaseError) -> Bool {
    guard SeededBug.rowsRenumberedAfterRestore.isOn else { return false }
    var newest = try database.prepare(
      "SELECT id, clock_epoch FROM hot WHERE id < \(RowId.ownEnd) ORDER BY id DESC LIMIT 1")
    guard try newest.step() else { return false }
    let folded = try database.number("SELECT hot FROM folded")
    return newest.int64(0) == folded && newest.int64(1) == clockEpochId
  }

  /// The seeded bugs: the run before goes on, as far as this disk knows it.
  private func goOn(in parent: IncarnationBegun.Parent) throws(DatabaseError) {
    options.incarnation = parent.incarnation
    heads = parent.heads
    incarnationId = try database.number(
      "SELECT max(id) FROM incarnation WHERE id < \(RowId.foreignFirst)")
  }

  func insert(_ sql: String, _ bytes: [UInt8]) throws(DatabaseError) {
    var statement = try database.prepare(sql)
    statement.bind(1, bytes)
    try statement.run()
  }
}
