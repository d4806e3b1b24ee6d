public import Model

// Who took whose place: nodes that changed their keys (docs/adr/0023).
extension Membership {
  /// What a node is called now: the node itself, or who took its place, and so on; itself also
  /// where two say that they did, since nobody can tell which.
  public func successor(of node: NodeId) -> NodeId {
    var (at, seen): (NodeId, Set<NodeId>) = (node, [node])
    while let next = heirs[at], next.count == 1, let heir = next.first,
      seen.insert(heir).inserted
    { at = heir }
    return at
  }

  /// Whether somebody took the node's place.
  public func isSucceeded(_ node: NodeId) -> Bool { heirs[node] != nil }

  /// Nodes whose place two or more say they took: a key is in other hands, or a disk was copied.
  public var disputedPlaces: [NodeId] {
    members.filter { heirs[$0]?.count ?? 0 > 1 }
  }

  /// What successors revoked of the nodes whose places they took, and this node, which stands above
  /// them, has not said too: from then on a succession that is not kept counts no more.
  public func unconfirmed(by node: NodeId) -> [Revocation] {
    guard let own = standing(of: node), own.scopes.contains(.grant) else { return [] }
    return facts.values.sorted(by: MembershipFact.precedes).compactMap { fact in
      guard case .revocation(let cut) = fact.statement, counts(fact.hash),
        heirs[cut.node] == [fact.author], let old = standing(of: cut.node),
        own.depth < old.depth, !isCutFromAbove(cut.node)
      else { return nil }
      return Revocation(
        site: site, node: cut.node, scopesLeft: cut.scopesLeft, generation: cut.generation,
        past: cut.past, reason: cut.reason)
    }
  }

  private func isCutFromAbove(_ node: NodeId) -> Bool {
    facts.values.contains { fact in
      guard case .revocation(let cut) = fact.statement, cut.node == node, counts(fact.hash) else {
        return false
      }
      return fact.isSites || heirs[node]?.contains(fact.author) == false
    }
  }
}
