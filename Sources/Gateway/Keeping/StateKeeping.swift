public import Model
internal import Reactor
internal import Storage

/// What can be done with a node's stored state beside the daemon, or without one. All of it blocks
/// the calling thread.
public enum StateKeeping {
  /// Looks at everything stored; `onProgress` is told how many commits were looked at.
  public static func verify(
    _ options: Daemon.Options, onProgress: (Int64) -> Void
  ) throws(ProblemView) -> VerificationView {
    let path = databasePath(options)
    let found = try problem { () throws(DatabaseError) in
      try Verification.run(path: path) { onProgress($0.commits) }
    }
    var view = VerificationView(
      path: path, commits: found.commits, damages: found.damages.map { "\($0)" },
      damageCount: found.damageCount, structureChecked: found.isStructureChecked)
    view.othersCommits = found.othersCommits
    (view.entries, view.othersEntries) = (found.entries, found.othersEntries)
    return view
  }

  /// Copies the database into a file, also while the daemon goes on; the key is not in it.
  public static func backup(
    _ options: Daemon.Options, to file: String, onProgress: (Double) -> Void
  ) throws(ProblemView) -> CopyView {
    let path = databasePath(options)
    guard !System.exists(file) else {
      throw ProblemView(
        code: "storage.file-exists", parameters: ["path": file],
        detail: "\(file) is there already and is not replaced: choose another name")
    }
    let progress = try problem { () throws(DatabaseError) in
      try DatabaseCopy.write(path, to: file) { onProgress(Double($0.done) / Double($0.total)) }
    }
    return CopyView(path: file, bytes: Int64(progress.total * progress.pageBytes))
  }

  /// Puts a copy back where no daemon runs; the database that is there is kept beside it.
  public static func restore(
    _ options: Daemon.Options, from file: String, replacing: Bool,
    onProgress: (Double) -> Void
  ) throws(ProblemView) -> CopyView {
    let folder = Setup(options).stateFolder
    do throws(Restoring.Failure) {
      let outcome = try Restoring.restore(file, into: folder, replacing: replacing) {
        onProgress(Double($0.done) / Double($0.total))
      }
      return CopyView(
        path: folder + "/bivouac.db", bytes: Int64(outcome.bytes), keptAs: outcome.keptAs)
    } catch {
      throw Problems.view(error)
    }
  }

  /// A new SQLite file with a row for each reading.
  public static func rows(path: String) throws(ProblemView) -> any ReadingsSink {
    RowsSink(try problem { () throws(DatabaseError) in try RowsDatabase(path: path) })
  }

  private static func databasePath(_ options: Daemon.Options) -> String {
    Setup(options).stateFolder + "/bivouac.db"
  }

  fileprivate static func problem<Value>(
    _ body: () throws(DatabaseError) -> Value
  ) throws(ProblemView) -> Value {
    do throws(DatabaseError) {
      return try body()
    } catch {
      throw Problems.view(error)
    }
  }
}

private final class RowsSink: ReadingsSink {
  private let database: RowsDatabase

  init(_ database: RowsDatabase) { self.database = database }

  func append(_ readings: [ReadingView]) throws(ProblemView) {
    try StateKeeping.problem { () throws(DatabaseError) in try database.append(readings) }
  }

  func finish() throws(ProblemView) {
    try StateKeeping.problem { () throws(DatabaseError) in try database.finish() }
  }
}

extension Problems {
  /// Why a copy was not put back.
  static func view(_ failure: Restoring.Failure) -> ProblemView {
    switch failure {
    case .database(let error): return view(error)
    case .noKey(let path):
      return ProblemView(
        code: "storage.no-key", parameters: ["path": path],
        detail: "\(path) is not there, and a copy belongs to one key: put the node.key that was"
          + " saved with it there first")
    case .occupied(let path):
      return ProblemView(
        code: "storage.occupied", parameters: ["path": path],
        detail: "\(path) is there already: --replace keeps it under another name and puts the copy"
          + " in its place")
    }
  }
}
