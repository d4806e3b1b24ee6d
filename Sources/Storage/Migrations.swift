internal import Model

/// The layout of the database, step by step; a step that was released never changes.
enum Migrations {
  /// "Biva": the file says what it is to file(1).
  static let applicationId: Int64 = 0x4269_7661

  /// Step `n` leads from layout `n` to layout `n + 1`.
  static let steps = [
    first, second, third, fourth, fifth, MergingTables.step, MergingTables.ranges, KeepingRows.step,
    MergingTables.descriptions,
  ]

  private static let first = """
    CREATE TABLE node(
      id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE);
    CREATE TABLE incarnation(
      id INTEGER PRIMARY KEY, node INTEGER NOT NULL, number BLOB NOT NULL,
      UNIQUE(node, number));
    CREATE TABLE clock_epoch(
      id INTEGER PRIMARY KEY, boot BLOB NOT NULL UNIQUE);
    CREATE TABLE hot(
      id INTEGER PRIMARY KEY, clock_epoch INTEGER NOT NULL, body BLOB NOT NULL,
      cursors BLOB NOT NULL, clock BLOB NOT NULL);
    CREATE TABLE journal(
      id INTEGER PRIMARY KEY, clock_epoch INTEGER NOT NULL, kind INTEGER NOT NULL,
      body BLOB NOT NULL);
    CREATE TABLE folded(
      id INTEGER PRIMARY KEY CHECK(id = 1), hot INTEGER NOT NULL);
    CREATE TABLE cursor(
      kind INTEGER NOT NULL, identity BLOB NOT NULL, epoch INTEGER NOT NULL,
      nonce INTEGER NOT NULL, next INTEGER NOT NULL, closed INTEGER NOT NULL,
      ring INTEGER NOT NULL, PRIMARY KEY(kind, identity, epoch)) WITHOUT ROWID;
    CREATE TABLE device(
      kind INTEGER NOT NULL, identity BLOB NOT NULL, first_hot INTEGER NOT NULL,
      last_hot INTEGER NOT NULL, PRIMARY KEY(kind, identity)) WITHOUT ROWID;
    CREATE VIEW hot_commits AS
      SELECT lower(hex(node.key)) AS origin, lower(hex(incarnation.number)) AS incarnation,
        2 AS lane, hot.id & 0xFFFFFFFFFF AS seq, lower(hex(clock_epoch.boot)) AS clock_epoch,
        hot.body AS body, hot.cursors AS cursors, hot.clock AS clock
      FROM hot JOIN incarnation ON incarnation.id = hot.id >> 40
        JOIN node ON node.id = incarnation.node
        JOIN clock_epoch ON clock_epoch.id = hot.clock_epoch;
    CREATE VIEW journal_entries AS
      SELECT lower(hex(node.key)) AS origin, lower(hex(incarnation.number)) AS incarnation,
        journal.id >> 36 & 15 AS lane, journal.id & 0xFFFFFFFFF AS seq,
        lower(hex(clock_epoch.boot)) AS clock_epoch, journal.kind AS kind, journal.body AS body
      FROM journal JOIN incarnation ON incarnation.id = journal.id >> 40
        JOIN node ON node.id = incarnation.node
        JOIN clock_epoch ON clock_epoch.id = journal.clock_epoch;
    """

  /// Every row gets a check. -1 is none: rows that were there before get theirs in `seal`.
  private static let second = """
    ALTER TABLE hot ADD COLUMN crc INTEGER NOT NULL DEFAULT -1;
    ALTER TABLE journal ADD COLUMN crc INTEGER NOT NULL DEFAULT -1;
    ALTER TABLE folded ADD COLUMN crc INTEGER NOT NULL DEFAULT -1;
    """

