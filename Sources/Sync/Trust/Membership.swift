public import Model

/// Who belongs to a site and what each may: a fold of a set of facts that only grows.
///
/// The outcome depends on the set alone: it is the same after every order of arrival, and the same
/// as from zero (docs/sync-format.md section 5, with the reasons in docs/adr/0014).
public struct Membership: Sendable {
  /// What became of a fact.
  public enum Insertion: Hashable, Sendable {
    /// It is in the set now.
    case taken
    /// It was there.
    case known
    /// Its author is not known here as one who may speak: it is to be offered again when the
    /// membership has changed.
    case waits
    /// `Limits.membershipFactsMax` are there: an alarm, since from here on order counts.
    case full
  }

  /// The site whose facts these are.
  public let site: SiteId
  /// Every fact, by its content's hash.
  var facts: [[UInt8]: MembershipFact] = [:]
  /// Who was ever named by somebody who might have had the right to, with the most that this can
  /// have given: it only grows.
  var reach: [NodeId: Scopes] = [:]
  /// The grants by a node, and the successions that it signed: what grows when its reach does.
  var dependents: [NodeId: [MembershipFact]] = [:]
  /// Who stands where.
  private(set) var standings: [NodeId: Standing] = [:]
  /// The hashes of the grants, revocations and successions that count.
  private(set) var counting: Set<[UInt8]> = []
  /// Who took a node's place, as far as that counts.
  private(set) var heirs: [NodeId: Set<NodeId>] = [:]
  /// What people call the site; empty while nobody has said so.
  public private(set) var name = ""

  /// Begins without a fact: nobody is a member.
  public init(site: SiteId) { self.site = site }

  /// How many facts there are.
  public var count: Int { facts.count }

  /// What came of offered facts.
  public struct Change: Hashable, Sendable {
    /// What became of each, in their order.
    public internal(set) var insertions: [Insertion]
    /// Nodes that are known from now on: what waited for them is to be offered again.
    public internal(set) var named: Set<NodeId> = []
    /// Nodes whose rights are others than before: their records are to be judged again.
    public internal(set) var changed: Set<NodeId> = []
  }

  /// Adds facts, in any order and as often as wanted.
  ///
  /// Each that waits is tried again within the call as long as others are taken.
  public mutating func insert(_ offered: [MembershipFact]) -> Change {
    var change = Change(insertions: [Insertion](repeating: .waits, count: offered.count))
    var isGrown = false
    var waiting = Array(offered.indices)
    while !waiting.isEmpty {
      let before = waiting.count
      waiting.removeAll { index in
        change.insertions[index] = take(offered[index], naming: &change.named)
        if change.insertions[index] == .taken { isGrown = true }
        return change.insertions[index] != .waits
      }
      if waiting.count == before { break }
    }
    if isGrown { change.changed = refold() }
    return change
  }

  /// Whether records of this node are kept, rather than left to wait until somebody names it.
  ///
  /// It only grows with the facts, whatever is revoked: nodes with the same facts keep the same.
  public func isKnown(_ node: NodeId) -> Bool { reach[node] != nil }

  /// Where a node stands; nil for one that no counting grant or succession names.
  public func standing(of node: NodeId) -> Standing? { standings[node] }

  /// Every node that stands somewhere, in the order of its key.
  public var members: [NodeId] {
    standings.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Whether a grant, a revocation or a succession counts, by the hash of its entry's content.
  public func counts(_ hash: [UInt8]) -> Bool { counting.contains(hash) }

  /// What a record's origin may do in it; of kinds 20 to 22 `counts` speaks.
  public func scopes(of record: RecordId) -> Scopes {
    standings[record.origin]?.scopes(in: record) ?? []
  }

  /// The hashes that a revocation of the node written now is to keep, ascending: of all that speaks
  /// in its name and counts, and of its revocations, also of nodes that nobody has named yet.
  public func spoken(by node: NodeId) -> [[UInt8]] {
    let hashes = facts.values.filter { fact in
      switch fact.statement {
      case .name: return false
      case .grant: return !fact.isSites && fact.author == node && counts(fact.hash)
      case .revocation:
        guard !fact.isSites, fact.author == node else { return false }
        if counts(fact.hash) { return true }
        return standings[node]?.scopes(inEntry: fact.hash).contains(.grant) ?? false
      case .succession(let old): return old == node && counts(fact.hash)
      }
    }.map(\.hash)
    return hashes.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The highest generation of the grants to a node that are known here, and of the revocations:
  /// a revocation is to have it, a new grant one more. Nil when there are none.
  public func generation(of node: NodeId) -> UInt32? {
    facts.values.compactMap { fact in
      switch fact.statement {
      case .grant(let grant): return grant.node == node ? grant.generation : nil
      case .revocation(let cut): return cut.node == node ? cut.generation : nil
      case .name, .succession: return nil
      }
    }.max()
  }

  private mutating func take(
    _ fact: MembershipFact, naming named: inout Set<NodeId>
  ) -> Insertion {
    if facts[fact.hash] != nil { return .known }
    guard speaks(fact) else { return .waits }
    guard facts.count < Limits.membershipFactsMax else { return .full }
    facts[fact.hash] = fact
    grow(by: fact, naming: &named)
    return .taken
  }

  /// Folds from zero: facts are few and come seldom.
  private mutating func refold() -> Set<NodeId> {
    var fold = MembershipFold(facts.values.sorted(by: MembershipFact.precedes))
    fold.run()
    let changed = Set(standings.keys).union(fold.standings.keys).filter {
      standings[$0] != fold.standings[$0]
    }
    standings = fold.standings
    counting = fold.counting
    heirs = fold.heirs
    name = fold.name
    return changed
  }
}
