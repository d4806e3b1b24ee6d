internal import Glibc
internal import Reactor
public import Sync

/// The folder that holds a node's state: its key, its database, and the lock that keeps a second
/// daemon out as long as this value lives.
public struct StateFolder: ~Copyable, Sendable {
  /// Where it is.
  public let path: String
  /// The node's key, made at the first start.
  public let key: NodeKey
  private let lock: Descriptor

  /// The database's file.
  public var databasePath: String { path + "/bivouac.db" }

  /// Makes the folder (0700) and the key (0600) where they are missing, and locks the folder.
  public static func open(_ path: String) throws(DatabaseError) -> StateFolder {
    do throws(Errno) { try System.makeFolders(path, mode: 0o700) } catch {
      throw Self.error(error, path)
    }
    let lock = try takeLock(path + "/lock")
    do throws(Errno) { try KeyFiles.takeNext(path) } catch { throw Self.error(error, path) }
    var key = try loadKey(path + KeyFiles.present)
    key.former = try KeyFiles.former(path).filter { [id = key.id] in $0.id != id }
    return StateFolder(path: path, key: key, lock: lock)
  }

  private static func takeLock(_ path: String) throws(DatabaseError) -> Descriptor {
    do throws(Errno) {
      let lock = try System.openFile(path, flags: O_RDWR | O_CREAT, mode: 0o600)
      if flock(lock.raw, LOCK_EX | LOCK_NB) == 0 {
        try System.writeAll(lock.raw, Array("\(getpid())\n".utf8))
        return lock
      }
    } catch {
      throw Self.error(error, path)
    }
    throw DatabaseError(.locked(processId: holder(path)), path: System.parent(of: path))
  }

  /// The process that wrote itself into the lock; a help for people, nothing hangs on it.
  private static func holder(_ path: String) -> Int32? {
    do throws(Errno) {
      let text = String(decoding: try System.readFile(path, bytesMax: 256), as: UTF8.self)
      return text.split(separator: "\n").first.flatMap { Int32($0) }
    } catch {
      return nil
    }
  }

  private static func loadKey(_ path: String) throws(DatabaseError) -> NodeKey {
    do throws(Errno) {
      if !System.exists(path) {
        let seed = try System.randomBytes(count: NodeKey.seedByteCount)
        try System.writeFile(path, seed, mode: 0o600)
      }
      try System.setMode(path, 0o600)
      let seed = try System.readFile(path, bytesMax: NodeKey.seedByteCount)
      if let key = NodeKey(seed: seed) { return key }
    } catch {
      if error != .tooBig { throw Self.error(error, path) }
    }
    throw DatabaseError(.key, path: path)
  }

  static func error(_ error: Errno, _ path: String) -> DatabaseError {
    let kind: DatabaseError.Kind
    switch error {
    case .noSpace: kind = .full
    case .readOnly, .accessDenied, .notPermitted: kind = .readOnly
    case .inputOutput: kind = .inputOutput
    default: kind = .cannotOpen
    }
    return DatabaseError(kind, path: path, message: error.description)
  }
}
