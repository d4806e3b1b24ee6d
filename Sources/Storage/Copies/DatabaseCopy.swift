internal import Glibc
internal import Reactor

/// Copies a node's database into one file, also while a daemon goes on writing it.
///
/// The copy is the database of one moment: it is read in one read transaction of a connection of
/// its own, so nothing holds the writer up. While that transaction lasts, the write-ahead log
/// cannot be emptied and grows with what is written meanwhile. Between slices it rests for as long
/// as the slice took: the disk is there for the recording first.
public enum DatabaseCopy {
  /// How far a copy has come.
  public struct Progress: Hashable, Sendable {
    /// Pages that are copied.
    public var done: Int
    /// Pages there are.
    public var total: Int
    /// The size of a page in bytes; 0 while it is not known.
    public var pageBytes: Int
  }

  /// Writes the copy under a name beside it first; it stands at `target` only when it is whole,
  /// checked and on the disk. Blocks, and calls `onProgress` after each slice.
  ///
  /// The key of the node is not in it: it restores only beside the `node.key` that it belongs to.
  /// Of secrets it holds the hashes of passwords and tokens; who is signed in is left out.
  public static func write(
    _ source: String, to target: String, vfs: String? = nil,
    onProgress: (Progress) -> Void = { _ in }
  ) throws(DatabaseError) -> Progress {
    guard !System.exists(target) else {
      throw DatabaseError(.cannotOpen, path: target, message: "it exists already")
    }
    let temporary = target + ".part"
    do throws(DatabaseError) {
      try remove(temporary)
      let progress = try copy(source, to: temporary, vfs: vfs, onProgress)
      try settle(temporary, as: target)
      return progress
    } catch {
      do throws(DatabaseError) { try remove(temporary) } catch {}
      throw error
    }
  }

  /// The copy itself, as one file that needs nothing beside it, checked by SQLite.
  static func copy(
    _ source: String, to target: String, vfs: String?, _ onProgress: (Progress) -> Void
  ) throws(DatabaseError) -> Progress {
    guard System.exists(source) else {
      throw DatabaseError(.cannotOpen, path: source, message: "it is not there")
    }
    try make(target)
    let from = try Database.open(Database.Options(path: source, vfs: vfs, isReader: true))
    guard try from.number("PRAGMA application_id") == Migrations.applicationId else {
      throw DatabaseError(.notOurs, path: source)
    }
    let into = try Database.open(Database.Options(path: target))
    try from.execute("BEGIN")
    // The moment that is copied is that of the first read.
    let pageBytes = Int(try from.number("PRAGMA page_size") ?? 0)
    _ = try from.number("SELECT count(*) FROM sqlite_schema")
    let progress = try slices(from, into, pageBytes, onProgress)
    try from.execute("COMMIT")
    // Who is signed in here is not signed in there, nor again when the copy is put back.
    if try into.number("SELECT count(*) FROM sqlite_schema WHERE name = 'session'") == 1 {
      try into.execute("PRAGMA secure_delete=ON; DELETE FROM session")
    }
    _ = try into.text("PRAGMA journal_mode=DELETE")
    let findings = try Soundness.findings(into, "quick_check(1)")
    if let first = findings.first { throw DatabaseError(.damaged, path: source, message: first) }
    return progress
  }

  private static func slices(
    _ from: borrowing Database, _ into: borrowing Database, _ pageBytes: Int,
    _ onProgress: (Progress) -> Void
  ) throws(DatabaseError) -> Progress {
    let copy = try DatabasePages(from, into)
    var waits = 0
    while true {
      let beganUs = Clock.bootUs()
      let step = try copy.step(pages: Limits.copiedPagesMax)
      let progress = Progress(done: copy.done, total: copy.total, pageBytes: pageBytes)
      switch step {
      case .finished: return progress
      case .more:
        waits = 0
        onProgress(progress)
        pause(us: min(Clock.bootUs() - beganUs, Limits.copyRestMaxUs))
      case .busy:
        waits += 1
        guard waits <= Limits.copyWaitsMax else { throw DatabaseError(.busy, path: from.path) }
        pause(us: Limits.copyRestMaxUs)
      }
    }
  }

  private static func pause(us: Int64) {
    if us > 0 { usleep(UInt32(clamping: us)) }
  }

  /// Makes an empty file that only its owner can read: readings are nobody else's business.
  private static func make(_ path: String) throws(DatabaseError) {
    do throws(Errno) {
      _ = try System.openFile(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    } catch {
      throw StateFolder.error(error, path)
    }
  }

  /// Removes an unfinished file, with what SQLite may have put beside it.
  static func remove(_ path: String) throws(DatabaseError) {
    do throws(Errno) {
      for suffix in ["", "-journal", "-wal", "-shm"] { try System.removeFile(path + suffix) }
    } catch {
      throw StateFolder.error(error, path)
    }
  }

  /// Gives a finished file its name, on the disk.
  static func settle(_ temporary: String, as target: String) throws(DatabaseError) {
    do throws(Errno) {
      try System.sync(temporary)
      try System.move(temporary, to: target)
    } catch {
      throw StateFolder.error(error, target)
    }
  }
}
