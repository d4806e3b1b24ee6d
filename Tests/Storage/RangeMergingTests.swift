import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// Compacted ranges on their way: what a newcomer gets of a gateway that has compacted.
@Suite("Ranges between nodes") struct RangeMergingTests {
  /// Steady sensors, one reading a second each, committed every ten seconds.
  static func steady(
    _ node: MergingNode, sensors: Int, seconds: Int, from start: Int = 0
  ) throws -> Int {
    var prng = Prng(seed: 7)
    var batch = ReadingBatch(cursors: try node.opened().cursors)
    var values = [Int64](repeating: 200, count: sensors)
    _ = batch.open(
      Cursor(identity: node.board, epoch: 1, nonce: 7, ringCapacity: 64))
    var seq = UInt32(start * sensors)
    for second in start..<(start + seconds) {
      for sensor in 0..<sensors {
        values[sensor] += Int64(prng.below(3)) - 1
        let outcome = batch.append(
          device: node.board, epoch: 1, seq: seq, ticksMs: Int64(second) * 1_000,
          channel: Channel(key: "t\(sensor)", unit: "Cel", exponent: -1),
          value: .decimal(values[sensor], exponent: -1))
        #expect(outcome == .taken)
        seq += 1
      }
      guard second % 10 == 9 else { continue }
      let bootUs = Int64(second + 1) * 1_000_000 + Int64(prng.below(2_000))
      _ = try node.core.commit(
        PendingCommit(content: batch.take(arrivalUs: bootUs), clock: Fixture.clock(bootUs)))
    }
    return sensors * seconds
  }

  private func telemetry(_ node: MergingNode) throws -> [LogId: Intervals] {
    try node.core.vector().logs.filter { $0.key.lane == .telemetry }.mapValues(\.held)
  }

  private func shown(_ node: MergingNode) throws -> [String] {
    try node.readings(node.history, limit: 9_999)
  }

  private func receive(_ bytes: [UInt8], _ node: MergingNode) throws -> ReceiveReport {
    try node.core.receive(
      try Carrying.batch(bytes), from: Fixture.otherNode, Carrying.rules)
  }

