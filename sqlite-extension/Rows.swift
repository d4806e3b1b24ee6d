/// The rows of a statement over the connection that the extension was loaded into.
@safe final class Rows {
  /// The connection: SQLite's own, which outlives every cursor of a table.
  @safe struct Source {
    fileprivate let database: OpaquePointer

    init(_ database: OpaquePointer) { unsafe self.database = database }
  }

  /// What SQLite says of a statement that it does not run.
  struct Failure: Error {
    let code: Int32
  }

  private let statement: OpaquePointer

  init(_ source: Source, _ sql: StaticString) throws(Failure) {
    var statement: OpaquePointer?
    let code = unsafe sql.utf8Start.withMemoryRebound(
      to: CChar.self, capacity: sql.utf8CodeUnitCount + 1
    ) { unsafe glue_prepare(source.database, $0, &statement) }
    guard code == SQLITE_OK, let statement = unsafe statement else { throw Failure(code: code) }
    unsafe self.statement = statement
  }

  deinit { unsafe glue_finalize(statement) }

  /// The next row; false after the last.
  func step() throws(Failure) -> Bool {
    let code = unsafe glue_step(statement)
    if code == SQLITE_ROW { return true }
    guard code == SQLITE_DONE else { throw Failure(code: code) }
    return false
  }

  /// Begins anew, with other values in the three places of the statement.
  func restart(with first: Int64, _ second: Int64, _ third: Int64) {
    unsafe glue_reset(statement)
    unsafe glue_bind(statement, 1, first)
    unsafe glue_bind(statement, 2, second)
    unsafe glue_bind(statement, 3, third)
  }

  func int64(_ column: Int32) -> Int64 { unsafe glue_int64(statement, column) }

  /// A copy of a blob or text.
  func bytes(_ column: Int32) -> [UInt8] {
    let start = unsafe glue_bytes(statement, column)
    let count = unsafe glue_count(statement, column)
    guard count > 0, let start = unsafe start else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// A part of a blob, copied; nil where it is not so long.
  func bytes(_ column: Int32, from place: Int64, count: Int64) -> [UInt8]? {
    let start = unsafe glue_bytes(statement, column)
    let all = unsafe Int64(glue_count(statement, column))
    guard place >= 0, count >= 0, place <= all, count <= all - place, let start = unsafe start
    else { return nil }
    return unsafe Array(UnsafeBufferPointer(start: start + Int(place), count: Int(count)))
  }
}
