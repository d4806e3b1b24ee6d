/// What is looked at before a store works with a database: everything small that all else hangs
/// on. The commits themselves are checked as they are read, and by inspections.
enum Soundness {
  /// Tables of which every row has a second copy, its index: SQLite compares the two.
  private static let namingTables = ["node", "incarnation", "clock_epoch"]

  /// Refuses a database whose tables are not those of the layout, or whose names of nodes,
  /// incarnations and boots do not check.
  static func check(_ database: borrowing Database) throws(DatabaseError) {
    let made = try Database.open(Database.Options(path: ":memory:"))
    for step in Migrations.steps { try made.execute(step) }
    guard try columns(database) == columns(made) else {
      throw Damage(.altered, "sqlite_schema").error(database.path)
    }
    for table in namingTables {
      for line in try findings(database, "integrity_check('\(table)')") {
        throw Damage(.structure, table, message: line).error(database.path)
      }
    }
  }

  /// What one of SQLite's checks finds; a disk that could not be read meanwhile is an error.
  static func findings(
    _ database: borrowing Database, _ pragma: String
  ) throws(DatabaseError) -> [String] {
    var rows = try database.prepare("PRAGMA \(pragma)")
    var found: [String] = []
    while try rows.step() {
      let line = rows.text(0)
      if line == "ok" { continue }
      // SQLite puts the code of a failed read into its text: that is no damage, or not yet.
      if let code = line.split(separator: "error code=").dropFirst().first.flatMap({ Int32($0) }),
        Database.kind(code) == .inputOutput
      {
        throw DatabaseError(.inputOutput, code: code, path: database.path, message: line)
      }
      found.append(line)
    }
    return found
  }

  /// Every column of every table. The text of the schema is SQLite's own to change; this is not.
  private static func columns(_ database: borrowing Database) throws(DatabaseError) -> [String] {
    var rows = try database.prepare(
      "SELECT entry.name || '.' || field.name || ' ' || field.type || field.\"notnull\" "
        + "|| field.pk FROM sqlite_schema AS entry, pragma_table_info(entry.name) AS field "
        + "WHERE entry.type = 'table' AND entry.name NOT LIKE 'sqlite_%' ORDER BY 1")
    var found: [String] = []
    while try rows.step() { found.append(rows.text(0)) }
    return found
  }

  /// Whether the tables that are caches are as the last checkpoint left them.
  static func cachesHold(_ database: borrowing Database) throws(DatabaseError) -> Bool {
    var folded = try database.prepare("SELECT hot, crc FROM folded WHERE id = 1")
    guard try folded.step() else {
      // Before the first checkpoint all three are empty.
      return try database.number(
        "SELECT (SELECT count(*) FROM cursor) + (SELECT count(*) FROM device) "
          + "+ (SELECT count(*) FROM folded)") == 0
    }
    return try RowSeal.caches(database, foldedHot: folded.int64(0)) == folded.int64(1)
  }
}
