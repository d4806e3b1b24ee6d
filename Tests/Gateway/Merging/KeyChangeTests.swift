import Gateway
import Model
import Storage
import Sync
import Testing

@Suite("What a node says of its change of keys") struct KeyChangeTests {
  private static func key(_ byte: UInt8) -> NodeKey {
    guard let key = NodeKey(seed: [UInt8](repeating: byte, count: 32)) else {
      preconditionFailure("a seed of 32 bytes")
    }
    return key
  }

  private let siteKey = Self.key(1)
  private let old = Self.key(2)
  private let new = Self.key(3)
  private let other = Self.key(4)
  private var site: SiteId { SiteId(siteKey) }

  /// What is on the disk, and the membership that follows from it.
  private struct Disk {
    var said: [(record: RecordId, content: JournalContent)] = []
    var membership: Membership

    mutating func write(_ content: JournalContent, by author: NodeKey) throws {
      let record = RecordId(
        origin: author.id, incarnation: Incarnation(7), lane: .control,
        seq: UInt64(said.count + 1))
      said.append((record, content))
      let hash = Blake2b.content([UInt8(said.count)])
      let fact = try MembershipFact(
        content, record: record, hash: hash, site: membership.site)
      _ = membership.insert([fact])
    }
  }

  private func founded() throws -> Disk {
    var disk = Disk(membership: Membership(site: site))
    for node in [old, other] {
      let grant = Grant(site: site, node: node.id, label: "shed", scopes: .all)
      try disk.write(.grant(grant.signed(by: siteKey)), by: old)
    }
    return disk
  }

  /// Two runs of the old key, and one of somebody else.
  private var vector: HaveVector {
    var vector = HaveVector()
    for (key, number, last) in [(old, 5, 9), (old, 6, 3), (other, 8, 4)]
      as [(NodeKey, UInt64, UInt64)]
    {
      let run = RunId(origin: key.id, incarnation: Incarnation(number))
      vector[LogId(run, .state)] = HaveLog(held: Intervals(1...last))
    }
    return vector
  }

  private func next(_ disk: Disk) -> JournalContent? {
    KeyChange.next(from: old, to: new.id, said: disk.said, in: disk.membership, vector)
  }

  @Test("first whose place it took, then what of the old key counts on, and then no more")
  func steps() throws {
    var disk = try founded()
    let first = try #require(next(disk))
    guard case .succession(let succession) = first else {
      Issue.record("\(first)")
      return
    }
    #expect(succession.old == old.id && succession.holds(new: new.id))
    try disk.write(first, by: new)
    #expect(disk.membership.successor(of: old.id) == new.id)
    let second = try #require(next(disk))
    guard case .revocation(let retirement) = second else {
      Issue.record("\(second)")
      return
    }
    #expect(retirement.node == old.id && retirement.scopesLeft.isEmpty)
    #expect(retirement.past.runs.map(\.incarnation.number) == [5, 6])
    func record(_ key: NodeKey, _ number: UInt64, _ seq: UInt64) -> RecordId {
      RecordId(origin: key.id, incarnation: Incarnation(number), lane: .state, seq: seq)
    }
    try disk.write(second, by: new)
    #expect(disk.membership.scopes(of: record(old, 5, 9)) == .all)
    #expect(disk.membership.scopes(of: record(old, 5, 10)) == [])
    #expect(disk.membership.scopes(of: record(old, 7, 1)) == [])
    #expect(disk.membership.scopes(of: record(new, 7, 1)) == .all)
    #expect(next(disk) == nil)
  }

  @Test("what was granted to the old key meanwhile goes with it") func granted() throws {
    var disk = try founded()
    for _ in 0..<2 { try disk.write(try #require(next(disk)), by: new) }
    let again = Grant(
      site: site, node: old.id, label: "shed", scopes: .all, generation: 3)
    try disk.write(.grant(again.signed(by: siteKey)), by: other)
    #expect(disk.membership.standing(of: old.id)?.scopes == [])
    #expect(disk.membership.standing(of: new.id)?.scopes == .all)
    let generation = try #require(disk.membership.generation(of: old.id))
    let meant = Grant(
      site: site, node: old.id, label: "shed", scopes: .all, generation: generation + 1)
    try disk.write(.grant(meant.signed(by: siteKey)), by: other)
    #expect(disk.membership.standing(of: old.id)?.scopes == .all)
  }

  @Test("what another node said of the same counts for nothing here") func others() throws {
    var disk = try founded()
    try disk.write(
      .succession(Succession(site: site, from: old, to: other.id)), by: other)
    guard case .succession? = next(disk) else {
      Issue.record("nothing said")
      return
    }
  }

  @Test("readings of a key that was retired rest on a keeper as long as its successor does")
  func keeper() throws {
    var disk = try founded()
    let before = KeeperDuty(keeper: other.id, in: disk.membership)
    #expect(before.owners == [old.id])
    for _ in 0..<2 { try disk.write(try #require(next(disk)), by: new) }
    let after = KeeperDuty(keeper: other.id, in: disk.membership)
    #expect(after.owners == [old.id, new.id])
    let cut = Revocation(
      site: site, node: new.id, scopesLeft: [], generation: 0, past: SeenPast(), reason: "sold")
    try disk.write(.revocation(cut.signed(by: siteKey)), by: other)
    #expect(KeeperDuty(keeper: other.id, in: disk.membership).owners.isEmpty)
  }

  @Test("a successor that stands nowhere retires nobody") func nowhere() throws {
    var disk = try founded()
    let cut = Revocation(
      site: site, node: old.id, scopesLeft: [], generation: 0, past: SeenPast(), reason: "stolen")
    try disk.write(.revocation(cut.signed(by: siteKey)), by: other)
    try disk.write(.succession(Succession(site: site, from: old, to: new.id)), by: new)
    #expect(next(disk) == nil)
  }
}
