import Model
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Pages over ranges") struct RangePageTests {
  /// Commits of random sources; whole milliseconds where a range keeps no more.
  static func fill(_ path: String, _ prng: inout Prng, run: UInt64, commits: Int) throws {
    let core = try StoreCore(Fixture.options(path, run: run, boot: UInt8(run)))
    var batch = ReadingBatch(cursors: try core.open().cursors)
    let channels = ["temp", "pH", "note"].map {
      Channel(key: $0, unit: $0 == "temp" ? "Cel" : "", exponent: -1)
    }
    for commit in 0..<commits {
      let arrivalUs = 1_000_000_000 + Int64(commit) * 10_000_000
      for number in 1...3 as ClosedRange<UInt8> where prng.chance(80) {
        let device = Fixture.companion(number)
        let epoch = UInt32(run)
        _ = batch.open(Cursor(identity: device, epoch: epoch, nonce: 7, ringCapacity: 64))
        for _ in 0..<prng.below(6) {
          let channel = channels[prng.below(3)]
          let value: Value =
            channel.key == "note"
            ? .text("t\(prng.below(9))") : .decimal(Int64(prng.below(300)), exponent: -1)
          if prng.chance(30) {
            _ = batch.append(
              device: device, bootUs: arrivalUs - Int64(prng.below(9_000_000)), channel: channel,
              value: value)
            continue
          }
          let seq = batch.cursor(of: device, epoch: epoch)?.next ?? 0
          _ = batch.append(
            device: device, epoch: epoch, seq: seq,
            ticksMs: Int64(commit) * 10_000 + Int64(prng.below(10_000)), channel: channel,
            value: prng.chance(10) ? .float(Double(prng.below(9)) / 8) : value)
        }
      }
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: arrivalUs), clock: Fixture.clock(arrivalUs),
          journal: commit == 1 ? journal(&prng, UInt32(run)) : []))
      try core.checkpointIfDue()
    }
  }

  private static func journal(_ prng: inout Prng, _ epoch: UInt32) -> [JournalEntry] {
    var contents: [JournalContent] = []
    if prng.chance(60) {
      contents.append(
        .anchor(
          Anchor(bootUs: 0, utcUs: 1_600_000_000_000_000, errorUs: 5, origin: .kernel)))
    }
    for number in 1...3 as ClosedRange<UInt8> where prng.chance(50) {
      contents.append(
        .clockFit(
          ClockFit(
            identity: Fixture.companion(number), epoch: epoch,
            segmentStartMs: Int64(prng.below(2)) * 60_000, referenceTicksMs: 50_000,
            referenceBootUs: 1_050_000_000, ratePpb: 1_000, boundUs: 9, isGood: true)))
    }
    return contents.map { JournalEntry(stamp: Fixture.stamp(), content: $0) }
  }

  static func query(_ prng: inout Prng) -> ReadingQuery {
    var query = ReadingQuery()
    if prng.chance(60) { query.device = Fixture.companion(UInt8(1 + prng.below(3))) }
    if prng.chance(50) { query.channel = ["temp", "pH", "note"][prng.below(3)] }
    query.order = prng.chance(50) ? .oldestFirst : .newestFirst
    query.limit = 1 + prng.below(120)
    switch prng.below(4) {
    case 0:
      let from = 1_600_000_000_000_000 + Int64(prng.below(2_000_000_000))
      query.span = .utc(from..<(from + Int64(prng.below(600_000_000))))
    case 1:
      let from = 900_000_000 + Int64(prng.below(1_000_000_000))
      query.span = .node(Fixture.clockEpoch(1), from..<(from + Int64(prng.below(600_000_000))))
    default: break
    }
    if prng.chance(20) { query.perSeriesMax = 1 + prng.below(3) }
    return query
  }

  /// All pages; `between` runs after each.
  static func all(
    _ history: HistoryCore, _ query: ReadingQuery, between: () throws -> Void = {}
  ) throws -> [StoredReading] {
    var query = query
    var found: [StoredReading] = []
    for _ in 0..<10_000 {
      let page = try history.page(query)
      found += page.readings
      guard let next = page.next else { return found }
      query.cursor = QueryCursor(text: next.text)
      try between()
    }
    return found
  }

  @Test(
    "a query's pages do not change when commits are compacted between them",
    arguments: 0..<8 as Range<UInt64>)
  func compactedBetween(_ seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    var waiting: [ClosedRange<Int64>] = []
    for run in 1...3 as ClosedRange<UInt64> {
      let commits = 10 + prng.below(40)
      try Self.fill(path, &prng, run: run, commits: commits)
      let ids = RowId.range(incarnation: Int64(run), lane: .telemetry)
      let newest = try Database.open(.init(path: path)).number(
        "SELECT max(id) FROM hot WHERE id <= \(ids.upperBound)")
      var next = ids.lowerBound + 1
      let end = (newest ?? 0) - Int64(prng.below(4))
      while next <= end {
        let last = min(end, next + Int64(prng.below(20)))
        waiting.append(next...last)
        next = last + 1
      }
    }
    let queries = (0..<25).map { _ in Self.query(&prng) }
    let history = try HistoryCore(path: path, vfs: nil)
    let expected = try queries.map { try Self.all(history, $0) }
    #expect(expected.contains { !$0.isEmpty })
    for (query, expected) in zip(queries, expected) {
      let found = try Self.all(history, query) {
        guard prng.chance(5), !waiting.isEmpty else { return }
        let ids = waiting.remove(at: prng.below(waiting.count))
        try PlainCompaction.run(path, ids, readingsMax: 1 + prng.below(40))
      }
      #expect(found == expected, "seed \(seed), \(query)")
    }
    for ids in waiting { try PlainCompaction.run(path, ids) }
    for (query, expected) in zip(queries, expected) {
      #expect(try Self.all(history, query) == expected, "seed \(seed), \(query)")
    }
  }
}
