import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// What is kept of what keepers said and proved, and what of it lets readings go.
@Suite("What keepers have", .serialized) struct KeepingTests {
  private static let dayUs: Int64 = 86_400_000_000
  /// Long after every reading of the worlds below.
  private static let nowUs: Int64 = 1_900_000_000_000_000

  private static func order(_ world: ProofTests.World, _ keepers: [MergingNode]) -> TrimOrder {
    var order = TrimOrder()
    order.rule = RetentionRule(rawUs: dayUs)
    order.nowUs = nowUs
    order.keepers = keepers.map(\.key.id)
    return order
  }

  private static func trim(_ node: MergingNode, _ order: TrimOrder) throws -> TrimReport {
    try node.core.trim(node.options(node.run), order)
  }

  /// A world whose readings are dated: an anchor for the giver's boot.
  private static func world() throws -> ProofTests.World {
    let world = try ProofTests.World()
    let stamp = Stamp(trusted: true, bootUs: 700_000_000, wallUs: 0, author: "node")
    let anchor = Anchor(
      bootUs: 700_000_000, utcUs: 1_700_000_000_000_000, errorUs: 500, origin: .kernel)
    _ = try world.giver.core.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(700_000_000),
        journal: [JournalEntry(stamp: stamp, content: .anchor(anchor))]))
    return world
  }

  @Test("said, then proven, then lost: what counts is what the keeper's vector still names")
  func ledger() throws {
    let world = try ProofTests.World()
    let (giver, keeper) = (world.giver.core, world.live.key.id)
    let first = try world.ledger(world.live)
    #expect(first.fresh.count == 6 && first.unnoted == first.fresh)
    #expect(first.proven.isEmpty && first.lost.isEmpty)
    try giver.noteKept(first.unnoted, by: keeper, .acknowledged, at: 5)
    let said = try world.ledger(world.live)
    #expect(said.fresh == first.fresh && said.unnoted.isEmpty)
    try giver.noteKept(Array(said.fresh.prefix(2)), by: keeper, .proven, at: 5)
    // What was proven stays so when it is said again.
    try giver.noteKept(said.fresh, by: keeper, .acknowledged, at: 0)
    let proven = try world.ledger(world.live)
    #expect(proven.proven == Array(first.fresh.prefix(2)) && proven.fresh.count == 4)
    let count = try giver.keptCount(by: keeper)
    #expect(count.acknowledged == 360 && count.proven == 120)
    // After a restart nothing is unproven that was proven.
    try world.giver.restart()
    #expect(try world.ledger(world.live).proven == proven.proven)
    // A vector that has shrunk, as after a restore.
    let none = try world.core(world.giver).ledger(
      of: keeper, held: HaveVector(), mine: try world.giver.core.vector())
    #expect(none.lost == first.fresh && none.fresh.isEmpty && none.proven.isEmpty)
    try world.giver.core.forgetKept(none.lost, by: keeper)
    #expect(try world.ledger(world.live).unnoted.count == 6)
  }

  @Test("a row that the disk has altered says nothing") func altered() throws {
    let world = try ProofTests.World()
    let keeper = world.live.key.id
    let ranges = try world.ledger(world.live).fresh
    try world.giver.core.noteKept(ranges, by: keeper, .proven, at: 5)
    try world.execute(world.giver, "UPDATE keeping SET at = at + 1 WHERE commits & 15 = 1")
    let ledger = try world.ledger(world.live)
    #expect(!ledger.fresh.isEmpty && ledger.fresh.count + ledger.proven.count == 6)
    try world.giver.core.noteKept(ledger.fresh, by: keeper, .proven, at: 5)
    #expect(try world.ledger(world.live).proven.count == 6)
  }

  @Test("a keeper that failed is to prove everything again; what it said stays") func unproven()
    throws
  {
    let world = try ProofTests.World()
    let (core, keeper) = (world.giver.core, world.live.key.id)
    try core.noteKept(world.ledger(world.live).fresh, by: keeper, .proven, at: 5)
    try core.unproveAll(of: keeper)
    #expect(try world.ledger(world.live).fresh.count == 6)
    #expect(try core.keptCount(by: keeper).acknowledged == 360)
    #expect(try core.keptCount(by: world.packed.key.id) == KeptCount())
  }

  @Test("without a keeper readings go by the node's own word") func alone() throws {
    let world = try Self.world()
    let report = try Self.trim(world.giver, Self.order(world, []))
    #expect(report.readings > 0 && report.waiting == 0)
  }

  @Test("with one they wait for its proof, and so long after it") func waiting() throws {
    let world = try Self.world()
    let (core, keeper) = (world.giver.core, world.live.key.id)
    let ranges = try world.ledger(world.live).fresh
    var order = Self.order(world, [world.live])
    let all = try Self.trim(world.giver, order)
    #expect(all.readings == 0 && all.waiting == 10_800, "\(all.waiting) wait")
    // Said is not proven.
    try core.noteKept(ranges, by: keeper, .acknowledged, at: Self.nowUs - 30 * Self.dayUs)
    #expect(try Self.trim(world.giver, order).readings == 0)
    // Proven, and not long enough ago; or while no clock counted.
    try core.noteKept([ranges[0]], by: keeper, .proven, at: Self.nowUs - 6 * Self.dayUs)
    try core.noteKept([ranges[1]], by: keeper, .proven, at: 0)
    #expect(try Self.trim(world.giver, order).readings == 0)
    // Proven by somebody who is no keeper.
    try core.noteKept(ranges, by: world.packed.key.id, .proven, at: 1)
    #expect(try Self.trim(world.giver, order).readings == 0)
    order.nowUs = Self.nowUs + Self.dayUs
    let first = try Self.trim(world.giver, order)
    #expect(first.readings == 1_800 && first.waiting == 9_000)
    let raw = try Directory.rows(world.giver.options(world.giver.run).path).filter {
      $0.level == .raw
    }
    #expect(raw.allSatisfy { $0.commits != ranges[0].ids.lowerBound })
    // Once a clock counts, the second is as old as that.
    try core.dateProofs(nowUs: Self.nowUs)
    order.nowUs = Self.nowUs + 7 * Self.dayUs
    #expect(try Self.trim(world.giver, order).readings == 1_800)
    // One that was ahead of the clock that counts now is dated anew.
    try core.noteKept([ranges[2]], by: keeper, .proven, at: Self.nowUs + 900 * Self.dayUs)
    try core.dateProofs(nowUs: Self.nowUs)
    #expect(try Self.trim(world.giver, order).readings == 1_800)
  }

  @Test("trimUnproven: what a keeper only said lets readings go") func seeded() throws {
    let world = try Self.world()
    let ranges = try world.ledger(world.live).fresh
    try world.giver.core.noteKept(ranges, by: world.live.key.id, .acknowledged, at: 0)
    let order = Self.order(world, [world.live])
    #expect(try Self.trim(world.giver, order).readings == 0)
    unsafe SeededBug.current = .trimUnproven
    defer { unsafe SeededBug.current = nil }
    #expect(try Self.trim(world.giver, order).readings == 10_800, "the bug is in")
  }

  @Test("for want of room what a keeper has goes first, and what none has is counted apart")
  func sacrifice() throws {
    let world = try Self.world()
    let (core, node) = (world.giver.core, world.giver)
    let ranges = try world.ledger(world.live).fresh
    // The newest two were acknowledged.
    try core.noteKept(Array(ranges.suffix(2)), by: world.live.key.id, .acknowledged, at: 0)
    var order = TrimOrder()
    order.keepers = [world.live.key.id]
    order.databaseBytesMax = 1
    let report = try node.core.trim(node.options(node.run), order, packsMax: 1)
    let gone = try Directory.rows(node.options(node.run).path).filter { $0.level != .raw }
    #expect(report.readings > 0 && !gone.isEmpty)
    #expect(gone.allSatisfy { $0.commits >= ranges[4].ids.lowerBound })
    #expect(try core.trimmed().allSatisfy { !$0.reason.isUnacknowledged })
    _ = try node.core.trim(node.options(node.run), order)
    let trimming = Trimming(
      id: try #require(FactId([UInt8](repeating: 1, count: 16))), freedBytes: 0,
      series: try core.trimmed())
    #expect(trimming.readings == 10_800)
    #expect(trimming.unacknowledged == 7_200, "four of six ranges were nobody else's")
  }

  @Test("a keeper lets go what it proved to the owner twice as long after, and of nobody else's")
  func duty() throws {
    let world = try Self.world()
    try Carrying.all(from: world.giver, to: world.packed)
    let (keeper, owner) = (world.packed, world.giver.key.id)
    var order = Self.order(world, [])
    order.duty = KeeperDuty(keeper: keeper.key.id, owners: [owner])
    #expect(try Self.trim(keeper, order).readings == 0)
    let part = try #require(try world.parts().first)
    let range = try #require(try world.range(keeper, part))
    try keeper.core.noteKept(
      [range], by: keeper.key.id, .proven, at: Self.nowUs - 13 * Self.dayUs)
    #expect(try Self.trim(keeper, order).readings == 0)
    order.nowUs = Self.nowUs + Self.dayUs
    #expect(try Self.trim(keeper, order).readings == 1_800)
    // Who has no rights any more rests on nobody, and who is no keeper owes nothing.
    order.duty = KeeperDuty(keeper: keeper.key.id, owners: [])
    #expect(try Self.trim(keeper, order).readings == 9_000)
  }
}
