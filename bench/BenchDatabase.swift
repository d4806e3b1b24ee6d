import CSQLite
import Glibc

/// A database of the reference.
///
/// The benchmark's own few lines over SQLite, so that the reference shares nothing with Storage.
@safe struct BenchDatabase: ~Copyable {
  struct Failed: Error { let what: String }

  private let handle: OpaquePointer

  private init(handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  /// Makes one at a path, in WAL with synchronous=FULL.
  static func open(_ path: String) throws -> BenchDatabase {
    var handle: OpaquePointer?
    let code = unsafe sqlite3_open(path, &handle)
    guard code == SQLITE_OK, let handle = unsafe handle else { throw Failed(what: "open") }
    let database = unsafe BenchDatabase(handle: handle)
    try database.execute("PRAGMA journal_mode=WAL")
    try database.execute("PRAGMA synchronous=FULL")
    return database
  }

  deinit { unsafe sqlite3_close_v2(handle) }

  func execute(_ sql: String) throws {
    guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw Failed(what: sql)
    }
  }

  func checkpoint() throws { try execute("PRAGMA wal_checkpoint(TRUNCATE)") }

  func prepare(_ sql: String) throws -> Insert {
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement = unsafe statement else { throw Failed(what: sql) }
    return unsafe Insert(statement: statement)
  }

  /// A prepared insertion, finalised once.
  @safe struct Insert: ~Copyable {
    private let statement: OpaquePointer

    init(statement: OpaquePointer) { unsafe self.statement = statement }

    deinit { unsafe sqlite3_finalize(statement) }

    func run(series: Int64, time: Int64, value: Double) throws {
      unsafe sqlite3_bind_int64(statement, 1, series)
      unsafe sqlite3_bind_int64(statement, 2, time)
      unsafe sqlite3_bind_double(statement, 3, value)
      try step()
    }

    private func step() throws {
      guard unsafe sqlite3_step(statement) == SQLITE_DONE else { throw Failed(what: "step") }
      unsafe sqlite3_reset(statement)
    }
  }
}
