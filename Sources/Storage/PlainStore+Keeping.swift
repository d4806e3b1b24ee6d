public import Model
public import Sync

/// What the daemon's compactor, retainer and prover do on threads of their own, as plain calls.
extension PlainStore {
  /// Turns what is due into ranges of at most so many commits; how many ranges that were.
  public func compact(commitsMax: Int) throws(DatabaseError) -> Int {
    while try core.clearLeftovers() {}
    try core.checkpoint()
    var bounds = RangeBounds()
    bounds.commits = max(1, min(commitsMax, bounds.commits))
    let compaction = try CompactionCore(path: options.path, vfs: options.vfs, bounds: bounds)
    var count = 0
    while try compaction.begin(try core.compactionBounds()) {
      while let step = try compaction.next() {
        switch step {
        case .write(let slice): try core.write(slice)
        case .publish(let range): try core.publish(range)
        }
      }
      count += 1
      while try core.clearLeftovers() {}
    }
    while try core.dateBlocks() {}
    return count
  }

  /// Lets go what an order says, at most so many packs; never beside a compaction.
  public func trim(_ order: TrimOrder, packsMax: Int) throws(DatabaseError) -> TrimReport {
    let retainer = try RetainerCore(path: options.path, vfs: options.vfs, order: order)
    while retainer.report.packs < packsMax, let trim = try retainer.next() {
      try core.trim(trim)
      retainer.wrote(trim)
    }
    return retainer.report
  }

  /// Judges some records of other nodes again, as `Store.rejudge`: what came of it is to be taken
  /// in before the next slice, since a fold from the disk has all of it.
  public func rejudge(
    _ progress: inout Rejudging, rules: ReceiveRules
  ) throws(DatabaseError) -> ReceiveReport {
    try core.rejudge(&progress, rules)
  }

  /// What a keeper whose vector names `held` has of this node's own ranges.
  public func ledger(
    of keeper: NodeId, held: HaveVector
  ) throws(DatabaseError) -> KeeperLedger {
    let mine = try core.vector()
    return try ProofCore(path: options.path, vfs: options.vfs, bounds: RangeBounds())
      .ledger(of: keeper, held: held, mine: mine)
  }

  /// A hash over each span, keyed with a nonce, of what the disk gives now; nil for what is not
  /// here. With it the spans that are ranges here, for whoever owes them to their owner.
  public func proof(
    of parts: [ProofPart], nonce: [UInt8]
  ) throws(DatabaseError) -> (hashes: [[UInt8]?], ranges: [KeptRange]) {
    let core = try ProofCore(path: options.path, vfs: options.vfs, bounds: RangeBounds())
    var hashes: [[UInt8]?] = []
    var ranges: [KeptRange] = []
    for part in parts {
      hashes.append(try core.hash(part, nonce: nonce))
      if hashes.last != .some(nil), let range = try core.range(of: part) { ranges.append(range) }
    }
    return (hashes, ranges)
  }

  /// Notes that a keeper said or proved that it has ranges; `at` in µs of UTC.
  public func noteKept(
    _ ranges: [KeptRange], by keeper: NodeId, _ level: KeptLevel, at: Int64 = 0
  ) throws(DatabaseError) {
    try core.noteKept(ranges, by: keeper, level, at: at)
  }

  /// Takes back that a keeper has ranges.
  public func forgetKept(_ ranges: [KeptRange], by keeper: NodeId) throws(DatabaseError) {
    try core.forgetKept(ranges, by: keeper)
  }

  /// Dates what was proven by a clock that was ahead of this time in µs of UTC, or by none.
  public func dateProofs(nowUs: Int64) throws(DatabaseError) {
    try core.dateProofs(nowUs: nowUs)
  }
}
