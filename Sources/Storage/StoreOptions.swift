public import Model

/// How a store is opened.
public struct StoreOptions: Sendable {
  /// The database's file.
  public var path: String
  /// This node.
  public var node: NodeId
  /// What this node was called before it changed its key: what is recorded under these is its own.
  public var former: [NodeId]
  /// The kernel's boot id.
  public var clockEpoch: ClockEpoch
  /// The number of this run of the daemon, from the system's generator, never 0; it is written
  /// with the first commit.
  public var incarnation: Incarnation
  /// The name of an SQLite VFS; nil for the system's. Tests inject disk faults here.
  public var vfs: String?
  /// How SQLite syncs: FULL, unless a test wants to see what OFF destroys.
  var synchronous = "FULL"
  /// Pages in the write-ahead log after which they are moved into the file.
  var walPagesMax = 1_000

  /// Says how to open a store.
  public init(
    path: String, node: NodeId, former: [NodeId] = [], clockEpoch: ClockEpoch,
    incarnation: Incarnation, vfs: String? = nil
  ) {
    self.path = path
    self.node = node
    self.former = former
    self.clockEpoch = clockEpoch
    self.incarnation = incarnation
    self.vfs = vfs
  }

  /// Whether an origin is this node, under its present key or one before.
  func isOwn(_ origin: NodeId) -> Bool { origin == node || former.contains(origin) }
}
