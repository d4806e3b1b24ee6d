/// What records of other nodes need beside the tables of this node's own (docs/storage-format.md,
/// section 12).
enum MergingTables {
  /// The step of the layout that adds them.
  static let step = """
    CREATE TABLE entry_signature(
      id INTEGER PRIMARY KEY, previous BLOB NOT NULL, signature BLOB NOT NULL);
    CREATE TABLE live_range(
      first INTEGER NOT NULL, last INTEGER NOT NULL, signature BLOB NOT NULL,
      PRIMARY KEY(first, last)) WITHOUT ROWID;
    CREATE TABLE seen(
      incarnation INTEGER NOT NULL, lane INTEGER NOT NULL, first INTEGER NOT NULL,
      last INTEGER NOT NULL, PRIMARY KEY(incarnation, lane, first)) WITHOUT ROWID;
    CREATE TABLE aside(
      lane INTEGER NOT NULL, id INTEGER NOT NULL, clock_epoch INTEGER NOT NULL,
      kind INTEGER NOT NULL, body BLOB NOT NULL, reason INTEGER NOT NULL, crc INTEGER NOT NULL,
      PRIMARY KEY(lane, id)) WITHOUT ROWID;
    CREATE TABLE other_content(
      lane INTEGER NOT NULL, id INTEGER NOT NULL, hash BLOB NOT NULL, record BLOB NOT NULL,
      PRIMARY KEY(lane, id, hash)) WITHOUT ROWID;
    CREATE TABLE spool(
      id INTEGER PRIMARY KEY AUTOINCREMENT, carrier BLOB NOT NULL, type INTEGER NOT NULL,
      run BLOB NOT NULL, record BLOB NOT NULL);
    CREATE INDEX spool_by_carrier ON spool(carrier, id);
    CREATE TABLE arrived(
      id INTEGER PRIMARY KEY CHECK(id = 1), entries INTEGER NOT NULL, commits INTEGER NOT NULL);
    """

  /// The step that adds ranges of other nodes.
  static let ranges = """
    CREATE TABLE range_signature(
      id INTEGER PRIMARY KEY, before BLOB NOT NULL, signature BLOB NOT NULL);
    CREATE TABLE begun_range(
      id INTEGER PRIMARY KEY, record BLOB NOT NULL, blocks INTEGER NOT NULL,
      bytes INTEGER NOT NULL, turn INTEGER NOT NULL);
    CREATE TABLE begun_block(
      id INTEGER PRIMARY KEY, commits INTEGER NOT NULL, place INTEGER NOT NULL,
      about INTEGER NOT NULL, kind INTEGER NOT NULL, unit BLOB NOT NULL,
      start INTEGER NOT NULL, "end" INTEGER NOT NULL, summary BLOB NOT NULL,
      content BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE(commits, place));
    """

  /// The step that adds what ranges of other nodes are without their contents.
  static let descriptions = """
    CREATE TABLE range_description(
      id INTEGER PRIMARY KEY, record BLOB NOT NULL, contents INTEGER NOT NULL);
    """
}