  /// Ranges of commits as blocks. Packs are numbered once and for all (AUTOINCREMENT): one who
  /// remembers a pack never finds another under its number.
  private static let third = """
    CREATE TABLE series(
      id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL,
      identity BLOB NOT NULL, channel TEXT NOT NULL);
    CREATE TABLE commit_range(
      id INTEGER PRIMARY KEY, last INTEGER NOT NULL, clock_epoch INTEGER NOT NULL,
      header BLOB NOT NULL, cursors BLOB NOT NULL, clock BLOB NOT NULL, crc INTEGER NOT NULL);
    CREATE TABLE block(
      series INTEGER NOT NULL, commits INTEGER NOT NULL, part INTEGER NOT NULL,
      about INTEGER NOT NULL, kind INTEGER NOT NULL, unit BLOB NOT NULL,
      start INTEGER NOT NULL, "end" INTEGER NOT NULL, count INTEGER NOT NULL,
      summary BLOB NOT NULL, level INTEGER NOT NULL, pack INTEGER NOT NULL,
      place INTEGER NOT NULL, bytes INTEGER NOT NULL, body_crc INTEGER NOT NULL,
      crc INTEGER NOT NULL, PRIMARY KEY(series, commits, part)) WITHOUT ROWID;
    CREATE INDEX block_by_level ON block(level, commits, pack);
    CREATE TABLE pack(
      id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
    CREATE TABLE packing(
      id INTEGER PRIMARY KEY CHECK(id = 1), commits INTEGER NOT NULL, pack INTEGER NOT NULL);
    CREATE TABLE trimmed(
      kind INTEGER NOT NULL, identity BLOB NOT NULL, channel TEXT NOT NULL,
      level INTEGER NOT NULL, reason INTEGER NOT NULL, readings INTEGER NOT NULL,
      blocks INTEGER NOT NULL, bytes INTEGER NOT NULL, from_utc INTEGER, to_utc INTEGER,
      PRIMARY KEY(kind, identity, channel, level, reason)) WITHOUT ROWID;
    CREATE TABLE dated(
      commits INTEGER NOT NULL, series INTEGER NOT NULL, part INTEGER NOT NULL,
      from_utc INTEGER NOT NULL, to_utc INTEGER NOT NULL,
      PRIMARY KEY(commits, series, part)) WITHOUT ROWID;
    CREATE INDEX dated_by_time ON dated(series, from_utc, to_utc);
    CREATE TABLE extent(
      series INTEGER PRIMARY KEY, readings INTEGER NOT NULL, longest INTEGER NOT NULL);
    CREATE TABLE dating(
      id INTEGER PRIMARY KEY CHECK(id = 1), journal INTEGER NOT NULL, mark INTEGER NOT NULL);
    CREATE TRIGGER dating_behind AFTER INSERT ON commit_range BEGIN
      UPDATE dating SET mark = NEW.id - 1 WHERE mark >= NEW.id;
    END;
    CREATE TRIGGER dated_gone AFTER DELETE ON block BEGIN
      UPDATE extent SET readings = readings - OLD.count
        WHERE series = OLD.series AND EXISTS (SELECT 1 FROM dated
          WHERE commits = OLD.commits AND series = OLD.series AND part = OLD.part);
      DELETE FROM dated
        WHERE commits = OLD.commits AND series = OLD.series AND part = OLD.part;
    END;
    """

  /// What keeps work small where series are many: those of one device, and the ranges that a new
  /// anchor or fit moves, without a look at each series. Everything is dated anew for that.
  private static let fourth = """
    CREATE INDEX series_by_name ON series(kind, identity, channel);
    CREATE TABLE dated_range(
      commits INTEGER PRIMARY KEY, earliest INTEGER, latest INTEGER, undated INTEGER NOT NULL);
    CREATE INDEX dated_range_by_time ON dated_range(latest);
    CREATE INDEX dated_range_by_begin ON dated_range(earliest, latest);
    CREATE INDEX dated_range_undated ON dated_range(commits) WHERE undated = 1;
    ALTER TABLE dating ADD COLUMN longest INTEGER NOT NULL DEFAULT 0;
    DELETE FROM dated; DELETE FROM extent; DELETE FROM dating;
    """

