import Codec
import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// Lane 3: what a newcomer is told of readings that are gone wherever they were.
@Suite("Sums of readings that are gone, between nodes", .serialized) struct RollupMergingTests {
  private static let whole: Range<Int64> = -1_000_000_000_000_000..<3_000_000_000_000_000

  /// A gateway whose readings went, and others that were not there then.
  final class World {
    let folder = TemporaryFolder()
    let giver, taker, third: MergingNode
    let readings: Int
    let log: LogId

    init(sensors: Int = 3, seconds: Int = 1_800, commits: Int = 30) throws {
      giver = try MergingNode(1, folder: folder.path)
      taker = try MergingNode(2, folder: folder.path)
      third = try MergingNode(3, folder: folder.path)
      readings = try RangeMergingTests.steady(giver, sensors: sensors, seconds: seconds)
      try giver.compact(commits, contentBytes: 1 << 16)
      let run = RunId(origin: giver.key.id, incarnation: giver.options(1).incarnation)
      log = LogId(run, .telemetry)
    }

    var rollups: LogId { LogId(log.run, .rollups) }

    /// All contents go.
    func trim(packs: Int = .max) throws {
      var order = TrimOrder()
      order.databaseBytesMax = 1
      _ = try giver.core.trim(giver.options(giver.run), order, packsMax: packs)
    }

    func receive(_ bytes: [UInt8], _ node: MergingNode) throws -> ReceiveReport {
      try node.core.receive(
        try Carrying.batch(bytes), from: Fixture.otherNode, Carrying.rules)
    }
  }

  /// Count, least, greatest and sum of every quarter of an hour and every minute, in words.
  static func sums(_ node: MergingNode, sensors: Int = 3) throws -> [String] {
    try (0..<sensors).flatMap { sensor in
      var span = whole
      // Empty windows are told too: there are not to be many.
      for bucket in ["1y", "1d", "1h"] {
        let full = try windows(node, sensor, bucket, span).filter { $0.tally.count > 0 }
        guard let first = full.first, let last = full.last else { return [String]() }
        span = first.fromUs..<last.toUs
      }
      return try ["15m", "1m"].flatMap { bucket in
        try windows(node, sensor, bucket, span)
          .map { "\(bucket) \(sensor) \($0.fromUs) \($0.tally) \($0.basis)" }
      }
    }
  }

  private static func windows(
    _ node: MergingNode, _ sensor: Int, _ bucket: String, _ span: Range<Int64>
  ) throws -> [WindowBucket] {
    let length = try #require(BucketLength(text: bucket))
    let grid = try #require(BucketGrid(length, zone: nil))
    let query = WindowQuery(
      devices: [Fixture.companion(1)], channel: "t\(sensor)", span: span, grid: grid)
    return try WindowDifferentialTests.all(node.history, query)
  }

  static func count(_ node: MergingNode, sensors: Int = 3) throws -> Int64 {
    try (0..<sensors).reduce(0) { sum, sensor in
      try windows(node, sensor, "1y", whole).reduce(sum) { $0 + $1.tally.count }
    }
  }

  @Test("a newcomer has the sums of what went before it came, once, and gives them on")
  func newcomer() throws {
    let world = try World()
    try world.trim()
    #expect(try world.giver.core.vector()[world.rollups] == HaveLog(held: Intervals(1...180)))
    #expect(try world.giver.core.vector()[world.log].held.isEmpty)
    try Carrying.all(from: world.giver, to: world.taker)
    #expect(try Self.count(world.giver) == Int64(world.readings))
    #expect(try Self.sums(world.taker) == Self.sums(world.giver))
    let have = try world.taker.core.vector()
    #expect(have[world.rollups] == HaveLog(held: Intervals(1...180)))
    #expect(have[world.log] == HaveLog(), "contents were never here")
    // What is there is asked for no more, whichever way round.
    #expect(try have.wanted(from: world.giver.core.vector()).isEmpty)
    #expect(try world.giver.core.vector().wanted(from: have).isEmpty)
    try Carrying.all(from: world.taker, to: world.third)
    #expect(try Self.sums(world.third) == Self.sums(world.giver))
    for node in [world.taker, world.third] {
      try node.core.expectVectorOfDisk()
      #expect(try Directory.damages(node.options(node.run).path).isEmpty)
      try node.restart()
      #expect(try node.core.vector()[world.rollups] == HaveLog(held: Intervals(1...180)))
      #expect(try Self.count(node) == Int64(world.readings))
    }
  }

