import Model
import Sync
import TestSupport
import Testing

/// The rules of docs/sync-format.md section 5 as they stand there, over and over all facts until
/// nothing is added: slow, and written apart from the fold.
private struct Oracle {
  var facts: [MembershipFact]
  var known: [NodeId: Scopes] = [:]
  var depth: [NodeId: Int] = [:]
  var gives: [NodeId: [[UInt8]: (scopes: Scopes, generation: UInt32)]] = [:]

  init(_ offered: [MembershipFact]) {
    facts = []
    // Least fixed points by iteration: who is known, and what may be said at all.
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for fact in offered where !facts.contains(fact) && speaks(fact) {
        facts.append(fact)
        isGrowing = true
      }
      for fact in facts {
        guard let (node, scopes) = reach(fact), known[node]?.isSuperset(of: scopes) != true else {
          continue
        }
        known[node, default: []].formUnion(scopes)
        isGrowing = true
      }
    }
    for level in 1...8 { while step(level) {} }
  }

  private func speaks(_ fact: MembershipFact) -> Bool {
    if known[fact.record.origin] != nil { return true }
    switch fact.statement {
    case .grant(let grant): return fact.isSites && grant.node == fact.record.origin
    case .succession(let old): return known[old] != nil
    default: return false
    }
  }

  private func reach(_ fact: MembershipFact) -> (NodeId, Scopes)? {
    switch fact.statement {
    case .grant(let grant) where fact.isSites: return (grant.node, grant.scopes)
    case .grant(let grant):
      guard let own = known[fact.record.origin], own.contains(.grant) else { return nil }
      return (grant.node, grant.scopes.intersection(own))
    case .succession(let old): return known[old].map { (fact.record.origin, $0) }
    default: return nil
    }
  }

  private mutating func step(_ level: Int) -> Bool {
    for fact in facts {
      let author = fact.record.origin
      switch fact.statement {
      case .grant(let grant):
        let isAbove = fact.isSites ? level == 1 : depth[author] == level - 1
        let most = fact.isSites ? Scopes.all : inForce(author, fact.hash)
        guard isAbove, most.contains(.grant), depth[grant.node] ?? level == level,
          gives[grant.node]?[fact.hash] == nil
        else { continue }
        gives[grant.node, default: [:]][fact.hash] = (
          grant.scopes.intersection(most), grant.generation
        )
        depth[grant.node] = level
        return true
      case .succession(let old):
        guard depth[old] == level, depth[author] ?? level == level, author != old else { continue }
        let scopes = inForce(old, fact.hash, isSuccession: true)
        guard !scopes.isEmpty, gives[author]?[fact.hash]?.scopes != scopes else { continue }
        gives[author, default: [:]][fact.hash] = (scopes, 0)
        depth[author] = level
        return true
      default: continue
      }
    }
    return false
  }

  /// Whether a node took the place of another at its depth, by a succession that counts.
  private func isHeir(_ node: NodeId, of old: NodeId) -> Bool {
    facts.contains { fact in
      guard case .succession(old) = fact.statement else { return false }
      return fact.record.origin == node && gives[node]?[fact.hash] != nil
    }
  }

  /// A succession hangs on what was revoked from above alone.
  func inForce(_ node: NodeId, _ hash: [UInt8], isSuccession: Bool = false) -> Scopes {
    guard let own = depth[node] else { return [] }
    var scopes: Scopes = []
    for given in (gives[node] ?? [:]).values {
      var left = given.scopes
      for fact in facts {
        guard case .revocation(let cut) = fact.statement, cut.node == node,
          cut.generation >= given.generation, !cut.past.kept.contains(hash)
        else { continue }
        let author = fact.record.origin
        let isAbove = (depth[author] ?? .max) < own && inForce(author, fact.hash).contains(.grant)
        let isHeirs =
          !isSuccession && isHeir(author, of: node)
          && !inForce(author, fact.hash, isSuccession: true).isEmpty
        if fact.isSites || isAbove || isHeirs { left.formIntersection(cut.scopesLeft) }
      }
      scopes.formUnion(left)
    }
    return scopes
  }
}

/// All that can be asked of a membership about the nodes and facts of a world.
private struct Answers: Hashable {
  var standings: [Standing?] = []
  var depths: [Int?] = []
  var scopes: [Scopes] = []
  var isKnown: [Bool] = []
  var counts: [Bool] = []

  init(_ membership: Membership, _ nodes: [NodeId], _ menu: [MembershipFact]) {
    standings = nodes.map { membership.standing(of: $0) }
    for node in nodes {
      depths.append(membership.standing(of: node)?.depth)
      scopes.append(membership.standing(of: node)?.scopes ?? [])
      isKnown.append(membership.isKnown(node))
    }
    counts = menu.map { membership.counts($0.hash) }
  }
}

private let everything: Scopes = [.record, .state, .command, .people, .grant, .keeper, .serve]

@Suite("Small worlds of members") struct MembershipWorldTests {
  private static let names = ["A", "B", "C", "D"]
  private static let nodes = names.map(TrustWorld.node)

  private static let menu: [MembershipFact] = {
    var world = TrustWorld()
    var facts = [
      world.siteGrants("A", everything), world.siteGrants("B", everything),
      world.grants("A", "C", [.record, .state, .grant]),
      world.grants("B", "C", [.record, .command], generation: 1),
      world.grants("C", "D", [.record, .state]), world.grants("D", "D", everything),
      world.revokes("A", "B"), world.revokes("B", "A"),
      world.revokes("B", "C", generation: 1), world.succeeds("D", "C"), world.succeeds("C", "B"),
    ]
    facts.append(world.revokes("A", "C", left: .record, past: SeenPast(kept: [facts[4].hash])))
    facts.append(
      world.siteRevokes("A", in: "B", past: SeenPast(kept: [facts[2].hash, facts[6].hash])))
    facts.append(world.revokes("D", "C", generation: 1, past: SeenPast(kept: [facts[9].hash])))
    return facts
  }()

