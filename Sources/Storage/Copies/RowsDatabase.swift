internal import CSQLite
internal import Glibc
public import Model
internal import Reactor

/// An SQLite file with one plain row for each reading, for whoever wants to query with SQL.
///
/// It is written under a name beside it and gets its own when `finish` has put it on the disk.
/// Without `finish` nothing is left of it. Used by one thread at a time.
public final class RowsDatabase {
  private let path: String
  private let temporary: String
  private let database: Database
  private var insert: Statement
  private var isFinished = false

  private static let layout = """
    CREATE TABLE readings(
      device TEXT NOT NULL, channel TEXT NOT NULL, time_us INTEGER, time TEXT, value TEXT NOT NULL,
      number REAL, unit TEXT NOT NULL, quality TEXT NOT NULL, bound_us INTEGER, node_us INTEGER,
      epoch INTEGER, seq INTEGER, ticks_ms INTEGER, arrival_us INTEGER NOT NULL,
      simulated INTEGER NOT NULL);
    BEGIN;
    """

  /// Begins a file; one that is there is replaced at the end.
  public init(path: String) throws(DatabaseError) {
    let temporary = path + ".part"
    try DatabaseCopy.remove(temporary)
    let database = try Database.open(Database.Options(path: temporary, synchronous: "OFF"))
    _ = try database.text("PRAGMA journal_mode=OFF")
    try database.execute(Self.layout)
    insert = try database.prepare(
      "INSERT INTO readings VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    self.database = database
    self.path = path
    self.temporary = temporary
  }

  deinit {
    guard !isFinished else { return }
    do throws(DatabaseError) { try DatabaseCopy.remove(temporary) } catch {}
  }

  /// Adds rows.
  public func append(_ readings: [ReadingView]) throws(DatabaseError) {
    for reading in readings {
      insert.bind(1, reading.device)
      insert.bind(2, reading.channel)
      insert.bind(3, optional: reading.timeUs)
      insert.bind(4, optional: reading.timeUs.map { UtcText.rfc3339(us: $0) })
      insert.bind(5, reading.value)
      insert.bind(6, optional: reading.number)
      insert.bind(7, reading.unit)
      insert.bind(8, reading.quality.rawValue)
      insert.bind(9, optional: reading.boundUs)
      insert.bind(10, optional: reading.nodeUs)
      insert.bind(11, optional: reading.epoch.map(Int64.init))
      insert.bind(12, optional: reading.seq.map(Int64.init))
      insert.bind(13, optional: reading.ticksMs.map { Int64(clamping: $0) })
      insert.bind(14, reading.arrivalUs)
      insert.bind(15, Int64(reading.simulated ? 1 : 0))
      try insert.run()
    }
  }

  /// Makes the index, and puts the file in its place.
  public func finish() throws(DatabaseError) {
    try database.execute("COMMIT")
    try database.execute("CREATE INDEX readings_by_series ON readings(device, channel, time_us)")
    isFinished = true
    try DatabaseCopy.settle(temporary, as: path)
  }
}

extension Statement {
  fileprivate mutating func bind(_ index: Int32, optional value: Int64?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  fileprivate mutating func bind(_ index: Int32, optional value: String?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }

  fileprivate mutating func bind(_ index: Int32, optional value: Double?) {
    if let value { bind(index, value) } else { bindNull(index) }
  }
}
