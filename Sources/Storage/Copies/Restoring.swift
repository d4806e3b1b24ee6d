internal import Glibc
internal import Reactor
internal import Sync

/// Puts a copy of a node's database back into its state folder, with no daemon on it.
public enum Restoring {
  /// What was done.
  public struct Outcome: Hashable, Sendable {
    /// The size of the database.
    public var bytes: Int
    /// Where the database is that was there before; nil when there was none.
    public var keptAs: String?
  }

  /// Why a copy was not put back.
  public enum Failure: Error, Hashable, Sendable {
    /// The folder has no key: the copy would belong to nobody.
    case noKey(path: String)
    /// There is a database, and nobody said that it may go.
    case occupied(path: String)
    /// The folder or one of the two files cannot be used.
    case database(DatabaseError)
  }

  /// Checks the copy, puts it in place in one step, and keeps what was there beside it.
  ///
  /// The folder's `node.key` must be there and must be the key that the copy belongs to: a restored
  /// database under another key would be another node with the first one's readings. The next
  /// start of the daemon is a new incarnation, so no number is given twice.
  public static func restore(
    _ source: String, into folder: String, replacing: Bool,
    onProgress: (DatabaseCopy.Progress) -> Void = { _ in }
  ) throws(Failure) -> Outcome {
    guard System.exists(folder + "/node.key") else {
      throw .noKey(path: folder + "/node.key")
    }
    // Locked until the end: no daemon begins meanwhile.
    let state = try open(folder)
    guard replacing || !System.exists(state.databasePath) else {
      throw .occupied(path: state.databasePath)
    }
    do throws(DatabaseError) {
      return try put(source, into: state, onProgress)
    } catch {
      throw .database(error)
    }
  }

  private static func open(_ folder: String) throws(Failure) -> StateFolder {
    do throws(DatabaseError) {
      return try StateFolder.open(folder)
    } catch {
      throw .database(error)
    }
  }

  private static func put(
    _ source: String, into state: borrowing StateFolder,
    _ onProgress: (DatabaseCopy.Progress) -> Void
  ) throws(DatabaseError) -> Outcome {
    let target = state.databasePath
    let temporary = target + ".restoring"
    try DatabaseCopy.remove(temporary)
    do throws(DatabaseError) {
      let progress = try DatabaseCopy.copy(source, to: temporary, vfs: nil, onProgress)
      try check(temporary, state.key)
      try giveToOwner(temporary, of: state.path)
      let kept = System.exists(target) ? try moveAside(target) : nil
      try DatabaseCopy.settle(temporary, as: target)
      return Outcome(bytes: progress.total * progress.pageBytes, keptAs: kept)
    } catch {
      do throws(DatabaseError) { try DatabaseCopy.remove(temporary) } catch {}
      throw error
    }
  }

  /// Whether the copy is this node's and of a layout that this version knows.
  private static func check(_ path: String, _ key: NodeKey) throws(DatabaseError) {
    let database = try Database.open(Database.Options(path: path))
    guard try Migrations.check(database, node: key.id, former: key.former.map(\.id)) > 0 else {
      throw DatabaseError(.notOurs, path: path)
    }
    // A daemon that never stored anything has not written whose the database is.
    guard try database.number("SELECT count(*) FROM node") != 0 else {
      throw DatabaseError(.otherNode, path: path)
    }
  }

  /// The daemon's user owns the folder; root may have called.
  private static func giveToOwner(_ path: String, of folder: String) throws(DatabaseError) {
    guard geteuid() == 0 else { return }
    var status = stat()
    guard unsafe stat(folder, &status) == 0, unsafe chown(path, status.st_uid, status.st_gid) == 0
    else { throw StateFolder.error(Errno(code: errno), path) }
  }

  /// Renames the database that is there, with its write-ahead log first: under the name of the new
  /// one, an old log would be taken for the new one's.
  private static func moveAside(_ path: String) throws(DatabaseError) -> String {
    var kept = path + ".before-restore"
    var number = 1
    while System.exists(kept) {
      number += 1
      guard number <= Limits.databasesKeptMax else {
        throw DatabaseError(.cannotOpen, path: kept, message: "too many are kept already")
      }
      kept = path + ".before-restore-\(number)"
    }
    do throws(Errno) {
      for suffix in ["-wal", "-shm", ""] where System.exists(path + suffix) {
        try System.move(path + suffix, to: kept + suffix)
      }
    } catch {
      throw StateFolder.error(error, path)
    }
    return kept
  }
}
