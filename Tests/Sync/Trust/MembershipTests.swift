import Model
import Sync
import Testing

private let everything: Scopes = [.record, .state, .command, .people, .grant, .keeper, .serve]
private let plain: Scopes = [.record, .state]

@Suite("Membership") struct MembershipTests {
  @Test("nobody belongs to a site without facts") func empty() {
    let membership = Membership(site: TrustWorld.site)
    #expect(membership.members.isEmpty && membership.name.isEmpty && membership.count == 0)
    #expect(!membership.isKnown(TrustWorld.node("A")))
    #expect(membership.scopes(of: TrustWorld.record("A", 1)) == [])
  }

  @Test("the site key's grants make depth 1, theirs depth 2, with at most what they have")
  func depths() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", [.record, .grant]), world.grants("A", "B", everything),
      world.grants("B", "C", plain),
    ]
    let membership = Membership.of(facts)
    #expect(membership.depth("A") == 1 && membership.depth("B") == 2 && membership.depth("C") == 3)
    #expect(membership.scopes("B") == [.record, .grant])
    #expect(membership.scopes("C") == .record)
    #expect(membership.standing(of: TrustWorld.node("B"))?.label == "B")
    #expect(membership.generation(of: TrustWorld.node("B")) == 0)
    #expect(membership.generation(of: TrustWorld.node("D")) == nil)
  }

  @Test("a grant by who may not grant counts for nothing, and brings nobody to be known")
  func withoutScope() {
    var world = TrustWorld()
    let facts = [world.siteGrants("A", plain), world.grants("A", "B", plain)]
    let membership = Membership.of(facts)
    #expect(membership.depth("B") == nil && !membership.counts(facts[1]))
    #expect(!membership.isKnown(TrustWorld.node("B")))
  }

  @Test("a node that grants itself gains nothing") func selfGrant() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", [.record, .grant]), world.grants("A", "A", everything, generation: 9),
      world.grants("X", "X", everything),
    ]
    let membership = Membership.of(facts)
    #expect(membership.scopes("A") == [.record, .grant] && membership.depth("A") == 1)
    #expect(membership.depth("X") == nil && !membership.isKnown(TrustWorld.node("X")))
  }

  @Test("a grant of a node below to one above changes nothing up there") func upwards() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", [.record, .grant]), world.siteGrants("H", everything),
      world.grants("H", "B", everything), world.grants("B", "A", everything),
    ]
    #expect(Membership.of(facts).scopes("A") == [.record, .grant])
  }

  @Test("two who revoke one another at the same depth change nothing; who stands above can")
  func mutual() {
    var world = TrustWorld()
    let granted = [world.siteGrants("A", everything), world.siteGrants("B", everything)]
    let cuts = [world.revokes("A", "B"), world.revokes("B", "A")]
    for facts in [granted + cuts, cuts + granted] {
      let membership = Membership.of(facts)
      #expect(membership.scopes("A") == everything && membership.scopes("B") == everything)
      #expect(!membership.counts(cuts[0]) && !membership.counts(cuts[1]))
    }
    let above = world.siteRevokes("A", in: "B", left: .record)
    #expect(Membership.of(granted + cuts + [above]).scopes("A") == .record)
  }

  @Test("a node below revokes nobody above, and nobody revokes itself") func upwardsCut() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", everything), world.grants("A", "B", everything),
      world.revokes("B", "A"), world.revokes("B", "B"),
    ]
    let membership = Membership.of(facts)
    #expect(membership.scopes("A") == everything && membership.scopes("B") == everything)
  }

  @Test("inside what the author had seen the old rights hold, outside only what is left")
  func intervals() {
    var world = TrustWorld()
    var membership = Membership.of([
      world.siteGrants("A", everything), world.grants("A", "B", plain),
    ])
    let cut = world.revokes("A", "B", left: .record, past: TrustWorld.past(upTo: 5))
    #expect(membership.insert([cut]).changed == [TrustWorld.node("B")])
    #expect(membership.scopes(of: TrustWorld.record("B", 5, 1, .state)) == plain)
    #expect(membership.scopes(of: TrustWorld.record("B", 6, 1, .state)) == .record)
    #expect(membership.scopes(of: TrustWorld.record("B", 5, 2, .state)) == .record)
    #expect(membership.scopes(of: TrustWorld.record("B", 5, 1, .control)) == .record)
    #expect(membership.scopes("B") == .record)
  }

  @Test(
    "a revoked node that signs grants with old numbers gives nothing, not even by a second content")
  func backdated() throws {
    var world = TrustWorld()
    let grantor = world.siteGrants("A", everything)
    let honest = world.grants("A", "B", plain)
    let past = SeenPast(
      runs: [
        SeenPast.Run(
          incarnation: Incarnation(1), lanes: Lane.allCases.map { _ in Intervals(1...1_000) })
      ], kept: [honest.hash])
    let cut = world.siteRevokes("A", in: "H", past: past)
    let hub = world.siteGrants("H", everything)
    // Both lie within the intervals: a number that was never used, and that of the honest grant.
    let unused = try TrustWorld.fact(
      .grant(TrustWorld.grant("X", everything)), TrustWorld.record("A", 900))
    let second = try TrustWorld.fact(.grant(TrustWorld.grant("X", everything)), honest.record)
    let membership = Membership.of([grantor, honest, hub, cut, unused, second])
    #expect(membership.scopes("B") == plain && membership.counts(honest))
    #expect(
      membership.depth("X") == nil && !membership.counts(unused) && !membership.counts(second))
    // It had been named by somebody who might have: its records are kept, and not applied.
    #expect(membership.isKnown(TrustWorld.node("X")))
    #expect(membership.scopes(of: TrustWorld.record("X", 1)) == [])
  }

  @Test("what a revoked node had revoked stays revoked where it is kept, and only there")
  func keptRevocation() {
    var world = TrustWorld()
    let granted = [
      world.siteGrants("A", everything), world.siteGrants("H", everything),
      world.grants("A", "B", plain),
    ]
    let cut = world.revokes("A", "B")
    let before = Membership.of(granted + [cut])
    let kept = before.spoken(by: TrustWorld.node("A"))
    #expect(Set(kept) == [granted[2].hash, cut.hash])
    let keeping = world.siteRevokes("A", in: "H", past: SeenPast(kept: kept))
    let forgetting = world.siteRevokes("A", in: "H", past: SeenPast(kept: [granted[2].hash]))
    #expect(Membership.of(granted + [cut, keeping]).scopes("B") == [])
    #expect(Membership.of(granted + [cut, forgetting]).scopes("B") == plain)
    #expect(Membership.of(granted + [cut, keeping, forgetting]).scopes("B") == plain)
  }

  @Test("a revocation outlives every grant up to its generation; one more grants anew")
  func generations() {
    var world = TrustWorld()
    let site = world.siteGrants("A", everything)
    let cut = world.revokes("A", "B", generation: 1)
    let old = [
      world.grants("A", "B", plain), world.grants("A", "B", plain, generation: 1),
      world.siteGrants("B", everything, generation: 1),
    ]
    let anew = world.grants("A", "B", .record, generation: 2)
    #expect(Membership.of([site, cut] + old.prefix(2)).scopes("B") == [])
    #expect(Membership.of([site, cut] + old.prefix(2) + [anew]).scopes("B") == .record)
    // The site key's word is the higher one: A, at its side, cannot cut it.
    #expect(Membership.of([site, cut] + old).scopes("B") == everything)
    let lasts = world.revokes("A", "B", generation: .max)
    #expect(Membership.of([site, anew, lasts]).scopes("B") == [])
  }
}

