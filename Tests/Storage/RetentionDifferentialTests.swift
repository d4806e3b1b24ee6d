import Sync
import TestSupport
import Testing

@testable import Model
@testable import Storage

/// The same questions before and after readings went.
@Suite("Answers after retention") struct RetentionDifferentialTests {
  /// How far a bucket's borders may be from what is counted for it, by what is left.
  private static let roomUs: [BlockLevel: Int64] = [
    .raw: 0, .minutes: 60_000_000, .gone: 900_000_000,
  ]

  private func isSame(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    if left == right || left.isNaN && right.isNaN { return true }
    return abs(left - right) <= 1e-9 * max(1, abs(left))
  }

  /// Whether what is left says the same as the readings did.
  private func isSame(
    _ now: WindowTally, _ before: WindowTally, _ functions: WindowFunctions
  ) -> Bool {
    guard now.count == before.count, now.numbers == before.numbers,
      now.least?.number == before.least?.number, now.most?.number == before.most?.number,
      isSame(now.sum, before.sum)
    else { return false }
    if now.isTrimmed { return now.first == nil && now.last == nil && now.heldAverage == nil }
    if functions.contains(.ends), now.first != before.first || now.last != before.last {
      return false
    }
    if functions.contains(.held), !now.isHeldLost {
      return isSame(now.heldAverage, before.heldAverage)
    }
    return true
  }

  private struct Worlds {
    let before: HistoryCore
    let now: HistoryCore
    /// How far off a reading may be counted: what is left of the least that is left.
    let roomUs: Int64
  }

  /// How many readings were within some time of a bucket's borders.
  private func nearBorders(
    _ bucket: WindowBucket, _ query: WindowQuery, _ worlds: Worlds
  ) throws -> Int64 {
    var near = query
    near.functions = .sums
    near.grid = .whole
    near.filter = nil
    near.limit = 1
    var count: Int64 = 0
    for border in [
      max(bucket.fromUs, query.span.lowerBound), min(bucket.toUs, query.span.upperBound),
    ] {
      near.span = (border - worlds.roomUs)..<(border + worlds.roomUs)
      count += try WindowDifferentialTests.all(worlds.before, near)
        .reduce(0) { $0 + $1.tally.count }
    }
    return count
  }

  private func check(_ query: WindowQuery, _ worlds: Worlds, _ note: String) throws -> Int {
    let before = try WindowDifferentialTests.all(worlds.before, query)
    let now = try WindowDifferentialTests.all(worlds.now, query)
    var known: [Int64: WindowBucket] = [:]
    for bucket in before { known[bucket.fromUs] = bucket }
    var trimmed = 0
    for bucket in now {
      let old = known.removeValue(forKey: bucket.fromUs)
      if bucket.tally.isTrimmed {
        trimmed += 1
        #expect(bucket.basis == .rollup, "\(note)")
      }
      if !bucket.tally.isApproximate {
        let isEqual = old.map { isSame(bucket.tally, $0.tally, query.functions) } ?? false
        #expect(isEqual, "\(note): at \(bucket.fromUs) \(bucket.tally), was \(String(describing: old?.tally)): \(query)")
        if !isEqual { return -1 }
        continue
      }
      // What a filter cuts has more borders than these two.
      guard query.filter == nil, worlds.roomUs < .max else { continue }
      let off = abs(bucket.tally.count - (old?.tally.count ?? 0))
      let near = try nearBorders(bucket, query, worlds)
      #expect(off <= near, "\(note): \(off) off, \(near) near: \(query)")
      if off > near { return -1 }
    }
    for bucket in known.values where bucket.tally.count > 0 {
      // All of its readings are counted beside it.
      guard query.filter == nil, worlds.roomUs < .max else { continue }
      let near = try nearBorders(bucket, query, worlds)
      #expect(bucket.tally.count <= near, "\(note): \(bucket.fromUs) is left out: \(query)")
      if bucket.tally.count > near { return -1 }
    }
    return trimmed
  }

