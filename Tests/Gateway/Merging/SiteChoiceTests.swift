import Model
import Storage
import Sync
import Testing

@testable import Gateway

@Suite("Which site a node belongs to") struct SiteChoiceTests {
  private let me = key(1), other = key(2)
  private let farm = key(10), yard = key(11)

  private static func key(_ seed: UInt8) -> NodeKey {
    guard let key = NodeKey(seed: [UInt8](repeating: seed, count: 32)) else {
      preconditionFailure("32 bytes make a key")
    }
    return key
  }

  private func row(_ content: JournalContent, by author: NodeKey, _ seq: UInt64) -> MembershipRow {
    let record = RecordId(
      origin: author.id, incarnation: Incarnation(1), lane: .control, seq: seq)
    return MembershipRow(
      record: record, content: content, hash: [UInt8](repeating: UInt8(seq), count: 32))
  }

  private func rows(of site: NodeKey, granting node: NodeKey, from seq: UInt64) -> [MembershipRow] {
    let founded = SiteFounded(name: "Ferme", siteKey: site)
    let grant = Grant(site: founded.site, node: node.id, label: "a", scopes: [.record, .grant])
    return [
      row(.siteFounded(founded), by: node, seq),
      row(.grant(grant.signed(by: site)), by: node, seq + 1),
    ]
  }

  @Test("a node stands in the site that names it, and in no other")
  func chosen() {
    let entries = rows(of: farm, granting: other, from: 1) + rows(of: yard, granting: me, from: 3)
    #expect(SiteChoice.membership(of: entries, for: me.id)?.site == SiteId(yard))
    #expect(SiteChoice.membership(of: entries, for: other.id)?.site == SiteId(farm))
    #expect(SiteChoice.membership(of: entries, for: Self.key(3).id) == nil)
    #expect(SiteChoice.membership(of: [], for: me.id) == nil)
  }

  @Test("a grant that neither the site's key nor a member signed makes nobody a member")
  func forged() {
    let site = SiteId(farm)
    let own = Grant(site: site, node: me.id, label: "a", scopes: .record)
    let entries = [row(.grant(own), by: me, 1)]
    #expect(SiteChoice.membership(of: entries, for: me.id) == nil)
    let alone = [row(.grant(own.signed(by: yard)), by: me, 1)]
    #expect(SiteChoice.membership(of: alone, for: me.id) == nil)
  }

  @Test("of a batch only what its authors signed is taken")
  func batch() throws {
    let run = RunId(origin: me.id, incarnation: Incarnation(7))
    let boot = try #require(ClockEpoch([UInt8](repeating: 5, count: 16)))
    let stamp = Stamp(trusted: true, bootUs: 1, wallUs: 2, author: "node")
    let founded = JournalEntry(
      stamp: stamp, content: .siteFounded(SiteFounded(name: "Ferme", siteKey: farm)))
    let (kind, body) = (founded.content.kind, JournalEncoder.encode(founded))
    let entry = SignedEntry(
      lane: .control, seq: 1, clockEpoch: boot, kind: kind, body: body,
      previousLink: EntryChain.start, incarnation: run.incarnation, key: me)
    var writer = BatchWriter()
    writer.add(entry, of: run)
    writer.end()
    #expect(SiteChoice.rows(of: writer.bytes).count == 1)
    var forged = BatchWriter()
    forged.add(entry, of: RunId(origin: other.id, incarnation: run.incarnation))
    forged.end()
    #expect(SiteChoice.rows(of: forged.bytes).isEmpty)
    #expect(SiteChoice.rows(of: Array(writer.bytes.dropLast(3))).count == 1)
  }
}
