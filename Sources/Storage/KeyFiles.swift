internal import Model
internal import Reactor
public import Sync

/// The files of a state folder that hold a node's keys, each 0600 and written as one step.
///
/// `node.key` is the present one; `node.key.next` waits for the next start; `node.key.former` has
/// those before, oldest first. A change is three steps, and after each of them, wherever the power
/// goes, one key is present and every key under which something was recorded is there.
public enum KeyFiles {
  static let present = "/node.key"
  private static let next = "/node.key.next"
  private static let formerFile = "/node.key.former"

  /// The key that the next start takes; nil where none waits.
  public static func next(in folder: String) throws(DatabaseError) -> NodeKey? {
    let path = folder + next
    guard System.exists(path) else { return nil }
    return try keys(path).first
  }

  /// Makes the key that the next start takes, which is on the disk then; one that waits stays.
  public static func makeNext(in folder: String) throws(DatabaseError) -> NodeKey {
    if let waiting = try next(in: folder) { return waiting }
    let path = folder + next
    do throws(Errno) {
      let seed = try System.randomBytes(count: NodeKey.seedByteCount)
      guard let key = NodeKey(seed: seed) else { throw Errno.inputOutput }
      try System.writeFile(path, seed, mode: 0o600)
      return key
    } catch {
      throw StateFolder.error(error, path)
    }
  }

  /// The keys before the present one, the oldest first.
  static func former(_ folder: String) throws(DatabaseError) -> [NodeKey] {
    let path = folder + formerFile
    return System.exists(path) ? try keys(path) : []
  }

  /// How often the key was changed.
  public static func formerCount(in folder: String) throws(DatabaseError) -> Int {
    try former(folder).count
  }

  /// At a start, under the lock: the key that waits takes the place of the present one.
  static func takeNext(_ folder: String) throws(Errno) {
    let (waiting, present) = (folder + next, folder + present)
    guard System.exists(waiting) else { return }
    // A file that holds no key must not take the place of one.
    let found = try System.readFile(waiting, bytesMax: NodeKey.seedByteCount)
    guard found.count == NodeKey.seedByteCount else { return }
    if System.exists(present) {
      let bytesMax = Limits.formerKeysMax * NodeKey.seedByteCount
      let path = folder + formerFile
      var seeds = System.exists(path) ? try System.readFile(path, bytesMax: bytesMax) : []
      let seed = try System.readFile(present, bytesMax: NodeKey.seedByteCount)
      // First: a present key that is also among those before changes nothing.
      if seeds.suffix(seed.count) != seed[...] {
        seeds += seed
        try System.writeFile(path, seeds, mode: 0o600)
      }
    }
    try System.move(waiting, to: present)
  }

  private static func keys(_ path: String) throws(DatabaseError) -> [NodeKey] {
    let length = NodeKey.seedByteCount
    do throws(Errno) {
      try System.setMode(path, 0o600)
      let seeds = try System.readFile(path, bytesMax: Limits.formerKeysMax * length)
      guard seeds.count % length == 0, !seeds.isEmpty else { throw Errno.tooBig }
      return stride(from: 0, to: seeds.count, by: length).compactMap {
        NodeKey(seed: Array(seeds[$0..<($0 + length)]))
      }
    } catch {
      if error != .tooBig { throw StateFolder.error(error, path) }
    }
    throw DatabaseError(.key, path: path)
  }
}
