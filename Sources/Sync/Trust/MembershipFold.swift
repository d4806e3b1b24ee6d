internal import Model

/// The fold from zero, level by level: every judgement of a level rests on finished levels above
/// it alone, so nothing hangs on an order.
///
/// Level d: the grants of who stands at d - 1 (of the site key, for 1) name who stands at d, unless
/// it stands higher; what was revoked of those by who stands above d is cut; successions of those
/// bring others to d, until no more is added; then what successors revoked of those whose places
/// they took is cut.
struct MembershipFold {
  private(set) var standings: [NodeId: Standing] = [:]
  private(set) var counting: Set<[UInt8]> = []
  private(set) var name = ""
  /// Who took a node's place, as far as successions count.
  private(set) var heirs: [NodeId: Set<NodeId>] = [:]

  private var siteGrants: [MembershipFact] = []
  private var grants: [NodeId: [MembershipFact]] = [:]
  private var revocations: [NodeId: [(fact: MembershipFact, revocation: Revocation)]] = [:]
  private var successions: [NodeId: [MembershipFact]] = [:]

  /// One level while it is made.
  private struct Level {
    struct Place {
      var direct: [Standing.Given] = []
      /// By the hash of the succession.
      var inherited: [[UInt8]: Scopes] = [:]
      /// Whose place it took, by the same.
      var olds: [[UInt8]: NodeId] = [:]
      var cuts: [Standing.Cut] = []
      var label: (text: String, generation: UInt32)?
    }

    var depth: Int
    var places: [NodeId: Place] = [:]
  }

  /// Takes the facts in an order that is the same on every node.
  init(_ facts: [MembershipFact]) {
    var firstName: MembershipFact?
    for fact in facts {
      switch fact.statement {
      case .name(let name):
        if firstName == nil {
          firstName = fact
          self.name = name
        }
      case .grant:
        if fact.isSites {
          siteGrants.append(fact)
        } else {
          grants[fact.author, default: []].append(fact)
        }
      case .revocation(let revocation):
        revocations[revocation.node, default: []].append((fact, revocation))
      case .succession(let old): successions[old, default: []].append(fact)
      }
    }
  }

  mutating func run() {
    var frontier = level(1, of: siteGrants.map { ($0, Scopes.all) })
    var depth = 1
    while !frontier.isEmpty {
      depth += 1
      var offered: [(MembershipFact, Scopes)] = []
      for author in frontier {
        guard let standing = standings[author] else { continue }
        for fact in grants[author] ?? [] {
          let scopes = standing.scopes(inEntry: fact.hash)
          if scopes.contains(.grant) { offered.append((fact, scopes)) }
        }
      }
      offered.sort { MembershipFact.precedes($0.0, $1.0) }
      frontier = level(depth, of: offered)
    }
  }

  /// Makes a level of the grants that count, each with the most that its author may give.
  private mutating func level(_ depth: Int, of offered: [(MembershipFact, Scopes)]) -> [NodeId] {
    var level = Level(depth: depth)
    for (fact, most) in offered {
      guard case .grant(let grant) = fact.statement else { continue }
      counting.insert(fact.hash)
      guard standings[grant.node] == nil else { continue }
      var place = level.places[grant.node] ?? opened(grant.node)
      place.direct.append(
        Standing.Given(scopes: grant.scopes.intersection(most), generation: grant.generation))
      if grant.generation > place.label?.generation ?? 0 || place.label == nil {
        place.label = (grant.label, grant.generation)
      }
      level.places[grant.node] = place
    }
    inherit(&level)
    let labels = level.places.keys.map { ($0, Self.label(of: $0, level, [])) }
    retire(&level)
    for (node, label) in labels {
      if let place = level.places[node] {
        standings[node] = Self.standing(place, level.depth, label)
      }
    }
    return Array(level.places.keys)
  }

  /// Cuts what successors revoked of the nodes whose places they took. Whether such a revocation is
  /// in force hangs on what stands above alone, and so does every succession: two who say they took
  /// one place cannot throw each other out.
  private mutating func retire(_ level: inout Level) {
    for (heir, place) in level.places {
      for old in place.olds.values { heirs[old, default: []].insert(heir) }
    }
    let places = level.places
    for old in places.keys {
      for (fact, revocation) in revocations[old] ?? []
      where heirs[old]?.contains(fact.author) == true && !counting.contains(fact.hash) {
        guard let heir = places[fact.author],
          !Self.standing(heir, level.depth, "").scopes(inEntry: fact.hash).isEmpty
        else { continue }
        counting.insert(fact.hash)
        if SeededBug.retiredKeyCounts.isOn { continue }
        level.places[old]?.cuts.append(
          Standing.Cut(
            scopesLeft: revocation.scopesLeft, generation: revocation.generation,
            past: revocation.past))
      }
    }
  }

  /// What people call a node: what a grant says, else what the node was called whose place it took.
  private static func label(of node: NodeId, _ level: Level, _ seen: Set<NodeId>) -> String {
    guard let place = level.places[node], !seen.contains(node) else { return "" }
    if let label = place.label { return label.text }
    for hash in place.olds.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard let old = place.olds[hash] else { continue }
      let label = label(of: old, level, seen.union([node]))
      if !label.isEmpty { return label }
    }
    return ""
  }

  /// A node's place in a level, with every cut: who made them stands above the level, and there all
  /// is finished.
  private mutating func opened(_ node: NodeId) -> Level.Place {
    var place = Level.Place()
    for (fact, revocation) in revocations[node] ?? [] {
      let author = standings[fact.author]
      let mayCut =
        author?.scopes(inEntry: fact.hash).contains(.grant) ?? SeededBug.equalsRevoke.isOn
      guard fact.isSites || mayCut else { continue }
      counting.insert(fact.hash)
      place.cuts.append(
        Standing.Cut(
          scopesLeft: revocation.scopesLeft, generation: revocation.generation,
          past: revocation.past))
    }
    return place
  }

  /// Hands over what the old nodes of a level have to their successors, until nothing is added:
  /// the least fixed point, which no order changes.
  private mutating func inherit(_ level: inout Level) {
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for old in Array(level.places.keys) {
        guard let place = level.places[old], let facts = successions[old] else { continue }
        let standing = Self.standing(place, level.depth, "")
        for fact in facts where standings[fact.author] == nil && fact.author != old {
          let scopes = standing.scopes(inEntry: fact.hash)
          guard !scopes.isEmpty else { continue }
          var heir = level.places[fact.author] ?? opened(fact.author)
          if heir.inherited[fact.hash] == scopes { continue }
          heir.inherited[fact.hash] = scopes
          heir.olds[fact.hash] = old
          level.places[fact.author] = heir
          counting.insert(fact.hash)
          isGrowing = true
        }
      }
    }
  }

  private static func standing(
    _ place: Level.Place, _ depth: Int, _ label: String
  ) -> Standing {
    let inherited = place.inherited.keys.sorted { $0.lexicographicallyPrecedes($1) }
    return Standing(
      depth: depth, label: label,
      given: place.direct
        + inherited.map { Standing.Given(scopes: place.inherited[$0] ?? [], generation: 0) },
      cuts: place.cuts)
  }
}
