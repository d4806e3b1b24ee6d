import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// What one node proves to another to have, from what its disk gives.
@Suite("Proofs of what is stored") struct ProofTests {
  static let nonce = [UInt8](0x20..<0x30)

  /// A gateway that has compacted what two others have: one got it live, one as ranges.
  final class World {
    let folder = TemporaryFolder()
    let giver, live, packed: MergingNode
    let bounds: RangeBounds

    init(seconds: Int = 3_600) throws {
      giver = try MergingNode(1, folder: folder.path)
      live = try MergingNode(2, folder: folder.path)
      packed = try MergingNode(3, folder: folder.path)
      var bounds = RangeBounds()
      (bounds.commits, bounds.contentBytes) = (60, 120)
      self.bounds = bounds
      _ = try RangeMergingTests.steady(giver, sensors: 3, seconds: seconds)
      try Carrying.all(from: giver, to: live)
      try giver.core.checkpoint()
      _ = try giver.core.compact(giver.options(giver.run), bounds)
      try Carrying.all(from: giver, to: packed)
    }

    func core(_ node: MergingNode) throws -> ProofCore {
      try ProofCore(path: node.options(node.run).path, vfs: nil, bounds: bounds)
    }

    func ledger(_ keeper: MergingNode) throws -> KeeperLedger {
      try core(giver).ledger(
        of: keeper.key.id, held: keeper.core.vector(), mine: giver.core.vector())
    }

    func parts() throws -> [ProofPart] { try ledger(live).fresh.map(\.part) }

    func hash(_ node: MergingNode, _ part: ProofPart, _ nonce: [UInt8] = ProofTests.nonce) throws
      -> [UInt8]?
    {
      try core(node).hash(part, nonce: nonce)
    }

    func range(_ node: MergingNode, _ part: ProofPart) throws -> KeptRange? {
      try core(node).range(of: part)
    }

    func execute(_ node: MergingNode, _ sql: String) throws {
      try Database.open(.init(path: node.options(node.run).path)).execute(sql)
    }

    /// Changes a byte of a column of a row.
    func flip(_ node: MergingNode, _ table: String, _ column: String, _ id: Int64) throws {
      let database = try Database.open(.init(path: node.options(node.run).path))
      var row = try database.prepare("SELECT \(column) FROM \(table) WHERE id = \(id)")
      let isThere = try row.step()
      #expect(isThere)
      var body = row.blob(0)
      row.reset()
      body[body.count / 2] ^= 1
      var update = try database.prepare("UPDATE \(table) SET \(column) = ? WHERE id = \(id)")
      update.bind(1, body)
      try update.run()
    }
  }

  @Test("rows, ranges that came and one's own ranges give one hash, another for each nonce")
  func forms() throws {
    let world = try World()
    let parts = try world.parts()
    let fresh = try world.ledger(world.packed).fresh.map(\.part)
    #expect(parts.count == 6 && Set(fresh) == Set(parts))
    var hashes: Set<[UInt8]> = []
    for part in parts {
      let own = try #require(try world.hash(world.giver, part))
      #expect(try world.hash(world.live, part) == own, "\(part)")
      #expect(try world.hash(world.packed, part) == own, "\(part)")
      let other = [UInt8](repeating: 1, count: 16)
      let again = try #require(try world.hash(world.giver, part, other))
      #expect(try world.hash(world.live, part, other) == again)
      hashes.formUnion([own, again])
    }
    #expect(hashes.count == 2 * parts.count)
  }

  @Test("what is not here, or in other ranges, has no hash") func absent() throws {
    let world = try World()
    let part = try #require(try world.parts().first)
    let log = part.log
    #expect(try world.hash(world.giver, ProofPart(log, 1...11)) == nil)
    #expect(try world.hash(world.giver, ProofPart(log, 2...10)) == nil)
    #expect(try world.hash(world.live, ProofPart(log, 1...4_000)) == nil)
    #expect(try world.hash(world.live, ProofPart(LogId(log.run, .state), 1...1)) == nil)
    let strange = LogId(RunId(origin: log.run.origin, incarnation: Incarnation(9)), .telemetry)
    #expect(try world.hash(world.giver, ProofPart(strange, 1...10)) == nil)
    #expect(try world.range(world.giver, part)?.part == part)
    #expect(try world.range(world.live, part) == nil)
  }

  @Test("one byte that the disk has altered is never proven, whatever its row's check says")
  func damage() throws {
    let world = try World()
    let part = try #require(try world.parts().first)
    let own = try #require(try world.hash(world.giver, part))
    // A row of `hot`, in the middle of the range.
    let hot = (RowId.foreignFirst << 40) + Int64(part.seqs.lowerBound) + 5
    try world.flip(world.live, "hot", "body", hot)
    #expect(try world.hash(world.live, part) == nil)
    // With a check that holds: then it is another content.
    let path = world.live.options(world.live.run).path
    let database = try Database.open(.init(path: path))
    var row = try database.prepare("SELECT \(RowSeal.hotColumns) FROM hot WHERE id = \(hot)")
    let isThere = try row.step()
    #expect(isThere)
    let check = RowSeal.hot(row)
    row.reset()
    try database.execute("UPDATE hot SET crc = \(check) WHERE id = \(hot)")
    #expect(try world.hash(world.live, part) != own)
    // A pack.
    let other = try Database.open(.init(path: world.packed.options(world.packed.run).path))
    let found = try other.number(
      "SELECT pack FROM block WHERE commits = \(RowId.foreignFirst << 40 | 1) LIMIT 1")
    let pack = try #require(found)
    try world.flip(world.packed, "pack", "body", pack)
    #expect(try world.hash(world.packed, part) == nil)
    // Other ranges are proven as before.
    let last = try #require(try world.parts().last)
    let whole = try #require(try world.hash(world.giver, last))
    #expect(try world.hash(world.live, last) == whole)
    #expect(try world.hash(world.packed, last) == whole)
  }

  @Test("a row that is missing is not proven") func missing() throws {
    let world = try World()
    let part = try #require(try world.parts().first)
    let hot = (RowId.foreignFirst << 40) + Int64(part.seqs.lowerBound) + 3
    try world.execute(world.live, "DELETE FROM hot WHERE id = \(hot)")
    #expect(try world.hash(world.live, part) == nil)
  }

  @Test("what retention took a content of is not proven, by either side") func trimmed() throws {
    let world = try World()
    let part = try #require(try world.parts().first)
    var order = TrimOrder()
    order.databaseBytesMax = 1
    for node in [world.giver, world.packed] {
      let report = try node.core.trim(node.options(node.run), order)
      #expect(report.readings > 0)
      #expect(try world.hash(node, part) == nil)
    }
    #expect(try world.hash(world.live, part) != nil)
    #expect(try world.ledger(world.live).fresh.isEmpty)
  }
}