  @Test("pages say what went also of a run of which nothing but sums is here") func pages() throws {
    let world = try World()
    try world.trim()
    try Carrying.all(from: world.giver, to: world.taker)
    var (query, gone): (ReadingQuery, Int64) = (ReadingQuery(), 0)
    repeat {
      let page = try world.taker.history.page(query)
      #expect(page.readings.isEmpty)
      gone += page.trimmed.reduce(0) { $0 + $1.count }
      query.cursor = page.next
    } while query.cursor != nil
    #expect(gone == world.readings)
  }

  @Test("where somebody has the readings still they count instead, and each once")
  func readings() throws {
    let world = try World()
    try Carrying.all(from: world.giver, to: world.third)
    let raw = try Self.sums(world.third)
    try world.trim()
    try Carrying.all(from: world.giver, to: world.taker)
    #expect(try Self.sums(world.taker).allSatisfy { $0.hasSuffix("rollup") })
    try Carrying.all(from: world.third, to: world.taker)
    #expect(try Self.sums(world.taker) == raw)
    let have = try world.taker.core.vector()
    #expect(have[world.log] == HaveLog(held: Intervals(1...180)))
    #expect(have[world.rollups] == HaveLog(), "they say only what lane 2 does not")
    #expect(try have.wanted(from: world.giver.core.vector()).isEmpty)
    try world.taker.core.expectVectorOfDisk()
    // Sums that come late are known.
    let asked = [world.rollups: Intervals(1...180)]
    let late = try world.giver.core.serve(asked, bytesMax: 1 << 20, key: world.giver.key)
    let report = try world.receive(late.bytes, world.taker)
    #expect(report.rollupsKept == 0 && report.knownCount > 0 && report.conflicts.isEmpty)
    #expect(try Self.sums(world.taker) == raw)
    // Once they go here too it has what it needs to tell others.
    var order = TrimOrder()
    order.databaseBytesMax = 1
    _ = try world.taker.core.trim(world.taker.options(world.taker.run), order)
    let last = try MergingNode(4, folder: world.folder.path)
    try Carrying.all(from: world.taker, to: last)
    #expect(try Self.count(last) == Int64(world.readings))
  }

  @Test("live commits under a range of sums count when the last of them is here")
  func live() throws {
    let world = try World()
    // Somebody who got all of it live, in pieces that cross the borders of ranges.
    let fresh = TemporaryFolder()
    let source = try MergingNode(1, folder: fresh.path)
    _ = try RangeMergingTests.steady(source, sensors: 3, seconds: 1_800)
    for first in stride(from: UInt64(1), through: 180, by: 20) {
      let served = try source.core.serve(
        [world.log: Intervals(first...(first + 19))], bytesMax: 1 << 20, key: source.key)
      #expect(try world.receive(served.bytes, world.third).commitsKept == 20)
    }
    try Carrying.all(from: source, to: world.third)
    try world.trim()
    try Carrying.all(from: world.giver, to: world.taker)
    for first in stride(from: UInt64(1), through: 180, by: 20) {
      let seqs = Intervals(first...(first + 19))
      let served = try world.third.core.serve(
        [world.log: seqs], bytesMax: 1 << 20, key: world.third.key)
      #expect(try world.receive(served.bytes, world.taker).commitsKept == 20)
      #expect(try Self.count(world.taker) == Int64(world.readings), "after \(first)")
      try world.taker.core.expectVectorOfDisk()
      // What came can be given on, under the sums as well.
      let given = try world.taker.core.serve(
        [world.log: seqs], bytesMax: 1 << 20, key: world.taker.key)
      #expect(given.unreadableCount == 0)
      #expect(try Carrying.batch(given.bytes).records.count == 1)
    }
    let have = try world.taker.core.vector()
    #expect(have[world.log] == HaveLog(held: Intervals(1...180)))
    #expect(have[world.rollups] == HaveLog())
    #expect(try Self.sums(world.taker) == Self.sums(world.third))
  }

