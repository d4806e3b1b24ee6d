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

  /// Whether an order ended so by the word of the node that it names, or was taken back by its
  /// issuer.
  func hasEnd(_ outcome: CommandOutcome, by node: NodeId, issuer: NodeId) -> Bool {
    ends[outcome.id]?.contains { record, end in
      end == outcome && record.origin == (outcome.state == .cancelled ? issuer : node)
    } ?? false
  }
}