  /// Who is signed in, by the daemon's running time.
  private static let fifth = """
    CREATE TABLE session(
      hash BLOB PRIMARY KEY, user TEXT NOT NULL, generation INTEGER NOT NULL,
      credential BLOB NOT NULL, csrf BLOB NOT NULL, started INTEGER NOT NULL,
      used INTEGER NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE running(
      id INTEGER PRIMARY KEY CHECK(id = 1), seconds INTEGER NOT NULL, ended INTEGER NOT NULL);
    """

  /// Says why a database is not ours to change, having changed nothing; returns its layout.
  @discardableResult static func check(
    _ database: borrowing Database, node: NodeId, former: [NodeId] = []
  ) throws(DatabaseError) -> Int {
    let application = try database.number("PRAGMA application_id") ?? 0
    let found = Int(try database.number("PRAGMA user_version") ?? 0)
    let isEmpty = try database.number("SELECT count(*) FROM sqlite_schema") == 0
    guard application == applicationId || (isEmpty && application == 0) else {
      throw DatabaseError(.notOurs, path: database.path)
    }
    guard found <= steps.count, found >= 0 else {
      throw DatabaseError(.newer(found: found, known: steps.count), path: database.path)
    }
    if found > 0 {
      do throws(DatabaseError) {
        var owner = try database.prepare("SELECT key FROM node WHERE id = 1")
        let own = ([node] + former).map(\.bytes)
        if try owner.step(), !own.contains(owner.blob(0)) {
          throw DatabaseError(.otherNode, path: database.path)
        }
      } catch {
        // No such table, no such column: the disk has altered what says what the tables are.
        guard error.kind == .other else { throw error }
        throw Damage(.altered, "sqlite_schema", message: error.message).error(database.path)
      }
    }
    return found
  }

  /// Brings a database that is ours to the newest layout.
  static func run(
    _ database: borrowing Database, node: NodeId, former: [NodeId] = []
  ) throws(DatabaseError) {
    let found = try check(database, node: node, former: former)
    guard found < steps.count else { return }
    // All steps or none: nobody ever finds a layout between two versions.
    try database.transaction { () throws(DatabaseError) in
      for step in found..<steps.count {
        try database.execute(steps[step])
        if step == 1 { try seal(database) }
      }
      try database.execute("PRAGMA application_id=\(applicationId)")
      try database.execute("PRAGMA user_version=\(steps.count)")
    }
  }

  /// The second step's other half: gives every row that is there the check of what it holds now.
  private static func seal(_ database: borrowing Database) throws(DatabaseError) {
    try sealRows(database, "hot", RowSeal.hotColumns) { RowSeal.hot($0) }
    try sealRows(database, "journal", RowSeal.journalColumns) { RowSeal.journal($0) }
    guard let hot = try database.number("SELECT hot FROM folded WHERE id = 1") else { return }
    let check = try RowSeal.caches(database, foldedHot: hot)
    try database.execute("UPDATE folded SET crc = \(check)")
  }

  private static func sealRows(
    _ database: borrowing Database, _ table: String, _ columns: String,
    _ check: (borrowing Statement) -> Int64
  ) throws(DatabaseError) {
    var rows = try database.prepare(
      "SELECT \(columns) FROM \(table) WHERE id > ? ORDER BY id LIMIT \(Limits.rowsPerStep)")
    var update = try database.prepare("UPDATE \(table) SET crc = ? WHERE id = ?")
    var last: Int64 = 0
    while true {
      // What is read is not changed at the same time: some rows, then their checks.
      var checks: [(id: Int64, value: Int64)] = []
      rows.bind(1, last)
      while try rows.step() { checks.append((rows.int64(0), check(rows))) }
      guard let end = checks.last else { return }
      for (id, value) in checks {
        update.bind(1, value)
        update.bind(2, id)
        try update.run()
      }
      last = end.id
    }
  }
}
