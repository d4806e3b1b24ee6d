import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// What retention took is seen and not held, whoever was asking for it at that moment.
@Suite("Floors", .serialized) struct FloorTests {
  /// A gateway with some ranges, and one that asks for them.
  private final class World {
    let folder = TemporaryFolder()
    let giver, taker: MergingNode
    var asked = 0

    init(_ prng: inout Prng) throws {
      giver = try MergingNode(1, folder: folder.path)
      taker = try MergingNode(2, folder: folder.path)
      _ = try RangeMergingTests.steady(giver, sensors: 4, seconds: 1_200)
      try giver.compact(10 + prng.below(30), contentBytes: 100)
    }

    /// One pull, of some bytes, in small pieces; whether anything was asked for.
    func pull(_ bytesMax: Int) throws -> Bool {
      let wanted = try taker.core.vector().wanted(from: giver.core.vector())
        .filter { $0.key.lane == .telemetry }
      guard !wanted.isEmpty else { return false }
      asked += 1
      let vector = try taker.core.vector()
      let parts = wanted.map { LogPart($0.key, $0.value, begun: vector[$0.key].begun) }
      let served = try giver.core.serve(parts, bytesMax: bytesMax, key: giver.key)
      #expect(served.unreadableCount == 0)
      _ = try taker.core.receive(
        try Carrying.batch(served.bytes), from: giver.key.id, Carrying.rules)
      return true
    }

    /// Lets some packs go, as for want of room.
    func trim(packs: Int) throws {
      var order = TrimOrder()
      order.databaseBytesMax = 1
      _ = try giver.core.trim(giver.options(giver.run), order, packsMax: packs)
    }
  }

  @Test("backfill and retention that race end in agreement: what is missing lies under a floor")
  func race() throws {
    for seed in 0..<3 as Range<UInt64> {
      var prng = Prng(seed: seed)
      let world = try World(&prng)
      var rounds = 0
      while try world.pull(200 + prng.below(3_000)), rounds < 2_000 {
        rounds += 1
        if prng.chance(15) { try world.trim(packs: 1 + prng.below(3)) }
      }
      // Nothing is asked for in vain for ever.
      #expect(rounds < 2_000, "seed \(seed)")
      let (giver, taker) = (try world.giver.core.vector(), try world.taker.core.vector())
      for (log, state) in giver.logs where log.lane == .telemetry {
        let missing = state.seen.subtracting(taker[log].seen)
        #expect(missing.intersection(state.held).isEmpty, "seed \(seed): held and not given")
        #expect(taker[log].seen.isSubset(of: state.seen), "seed \(seed)")
        #expect(taker[log].held == taker[log].seen, "seed \(seed): the taker trimmed nothing")
      }
      // All that the taker claims it can give.
      let third = try MergingNode(3, folder: world.folder.path)
      try Carrying.all(from: world.taker, to: third)
      for (log, state) in taker.logs where log.lane == .telemetry {
        #expect(try third.core.vector()[log].seen == state.held, "seed \(seed)")
      }
      #expect(
        try Set(third.readings(third.history, limit: 9_999))
          == Set(world.taker.readings(world.taker.history, limit: 9_999)), "seed \(seed)")
    }
  }

  @Test("trimWithoutFloor: what went is no longer seen, and would be fetched again") func seeded()
    throws
  {
    var prng = Prng(seed: 1)
    let world = try World(&prng)
    while try world.pull(1 << 20) {}
    let before = try world.giver.core.vector()
    try world.trim(packs: 1)
    func isFetchedAgain() throws -> Bool {
      let now = try world.giver.core.readVector().vector
      let isShrunk = now.logs.contains { !before[$0.key].seen.isSubset(of: $0.value.seen) }
      let wanted = now.wanted(from: try world.taker.core.vector())
      return isShrunk || wanted.keys.contains { $0.lane == .telemetry }
    }
    #expect(try isFetchedAgain() == false)
    unsafe SeededBug.current = .trimWithoutFloor
    defer { unsafe SeededBug.current = nil }
    #expect(try isFetchedAgain(), "the bug is noticed")
  }
}
