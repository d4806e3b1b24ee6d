internal import Model
internal import Storage
internal import Sync

/// Ranges, what goes of them, and what keepers prove before it does.
extension SiteSimulation {
  /// How long readings stay after a keeper's proof here, in µs.
  private static let keepAfterAckUs: Int64 = 10_000_000
  /// The age at which they go here, in µs.
  private static let rawUs: Int64 = 15_000_000

  /// Nodes whose proof lets readings of others go.
  var keepers: [NodeId] { nodes.filter { $0.isHub && !$0.isOut }.map(\.key.id) }

  /// Some commits become ranges, and some ranges go.
  func keep(_ index: Int) {
    guard plan.hasCompaction, nodes[index].isUp else { return }
    if generator.chance(25) { compact(index) }
    if plan.hasRetention, generator.chance(25) { trim(index, isByAge: generator.chance(60)) }
  }

  private func compact(_ index: Int) {
    let commits = 1 + generator.below(5)
    do throws(DatabaseError) {
      let count = try nodes[index].run { (now) throws(DatabaseError) in
        let count = try now.store.compact(commitsMax: commits)
        now.vector = try now.store.vector()
        return count
      }
      if let count, count > 0 {
        note("\(nodes[index].name): \(count) ranges of \(commits) commits")
        changedAtUs = nowUs
      }
    } catch { failed(index, error) }
  }

  private func trim(_ index: Int, isByAge: Bool) {
    let node = nodes[index]
    var order = TrimOrder()
    let packs = 1 + generator.below(3)
    if isByAge {
      guard node.isTrusted else { return }
      order.rule = RetentionRule(rawUs: Self.rawUs, minutesUs: 2 * Self.rawUs)
      order.nowUs = node.wallUs(nowUs)
      order.keepAfterAckUs = Self.keepAfterAckUs
      order.keepers = keepers.filter { $0 != node.key.id }
      if node.isHub {
        order.duty = KeeperDuty(keeper: node.key.id, owners: Set(nodes.map(\.key.id)))
      }
    } else {
      order.databaseBytesMax = 1
    }
    let before = node.running?.vector ?? HaveVector()
    do throws(DatabaseError) {
      let report = try node.run { (now) throws(DatabaseError) in
        if let nowUs = order.nowUs { try now.store.dateProofs(nowUs: nowUs) }
        let report = try now.store.trim(order, packsMax: packs)
        now.vector = try now.store.vector()
        return report
      }
      guard let report, report.packs > 0 else { return }
      note("\(node.name): \(report.packs) packs go, by age \(isByAge)")
      changedAtUs = nowUs
    } catch {
      failed(index, error)
    }
    if isByAge, !order.keepers.isEmpty { checkTrimmed(node, before) }
  }

  /// What went by its age a keeper has proven to have.
  private func checkTrimmed(_ node: SimulatedNode, _ before: HaveVector) {
    guard let after = node.running?.vector else { return }
    for (log, state) in before.logs where log.lane == .telemetry && node.isOwn(log.run) {
      let gone = state.held.subtracting(after[log].held)
      let records = gone.ranges.joined().map { log.run.record(log.lane, $0) }
      // By clocks that leap nobody knows how long that was.
      let latestUs = plan.hasBadClocks ? nowUs : nowUs - Self.keepAfterAckUs
      if let one = records.first(where: { witness.proven[$0] ?? .max > latestUs }) {
        let provenUs = witness.proven[one]
        return violate(
          "\(node.name) let \(one.short) go "
            + (provenUs.map { "\((nowUs - $0) / 1_000) ms after its proof" } ?? "unproven"))
      }
    }
  }

  // MARK: Proof

  /// Once the telemetry of a link rests, whoever asks has the other prove what it has of it.
  func askProof(_ index: Int) {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    guard plan.hasRetention, keepers.contains(other.key.id), asker.isUp,
      case .exchanging(_, let channels) = links[index].phase,
      let held = channels[.telemetry]?.machine.known, channels[.telemetry]?.isBusy == false
    else { return }
    let bootUs = asker.bootUs(nowUs)
    let words = (0..<KeeperWatch.wordCount).map { _ in generator.next() }
    do throws(DatabaseError) {
      let asked = try asker.run { (now) throws(DatabaseError) -> [KeptRange] in
        var watch = now.watches[other.key.id] ?? KeeperWatch()
        guard watch.isDue(nowUs: bootUs) else { return [] }
        let ledger = try now.store.ledger(of: other.key.id, held: held)
        try now.store.forgetKept(ledger.lost, by: other.key.id)
        try now.store.noteKept(ledger.unnoted, by: other.key.id, .acknowledged)
        let requests = watch.requests(
          fresh: ledger.fresh.map(\.part), proven: ledger.proven.map(\.part), words: words,
          nowUs: bootUs)
        now.watches[other.key.id] = watch
        let parts = Set(requests.first ?? [])
        return (ledger.fresh + ledger.proven).filter { parts.contains($0.part) }
      }
      guard let asked, !asked.isEmpty else { return }
      let nonce = generator.bytes(RangeProof.nonceByteCount)
      links[index].proof = (nonce, asked)
      handle(index, .telemetry, .prove(nonce: nonce, asked.map(\.part)))
    } catch { failed(asker.index, error) }
  }

  /// What a keeper gave is compared with what is here.
  func proven(_ index: Int, _ hashes: [[UInt8]?]) {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    guard let (nonce, asked) = links[index].proof else { return }
    links[index].proof = nil
    guard hashes.count == asked.count else { return }
    let wallUs = asker.isTrusted ? asker.wallUs(nowUs) : 0
    do throws(DatabaseError) {
      let proven = try asker.run { (now) throws(DatabaseError) -> [KeptRange] in
        let mine = try now.store.proof(of: asked.map(\.part), nonce: nonce).hashes
        let proven = asked.indices.filter { mine[$0] != nil && mine[$0] == hashes[$0] }
          .map { asked[$0] }
        try now.store.noteKept(proven, by: other.key.id, .proven, at: wallUs)
        return proven
      }
      for range in proven ?? [] { witness.prove(range.part, atUs: nowUs) }
      note("\(other.name) proves \(proven?.count ?? 0) of \(asked.count) to \(asker.name)")
    } catch { failed(asker.index, error) }
  }

  /// What a keeper answers; what it owes from now on it notes.
  func prove(
    _ parts: [ProofPart], nonce: [UInt8], by node: SimulatedNode
  ) -> [[UInt8]?]? {
    let wallUs = node.isTrusted ? node.wallUs(nowUs) : 0
    do throws(DatabaseError) {
      return try node.run { (now) throws(DatabaseError) in
        let (hashes, ranges) = try now.store.proof(of: parts, nonce: nonce)
        try now.store.noteKept(ranges, by: node.key.id, .proven, at: wallUs)
        return hashes
      }
    } catch {
      failed(node.index, error)
      return nil
    }
  }
}
