public import Model
public import Sync

/// What a node that has changed its key has still to say of it, from what is on its disk: pure, for
/// the daemon and for the simulated node (docs/adr/0023).
public enum KeyChange {
  /// Beyond what anybody may have granted to the old key meanwhile, unheard of here: that goes too.
  /// Whoever means to grant that key something again still finds a higher generation.
  static let leastGeneration = UInt32.max / 2

  /// The next entry to write under the new key: the succession, which both keys sign; then the
  /// retirement of the old key, with all that this disk has of it as the past that counts on.
  ///
  /// Nil where both are said, or where the new key stands nowhere, so that nobody would listen.
  ///
  /// - Parameters:
  ///   - said: entries of membership on this disk, of all nodes.
  ///   - membership: who belongs to the site in which the old key stands.
  ///   - vector: what was seen here.
  public static func next(
    from old: NodeKey, to new: NodeId, said: [(record: RecordId, content: JournalContent)],
    in membership: Membership, _ vector: HaveVector
  ) -> JournalContent? {
    let own = said.lazy.filter { $0.record.origin == new }.map(\.content)
    let isSaid = own.contains { content in
      if case .succession(let said) = content { said.old == old.id } else { false }
    }
    guard isSaid else { return .succession(Succession(site: membership.site, from: old, to: new)) }
    let isRetired = own.contains { content in
      if case .revocation(let said) = content { said.node == old.id } else { false }
    }
    guard !isRetired, membership.standing(of: new) != nil else { return nil }
    // All that was written under the old key is here, for this disk wrote it.
    let runs = SeededBug.retirementWithoutPast.isOn ? [] : SeenPast.runs(of: old.id, in: vector)
    return .revocation(
      Revocation(
        site: membership.site, node: old.id, scopesLeft: [],
        generation: max(leastGeneration, membership.generation(of: old.id) ?? 0),
        past: SeenPast(runs: runs, kept: membership.spoken(by: old.id)), reason: "key changed"))
  }
}

extension SeenPast {
  /// What a vector has seen of a node, run by run.
  public static func runs(of node: NodeId, in vector: HaveVector) -> [Run] {
    let none = [Intervals](repeating: Intervals(), count: Lane.allCases.count)
    var lanes: [Incarnation: [Intervals]] = [:]
    for (log, state) in vector.logs where log.run.origin == node {
      lanes[log.run.incarnation, default: none][Int(log.lane.rawValue)] = state.seen
    }
    return lanes.map { Run(incarnation: $0, lanes: $1) }
  }
}