  @Test("readings that are here do not give way to sums") func partly() throws {
    let world = try World()
    let live = try world.giver.core.serve(
      [world.log: Intervals(1...30)], bytesMax: 1 << 20, key: world.giver.key)
    #expect(try world.receive(live.bytes, world.taker).commitsKept == 30)
    try world.trim()
    let before = try Self.sums(world.taker)
    #expect(!before.isEmpty)
    let asked = try world.taker.core.vector().wanted(from: world.giver.core.vector())
    #expect(asked[world.rollups] == Intervals(31...180))
    try Carrying.all(from: world.giver, to: world.taker)
    #expect(try Self.count(world.taker) == Int64(world.readings))
    let report = try world.receive(
      world.giver.core.serve(
        [world.rollups: Intervals(1...30)], bytesMax: 1 << 20, key: world.giver.key
      ).bytes, world.taker)
    #expect(report.rollupsKept == 0 && report.knownCount == 1)
    #expect(try Self.count(world.taker) == Int64(world.readings))
  }

  @Test("cut anywhere, in small pieces, nothing is lost and nothing counts twice") func cuts()
    throws
  {
    for seed in 0..<2 as Range<UInt64> {
      var prng = Prng(seed: seed)
      let world = try World(sensors: 5, seconds: 3_600, commits: 100)
      try world.trim()
      let node = try MergingNode(UInt8(5 + seed), folder: world.folder.path)
      var (rounds, bytes) = (0, 0)
      while rounds < 3_000 {
        let (mine, theirs) = (try node.core.vector(), try world.giver.core.vector())
        let parts = mine.wanted(from: theirs)
          .map { LogPart($0.key, $0.value, begun: mine[$0.key].begun) }
        guard !parts.isEmpty else { break }
        rounds += 1
        let served = try world.giver.core.serve(
          parts, bytesMax: 100 + prng.below(400), key: world.giver.key)
        let end = prng.chance(40) ? prng.below(served.bytes.count + 1) : served.bytes.count
        bytes += end
        var batch = CarriedBatch()
        for item in try Carrying.items(Array(served.bytes[..<end])) {
          batch.take(item)
          guard prng.chance(20) else { continue }
          _ = try node.core.receive(batch, from: world.giver.key.id, Carrying.rules)
          batch.removeAll()
        }
        _ = try node.core.receive(batch, from: world.giver.key.id, Carrying.rules)
        #expect(batch.forgedCount == 0 && batch.malformedCount == 0)
        try node.core.expectVectorOfDisk()
        let counted = try Self.count(node, sensors: 5)
        #expect(counted <= Int64(world.readings) && counted % 5 == 0, "seed \(seed)")
        if prng.chance(5) { try node.restart() }
      }
      #expect(rounds > 10 && rounds < 3_000, "seed \(seed): \(rounds)")
      #expect(try Self.sums(node, sensors: 5) == Self.sums(world.giver, sensors: 5))
      #expect(try node.core.database.number("SELECT count(*) FROM begun_block") == 0)
      #expect(try node.core.database.number("SELECT count(*) FROM begun_range") == 0)
    }
  }

