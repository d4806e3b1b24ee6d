internal import Model
internal import Storage
internal import Sync

/// Ranges, what goes of them, and what keepers prove before it does.
extension SiteSimulation {
  /// How long readings stay after a keeper's proof here, in µs.
  private static let keepAfterAckUs: Int64 = 10_000_000
  /// The age at which they go here, in µs.
  private static let rawUs: Int64 = 15_000_000

  /// Nodes whose proof lets readings of others go, as far as one knows their names.
  private func keepers(_ membership: Membership?) -> [NodeId] {
    nodes.compactMap { node in
      guard node.isKeeper, let first = node.ids.first else { return nil }
      return membership?.successor(of: first)
    }
  }

  /// Some commits become ranges, and some ranges go.
  func keep(_ index: Int) {
    guard plan.hasCompaction, nodes[index].isUp else { return }
    if generator.chance(25) { compact(index) }
    // Where proofs are made up much goes by its age, so that somebody who believes one is noticed.
    let (percent, agePercent) = plan.hasFalseKeeper ? (70, 85) : (25, 60)
    if plan.hasRetention, generator.chance(percent) {
      trim(index, isByAge: generator.chance(agePercent))
    }
  }

  private func compact(_ index: Int) {
    var commits = 1 + generator.below(5)
    // The compactor's bounds never change: of two disks of one run each makes the same ranges, but
    // for the last. Where readings go, nothing else could be compared.
    if plan.hasRetention, plan.hasRestores || plan.hasTwin { commits = 1 + Int(seed % 5) }
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
      order.keepers = keepers(node.running?.membership).filter { $0 != node.key.id }
      if node.isHub, let membership = node.running?.membership {
        order.duty = KeeperDuty(keeper: node.key.id, in: membership)
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
}
