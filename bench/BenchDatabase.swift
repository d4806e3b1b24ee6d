import CSQLite
import Glibc

/// A database of the reference.
///
/// The benchmark's own few lines over SQLite, so that the reference shares nothing with Storage.
@safe nonisolated struct BenchDatabase: ~Copyable {
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
      throw unsafe Failed(what: "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
    }
  }

  func checkpoint() throws { try execute("PRAGMA wal_checkpoint(TRUNCATE)") }

  /// The number that a statement gives.
  func number(_ sql: String) throws -> Int64 {
    let statement = try prepare(sql)
    guard try statement.step() else { throw Failed(what: sql) }
    return statement.int64(0)
  }

  func prepare(_ sql: String) throws -> Statement {
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement = unsafe statement else { throw Failed(what: sql) }
    return unsafe Statement(statement: statement)
  }

  /// A prepared statement, finalised once.
  @safe struct Statement: ~Copyable {
    private let statement: OpaquePointer

    init(statement: OpaquePointer) { unsafe self.statement = statement }

    deinit { unsafe sqlite3_finalize(statement) }

    func bind(_ index: Int32, _ value: Int64) {
      unsafe sqlite3_bind_int64(statement, index, value)
    }

    func bind(_ index: Int32, _ value: Double) {
      unsafe sqlite3_bind_double(statement, index, value)
    }

    func bind(_ index: Int32, _ value: [UInt8]) {
      // SQLite makes a copy: the array may be gone before the statement runs.
      let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      unsafe _ = sqlite3_bind_blob64(
        statement, index, value, sqlite3_uint64(value.count), copied)
    }

    /// Runs what gives no rows.
    func run() throws {
      guard unsafe sqlite3_step(statement) == SQLITE_DONE else { throw Failed(what: "run") }
      unsafe sqlite3_reset(statement)
    }

    /// Goes to the next row; false when there is none, and the statement may be run again.
    func step() throws -> Bool {
      switch unsafe sqlite3_step(statement) {
      case SQLITE_ROW: return true
      case SQLITE_DONE:
        unsafe sqlite3_reset(statement)
        return false
      default: throw Failed(what: "step")
      }
    }

    func int64(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, column) }

    func double(_ column: Int32) -> Double { unsafe sqlite3_column_double(statement, column) }

    func blob(_ column: Int32) -> [UInt8] {
      let count = unsafe Int(sqlite3_column_bytes(statement, column))
      guard let start = unsafe sqlite3_column_blob(statement, column) else { return [] }
      return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
  }
}
