import CSQLite
import Glibc

/// A database of its own for one measurement, removed with it.
///
/// The benchmark's own few lines over SQLite, so that the reference shares nothing with Storage.
@safe struct BenchDatabase: ~Copyable {
  struct Failed: Error { let what: String }

  private let handle: OpaquePointer
  private let folder: String
  private var path: String { folder + "/bench.db" }

  private init(handle: OpaquePointer, folder: String) {
    unsafe self.handle = handle
    self.folder = folder
  }

  /// Opens one in the folder `build`: a temporary folder in memory would write nothing to a disk.
  static func make() throws -> BenchDatabase {
    var template = Array("build/bench-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Failed(what: "mkdtemp in build") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var handle: OpaquePointer?
    let code = unsafe sqlite3_open(folder + "/bench.db", &handle)
    guard code == SQLITE_OK, let handle = unsafe handle else { throw Failed(what: "open") }
    let database = unsafe BenchDatabase(handle: handle, folder: folder)
    try database.execute("PRAGMA journal_mode=WAL")
    try database.execute("PRAGMA synchronous=FULL")
    return database
  }

  deinit {
    unsafe sqlite3_close_v2(handle)
    for name in ["", "-wal", "-shm"] { unsafe unlink(path + name) }
    unsafe rmdir(folder)
  }

  func execute(_ sql: String) throws {
    guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw Failed(what: sql)
    }
  }

  func checkpoint() throws { try execute("PRAGMA wal_checkpoint(TRUNCATE)") }

  func fileBytes() throws -> Int {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw Failed(what: "stat") }
    return Int(status.st_size)
  }

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

    func run(id: Int64, blob: [UInt8]) throws {
      unsafe sqlite3_bind_int64(statement, 1, id)
      // The blob outlives the step below, so SQLite need not copy it.
      try unsafe blob.withUnsafeBytes { bytes in
        unsafe sqlite3_bind_blob(statement, 2, bytes.baseAddress, Int32(bytes.count), nil)
        try step()
      }
    }

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
