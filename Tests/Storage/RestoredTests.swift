import Model
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("After a disk was put back to a copy") struct RestoredTests {
  /// A gateway whose disk is put back to a copy, and a hub that has some of what came after it.
  private final class World {
    let folder = TemporaryFolder()
    let gateway: MergingNode
    let hub: MergingNode
    var copy: String { folder.path + "/copy.db" }

    init() throws {
      gateway = try MergingNode(1, folder: folder.path)
      hub = try MergingNode(2, folder: folder.path)
    }

    func third(_ number: UInt8 = 3) throws -> MergingNode {
      try MergingNode(number, folder: folder.path)
    }
  }

  private func readings(_ node: MergingNode) throws -> [String] {
    try node.readings(try HistoryCore(path: node.path, vfs: nil), limit: 999)
  }

  /// Both ways, until neither has what the other lacks.
  private func settle(
    _ left: MergingNode, _ right: MergingNode, _ prng: inout Prng
  ) throws {
    for round in 0..<2_000 {
      let isLeft = prng.chance(50)
      let (giver, taker) = isLeft ? (left, right) : (right, left)
      let moved = try Carrying.some(from: giver, to: taker, &prng)
      if !moved, try giver.core.vector().wanted(from: taker.core.vector()).isEmpty { return }
      #expect(round < 1_999, "it never ends")
    }
  }

  private func soundness(_ node: MergingNode) throws {
    let opening = try node.opened()
    #expect(opening.damageCount == 0, "\(opening.damages)")
    let history = try HistoryCore(path: node.path, vfs: nil)
    var inspection = Inspection()
    while !inspection.isComplete { inspection = try history.inspect(inspection) }
    #expect(inspection.damageCount == 0, "\(inspection.damages)")
  }

  @Test(
    "all that others have of its earlier runs comes back once, whatever the order and the cuts",
    arguments: 0..<24 as Range<UInt64>)
  func comesBack(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let world = try World()
    let (gateway, hub) = (world.gateway, world.hub)
    let nodes = [gateway.key.id, hub.key.id]
    for _ in 0..<(2 + prng.below(6)) { try gateway.work(&prng, nodes) }
    if prng.chance(30) { try gateway.compact() }
    for _ in 0..<prng.below(4) { try Carrying.some(from: gateway, to: hub, &prng) }
    try gateway.backUp(world.copy)
    for _ in 0..<(1 + prng.below(6)) { try gateway.work(&prng, nodes) }
    if prng.chance(40) { try gateway.compact() }
    if prng.chance(30) {
      try gateway.restart()
      for _ in 0..<3 { try gateway.work(&prng, nodes) }
    }
    // Now and then some of it is lost for good.
    let isAll = prng.chance(60)
    if isAll {
      try Carrying.all(from: gateway, to: hub)
    } else {
      for _ in 0..<12 { try Carrying.some(from: gateway, to: hub, &prng) }
    }
    let before = try readings(gateway)
    try gateway.putBack(world.copy)
    if prng.chance(70) { try gateway.work(&prng, nodes) }
    if prng.chance(30) { try gateway.compact() }
    let own = try gateway.core.vector()
    try settle(gateway, hub, &prng)
    #expect(try gateway.core.vector() == hub.core.vector(), "seed \(seed)")
    let after = try (readings(gateway), gateway.state())
    #expect(try after.1 == hub.state(), "seed \(seed)")
    #expect(try after.0 == readings(hub), "seed \(seed)")
    #expect(try after.0 == gateway.readings(gateway.history), "seed \(seed): as it was read on")
    #expect(Set(after.0).count == after.0.count, "seed \(seed): once each")
    if isAll { #expect(Set(before).isSubset(of: after.0), "seed \(seed)") }
    for (log, state) in own.logs {
      #expect(try state.seen.isSubset(of: gateway.core.vector()[log].seen), "seed \(seed)")
    }
    try soundness(gateway)
    // It goes on, restarts, and has everything for whoever asks.
    try gateway.work(&prng, nodes)
    try gateway.restart()
    try gateway.work(&prng, nodes)
    let third = try world.third()
    try settle(gateway, third, &prng)
    #expect(try gateway.core.vector() == third.core.vector(), "seed \(seed)")
    #expect(try readings(gateway) == readings(third), "seed \(seed)")
    #expect(try gateway.state() == third.state(), "seed \(seed)")
    try soundness(gateway)
  }

  /// Thirty commits, of which the copy has the first fifteen; the hub has ranges of ten.
  private func ranged(_ world: World) throws -> (readings: [String], cursors: [Cursor]) {
    let gateway = world.gateway
    let first = try RangeMergingTests.steady(gateway, sensors: 2, seconds: 150)
    try gateway.backUp(world.copy)
    let cursors = try gateway.opened().cursors.cursors(of: gateway.board)
    let lost = try RangeMergingTests.steady(gateway, sensors: 2, seconds: 150, from: 150)
    try gateway.compact(10, contentBytes: 1 << 16)
    try Carrying.all(from: gateway, to: world.hub)
    let all = try oldValues(gateway)
    #expect(all.count == first + lost)
    try gateway.putBack(world.copy)
    #expect(try oldValues(gateway).count == first)
    var prng = Prng(seed: 5)
    try gateway.work(&prng, [gateway.key.id])
    return (all, cursors)
  }

  /// What those commits hold, without dates: they hang on the boots after.
  private func oldValues(_ node: MergingNode) throws -> [String] {
    let history = try HistoryCore(path: node.path, vfs: nil)
    var query = ReadingQuery()
    query.limit = 999
    var found: [String] = []
    repeat {
      let page = try history.page(query)
      found += page.readings.filter { ["t0", "t1"].contains($0.channel) }
        .map { "\($0.channel) \($0.value) \(String(describing: $0.numbering))" }
      query.cursor = page.next
    } while query.cursor != nil
    return found.sorted()
  }

  @Test(
    "a range that begins before the end of what a copy has takes the place of that part",
    arguments: [false, true])
  func straddling(isCompacted: Bool) throws {
    let world = try World()
    let (all, cursors) = try ranged(world)
    let (gateway, hub) = (world.gateway, world.hub)
    let third = try world.third()
    if isCompacted {
      try gateway.compact(10, contentBytes: 1 << 16)
      // Somebody has the shorter range of the copy.
      try Carrying.all(from: gateway, to: third)
      #expect(try oldValues(third).count == 300)
    }
    try Carrying.all(from: hub, to: gateway)
    try Carrying.all(from: gateway, to: hub)
    #expect(try oldValues(gateway) == all)
    #expect(try gateway.core.vector() == hub.core.vector())
    #expect(try gateway.readings(gateway.history, limit: 99) == readings(gateway))
    try soundness(gateway)
    try Carrying.all(from: gateway, to: third)
    #expect(try oldValues(third) == all)
    #expect(try third.core.vector() == gateway.core.vector())
    try soundness(third)
    // What boards were told is in the commits still, when the tables are lost.
    try gateway.core.database.execute(
      "DELETE FROM folded; DELETE FROM cursor; DELETE FROM device")
    let folded = try gateway.opened().cursors.cursors(of: gateway.board)
    #expect(folded.contains(cursors[0]))
    // The dates of blocks follow, and what is counted is what is there.
    while try gateway.core.dateBlocks() {}
    let counted = try gateway.core.database.number(
      "SELECT readings FROM extent JOIN series ON series.id = series WHERE channel = 't0'")
    #expect(counted == (isCompacted ? 300 : 200))
  }

  @Test("a range that comes while its commits are compacted ends that, and nothing of it stays")
  func racing() throws {
    let world = try World()
    let (all, _) = try ranged(world)
    let gateway = world.gateway
    try gateway.core.checkpoint()
    var bounds = RangeBounds()
    (bounds.commits, bounds.contentBytes) = (10, 1 << 16)
    let first = try CompactionCore(path: gateway.path, vfs: nil, bounds: bounds)
    #expect(try first.begin(gateway.core.compactionBounds()))
    while let step = try first.next() {
      switch step {
      case .write(let slice): try gateway.core.write(slice)
      case .publish(let range): try gateway.core.publish(range)
      }
    }
    while try gateway.core.clearLeftovers() {}
    // The second one, of the last five commits, is written and not published.
    let compaction = try CompactionCore(path: gateway.path, vfs: nil, bounds: bounds)
    #expect(try compaction.begin(gateway.core.compactionBounds()))
    guard case .write(let slice) = try compaction.next() else {
      Issue.record("nothing to write")
      return
    }
    try gateway.core.write(slice)
    try Carrying.all(from: world.hub, to: gateway)
    #expect(throws: DatabaseError.self) {
      while let step = try compaction.next() {
        switch step {
        case .write(let slice): try gateway.core.write(slice)
        case .publish(let range): try gateway.core.publish(range)
        }
      }
    }
    while try gateway.core.clearLeftovers() {}
    try gateway.compact(10, contentBytes: 1 << 16)
    #expect(try oldValues(gateway) == all)
    try soundness(gateway)
  }

  @Test("what came back live is not compacted here: its borders may be fixed elsewhere")
  func borders() throws {
    let world = try World()
    let gateway = world.gateway
    _ = try RangeMergingTests.steady(gateway, sensors: 1, seconds: 150)
    try gateway.backUp(world.copy)
    _ = try RangeMergingTests.steady(gateway, sensors: 1, seconds: 150, from: 150)
    try Carrying.all(from: gateway, to: world.hub)
    let all = try oldValues(gateway)
    try gateway.putBack(world.copy)
    var prng = Prng(seed: 5)
    try gateway.work(&prng, [gateway.key.id])
    try Carrying.all(from: world.hub, to: gateway)
    try gateway.compact(1_000, contentBytes: 1 << 16)
    let last = try gateway.core.database.number(
      "SELECT max(last) & 0xFFFFFFFFFF FROM commit_range WHERE id >> 40 = 1")
    #expect(last == 15)
    #expect(try oldValues(gateway) == all)
    let third = try world.third()
    try Carrying.all(from: gateway, to: third)
    #expect(try readings(third) == readings(gateway))
    try soundness(gateway)
  }

  @Test("two cards of one node that run at once: each is told, and all have all branches")
  func cloned() throws {
    let world = try World()
    let (gateway, hub) = (world.gateway, world.hub)
    let folder = TemporaryFolder()
    var prng = Prng(seed: 3)
    for _ in 0..<5 { try gateway.work(&prng, [gateway.key.id]) }
    try gateway.backUp(world.copy)
    let clone = try MergingNode(1, folder: folder.path)
    try clone.putBack(world.copy)
    for _ in 0..<5 {
      try gateway.work(&prng, [gateway.key.id])
      try clone.work(&prng, [gateway.key.id])
    }
    var beyond: [Set<RunId>] = [[], []]
    for _ in 0..<3 {
      for (place, node) in [gateway, clone].enumerated() {
        try Carrying.all(from: node, to: hub)
        let asked = try node.core.vector().wanted(from: hub.core.vector())
        let served = try hub.core.serve(asked, bytesMax: 1 << 20, key: hub.key)
        let report = try node.core.receive(
          try Carrying.batch(served.bytes), from: hub.key.id, Carrying.rules)
        #expect(report.conflicts.isEmpty && report.forks.isEmpty)
        beyond[place].formUnion(report.ownBeyond)
      }
    }
    let runs = [1, 2].map {
      RunId(origin: gateway.key.id, incarnation: gateway.options($0).incarnation)
    }
    #expect(beyond == [[runs[1]], [runs[0]]])
    #expect(try gateway.core.vector() == hub.core.vector())
    #expect(try clone.core.vector() == hub.core.vector())
    #expect(try readings(clone) == readings(gateway))
    #expect(try clone.state() == gateway.state())
  }

  @Test("the run that writes takes nothing of itself, also before its first commit")
  func present() throws {
    let world = try World()
    let gateway = world.gateway
    var prng = Prng(seed: 3)
    for _ in 0..<5 { try gateway.work(&prng, [gateway.key.id]) }
    try gateway.backUp(world.copy)
    // Two that were started under one number: no daemon does that.
    try gateway.restart()
    for _ in 0..<5 { try gateway.work(&prng, [gateway.key.id]) }
    try Carrying.all(from: gateway, to: world.hub)
    let folder = TemporaryFolder()
    let twin = try MergingNode(1, folder: folder.path)
    try twin.putBack(world.copy)
    let before = try twin.core.vector()
    let asked = try before.wanted(from: world.hub.core.vector())
    let run = RunId(origin: twin.key.id, incarnation: twin.options(2).incarnation)
    #expect(asked.keys.contains { $0.run == run })
    let served = try world.hub.core.serve(asked, bytesMax: 1 << 20, key: world.hub.key)
    let report = try twin.core.receive(
      try Carrying.batch(served.bytes), from: world.hub.key.id, Carrying.rules)
    #expect(report.ownBeyond == [run] && report.entriesKept + report.commitsKept == 0)
    #expect(try twin.core.vector() == before)
  }
}
