import Model
import Sync
import TestSupport
import Testing

private let everything: Scopes = [.record, .state, .command, .people, .grant, .keeper, .serve]
private let plain: Scopes = [.record, .state]

@Suite("A node under another key") struct SuccessionTests {
  /// A hub A that granted B, which is B2 now and has retired its old key; and a thief of that key.
  private struct World {
    let granted: [MembershipFact]
    let heir: MembershipFact
    let retired: MembershipFact
    let thief: MembershipFact
    let thiefRetires: MembershipFact
    var world: TrustWorld

    var rotated: [MembershipFact] { granted + [heir, retired] }
    var all: [MembershipFact] { rotated + [thief, thiefRetires] }

    init() {
      var world = TrustWorld()
      granted = [
        world.siteGrants("A", everything), world.grants("A", "B", everything),
        world.grants("B", "C", plain),
      ]
      heir = world.succeeds("B2", "B")
      retired = world.revokes("B2", "B", past: TrustWorld.past(upTo: 5, kept: granted + [heir]))
      thief = world.succeeds("X", "B")
      thiefRetires = world.revokes("X", "B", past: SeenPast(kept: [thief.hash]))
      self.world = world
    }
  }

  @Test("the new key has the old one's rights and name, and who was made a member by it stays one")
  func takesThePlace() {
    let world = World()
    let membership = Membership.of(world.rotated)
    #expect(membership.scopes("B2") == everything && membership.depth("B2") == 2)
    #expect(membership.standing(of: TrustWorld.node("B2"))?.label == "B")
    #expect(membership.scopes("C") == plain && membership.depth("C") == 3)
    #expect(membership.successor(of: TrustWorld.node("B")) == TrustWorld.node("B2"))
    #expect(membership.successor(of: TrustWorld.node("C")) == TrustWorld.node("C"))
    #expect(membership.disputedPlaces.isEmpty)
  }