@Suite("Successions, strangers and other sites") struct MembershipAttackTests {
  @Test("a successor stands where the old one stood") func succession() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", everything), world.grants("A", "B", plain), world.succeeds("C", "B"),
      world.succeeds("D", "C"),
    ]
    let membership = Membership.of(facts)
    #expect(membership.depth("C") == 2 && membership.scopes("C") == plain)
    #expect(membership.depth("D") == 2 && membership.scopes("D") == plain)
  }

  @Test("successors of a revoked node go with it, but for those that the revocation keeps")
  func stolenKey() {
    var world = TrustWorld()
    let granted = [world.siteGrants("A", everything), world.grants("A", "B", plain)]
    let (heir, thief) = (world.succeeds("C", "B"), world.succeeds("X", "B"))
    let cut = world.revokes("A", "B", past: SeenPast(kept: [heir.hash]))
    let membership = Membership.of(granted + [heir, thief, cut])
    #expect(membership.scopes("C") == plain && membership.counts(heir))
    #expect(membership.depth("X") == nil && !membership.counts(thief))
    #expect(membership.scopes("B") == [])
  }

  @Test("successors in a circle gain nothing but what one of them had") func circle() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", everything), world.succeeds("C", "B"), world.succeeds("B", "C"),
      world.grants("A", "B", plain),
    ]
    let membership = Membership.of(facts)
    #expect(membership.scopes("B") == plain && membership.scopes("C") == plain)
    #expect(Membership.of(Array(facts.prefix(3))).depth("B") == nil)
  }

  @Test("a succession that the old node did not sign is no fact") func unsigned() {
    let forged = Succession(
      site: TrustWorld.site, from: TrustWorld.key("X"), to: TrustWorld.node("C"))
    var claimed = forged
    claimed.old = TrustWorld.node("A")
    let record = TrustWorld.record("C", 1)
    #expect(throws: MembershipFact.Refusal.signature) {
      try TrustWorld.fact(.succession(claimed), record)
    }
    // Signed by the old one for C: D cannot carry it as its own.
    #expect(throws: MembershipFact.Refusal.signature) {
      try TrustWorld.fact(.succession(forged), TrustWorld.record("D", 1))
    }
  }

  @Test("whatever names another site is no fact of this one") func otherSite() {
    let grant = Grant(
      site: SiteId(TrustWorld.otherSiteKey), node: TrustWorld.node("A"), label: "A",
      scopes: everything)
    let record = TrustWorld.record("A", 1)
    for content in [
      JournalContent.grant(grant.signed(by: TrustWorld.otherSiteKey)), .grant(grant),
      .siteFounded(SiteFounded(name: "elsewhere", siteKey: TrustWorld.otherSiteKey)),
    ] {
      #expect(throws: MembershipFact.Refusal.otherSite) { try TrustWorld.fact(content, record) }
    }
    // The other site's signature under this site's name does not hold.
    let swapped = TrustWorld.grant("A", everything).signed(by: TrustWorld.otherSiteKey)
    #expect(throws: MembershipFact.Refusal.signature) {
      try TrustWorld.fact(.grant(swapped), record)
    }
  }

  @Test("a site's signature holds for one grant only: not for more scopes, not for a revocation")
  func reused() {
    let signed = TrustWorld.grant("A", plain).signed(by: TrustWorld.siteKey)
    var more = signed
    more.scopes = everything
    var later = signed
    later.generation = 1
    let record = TrustWorld.record("A", 1)
    for content in [JournalContent.grant(more), .grant(later)] {
      #expect(throws: MembershipFact.Refusal.signature) { try TrustWorld.fact(content, record) }
    }
    var revocation = TrustWorld.revocation("A", [], 0, SeenPast())
    revocation.warrant = signed.warrant
    #expect(throws: MembershipFact.Refusal.signature) {
      try TrustWorld.fact(.revocation(revocation), record)
    }
  }

  @Test("a stranger who copies the site key's grant of another into a record of his own waits")
  func copied() throws {
    var world = TrustWorld()
    let hub = world.siteGrants("H", everything)
    let copy = try TrustWorld.fact(
      .grant(TrustWorld.grant("H", everything).signed(by: TrustWorld.siteKey)),
      TrustWorld.record("X", 1))
    var membership = Membership(site: TrustWorld.site)
    #expect(membership.insert([copy]).insertions == [.waits])
    #expect(membership.members.isEmpty)
    #expect(membership.insert([hub, copy]).insertions == [.taken, .waits])
    #expect(!membership.isKnown(TrustWorld.node("X")))
  }

  @Test("facts that come before who says them wait, and one call takes them in any order")
  func waiting() {
    var world = TrustWorld()
    let site = world.siteGrants("A", everything)
    let facts = [world.grants("B", "C", plain), world.grants("A", "B", everything), site]
    var membership = Membership(site: TrustWorld.site)
    let early = membership.insert([facts[0]])
    #expect(early.insertions == [.waits] && early.changed.isEmpty && early.named.isEmpty)
    let change = membership.insert(facts)
    #expect(change.insertions == [.taken, .taken, .taken])
    #expect(change.named == Set(["A", "B", "C"].map(TrustWorld.node)))
    #expect(change.changed == change.named)
    #expect(membership.insert(facts).insertions == [.known, .known, .known])
  }

  @Test("whom a revoked node had named before is known on every node, in either order")
  func knownForAll() {
    var world = TrustWorld()
    let granted = [world.siteGrants("A", everything), world.siteGrants("H", everything)]
    let (late, cut) = (world.grants("A", "B", plain), world.siteRevokes("A", in: "H"))
    for facts in [granted + [late, cut], granted + [cut, late]] {
      let membership = Membership.of(facts)
      #expect(membership.isKnown(TrustWorld.node("B")) && membership.depth("B") == nil)
    }
  }

  @Test("a name of the site is its key's word alone; of two the same one holds everywhere")
  func names() throws {
    var world = TrustWorld()
    let hub = world.siteGrants("H", everything)
    let names = ["Serre", "Atelier"].map {
      world.fact("H", .siteFounded(SiteFounded(name: $0, siteKey: TrustWorld.siteKey)))
    }
    let name = Membership.of([hub] + names).name
    #expect(["Serre", "Atelier"].contains(name))
    #expect(Membership.of([hub] + names.reversed()).name == name)
    var forged = SiteFounded(name: "Serre", siteKey: TrustWorld.siteKey)
    forged.name = "Enfer"
    #expect(throws: MembershipFact.Refusal.signature) {
      try TrustWorld.fact(.siteFounded(forged), TrustWorld.record("H", 9))
    }
  }
}
