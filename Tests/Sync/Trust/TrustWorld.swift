import Model
import Sync
import Testing

/// A site with nodes that are called by letters, and entries that they sign.
struct TrustWorld {
  static let siteKey = key("site")
  static let site = SiteId(siteKey)
  static let otherSiteKey = key("other site")

  /// The key pair of a name, the same in every test.
  static func key(_ name: String) -> NodeKey {
    var seed = Array(name.utf8.prefix(32))
    seed += [UInt8](repeating: 7, count: 32 - seed.count)
    guard let key = NodeKey(seed: seed) else { preconditionFailure("a seed of 32 bytes") }
    return key
  }

  static func node(_ name: String) -> NodeId { key(name).id }

  /// The seqs given so far, by author.
  private var seqs: [String: UInt64] = [:]

  /// Where the next entry of an author stands.
  mutating func next(_ author: String, _ incarnation: UInt64 = 1, _ lane: Lane = .control)
    -> RecordId
  {
    seqs[author, default: 0] += 1
    return Self.record(author, seqs[author] ?? 0, incarnation, lane)
  }

  static func record(
    _ author: String, _ seq: UInt64, _ incarnation: UInt64 = 1, _ lane: Lane = .control
  ) -> RecordId {
    RecordId(
      origin: node(author), incarnation: Incarnation(incarnation), lane: lane, seq: seq)
  }

  /// An entry of an author as a fact; what the site refuses is an error of the test.
  mutating func fact(_ author: String, _ content: JournalContent) -> MembershipFact {
    let record = next(author)
    do {
      return try Self.fact(content, record)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  static func fact(
    _ content: JournalContent, _ record: RecordId, site: SiteId = site
  ) throws(MembershipFact.Refusal) -> MembershipFact {
    try MembershipFact(content, record: record, hash: hash(content, record), site: site)
  }

  static func hash(_ content: JournalContent, _ record: RecordId) -> [UInt8] {
    let body = JournalEncoder.encode(
      JournalEntry(
        stamp: Stamp(trusted: true, bootUs: 1, wallUs: 2, author: "node"), content: content))
    // Stands for H of the content: what tells two of them apart is all in it.
    return Blake2b.content(
      record.origin.bytes + Array("\(record.incarnation) \(record.seq) \(content.kind)".utf8) + body
    )
  }

  /// By the site key, in the record of the named node.
  mutating func siteGrants(
    _ node: String, _ scopes: Scopes, generation: UInt32 = 0, in author: String? = nil
  )
    -> MembershipFact
  {
    fact(
      author ?? node,
      .grant(Self.grant(node, scopes, generation).signed(by: Self.siteKey)))
  }

  mutating func grants(_ author: String, _ node: String, _ scopes: Scopes, generation: UInt32 = 0)
    -> MembershipFact
  {
    fact(author, .grant(Self.grant(node, scopes, generation)))
  }

  static func grant(_ node: String, _ scopes: Scopes, _ generation: UInt32 = 0) -> Grant {
    Grant(
      site: site, node: self.node(node), label: node, scopes: scopes, generation: generation)
  }

  mutating func revokes(
    _ author: String, _ node: String, left: Scopes = [], generation: UInt32 = 0,
    past: SeenPast = SeenPast()
  ) -> MembershipFact {
    fact(author, .revocation(Self.revocation(node, left, generation, past)))
  }

  mutating func siteRevokes(
    _ node: String, in author: String, left: Scopes = [], generation: UInt32 = 0,
    past: SeenPast = SeenPast()
  ) -> MembershipFact {
    fact(
      author,
      .revocation(Self.revocation(node, left, generation, past).signed(by: Self.siteKey)))
  }

  static func revocation(
    _ node: String, _ left: Scopes, _ generation: UInt32, _ past: SeenPast
  ) -> Revocation {
    Revocation(
      site: site, node: self.node(node), scopesLeft: left, generation: generation, past: past,
      reason: "lost")
  }

  mutating func succeeds(_ new: String, _ old: String) -> MembershipFact {
    fact(
      new, .succession(Succession(site: Self.site, from: Self.key(old), to: Self.node(new))))
  }

  /// A past of one incarnation in which a lane was seen up to a number.
  static func past(
    upTo head: UInt64, lane: Lane = .state, incarnation: UInt64 = 1, kept: [MembershipFact] = []
  ) -> SeenPast {
    SeenPast(
      runs: [
        SeenPast.Run(
          incarnation: Incarnation(incarnation),
          lanes: Lane.allCases.map { $0 == lane ? Intervals(1...head) : Intervals() })
      ], kept: kept.map(\.hash))
  }
}

extension Membership {
  /// A membership of facts that come one by one; those that wait are offered again each time.
  static func of(_ facts: [MembershipFact], site: SiteId = TrustWorld.site) -> Membership {
    var membership = Membership(site: site)
    var waiting: [MembershipFact] = []
    for fact in facts { membership.offer(fact, &waiting) }
    return membership
  }

  mutating func offer(_ fact: MembershipFact, _ waiting: inout [MembershipFact]) {
    waiting.append(fact)
    let change = insert(waiting)
    waiting = zip(waiting, change.insertions).filter { $1 == .waits }.map(\.0)
  }

  func depth(_ node: String) -> Int? { standing(of: TrustWorld.node(node))?.depth }

  func scopes(_ node: String) -> Scopes? { standing(of: TrustWorld.node(node))?.scopes }

  func counts(_ fact: MembershipFact) -> Bool { counts(fact.hash) }
}
