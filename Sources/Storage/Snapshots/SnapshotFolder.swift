internal import Model
internal import Reactor
internal import Sync

/// The contents of snapshots as files, each named by its hash; every call blocks.
///
/// A file is there whole or not at all. Which came first is told by when files say that they
/// changed: each is given a later time than any before it, whatever the wall clock does.
struct SnapshotFolder {
  /// One file.
  private struct Held {
    var bytes: Int64
    var changedNs: Int64
  }

  private let path: String
  private var held: [[UInt8]: Held] = [:]
  private var damaged: Set<[UInt8]> = []
  private var newestNs: Int64 = 0

  init(path: String) { self.path = path }

  /// What is there now.
  var contents: SnapshotContents {
    SnapshotContents(
      here: Set(held.keys).subtracting(damaged), damaged: damaged,
      bytes: held.values.reduce(0) { $0 + $1.bytes })
  }

  /// Looks at what is there: what a crash left half written goes, and with `removesOthers` what no
  /// manifest names. A file of another length than it is said to have is damaged.
  mutating func look(
    named: [[UInt8]: Int64], removesOthers: Bool
  ) throws(DatabaseError) {
    (held, damaged) = ([:], [])
    guard System.exists(path) else { return }
    for name in try names() {
      let file = path + "/" + name
      if name.hasSuffix(System.temporarySuffix) {
        try remove(file)
        continue
      }
      guard let hash = Hex.bytes(name[...]), hash.count == Blake2b.contentByteCount,
        let facts = System.facts(of: file)
      else { continue }
      if removesOthers, named[hash] == nil {
        try remove(file)
        continue
      }
      held[hash] = Held(bytes: facts.bytes, changedNs: facts.changedNs)
      newestNs = max(newestNs, facts.changedNs)
      if let size = named[hash], facts.bytes != size { damaged.insert(hash) }
    }
  }

  /// Keeps a content: it is on the disk when this returns. One that is there is written anew, which
  /// heals it where it was damaged.
  mutating func put(
    _ content: [UInt8], hash: [UInt8], wallUs: Int64
  ) throws(DatabaseError) {
    do throws(Errno) {
      if !System.exists(path) {
        try System.makeFolder(path, mode: 0o700)
        // Without this a power cut may take the folder with everything in it.
        try System.sync(System.parent(of: path))
      }
      let (nowNs, isOver) = wallUs.multipliedReportingOverflow(by: 1_000)
      let changedNs = max(isOver ? 0 : nowNs, newestNs + 1)
      try System.writeFile(file(hash), content, mode: 0o600, changedNs: changedNs)
      newestNs = changedNs
      held[hash] = Held(bytes: Int64(content.count), changedNs: changedNs)
      damaged.remove(hash)
    } catch {
      throw StateFolder.error(error, file(hash))
    }
  }

  /// The bytes of a content; nil where it is not there, or not what its name says.
  mutating func read(_ hash: [UInt8]) -> [UInt8]? {
    guard held[hash] != nil else { return nil }
    do throws(Errno) {
      let content = try System.readFile(
        file(hash), bytesMax: Int(Sync.Limits.snapshotBytesMax))
      if Blake2b.content(content) == hash {
        damaged.remove(hash)
        return content
      }
    } catch {
      if error == .noEntry {
        held[hash] = nil
        damaged.remove(hash)
        return nil
      }
    }
    damaged.insert(hash)
    return nil
  }

  /// Takes away the oldest contents until all together have at most so many bytes; those that are
  /// spared stay. Returns how many went.
  mutating func drop(
    downTo bytesMax: Int64, sparing spared: Set<[UInt8]>
  ) throws(DatabaseError) -> Int {
    var bytes = held.values.reduce(0) { $0 + $1.bytes }
    guard bytes > bytesMax else { return 0 }
    var count = 0
    for (hash, file) in held.sorted(by: { $0.value.changedNs < $1.value.changedNs })
    where bytes > bytesMax && !spared.contains(hash) {
      try remove(hash: hash)
      bytes -= file.bytes
      count += 1
    }
    return count
  }

  /// Takes one content away.
  mutating func remove(hash: [UInt8]) throws(DatabaseError) {
    try remove(file(hash))
    held[hash] = nil
    damaged.remove(hash)
  }

  private func file(_ hash: [UInt8]) -> String { path + "/" + Hex.text(hash) }

  private func names() throws(DatabaseError) -> [String] {
    do throws(Errno) {
      return try System.names(in: path, countMax: Limits.snapshotFilesMax)
    } catch {
      throw StateFolder.error(error, path)
    }
  }

  private func remove(_ file: String) throws(DatabaseError) {
    do throws(Errno) { try System.removeFile(file) } catch {
      throw StateFolder.error(error, file)
    }
  }
}
