import Model
import Sync
import Testing

@Suite("Rights of records") struct RightsTests {
  private static let id = CommandId([UInt8](repeating: 1, count: 16))
  private static let fact = FactId([UInt8](repeating: 2, count: 16))

  private func need(_ content: JournalContent, by author: String = "A") -> Rights.Need? {
    Rights.need(of: content, by: TrustWorld.node(author))
  }

  private func write(_ space: UInt8) -> JournalContent {
    .registerWrite(
      RegisterWrite(key: RegisterKey(space: space, bytes: [1]), value: [], replaces: []))
  }

  @Test("telemetry's own entries need record, state needs state, users and tokens need people")
  func needs() throws {
    #expect(need(.incarnation(IncarnationBegun(parent: nil))) == .scopes(.record))
    #expect(
      need(.anchor(Anchor(bootUs: 0, utcUs: 0, errorUs: 0, origin: .kernel))) == .scopes(.record))
    #expect(need(write(1)) == .scopes(.state) && need(write(200)) == .scopes(.state))
    #expect(need(write(12)) == .scopes(.people) && need(write(13)) == .scopes(.people))
    let undone = Withdrawal(target: try #require(Self.fact), reason: "")
    #expect(need(.deletionUndone(undone)) == .scopes(.state))
    #expect(
      need(.siteFounded(SiteFounded(name: "s", siteKey: TrustWorld.siteKey))) == Rights.Need.none)
    #expect(need(.grant(TrustWorld.grant("A", .all))) == .membership)
    #expect(Rights.needOfOthers == .scopes(.record))
  }

  @Test("an order to another node's device needs command, one to an own device only record")
  func orders() throws {
    let order = CommandIssued(
      id: try #require(Self.id), node: TrustWorld.node("B"),
      identity: try #require(
        DeviceIdentity(kind: .companion, bytes: [UInt8](repeating: 1, count: 8))),
      op: 1, name: "valve", arguments: [], lifeMs: 1, leaseMs: 0)
    #expect(need(.commandIssued(order), by: "A") == .scopes(.command))
    #expect(need(.commandIssued(order), by: "B") == .scopes(.record))
  }

  @Test("what a record lacks is judged by the rights in force in that very record") func lacks() {
    var world = TrustWorld()
    let facts = [
      world.siteGrants("A", [.record, .state, .grant]), world.grants("A", "B", [.record, .state]),
    ]
    let cut = world.revokes("A", "B", left: .record, past: TrustWorld.past(upTo: 3))
    let membership = Membership.of(facts + [cut])
    let (seen, later) = (
      TrustWorld.record("B", 3, 1, .state), TrustWorld.record("B", 4, 1, .state)
    )
    #expect(membership.lacks(.scopes(.state), record: seen, hash: []) == [])
    #expect(membership.lacks(.scopes(.state), record: later, hash: []) == .state)
    #expect(membership.lacks(.scopes(.record), record: later, hash: []) == [])
    #expect(
      membership.lacks(.scopes([.record, .command]), record: later, hash: []) == .command)
    #expect(membership.lacks(.none, record: TrustWorld.record("X", 1), hash: []) == [])
    #expect(membership.lacks(.membership, record: cut.record, hash: cut.hash) == [])
    let unfounded = world.revokes("B", "A")
    #expect(
      membership.lacks(.membership, record: unfounded.record, hash: unfounded.hash) == .grant)
  }
}
