internal import CSQLite

/// SQLite's online backup (https://www.sqlite.org/backup.html) under way; ended exactly once.
@safe struct DatabasePages: ~Copyable {
  /// What a step came to.
  enum Step { case more, finished, busy }

  private let handle: OpaquePointer
  private let target: OpaquePointer
  private let path: String

  /// Begins; both connections must outlive it.
  init(_ source: borrowing Database, _ target: borrowing Database) throws(DatabaseError) {
    let (from, into) = unsafe (source.handle, target.handle)
    guard let handle = unsafe sqlite3_backup_init(into, "main", from, "main") else {
      throw unsafe Database.error(sqlite3_errcode(into), into, path: target.path)
    }
    unsafe self.handle = handle
    unsafe self.target = into
    path = target.path
  }

  deinit { unsafe sqlite3_backup_finish(handle) }

  /// Copies some pages.
  func step(pages: Int32) throws(DatabaseError) -> Step {
    switch unsafe sqlite3_backup_step(handle, pages) {
    case SQLITE_OK: return .more
    case SQLITE_DONE: return .finished
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy
    case let code: throw unsafe Database.error(code, target, path: path)
    }
  }

  /// Pages there are, as of the last step.
  var total: Int { Int(unsafe sqlite3_backup_pagecount(handle)) }

  /// Pages that are copied, as of the last step.
  var done: Int { total - Int(unsafe sqlite3_backup_remaining(handle)) }
}
