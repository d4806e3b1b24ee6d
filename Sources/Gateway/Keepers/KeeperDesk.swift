internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What keepers prove to this node, and what this one proves to others.
///
/// What is asked and when is `KeeperWatch`; this asks the store, compares, and keeps what came of
/// it on the disk.
@Loop final class KeeperDesk {
  /// What it has to know of the node, and whom it tells.
  struct Surroundings {
    /// This node.
    var node: NodeId
    /// Whether a node's standing has the scope keeper.
    var isKeeper: @Loop (NodeId) -> Bool
    /// What people call a node.
    var name: @Loop (NodeId) -> String
    /// The time in µs of UTC, where it counts for ages.
    var countedUs: @Loop () -> Int64?
    /// A notice that stands now; nil where none does any more.
    var tell: @Loop (ProblemView?) -> Void
  }

  /// The notice's code.
  static let unprovenCode = "keeper.unproven"
  /// Receipts of which what they say is remembered, for the next bundle; beyond, all are forgotten.
  private static let receiptsMax = 16
  /// Ranges in one transaction of the store.
  private static let notedMax = 1_024

  private let store: Store
  private let prover: Prover
  private let surroundings: Surroundings
  private let log: Log
  private var watches: [NodeId: KeeperWatch] = [:]
  /// What nodes said in receipts to have.
  private(set) var receipts: [NodeId: HaveVector] = [:]
  /// What is to be asked of a keeper next.
  private var pending: [NodeId: [[ProofPart]]] = [:]
  /// What the spans that may be asked for are here, and whether they were proven.
  private var ranges: [NodeId: [ProofPart: (range: KeptRange, isAgain: Bool)]] = [:]
  /// Spans that were proven once and then were not there, of those that the vector still names.
  private var suspects: [NodeId: Set<ProofPart>] = [:]
  /// Spans that came out right and wrong since the start.
  private(set) var proofs: (proven: UInt64, failed: UInt64) = (0, 0)
  /// Offers and answers of callers that did not count.
  private(set) var refusedCount: UInt64 = 0
  private var gate = LogGate()

  init(store: Store, path: String, log: Log, surroundings: Surroundings) {
    self.store = store
    self.log = log
    self.surroundings = surroundings
    prover = Prover(path: path)
  }

  /// Ends its thread; nothing may be asked afterwards.
  func stop() { prover.end() }

  /// Whether a node is a keeper now, this one too.
  func isKeeper(_ node: NodeId) -> Bool { surroundings.isKeeper(node) }

  // MARK: Asking

  /// What a peer is to prove next, whose vector of telemetry is this; nil for nothing now, and for
  /// one that is no keeper.
  func next(of keeper: NodeId, held: HaveVector) async throws(DatabaseError) -> [ProofPart]? {
    guard keeper != surroundings.node, surroundings.isKeeper(keeper) else {
      pending[keeper] = nil
      return nil
    }
    if pending[keeper]?.isEmpty ?? true { try await plan(keeper, held) }
    guard pending[keeper]?.isEmpty == false else { return nil }
    return pending[keeper]?.removeFirst()
  }

  private func plan(_ keeper: NodeId, _ held: HaveVector) async throws(DatabaseError) {
    guard watches[keeper, default: KeeperWatch()].isDue(nowUs: Clock.bootUs()) else { return }
    let mine = try await store.vector()
    let ledger = try await prover.ledger(of: keeper, held: held, mine: mine)
    let named = Set((ledger.fresh + ledger.proven).map(\.part))
    suspects[keeper]?.formIntersection(named)
    if !ledger.lost.isEmpty {
      // What it said or proved counts no more: its vector has it no longer.
      log.write(
        .warning, "keeper.lost", ["keeper": "\(keeper)", "ranges": "\(ledger.lost.count)"])
      try await store.forgetKept(ledger.lost, by: keeper)
    }
    try await note(ledger, by: keeper)
    let requests =
      watches[keeper]?.requests(
        fresh: ledger.fresh.map(\.part), proven: ledger.proven.map(\.part),
        words: Self.words(KeeperWatch.wordCount), nowUs: Clock.bootUs()) ?? []
    pending[keeper] = requests
    let asked = Set(requests.joined())
    var found: [ProofPart: (range: KeptRange, isAgain: Bool)] = [:]
    for range in ledger.fresh { found[range.part] = (range, false) }
    for range in ledger.proven { found[range.part] = (range, true) }
    found = found.filter { asked.contains($0.key) }
    ranges[keeper] = found
    tell()
  }

