internal import Reactor
internal import Sync

/// Which contents of snapshots are here.
public struct SnapshotContents: Hashable, Sendable {
  /// Those that can be given, by hash.
  public var here: Set<[UInt8]> = []
  /// Those that the disk has altered: they are never given.
  public var damaged: Set<[UInt8]> = []
  /// What all of them take, in bytes.
  public var bytes: Int64 = 0

  /// Nothing.
  public init() {}

  init(here: Set<[UInt8]>, damaged: Set<[UInt8]>, bytes: Int64) {
    self.here = here
    self.damaged = damaged
    self.bytes = bytes
  }
}

/// The contents of snapshots, beside the database and on a thread of their own: one takes the disk
/// as long as hundreds of commits, which must not wait for it.
///
/// What `put` has returned is on the disk. The manifests are in the journal.
public actor SnapshotStore {
  private let executor: ThreadExecutor
  private var folder: SnapshotFolder

  /// The thread that works on files.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Where the contents lie in a state folder.
  public static func path(in stateFolder: String) -> String { stateFolder + "/blobs" }

  /// Begins with a folder that need not be there yet; `open` looks at it.
  public init(stateFolder: String) {
    folder = SnapshotFolder(path: Self.path(in: stateFolder))
    executor = ThreadExecutor(name: "snapshots")
  }

  /// Looks at what is there, beside what manifests name: content to length. What nobody names goes
  /// if `removesOthers`: not where some of the journal could not be read.
  public func open(
    named: [[UInt8]: Int64], removesOthers: Bool
  ) throws(DatabaseError) -> SnapshotContents {
    try folder.look(named: named, removesOthers: removesOthers)
    return folder.contents
  }

  /// The name of a content.
  public func hash(_ content: [UInt8]) -> [UInt8] { Blake2b.content(content) }

  /// Keeps a content of at most `Sync.Limits.snapshotBytesMax` bytes under its hash.
  public func put(
    _ content: [UInt8], hash: [UInt8], wallUs: Int64
  ) throws(DatabaseError) -> SnapshotContents {
    try folder.put(content, hash: hash, wallUs: wallUs)
    return folder.contents
  }

  /// The bytes of a content, compared with its hash; nil where they are not here or not right.
  public func read(_ hash: [UInt8]) -> (content: [UInt8]?, contents: SnapshotContents) {
    (folder.read(hash), folder.contents)
  }

  /// Takes away the oldest contents until all together have at most so many bytes.
  public func drop(
    downTo bytesMax: Int64, sparing spared: Set<[UInt8]> = []
  ) throws(DatabaseError) -> (count: Int, contents: SnapshotContents) {
    (try folder.drop(downTo: bytesMax, sparing: spared), folder.contents)
  }

  /// Takes one content away.
  public func remove(_ hash: [UInt8]) throws(DatabaseError) -> SnapshotContents {
    try folder.remove(hash: hash)
    return folder.contents
  }

  /// Ends the thread: for tests, which open many. Later calls never return.
  public nonisolated func endThread() { executor.shutDown() }
}
