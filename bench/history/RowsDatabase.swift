/// The reference: a row for each reading, as most do.
nonisolated struct RowsDatabase: ~Copyable {
  private let database: BenchDatabase
  private let insert: BenchDatabase.Statement

  /// How the rows lie.
  enum Layout {
    /// As they came, and nothing else: the fastest there is for whoever writes.
    case appended
    /// As they came, and an index by series and time.
    case indexed
    /// By series and time, without an index beside them: the fastest there is for a range.
    case clustered
  }

  /// Makes the table.
  init(_ path: String, _ layout: Layout) throws {
    let database = try BenchDatabase.open(path)
    switch layout {
    case .appended, .indexed:
      try database.execute(
        """
        CREATE TABLE reading(id INTEGER PRIMARY KEY, series INTEGER NOT NULL,
          time INTEGER NOT NULL, value REAL NOT NULL)
        """)
      guard layout == .indexed else { break }
      try database.execute("CREATE INDEX reading_series ON reading(series, time)")
    case .clustered:
      try database.execute(
        """
        CREATE TABLE reading(series INTEGER NOT NULL, time INTEGER NOT NULL,
          value REAL NOT NULL, PRIMARY KEY(series, time)) WITHOUT ROWID
        """)
    }
    insert = try database.prepare("INSERT INTO reading(series, time, value) VALUES(?, ?, ?)")
    self.database = database
  }

  func begin() throws { try database.execute("BEGIN") }

  func commit() throws { try database.execute("COMMIT") }

  func add(series: Int, timeUs: Int64, value: Double) throws {
    insert.bind(1, Int64(series))
    insert.bind(2, timeUs)
    insert.bind(3, value)
    try insert.run()
  }

  func execute(_ sql: String) throws { try database.execute(sql) }

  func prepare(_ sql: String) throws -> BenchDatabase.Statement { try database.prepare(sql) }

  func checkpoint() throws { try database.checkpoint() }
}