  @Test(
    "every set of fourteen facts gives the same in every order of arrival, and what the rules say")
  func everyOrder() {
    let menu = Self.menu
    struct Reached {
      var membership: Membership
      var waiting: [MembershipFact]
      var answers: Answers
    }
    // By the set as bits: each is reached from every set with one fact less, so by induction in
    // every order.
    var reached: [Int: Reached] = [
      0: Reached(
        membership: Membership(site: TrustWorld.site), waiting: [],
        answers: Answers(Membership(site: TrustWorld.site), Self.nodes, menu))
    ]
    var standing: Set<Answers> = []
    for set in 1..<(1 << menu.count) {
      for last in menu.indices where set >> last & 1 == 1 {
        guard var before = reached[set & ~(1 << last)] else { continue }
        before.membership.offer(menu[last], &before.waiting)
        before.answers = Answers(before.membership, Self.nodes, menu)
        if let known = reached[set] {
          if known.answers != before.answers { Issue.record("set \(set), \(last) last") }
        } else {
          reached[set] = before
        }
      }
      let chosen = menu.indices.filter { set >> $0 & 1 == 1 }.map { menu[$0] }
      if let answers = reached[set]?.answers, let membership = reached[set]?.membership {
        compare(membership, answers, chosen, "set \(set)")
        standing.insert(answers)
      }
    }
    #expect(reached.count == 1 << menu.count)
    // The world is one in which something happens.
    #expect(standing.count > 100, "\(standing.count) outcomes")
  }

  private func compare(
    _ membership: Membership, _ answers: Answers, _ chosen: [MembershipFact], _ what: String
  ) {
    let oracle = Oracle(chosen)
    let depths = Self.nodes.map { oracle.depth[$0] }
    let known = Self.nodes.map { oracle.known[$0] != nil }
    let scopes = Self.nodes.map { oracle.inForce($0, []) }
    if answers.depths != depths { Issue.record("depths of \(what)") }
    if answers.isKnown != known { Issue.record("who is known in \(what)") }
    if answers.scopes != scopes { Issue.record("scopes of \(what)") }
    let isZero = Answers(Membership.of(chosen.reversed()), Self.nodes, Self.menu) == answers
    if !isZero { Issue.record("\(what) from zero") }
  }

  @Test("large random worlds give the same in any order and any portions", arguments: 0..<40)
  func portions(seed: Int) {
    var prng = Prng(seed: UInt64(seed))
    let facts = Self.randomFacts(&prng)
    let nodes = (0..<12).map { TrustWorld.node("n\($0)") }
    let oracle = Oracle(facts)
    var outcomes: Set<Answers> = []
    for _ in 0..<4 {
      var rest = facts.shuffled(using: &prng)
      var membership = Membership(site: TrustWorld.site)
      var waiting: [MembershipFact] = []
      while !rest.isEmpty {
        let portion = Array(rest.prefix(1 + prng.below(9)))
        rest.removeFirst(portion.count)
        waiting += portion
        let change = membership.insert(waiting)
        waiting = zip(waiting, change.insertions).filter { $1 == .waits }.map(\.0)
      }
      outcomes.insert(Answers(membership, nodes, facts))
      #expect(
        nodes.map { membership.standing(of: $0)?.depth } == nodes.map { oracle.depth[$0] },
        "seed \(seed)")
      #expect(
        nodes.map { membership.standing(of: $0)?.scopes ?? [] }
          == nodes.map { oracle.inForce($0, []) }, "seed \(seed)")
      #expect(
        nodes.map { membership.isKnown($0) } == nodes.map { oracle.known[$0] != nil },
        "seed \(seed)")
    }
    #expect(outcomes.count == 1, "seed \(seed)")
  }

  private static func randomFacts(_ prng: inout Prng) -> [MembershipFact] {
    var world = TrustWorld()
    var facts: [MembershipFact] = []
    func name(_ prng: inout Prng) -> String { "n\(prng.below(12))" }
    for _ in 0..<36 {
      let (author, node) = (name(&prng), name(&prng))
      let scopes = Scopes(rawValue: UInt16(prng.below(128))).union(prng.chance(70) ? .grant : [])
      let generation = UInt32(prng.below(3))
      let kept = facts.filter { _ in prng.chance(20) }.map(\.hash)
      switch prng.below(10) {
      case 0: facts.append(world.siteGrants(node, scopes, generation: generation, in: author))
      case 1: facts.append(world.siteGrants(node, scopes, generation: generation))
      case 2...5: facts.append(world.grants(author, node, scopes, generation: generation))
      case 6, 7:
        facts.append(
          world.revokes(
            author, node, left: prng.chance(50) ? [] : scopes, generation: generation,
            past: SeenPast(kept: kept)))
      case 8:
        facts.append(
          world.siteRevokes(
            node, in: author, left: [.record, .grant], generation: generation,
            past: SeenPast(kept: kept)))
      default:
        facts.append(world.succeeds(author, node))
        guard prng.chance(70) else { continue }
        facts.append(
          world.revokes(author, node, generation: generation, past: SeenPast(kept: kept)))
      }
    }
    return facts
  }
}
