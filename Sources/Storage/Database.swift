internal import CSQLite
internal import Reactor

/// One connection to an SQLite file; used by one thread at a time, closed when it goes away.
@safe struct Database: ~Copyable {
  /// How to open.
  struct Options {
    var path: String
    /// The name of an SQLite VFS; nil for the system's. Tests inject disk faults here.
    var vfs: String?
    /// Never writes.
    var isReader = false
    /// FULL unless a test wants to see what OFF destroys.
    var synchronous = "FULL"
    /// Pages in the write-ahead log after which they are moved into the file.
    var walPagesMax = 1_000
    /// Memory for pages.
    var cacheKiB = Limits.cacheKiB
  }

  let handle: OpaquePointer
  let path: String
  // Every commit begins and ends with these: compiled once.
  private let begin: Statement
  private let commit: Statement

  private init(
    adopting handle: OpaquePointer, path: String, begin: consuming Statement,
    commit: consuming Statement
  ) {
    unsafe self.handle = handle
    self.path = path
    self.begin = begin
    self.commit = commit
  }

  /// Takes a connection over, which is closed when that fails.
  private static func adopt(
    _ handle: OpaquePointer, path: String
  ) throws(DatabaseError) -> Database {
    func compiled(_ sql: String) throws(DatabaseError) -> Statement {
      do throws(DatabaseError) {
        return try unsafe Statement(sql, on: handle, path: path)
      } catch {
        unsafe sqlite3_close_v2(handle)
        throw error
      }
    }
    let begin = try compiled("BEGIN IMMEDIATE")
    let commit = try compiled("COMMIT")
    return unsafe Database(adopting: handle, path: path, begin: begin, commit: commit)
  }

  /// Opens the file, makes it if it is missing, and sets the connection up.
  static func open(_ options: Options) throws(DatabaseError) -> Database {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = unsafe sqlite3_open_v2(options.path, &handle, flags, options.vfs)
    guard code == SQLITE_OK, let handle = unsafe handle else {
      // Even a connection that failed to open has a handle, which must be closed.
      defer { unsafe sqlite3_close_v2(handle) }
      throw unsafe error(code, handle, path: options.path)
    }
    let database = try unsafe adopt(handle, path: options.path)
    try database.setUp(options)
    return database
  }

  private func setUp(_ options: Options) throws(DatabaseError) {
    unsafe sqlite3_extended_result_codes(handle, 1)
    unsafe sqlite3_busy_timeout(handle, Limits.busyWaitMs)
    guard unsafe sqlite3_db_readonly(handle, "main") == 0 else {
      throw DatabaseError(.readOnly, path: path)
    }
    try execute("PRAGMA cache_size=-\(options.cacheKiB)")
    try execute("PRAGMA temp_store=MEMORY")
    try execute("PRAGMA trusted_schema=OFF")
    if options.isReader {
      try execute("PRAGMA query_only=ON")
    } else {
      try execute("PRAGMA synchronous=\(options.synchronous)")
      try execute("PRAGMA wal_autocheckpoint=\(options.walPagesMax)")
      // Debian's SQLite overwrites what is deleted: a page written for every page freed.
      try execute("PRAGMA secure_delete=OFF")
      try execute("PRAGMA journal_size_limit=\(Limits.walBytesKept)")
    }
  }

  deinit {
    // v2: statements that still live keep the file open until they go.
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs statements that give nothing back.
  func execute(_ sql: String) throws(DatabaseError) {
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Gives back the memory of pages that no statement is using.
  func releasePages() { unsafe sqlite3_db_release_memory(handle) }

  /// The key of the row that was inserted last.
  var lastInsertedId: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// Prepares one statement.
  func prepare(_ sql: String) throws(DatabaseError) -> Statement {
    try unsafe Statement(sql, on: handle, path: path)
  }

  /// The first column of the first row as a number; nil when there is no row or it is NULL.
  func number(_ sql: String) throws(DatabaseError) -> Int64? {
    var statement = try prepare(sql)
    guard try statement.step(), !statement.isNull(0) else { return nil }
    return statement.int64(0)
  }

  /// The first column of the first row as text.
  func text(_ sql: String) throws(DatabaseError) -> String? {
    var statement = try prepare(sql)
    guard try statement.step() else { return nil }
    return statement.text(0)
  }

  /// Runs the body in one transaction: all of it is on disk afterwards, or nothing.
  func transaction<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(DatabaseError) -> Result {
    try begin.runAgain()
    do throws(DatabaseError) {
      let result = try body()
      try commit.runAgain()
      return result
    } catch {
      // SQLite rolls back by itself after some errors (a full disk among them).
      if unsafe sqlite3_get_autocommit(handle) == 0 {
        let code = unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
        guard code == SQLITE_OK else { throw self.error(code) }
      }
      throw error
    }
  }

  private func error(_ code: Int32) -> DatabaseError {
    unsafe Self.error(code, handle, path: path)
  }

  static func error(_ code: Int32, _ handle: OpaquePointer?, path: String) -> DatabaseError {
    var message = ""
    if let text = unsafe sqlite3_errmsg(handle) { message = unsafe String(cString: text) }
    let extended = unsafe handle == nil ? code : max(code, sqlite3_extended_errcode(handle))
    return DatabaseError(kind(extended), code: extended, path: path, message: message)
  }

  /// SQLITE_IOERR_SHMSIZE, a macro that does not import: the index of the write-ahead log, made at
  /// every opening, could not grow. SQLite does not say ENOSPC, and nothing else makes it fail.
  private static let noRoomForIndex: Int32 = SQLITE_IOERR | 19 << 8

  static func kind(_ code: Int32) -> DatabaseError.Kind {
    if code == noRoomForIndex { return .full }
    switch code & 0xFF {
    case SQLITE_FULL: return .full
    case SQLITE_IOERR: return .inputOutput
    case SQLITE_READONLY, SQLITE_PERM: return .readOnly
    case SQLITE_NOTADB, SQLITE_CORRUPT: return .damaged
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy
    case SQLITE_CANTOPEN: return .cannotOpen
    default: return .other
    }
  }
}