  @Test("wrong sums, and a word about them that their origin never gave, are refused and counted")
  func liar() throws {
    let world = try World()
    try world.trim()
    let asked = [world.rollups: Intervals(1...30)]
    let bytes = try world.giver.core.serve(asked, bytesMax: 1 << 20, key: world.giver.key).bytes
    let items = try Carrying.items(bytes)
    func told(_ lie: (BatchItem) throws -> BatchItem?) throws -> (CarriedBatch, ReceiveReport) {
      var batch = CarriedBatch()
      for item in items { if let said = try lie(item) { batch.take(said) } }
      return (batch, try world.taker.core.receive(batch, from: world.giver.key.id, Carrying.rules))
    }
    let (summaries, first) = try told { item in
      guard case .block(let parcel) = item, parcel.index == 1, var summary = parcel.summary else {
        return item
      }
      summary[summary.count - 1] ^= 1
      return .block(BlockParcel(index: 1, summary: summary, content: nil))
    }
    #expect(summaries.forgedCount == 1 && first.rollupsKept == 0 && first.blocksKept == 2)
    let (described, second) = try told { item in
      guard case .description(let said) = item else { return item }
      var blocks = said.blocks
      blocks[0] = SignedDescription.Block(
        blocks[0].description, start: blocks[0].start - 1, end: blocks[0].end)
      let liar = try #require(NodeKey(seed: [UInt8](repeating: 9, count: 32)))
      return .description(
        SignedDescription(
          headerHash: said.headerHash, blocks: blocks,
          incarnation: world.log.run.incarnation, key: liar))
    }
    #expect(described.forgedCount == 1 && described.passedCount == 3 && second.rollupsKept == 0)
    // What their origin did say, but of another range.
    let (other, fourth) = try told { item in
      guard case .description(let said) = item else { return item }
      return .description(
        SignedDescription(
          headerHash: said.headerHash.reversed(), blocks: said.blocks,
          incarnation: world.log.run.incarnation, key: world.giver.key))
    }
    #expect(other.forgedCount == 0 && other.passedCount == 3 && fourth.rollupsKept == 0)
    let (silent, third) = try told { Carrying.isDescription($0) ? nil : $0 }
    #expect(silent.passedCount == 3 && third.rollupsKept == 0)
    #expect(try Self.count(world.taker) == 0)
    #expect(try world.taker.core.vector()[world.rollups].seen.isEmpty)
    // The true ones come and are taken.
    let report = try world.receive(bytes, world.taker)
    #expect(report.rollupsKept == 1 && report.blocksKept == 1)
    #expect(try Self.count(world.taker) == 900)
  }

  @Test("an origin whose word is not about its own sums is not believed") func nonsense() throws {
    let world = try World()
    try world.trim()
    let asked = [world.rollups: Intervals(1...30)]
    let bytes = try world.giver.core.serve(asked, bytesMax: 1 << 20, key: world.giver.key).bytes
    let wrong: [(SignedDescription.Block) -> SignedDescription.Block] = [
      { .init($0.description, start: $0.start - 900_000, end: $0.end) },
      { .init($0.description, start: $0.start, end: $0.end + 900_000) },
      {
        var text = $0.description
        text.form = .text
        return .init(text, start: $0.start, end: $0.end)
      },
      {
        var float = $0.description
        float.form = .float
        return .init(float, start: $0.start, end: $0.end)
      },
    ]
    for lie in wrong {
      var batch = CarriedBatch()
      for item in try Carrying.items(bytes) {
        guard case .description(let said) = item else {
          batch.take(item)
          continue
        }
        batch.take(
          .description(
            SignedDescription(
              headerHash: said.headerHash, blocks: said.blocks.map(lie),
              incarnation: world.log.run.incarnation, key: world.giver.key)))
      }
      #expect(batch.malformedCount == 3)
      let report = try world.taker.core.receive(batch, from: world.giver.key.id, Carrying.rules)
      #expect(report.rollupsKept == 0)
    }
  }
}