  @Test("an hour of eight decimal sensors at 1 Hz travel in at most 1.1 bytes a reading")
  func wire() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    let readings = try Self.steady(giver, sensors: 8, seconds: 3_600)
    try giver.core.checkpoint()
    try giver.restart()
    _ = try giver.core.compact(giver.options(giver.run))
    let served = try giver.core.serve(
      telemetry(giver), bytesMax: 1 << 24, key: giver.key)
    let report = try receive(served.bytes, taker)
    #expect(report.commitsKept == 360 && report.rangesKept > 0)
    let each = Double(served.bytes.count) / Double(readings)
    #expect(each <= 1.1, "\(each) bytes a reading")
    // Its state dates what it has: a node's own clock is not sent with its readings.
    try Carrying.all(from: giver, to: taker)
    #expect(try shown(taker) == shown(giver))
  }

  @Test("a backlog comes in small pieces, each of which goes on where the one before was cut")
  func pieces() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    let readings = try Self.steady(giver, sensors: 6, seconds: 600)
    try giver.compact(30, contentBytes: 64)
    let whole = try giver.core.serve(telemetry(giver), bytesMax: 1 << 24, key: giver.key)
    var prng = Prng(seed: 3)
    var (bytes, rounds) = (0, 0)
    while rounds < 2_000 {
      let (mine, theirs) = (try taker.core.vector(), try giver.core.vector())
      let parts = mine.wanted(from: theirs).filter { $0.key.lane == .telemetry }
        .map { LogPart($0.key, $0.value, begun: mine[$0.key].begun) }
      guard !parts.isEmpty else { break }
      rounds += 1
      let served = try giver.core.serve(parts, bytesMax: 300, key: giver.key)
      let end = prng.chance(30) ? prng.below(served.bytes.count + 1) : served.bytes.count
      bytes += end
      _ = try receive(Array(served.bytes[..<end]), taker)
    }
    #expect(rounds > 10 && rounds < 2_000)
    // A piece says of which range it is in 40 bytes, and a cut loses the block that it cuts.
    #expect(bytes <= whole.bytes.count + rounds * 150 + 1_500, "\(bytes), \(rounds) rounds")
    #expect(try shown(taker).count == readings)
    // Its state dates what it has: a node's own clock is not sent with its readings.
    try Carrying.all(from: giver, to: taker)
    #expect(try shown(taker) == shown(giver))
    #expect(try taker.core.database.number("SELECT count(*) FROM begun_block") == 0)
  }

  @Test("live commits give way to the range that stands for them, and each reading counts once")
  func live() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    let third = try MergingNode(3, folder: folder.path)
    let readings = try Self.steady(giver, sensors: 2, seconds: 300)
    let run = RunId(origin: giver.key.id, incarnation: giver.options(1).incarnation)
    let log = LogId(run, .telemetry)
    // One live range goes beyond the range that comes.
    for seqs in [1...4, 8...14] as [ClosedRange<UInt64>] {
      let live = try giver.core.serve([log: Intervals(seqs)], bytesMax: 1 << 20, key: giver.key)
      #expect(try receive(live.bytes, taker).commitsKept == seqs.count)
    }
    try giver.compact(10, contentBytes: 1 << 16)
    let served = try giver.core.serve([log: Intervals(5...5)], bytesMax: 1 << 20, key: giver.key)
    let report = try receive(served.bytes, taker)
    #expect(report.rangesKept == 1 && report.commitsKept == 3)
    #expect(try taker.core.vector()[log] == HaveLog(held: Intervals(1...14)))
    let rows = try taker.core.database.number("SELECT count(*) FROM hot")
    #expect(rows == 7, "what a live range beyond it needs stays, unread")
    #expect(try shown(taker).count == 14 * 20)
    // What is held is given, as it came.
    let given = try taker.core.serve([log: Intervals(1...14)], bytesMax: 1 << 20, key: taker.key)
    #expect(try given.unreadableCount == 0 && receive(given.bytes, third).commitsKept == 14)
    #expect(try shown(third) == shown(taker))
    // The rest: nothing of the live rows is left.
    try Carrying.all(from: giver, to: taker)
    #expect(try shown(taker).count == readings)
    #expect(try taker.core.database.number("SELECT count(*) FROM hot") == 0)
    #expect(try taker.core.database.number("SELECT count(*) FROM live_range") == 0)
    // A live range that comes late is known.
    let late = try receive(
      third.core.serve([log: Intervals(11...14)], bytesMax: 1 << 20, key: third.key).bytes, taker)
    #expect(late.commitsKept == 0 && late.conflicts.isEmpty && late.knownCount > 0)
  }

  @Test("a live range that goes beyond a range which came before it is given on as it came")
  func liveBeyond() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    let third = try MergingNode(3, folder: folder.path)
    _ = try Self.steady(giver, sensors: 2, seconds: 300)
    let run = RunId(origin: giver.key.id, incarnation: giver.options(1).incarnation)
    let log = LogId(run, .telemetry)
    let live = try giver.core.serve([log: Intervals(8...14)], bytesMax: 1 << 20, key: giver.key)
    try giver.compact(10, contentBytes: 1 << 16)
    let range = try giver.core.serve([log: Intervals(5...5)], bytesMax: 1 << 20, key: giver.key)
    #expect(try receive(range.bytes, taker).rangesKept == 1)
    #expect(try receive(live.bytes, taker).commitsKept == 4)
    #expect(try taker.core.vector()[log] == HaveLog(held: Intervals(1...14)))
    #expect(try shown(taker).count == 14 * 20, "each once")
    let given = try taker.core.serve([log: Intervals(1...14)], bytesMax: 1 << 20, key: taker.key)
    #expect(try given.unreadableCount == 0 && receive(given.bytes, third).commitsKept == 14)
    #expect(try shown(third) == shown(taker))
    try Carrying.all(from: giver, to: taker)
    #expect(try taker.core.database.number("SELECT count(*) FROM hot") == 0)
  }

  @Test("a block that is not the one that the header names takes nothing else with it")
  func forged() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    _ = try Self.steady(giver, sensors: 3, seconds: 60)
    try giver.compact(6, contentBytes: 1 << 16)
    let bytes = try giver.core.serve(telemetry(giver), bytesMax: 1 << 20, key: giver.key).bytes
    var (batch, forged) = (CarriedBatch(), 0)
    for item in try Carrying.items(bytes) {
      guard case .block(let parcel) = item, parcel.index == 1, var content = parcel.content else {
        batch.take(item)
        continue
      }
      content[content.count - 1] ^= 1
      batch.take(.block(BlockParcel(index: 1, summary: nil, content: content)))
      forged += 1
    }
    #expect(forged == 1 && batch.forgedCount == 1)
    let report = try taker.core.receive(batch, from: giver.key.id, Carrying.rules)
    #expect(report.rangesKept == 0 && report.blocksKept == 2)
    let log = try #require(telemetry(giver).keys.first)
    #expect(
      try taker.core.vector()[log] == HaveLog(begun: [BegunRange(first: 1, blocks: 1)]))
    #expect(try shown(taker).isEmpty)
    // A forged header opens nothing.
    var altered = CarriedBatch()
    for item in try Carrying.items(bytes) {
      guard case .range(let range, let header) = item else {
        altered.take(item)
        continue
      }
      var signature = range.signature
      signature[0] ^= 1
      altered.take(
        .range(
          SignedRange(
            clockEpoch: range.clockEpoch, before: range.before, header: range.header,
            signature: signature), header))
    }
    #expect(altered.isEmpty && altered.forgedCount == 1)
    // The true one comes and is taken.
    #expect(try receive(bytes, taker).rangesKept == 1)
    // Its state dates what it has: a node's own clock is not sent with its readings.
    try Carrying.all(from: giver, to: taker)
    #expect(try shown(taker) == shown(giver))
  }

  @Test("blocks without their header go to the one that is here, and to no other one")
  func continuation() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    let readings = try Self.steady(giver, sensors: 3, seconds: 60)
    try giver.compact(6, contentBytes: 1 << 16)
    let log = try #require(telemetry(giver).keys.first)
    let whole = try giver.core.serve(telemetry(giver), bytesMax: 1 << 20, key: giver.key)
    let items = try Carrying.items(whole.bytes)
    func taken(_ items: some Sequence<BatchItem>) throws -> ReceiveReport {
      var batch = CarriedBatch()
      batch.take(.run(log.run))
      for item in items { batch.take(item) }
      return try taker.core.receive(batch, from: giver.key.id, Carrying.rules)
    }
    let blocks = items.filter { if case .block = $0 { true } else { false } }
    let header = try #require(items.lazy.compactMap { Carrying.header(of: $0) }.first)
    let hash = Blake2b.content(header)
    // Of a range of which nothing is here they are nobody's.
    let early = try taken([.continuation(first: 1, header: hash), blocks[1]])
    #expect(early.forgedCount == 1 && early.blocksKept == 0)
    #expect(try taken(items.prefix { $0 != blocks[1] }).blocksKept == 1)
    let begun = [LogPart(log, Intervals(1...6), begun: [BegunRange(first: 1, blocks: 1)])]
    #expect(try taker.core.vector()[log].begun == begun[0].begun)
    let rest = try giver.core.serve(begun, bytesMax: 1 << 20, key: giver.key)
    #expect(try !Carrying.items(rest.bytes).contains { Carrying.header(of: $0) != nil })
    // A block that the header does not name takes none of the others with it.
    guard case .block(let parcel) = blocks[1], var content = parcel.content else { return }
    content[content.count - 1] ^= 1
    let forged = BatchItem.block(BlockParcel(index: 1, summary: nil, content: content))
    let mixed = try taken([.continuation(first: 1, header: hash), forged, blocks[2]])
    #expect(mixed.forgedCount == 1 && mixed.blocksKept == 1 && mixed.rangesKept == 0)
    // Whoever means another header sends it along from now on; nothing is lost until then.
    let other = try taken([.continuation(first: 1, header: Blake2b.content([1])), blocks[1]])
    #expect(other.forgedCount == 1 && other.blocksKept == 0)
    #expect(try taker.core.vector()[log].begun.isEmpty)
    try taker.core.expectVectorOfDisk()
    let report = try receive(whole.bytes, taker)
    #expect(report.rangesKept == 1 && report.blocksKept == 1)
    // What is whole needs nothing more.
    #expect(try receive(rest.bytes, taker).knownCount == 1)
    #expect(try shown(taker).count == readings)
  }

  @Test("what retention took is not held, and is not given")
  func trimmed() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    _ = try Self.steady(giver, sensors: 3, seconds: 200)
    try giver.compact(10, contentBytes: 1 << 16)
    let log = try #require(telemetry(giver).keys.first)
    #expect(try giver.core.vector()[log] == HaveLog(held: Intervals(1...20)))
    var order = TrimOrder()
    order.freeBytesWanted = 1
    let retainer = try RetainerCore(
      path: giver.options(1).path, vfs: nil, order: order, fruitless: [:], unreadable: [])
    let trim = try #require(try retainer.next())
    try giver.core.trim(trim)
    let here = try giver.core.vector()[log]
    #expect(here == HaveLog(seen: Intervals(1...20), held: Intervals(11...20)))
    let served = try giver.core.serve([log: Intervals(1...20)], bytesMax: 1 << 20, key: giver.key)
    let ranges = try Carrying.items(served.bytes).filter {
      if case .range = $0 { true } else { false }
    }
    #expect(ranges.count == 1 && served.unreadableCount == 0)
    // Also as the disk has it.
    try giver.restart()
    #expect(try giver.core.vector()[log] == here)
    defer { unsafe SeededBug.current = nil }
    unsafe SeededBug.current = .heldIsSeen
    #expect(try giver.core.readVector().vector[log] != here, "the bug is noticed here")
  }

  @Test("ranges of two borders over the same commits are a conflict, and the first one stays")
  func borders() throws {
    let folder = TemporaryFolder()
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    _ = try Self.steady(giver, sensors: 1, seconds: 100)
    try giver.compact(5, contentBytes: 1 << 16)
    try Carrying.all(from: giver, to: taker)
    let before = try shown(taker)
    let folder2 = TemporaryFolder()
    let clone = try MergingNode(1, folder: folder2.path)
    _ = try Self.steady(clone, sensors: 1, seconds: 100)
    try clone.compact(4, contentBytes: 1 << 16)
    let served = try clone.core.serve(telemetry(clone), bytesMax: 1 << 20, key: clone.key)
    let report = try receive(served.bytes, taker)
    #expect(!report.conflicts.isEmpty && report.rangesKept == 0)
    #expect(try shown(taker) == before)
  }
}
