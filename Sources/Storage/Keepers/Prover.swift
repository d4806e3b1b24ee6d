public import Model
internal import Reactor
public import Sync

/// Proves to other nodes what is here, and reads what they are to prove: on a thread and
/// connections of its own, so that no commit waits for it.
public actor Prover {
  private let executor: ThreadExecutor
  private let path: String
  private let vfs: String?
  private let bounds: RangeBounds

  /// The thread that contents are read on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Reads the database of a store that was opened before.
  public init(path: String, vfs: String? = nil) {
    self.init(path: path, vfs: vfs, bounds: RangeBounds())
  }

  init(path: String, vfs: String?, bounds: RangeBounds) {
    self.path = path
    self.vfs = vfs
    self.bounds = bounds
    executor = ThreadExecutor(name: "prover")
  }

  /// A hash over each of at most `Limits.proofPartsMax` spans, keyed with a nonce and made of what
  /// the disk gives now; nil for one that is not here, or not as it was written.
  public func hashes(
    _ parts: [ProofPart], nonce: [UInt8]
  ) throws(DatabaseError) -> [[UInt8]?] {
    let core = try ProofCore(path: path, vfs: vfs, bounds: bounds)
    var hashes: [[UInt8]?] = []
    for part in parts.prefix(Sync.Limits.proofPartsMax) {
      hashes.append(try core.hash(part, nonce: nonce))
    }
    return hashes
  }

  /// The same for a node that asks for its own ranges, with those of them that lie in ranges here.
  public func answer(
    _ parts: [ProofPart], nonce: [UInt8], to owner: NodeId
  ) throws(DatabaseError) -> (hashes: [[UInt8]?], ranges: [KeptRange]) {
    let core = try ProofCore(path: path, vfs: vfs, bounds: bounds)
    var hashes: [[UInt8]?] = []
    var ranges: [KeptRange] = []
    for part in parts.prefix(Sync.Limits.proofPartsMax) {
      hashes.append(try core.hash(part, nonce: nonce))
      guard hashes.last != .some(nil), part.log.run.origin == owner else { continue }
      if let range = try core.range(of: part) { ranges.append(range) }
    }
    return (hashes, ranges)
  }

  /// What a keeper whose vector names `held` has of this node's own ranges, of which this node has
  /// `mine`.
  public func ledger(
    of keeper: NodeId, held: HaveVector, mine: HaveVector
  ) throws(DatabaseError) -> KeeperLedger {
    try ProofCore(path: path, vfs: vfs, bounds: bounds).ledger(of: keeper, held: held, mine: mine)
  }

  /// Ends the thread; nothing may be asked afterwards.
  public nonisolated func end() { executor.shutDown() }
}

extension Store {
  /// Notes that a keeper said or proved that it has ranges; `at` in µs of UTC, 0 where no clock
  /// counts: on the disk when it returns.
  public func noteKept(
    _ ranges: [KeptRange], by keeper: NodeId, _ level: KeptLevel, at: Int64 = 0
  ) throws(DatabaseError) {
    try opened().noteKept(ranges, by: keeper, level, at: at)
  }

  /// Takes back that a keeper has ranges: its vector names them no longer.
  public func forgetKept(_ ranges: [KeptRange], by keeper: NodeId) throws(DatabaseError) {
    try opened().forgetKept(ranges, by: keeper)
  }

  /// Takes back everything that a keeper has proven: it is to prove it again.
  public func unproveAll(of keeper: NodeId) throws(DatabaseError) {
    try opened().unproveAll(of: keeper)
  }

  /// Dates what was proven while no clock counted, or by one that was ahead of this time in µs of
  /// UTC.
  public func dateProofs(nowUs: Int64) throws(DatabaseError) {
    try opened().dateProofs(nowUs: nowUs)
  }

  /// What a keeper said and proved to have of this node's own ranges, in commits.
  public func keptCount(by keeper: NodeId) throws(DatabaseError) -> KeptCount {
    try opened().keptCount(by: keeper)
  }
}
