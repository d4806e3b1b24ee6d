public import Model

// Who is known at all. Revocations, depths and generations play no part, so it only grows, and
// nodes with the same facts agree on it.
extension Membership {
  /// Whether the author of a fact is known here as one who might say such a thing.
  ///
  /// What the site key signed counts in the record of a member, or in that of the very node that
  /// it names: a stranger who copies it brings nobody to keep his own records.
  func speaks(_ fact: MembershipFact) -> Bool {
    switch fact.statement {
    case .succession(let old): return reach[old] != nil || reach[fact.author] != nil
    case .grant(let grant) where fact.isSites:
      return grant.node == fact.author || reach[fact.author] != nil
    case .name, .grant, .revocation: return reach[fact.author] != nil
    }
  }

  /// Whether an entry names its own origin, of whom nothing else is known here: who took the place
  /// of a node that is known, as that node signed, or whom the site key grants something in its own
  /// record. Such an entry cannot wait for somebody who names its origin, for nobody else does.
  public func introduces(_ record: RecordId, _ content: JournalContent) -> Bool {
    switch content {
    case .succession(let succession):
      return succession.site == site && isKnown(succession.old)
        && succession.holds(new: record.origin)
    case .grant(let grant):
      return grant.site == site && grant.node == record.origin && grant.isSites
    default: return false
    }
  }

  /// Adds what a fact can give at most, and what this lets others give.
  mutating func grow(by fact: MembershipFact, naming named: inout Set<NodeId>) {
    switch fact.statement {
    case .grant where !fact.isSites: dependents[fact.author, default: []].append(fact)
    case .succession(let old): dependents[old, default: []].append(fact)
    case .name, .grant, .revocation: break
    }
    var growing = [fact]
    while let next = growing.popLast() {
      guard let node = give(next, naming: &named) else { continue }
      growing += dependents[node] ?? []
    }
  }

  /// Adds what one fact gives; whose reach has grown, if one has.
  private mutating func give(
    _ fact: MembershipFact, naming named: inout Set<NodeId>
  ) -> NodeId? {
    let node: NodeId
    var scopes: Scopes
    switch fact.statement {
    case .name, .revocation: return nil
    case .grant(let grant):
      node = grant.node
      scopes = grant.scopes
      if !fact.isSites {
        guard let author = reach[fact.author], author.contains(.grant) else { return nil }
        scopes.formIntersection(author)
      }
    case .succession(let old):
      guard let inherited = reach[old] else { return nil }
      node = fact.author
      scopes = inherited
    }
    if let before = reach[node], before.isSuperset(of: scopes) { return nil }
    if reach[node] == nil { named.insert(node) }
    reach[node, default: []].formUnion(scopes)
    return node
  }
}