  @Test("a succession of somebody known makes its origin known, nothing else of a stranger does")
  func introduces() {
    var world = TrustWorld()
    let granted = Membership.of([world.siteGrants("A", everything)])
    func record(_ name: String) -> RecordId { TrustWorld.record(name, 2) }
    func succession(_ old: String, _ new: String, _ site: SiteId = TrustWorld.site)
      -> JournalContent
    {
      .succession(Succession(site: site, from: TrustWorld.key(old), to: TrustWorld.node(new)))
    }
    #expect(granted.introduces(record("A2"), succession("A", "A2")))
    // By another, of somebody unknown, and of another site.
    #expect(!granted.introduces(record("X"), succession("A", "A2")))
    #expect(!granted.introduces(record("B2"), succession("B", "B2")))
    #expect(
      !granted.introduces(
        record("A2"), succession("A", "A2", SiteId(TrustWorld.otherSiteKey))))
    func grant(_ node: String) -> Grant {
      Grant(site: TrustWorld.site, node: TrustWorld.node(node), label: node, scopes: plain)
    }
    let signed = grant("C").signed(by: TrustWorld.siteKey)
    #expect(granted.introduces(record("C"), .grant(signed)))
    #expect(!granted.introduces(record("D"), .grant(signed)))
    #expect(!granted.introduces(record("C"), .grant(grant("C"))))
    #expect(
      !granted.introduces(
        record("C"), .grant(grant("C").signed(by: TrustWorld.otherSiteKey))))
  }

  @Test("what the old key wrote before counts, and nothing that it writes after")
  func retires() {
    let membership = Membership.of(World().rotated)
    #expect(membership.scopes("B") == [] && membership.scopes("B2") == everything)
    let (before, after) = (
      TrustWorld.record("B", 5, 1, .state), TrustWorld.record("B", 6, 1, .state)
    )
    #expect(membership.scopes(of: before) == everything && membership.scopes(of: after) == [])
    var world = World()
    let late = world.world.grants("B", "D", plain)
    #expect(Membership.of(world.rotated + [late]).depth("D") == nil)
  }

  @Test("who took no place retires nobody of its depth: neither a neighbour nor the old key itself")
  func strangers() {
    var world = World()
    let others = [
      world.world.grants("A", "N", everything), world.world.revokes("N", "B"),
      world.world.revokes("B", "B"),
    ]
    #expect(Membership.of(world.granted + others).scopes("B") == everything)
    // Nor does the old key throw its successor out.
    let back = world.world.revokes("B", "B2")
    #expect(Membership.of(world.rotated + [back]).scopes("B2") == everything)
  }

  @Test("two that took one place stand both until who is above says which, whatever came first")
  func disputed() {
    var world = World()
    let membership = Membership.of(world.all)
    #expect(membership.scopes("B2") == everything && membership.scopes("X") == everything)
    #expect(membership.disputedPlaces == [TrustWorld.node("B")])
    #expect(membership.successor(of: TrustWorld.node("B")) == TrustWorld.node("B"))
    #expect(membership.unconfirmed(by: TrustWorld.node("A")).isEmpty)
    let decided = world.world.revokes(
      "A", "B", past: TrustWorld.past(upTo: 5, kept: world.granted + [world.heir]))
    let after = Membership.of(world.all + [decided])
    #expect(after.scopes("B2") == everything && after.depth("X") == nil)
    #expect(after.disputedPlaces.isEmpty && after.scopes("C") == plain)
    #expect(after.successor(of: TrustWorld.node("B")) == TrustWorld.node("B2"))
    // What the thief said of the past is nothing any more.
    #expect(after.scopes(of: TrustWorld.record("B", 5, 1, .state)) == everything)
  }

  @Test("who stands above says it too once it has heard, and a thief who comes later is nobody")
  func confirmed() throws {
    var world = World()
    let hub = TrustWorld.node("A")
    let offered = Membership.of(world.rotated).unconfirmed(by: hub)
    let cut = try #require(offered.first)
    #expect(offered.count == 1 && cut.node == TrustWorld.node("B") && cut.scopesLeft == [])
    let said = world.world.fact("A", .revocation(cut))
    let after = Membership.of(world.all + [said])
    #expect(after.depth("X") == nil && !after.counts(world.thief))
    #expect(after.scopes("B2") == everything && after.scopes("C") == plain)
    #expect(Membership.of(world.rotated + [said]).unconfirmed(by: hub).isEmpty)
    // Who does not stand above has nothing to say.
    for other in ["B2", "B", "C"] {
      #expect(Membership.of(world.rotated).unconfirmed(by: TrustWorld.node(other)).isEmpty)
    }
  }

  @Test("a key that was changed twice leads on to the last, and only that has rights")
  func twice() {
    var world = World()
    let again = [world.world.succeeds("B3", "B2")]
    let kept = Membership.of(world.rotated + again).spoken(by: TrustWorld.node("B2"))
    #expect(kept.contains(world.retired.hash) && kept.contains(again[0].hash))
    let retired = world.world.revokes("B2", "B2")
    let last = world.world.fact(
      "B3",
      .revocation(TrustWorld.revocation("B2", [], 0, SeenPast(kept: kept))))
    let membership = Membership.of(world.rotated + again + [retired, last])
    #expect(membership.scopes("B3") == everything && membership.scopes("B2") == [])
    #expect(membership.scopes("B") == [] && membership.scopes("C") == plain)
    #expect(membership.successor(of: TrustWorld.node("B")) == TrustWorld.node("B3"))
    #expect(membership.standing(of: TrustWorld.node("B3"))?.label == "B")
  }

  @Test("the order of arrival changes nothing", arguments: 0..<60 as Range<UInt64>)
  func anyOrder(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    var world = World()
    let cut = try #require(
      Membership.of(world.rotated).unconfirmed(by: TrustWorld.node("A")).first)
    let facts = world.all + [world.world.fact("A", .revocation(cut))]
    let expected = Membership.of(facts)
    let shuffled = Membership.of(facts.shuffled(using: &prng))
    for name in ["A", "B", "B2", "C", "X"] {
      let node = TrustWorld.node(name)
      #expect(shuffled.standing(of: node) == expected.standing(of: node), "seed \(seed), \(name)")
      #expect(shuffled.successor(of: node) == expected.successor(of: node), "seed \(seed)")
    }
  }
}
