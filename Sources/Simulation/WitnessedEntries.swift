internal import Model
internal import Sync

/// What entries say, as plain tables by identity: no folds, no ranks, no vectors.
struct WitnessedEntries {
  /// Of each register, every write and the writes that it replaces.
  private(set) var writes: [RegisterKey: [RecordId: [RecordId]]] = [:]
  /// Of each order, every claim and every end that anybody wrote.
  private(set) var claims: [CommandId: [RecordId: CommandClaimed]] = [:]
  private(set) var ends: [CommandId: [RecordId: CommandOutcome]] = [:]

  mutating func take(_ content: JournalContent, _ record: RecordId) {
    switch content {
    case .registerWrite(let write): writes[write.key, default: [:]][record] = write.replaces
    case .commandClaimed(let claim): claims[claim.id, default: [:]][record] = claim
    case .commandOutcome(let outcome): ends[outcome.id, default: [:]][record] = outcome
    default: return
    }
  }

  /// The writes of a register that nothing replaces, among those that somebody has: an edit that
  /// saw another stands in its place, whatever their clocks say and in whatever order they came.
  func standing(_ key: RegisterKey, where isHere: (RecordId) -> Bool) -> Set<RecordId> {
    let here = (writes[key] ?? [:]).filter { isHere($0.key) }
    return Set(here.keys).subtracting(here.values.joined())
  }

  /// Whether an order has this claim by the word of the node that it names.
  func hasClaim(_ claim: CommandClaimed, by node: NodeId) -> Bool {
    claims[claim.id]?.contains { $0.key.origin == node && $0.value == claim } ?? false
  }

  /// How an order ended by the word of the node that it names, or of its issuer where that took it
  /// back, among what somebody has: all that was said, and of each run what counts. That is its
  /// first end, in whatever order they came, and *unknown* only where there is no other.
  func said(
    of id: CommandId, by node: NodeId, issuer: NodeId, where isHere: (RecordId) -> Bool
  ) -> (all: Set<CommandOutcome>, first: Set<CommandOutcome>) {
    var (all, first): (Set<CommandOutcome>, Set<CommandOutcome>) = ([], [])
    var runs: [RunId: (seq: UInt64, outcome: CommandOutcome)] = [:]
    for (record, end) in ends[id] ?? [:] where isHere(record) {
      guard record.origin == (end.state == .cancelled ? issuer : node) else { continue }
      all.insert(end)
      if end.state == .cancelled {
        first.insert(end)
      } else if let known = runs[record.run] {
        let isOpen = (end.state == .unknown, known.outcome.state == .unknown)
        let isBefore = isOpen.0 == isOpen.1 ? record.seq < known.seq : isOpen.1
        if isBefore { runs[record.run] = (record.seq, end) }
      } else {
        runs[record.run] = (record.seq, end)
      }
    }
    return (all, first.union(runs.values.map(\.outcome)))
  }
}
