internal import Reactor

/// Looks at everything stored on a connection of its own: beside a running daemon, or without one.
public enum Verification {
  /// Goes to the end, and calls `onProgress` after each slice; blocks. Nothing is changed.
  ///
  /// A database of an earlier layout is refused: the daemon brings it up to date when it starts.
  public static func run(
    path: String, onProgress: (Inspection) -> Void = { _ in }
  ) throws(DatabaseError) -> Inspection {
    guard System.exists(path) else {
      throw DatabaseError(.cannotOpen, path: path, message: "it is not there")
    }
    try checkLayout(path)
    let core = try HistoryCore(path: path, vfs: nil)
    var inspection = Inspection()
    repeat {
      inspection = try core.inspect(inspection)
      onProgress(inspection)
    } while !inspection.isComplete
    while try !core.inspectEntries(&inspection) { onProgress(inspection) }
    return inspection
  }

  private static func checkLayout(_ path: String) throws(DatabaseError) {
    let database = try Database.open(Database.Options(path: path, isReader: true))
    guard try database.number("PRAGMA application_id") == Migrations.applicationId else {
      throw DatabaseError(.notOurs, path: path)
    }
    let known = Migrations.steps.count
    let found = Int(try database.number("PRAGMA user_version") ?? 0)
    guard found <= known else {
      throw DatabaseError(.newer(found: found, known: known), path: path)
    }
    guard found == known else {
      throw DatabaseError(
        .other, path: path,
        message: "its layout is \(found), not \(known): start the daemon once")
    }
  }
}
