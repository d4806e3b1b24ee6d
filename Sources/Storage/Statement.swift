internal import CSQLite

/// A prepared statement; finalised exactly once, when it goes away.
@safe struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let path: String

  init(_ sql: String, on connection: OpaquePointer, path: String) throws(DatabaseError) {
    var handle: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle = unsafe handle else {
      throw unsafe Database.error(code, connection, path: path)
    }
    unsafe self.handle = handle
    self.path = path
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Begins anew: the bindings stay until they are bound again.
  mutating func reset() { unsafe sqlite3_reset(handle) }

  /// Goes to the next row; false when there is none, and then the statement is reset.
  mutating func step() throws(DatabaseError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      unsafe sqlite3_reset(handle)
      return false
    case let code:
      let error = unsafe Database.error(code, sqlite3_db_handle(handle), path: path)
      unsafe sqlite3_reset(handle)
      throw error
    }
  }

  /// Runs a statement that gives no rows.
  mutating func run() throws(DatabaseError) {
    while try step() {}
  }

  /// Runs a statement that gives no rows and has no parameters: there is nothing of it to keep.
  func runAgain() throws(DatabaseError) {
    let code = unsafe sqlite3_step(handle)
    defer { unsafe sqlite3_reset(handle) }
    guard code == SQLITE_DONE else {
      throw unsafe Database.error(code, sqlite3_db_handle(handle), path: path)
    }
  }

  mutating func bind(_ index: Int32, _ value: Int64) {
    bound(unsafe sqlite3_bind_int64(handle, index, value))
  }

  mutating func bind(_ index: Int32, _ bytes: [UInt8]) {
    bound(
      unsafe bytes.withUnsafeBytes { buffer in
        unsafe csqlite_bind_blob_copy(handle, index, buffer.baseAddress, UInt64(buffer.count))
      })
  }

  mutating func bind(_ index: Int32, _ text: String) {
    bound(unsafe csqlite_bind_text_copy(handle, index, text, Int32(text.utf8.count)))
  }

  mutating func bind(_ index: Int32, _ value: Double) {
    bound(unsafe sqlite3_bind_double(handle, index, value))
  }

  mutating func bindNull(_ index: Int32) { bound(unsafe sqlite3_bind_null(handle, index)) }

  func int64(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  func text(_ column: Int32) -> String {
    guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
    return unsafe String(cString: text)
  }

  func blob(_ column: Int32) -> [UInt8] {
    let count = Int(unsafe sqlite3_column_bytes(handle, column))
    guard count > 0, let base = unsafe sqlite3_column_blob(handle, column) else { return [] }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }

  func blobCount(_ column: Int32) -> Int { Int(unsafe sqlite3_column_bytes(handle, column)) }

  /// Lends a blob without copying it; the next step or reset takes it back.
  func withBlob<Result, Failure: Error>(
    _ column: Int32, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let base = unsafe sqlite3_column_blob(handle, column)
    let count = unsafe base == nil ? 0 : Int(sqlite3_column_bytes(handle, column))
    let buffer = unsafe UnsafeBufferPointer(
      start: base?.assumingMemoryBound(to: UInt8.self), count: count)
    return try unsafe body(buffer.span)
  }

  /// Bindings fail only for want of memory or by our own mistake.
  private func bound(_ code: Int32) {
    precondition(code == SQLITE_OK, "binding failed with \(code)")
  }
}