  private static func words(_ count: Int) -> [UInt64] {
    let bytes = SyncDoor.random(8 * count)
    return (0..<count).map { word in
      bytes[(8 * word)..<(8 * word + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// Compares what a keeper gave with what is here, and notes it. Of who answered nothing at all
  /// nothing is proven.
  func judge(
    _ keeper: NodeId, _ parts: [ProofPart], nonce: [UInt8], _ hashes: [[UInt8]?]
  ) async throws(DatabaseError) {
    let mine = try await prover.hashes(parts, nonce: nonce)
    var proven: [KeptRange] = []
    var gone: [KeptRange] = []
    var isBroken = false
    for (index, part) in parts.enumerated() {
      // What cannot be read here says nothing of the keeper: the inspection names it.
      guard let own = mine[index], let asked = ranges[keeper]?[part] else { continue }
      let theirs = hashes.count == parts.count ? hashes[index] : nil
      let outcome = KeeperWatch.outcome(of: theirs, own: own)
      watches[keeper]?.note(part, outcome, nowUs: Clock.bootUs())
      guard outcome != .proven else {
        proven.append(asked.range)
        proofs.proven += 1
        continue
      }
      proofs.failed += 1
      if asked.isAgain, outcome == .notHere {
        // It may have let go since it told its vector: the next one says so, or it is asked again.
        gone.append(asked.range)
        suspects[keeper, default: []].insert(part)
      } else if asked.isAgain || suspects[keeper]?.remove(part) != nil {
        isBroken = true
      }
      log.write(
        .error, Self.unprovenCode,
        [
          "keeper": "\(keeper)", "outcome": "\(outcome)", "run": "\(part.log.run)",
          "commits": "\(part.seqs.lowerBound)-\(part.seqs.upperBound)",
        ])
    }
    if !gone.isEmpty { try await store.forgetKept(gone, by: keeper) }
    if isBroken {
      // One that has lost something that it proved is to prove everything again.
      try await store.unproveAll(of: keeper)
      pending[keeper] = nil
    }
    if !proven.isEmpty, !isBroken {
      try await store.noteKept(
        proven, by: keeper, .proven, at: surroundings.countedUs() ?? 0)
    }
    tell()
  }

  /// Whether a keeper would be asked more if it offered now.
  func hasMore(for keeper: NodeId) -> Bool {
    pending[keeper]?.isEmpty == false
      || watches[keeper]?.wouldLook(nowUs: Clock.bootUs()) == true
  }

  /// Notes that a caller gave no answer that counts: none, one to another question, one that came
  /// too late, or any without being a keeper. Nothing is believed; what was asked is asked anew.
  func noteRefused(_ caller: NodeId, _ code: String) {
    refusedCount &+= 1
    let (isOpen, held) = gate.pass(nowUs: Clock.bootUs())
    guard isOpen else { return }
    log.write(
      .warning, "keeper.refused", ["caller": "\(caller)", "code": code, "held": "\(held)"])
  }

  private func tell() {
    let failing = watches.filter { surroundings.isKeeper($0.key) && $0.value.failedCount > 0 }
    guard let worst = failing.max(by: { $0.value.failedCount < $1.value.failedCount }) else {
      return surroundings.tell(nil)
    }
    let name = surroundings.name(worst.key)
    surroundings.tell(
      ProblemView(
        code: Self.unprovenCode,
        parameters: ["peer": name, "count": "\(worst.value.failedCount)"],
        detail: "the keeper \(name) did not prove that it has \(worst.value.failedCount) ranges of"
          + " this node's readings: they do not go by their age; see bivouac status on \(name)"))
  }

  // MARK: Receipts

  /// What a member has, as it said in a receipt: how many records of this node's own. Of a keeper
  /// that is kept, as an acknowledgement and no proof; what it does not name is not taken back, for
  /// a receipt may be old.
  func acknowledge(_ node: NodeId, _ held: HaveVector) async -> UInt64 {
    if receipts.count >= Self.receiptsMax, receipts[node] == nil { receipts.removeAll() }
    receipts[node] = held
    do throws(DatabaseError) {
      let mine = try await store.vector()
      if surroundings.isKeeper(node) {
        try await note(try await prover.ledger(of: node, held: held, mine: mine), by: node)
      }
      var count: UInt64 = 0
      for (log, state) in mine.logs where log.run.origin == surroundings.node {
        count += state.held.intersection(held[log].held).count
      }
      return count
    } catch {
      log.write(.warning, "receipt.not-kept", ["cause": error.cause])
      return 0
    }
  }

  private func note(
    _ ledger: KeeperLedger, by keeper: NodeId
  ) async throws(DatabaseError) {
    for start in stride(from: 0, to: ledger.unnoted.count, by: Self.notedMax) {
      let end = min(ledger.unnoted.count, start + Self.notedMax)
      try await store.noteKept(Array(ledger.unnoted[start..<end]), by: keeper, .acknowledged)
    }
  }

  // MARK: Answering

  /// A hash over each of some spans, of what the disk gives now. What was proven to whose readings
  /// they are may go by its age some day: that is kept too.
  func prove(
    _ parts: [ProofPart], nonce: [UInt8], to owner: NodeId
  ) async throws(DatabaseError) -> [[UInt8]?] {
    let (hashes, ranges) = try await prover.answer(parts, nonce: nonce, to: owner)
    if !ranges.isEmpty, surroundings.isKeeper(surroundings.node) {
      try await store.noteKept(
        ranges, by: surroundings.node, .proven, at: surroundings.countedUs() ?? 0)
    }
    return hashes
  }
}