  @Test(
    "windows say what they said, or that they are off by less than a minute or a quarter",
    arguments: 0..<(WindowDifferentialTests.isSoak ? 200 : 8) as Range<UInt64>)
  func windows(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let world = try QueryWorld(path, seed: seed)
    var prng = Prng(seed: seed ^ 0x7E7A)
    for _ in 0..<6 {
      if prng.chance(40) { try world.boot() }
      for _ in 0..<(5 + prng.below(25)) { try world.commit() }
      try world.compact()
      if prng.chance(60) { try world.date() }
      if prng.chance(50) { try world.correct() }
    }
    try world.date()
    world.close()
    let copy = folder.path + "/before.db"
    try Database.open(.init(path: path)).execute("VACUUM INTO '\(copy)'")
    let before = try HistoryCore(path: copy, vfs: nil)
    var trimmed = 0
    for round in 0..<3 {
      var query = ReadingQuery()
      query.limit = 50_000
      let kept = try RangePageTests.all(before, query)
      let used = try Database.open(.init(path: path)).number("PRAGMA page_count") ?? 0
      let order = TrimOrder.any(
        &prng, nowUs: (kept.map(\.date.utc.utcUs).max() ?? 0), usedBytes: used * 4_096)
      let options = Fixture.options(path, run: 90 + UInt64(round), boot: 90)
      let store = try StoreCore(options)
      _ = try store.open()
      let report = try store.trim(
        options, order, packsMax: prng.chance(70) ? .max : 1 + prng.below(9))
      #expect(report.damages.isEmpty, "seed \(seed)")
      if report.isComplete { #expect(try store.trim(options, order).packs == 0, "seed \(seed)") }
      #expect(try Directory.damages(path).isEmpty, "seed \(seed)")
      let rows = try Directory.rows(path)
      let now = try HistoryCore(path: path, vfs: nil)
      let least = rows.map(\.level).max() ?? .raw
      // Where only commits dated readings, nobody can say how far off they are.
      let isRough = rows.contains { $0.level != .raw } && Self.hasUndated(rows, now)
      let worlds = Worlds(
        before: before, now: now, roomUs: isRough ? .max : Self.roomUs[least] ?? 0)
      for number in 0..<40 {
        let note = "seed \(seed), round \(round), query \(number)"
        let found = try check(WindowDifferentialTests.query(&prng), worlds, note)
        guard found >= 0 else { return }
        trimmed += found
      }
      try pages(kept, rows, now, "seed \(seed), round \(round)")
    }
    #expect(trimmed > 0, "seed \(seed): nothing was trimmed")
  }

  private static func hasUndated(_ rows: [BlockRow], _ history: HistoryCore) -> Bool {
    rows.contains { row in
      guard row.level != .raw, let name = try? history.blocks.series(row.series),
        let epoch = try? history.clockEpoch(of: row.commits)
      else { return false }
      let pieces = history.dates.pieces(name.device, epoch: row.epoch, in: epoch)
      return BlockDates.span(row.start...max(row.start, row.end), pieces) == nil
    }
  }

  /// What pages have and what they say to be gone is everything there was.
  private func pages(
    _ before: [StoredReading], _ rows: [BlockRow], _ history: HistoryCore, _ note: String
  ) throws {
    for order in [ReadingQuery.Order.oldestFirst, .newestFirst] {
      var query = ReadingQuery()
      query.order = order
      query.limit = 77
      var found = 0
      var gone: [String: Int64] = [:]
      while true {
        let page = try history.page(query)
        found += page.readings.count
        for span in page.trimmed {
          #expect(span.level != .raw, "\(note)")
          gone["\(span.device) \(span.channel)", default: 0] += span.count
        }
        guard let next = page.next else { break }
        query.cursor = next
      }
      let trimmed = rows.filter { $0.level != .raw }.reduce(0) { $0 + $1.count }
      #expect(gone.values.reduce(0, +) == trimmed, "\(note), \(order)")
      #expect(found + Int(trimmed) == before.count, "\(note), \(order)")
    }
  }
}
