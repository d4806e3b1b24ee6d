import Codec
import Sync
import TestSupport
import Testing

@testable import Model
@testable import Storage

/// The same questions before and after readings went.
@Suite("Answers after retention") struct RetentionDifferentialTests {
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
    // NaN is not equal to itself.
    func text(_ point: WindowPoint?) -> String { point.map { "\($0.utcUs) \($0.value)" } ?? "" }
    if functions.contains(.ends) {
      guard text(now.first) == text(before.first), text(now.last) == text(before.last) else {
        return false
      }
    }
    if functions.contains(.held), !now.isHeldLost {
      return isSame(now.heldAverage, before.heldAverage)
    }
    return true
  }

  private struct Worlds {
    let before: HistoryCore
    let now: HistoryCore
    /// How far off a reading may be counted: the longest minute of those that are left in UTC, or
    /// the longest quarter where minutes are gone.
    var roomUs: Int64 = 0
    /// Those of whose readings some are dated only by their commits: nobody can say how far off
    /// they are, and the last sample of a commit, which dates the others, may be gone.
    var rough: Set<DeviceIdentity> = []

    init(_ before: HistoryCore, _ now: HistoryCore, _ rows: [BlockRow]) throws {
      (self.before, self.now) = (before, now)
      for row in rows {
        guard let device = try now.blocks.series(row.series)?.device else { continue }
        let pieces = now.dates.pieces(
          device, epoch: row.epoch, in: try now.clockEpoch(of: row.commits))
        if BlockDates.span(row.start...max(row.start, row.end), pieces) == nil {
          rough.insert(device)
          continue
        }
        guard row.level != .raw, !row.summary.isEmpty else { continue }
        let grain: SummaryGrain = row.level == .minutes ? .minutes : .quarters
        let parts =
          try row.level == .minutes ? now.blocks.minutes(row) : now.blocks.summaries(row)
        for part in parts {
          let span = BlockDates.span(try now.times(of: part, grain, row), pieces)
          if let span { roomUs = max(roomUs, span.upperBound - span.lowerBound + 2) }
        }
      }
    }
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
    guard worlds.rough.isDisjoint(with: query.devices) else {
      var all = query
      (all.span, all.grid, all.filter, all.functions) = (.min..<(.max), .whole, nil, .sums)
      let counts = try [worlds.before, worlds.now].map {
        try WindowDifferentialTests.all($0, all).reduce(0) { $0 + $1.tally.count }
      }
      #expect(counts[0] == counts[1], "\(note): \(all)")
      return counts[0] == counts[1] ? 0 : -1
    }
    let before = try WindowDifferentialTests.all(worlds.before, query)
    let now = try WindowDifferentialTests.all(worlds.now, query)
    var known: [Int64: WindowBucket] = [:]
    for bucket in before { known[bucket.fromUs] = bucket }
    var trimmed = 0
    // The first ones: each takes two questions more.
    var bordersLeft = 6
    for bucket in now {
      let old = known.removeValue(forKey: bucket.fromUs)
      if bucket.tally.isTrimmed {
        trimmed += 1
        #expect(bucket.basis == .rollup, "\(note)")
      }
      if !bucket.tally.isApproximate {
        let isEqual = old.map { isSame(bucket.tally, $0.tally, query.functions) } ?? false
        let was = old.map { "\($0.tally)" } ?? "nothing"
        #expect(isEqual, "\(note): at \(bucket.fromUs) \(bucket.tally), was \(was): \(query)")
        if !isEqual { return -1 }
        continue
      }
      // What a filter cuts has more borders than these two.
      guard query.filter == nil, bordersLeft > 0 else { continue }
      bordersLeft -= 1
      let off = abs(bucket.tally.count - (old?.tally.count ?? 0))
      let near = try nearBorders(bucket, query, worlds)
      #expect(off <= near, "\(note): \(off) off, \(near) near: \(query)")
      if off > near { return -1 }
    }
    for bucket in known.values where bucket.tally.count > 0 {
      // All of its readings are counted beside it.
      guard query.filter == nil else { continue }
      let near = try nearBorders(bucket, query, worlds)
      #expect(bucket.tally.count <= near, "\(note): \(bucket.fromUs) is left out: \(query)")
      if bucket.tally.count > near { return -1 }
    }
    return trimmed
  }

  @Test(
    "windows say what they said, or that they are off by less than a minute or a quarter",
    arguments: 0..<(WindowDifferentialTests.isSoak ? 200 : 5) as Range<UInt64>)
  func windows(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let world = try QueryWorld(path, seed: seed, density: 8, isDated: seed % 3 > 0)
    var prng = Prng(seed: seed ^ 0x7E7A)
    for _ in 0..<6 {
      if prng.chance(40) { try world.boot() }
      for _ in 0..<(5 + prng.below(25)) { try world.commit() }
      try world.compact()
      if prng.chance(60) { try world.date() }
      for _ in 0..<prng.below(20) { try world.correct() }
    }
    try world.date()
    world.close()
    let copy = folder.path + "/before.db"
    try Database.open(.init(path: path)).execute("VACUUM INTO '\(copy)'")
    let before = try HistoryCore(path: copy, vfs: nil)
    var trimmed = 0
    var levels: Set<BlockLevel> = []
    for round in 0..<3 {
      var query = ReadingQuery()
      query.limit = 50_000
      let kept = try RangePageTests.all(before, query)
      let used = try Database.open(.init(path: path)).number("PRAGMA page_count") ?? 0
      var order = TrimOrder.any(
        &prng, nowUs: (kept.map(\.date.utc.utcUs).max() ?? 0), usedBytes: used * 4_096)
      if round == 0 {
        // First everything that can be minutes becomes minutes.
        order = TrimOrder()
        order.rule.rawUs = 1_000_000_000
        order.nowUs = kept.map(\.date.utc.utcUs).max()
      }
      var options = Fixture.options(path, run: 90 + UInt64(round), boot: 90)
      options.synchronous = "OFF"
      let store = try StoreCore(options)
      _ = try store.open()
      let report = try store.trim(
        options, order, packsMax: prng.chance(70) ? .max : 1 + prng.below(9))
      #expect(report.damages.isEmpty, "seed \(seed)")
      if report.isComplete { #expect(try store.trim(options, order).packs == 0, "seed \(seed)") }
      #expect(try Directory.damages(path).isEmpty, "seed \(seed)")
      let rows = try Directory.rows(path)
      levels.formUnion(rows.map(\.level))
      let now = try HistoryCore(path: path, vfs: nil)
      _ = try now.windows(Self.nothing)
      let worlds = try Worlds(before, now, rows)
      for number in 0..<20 {
        let note = "seed \(seed), round \(round), query \(number)"
        let found = try check(WindowDifferentialTests.query(&prng), worlds, note)
        guard found >= 0 else { return }
        trimmed += found
      }
      try pages(kept, rows, now, "seed \(seed), round \(round)")
    }
    #expect(levels.contains(.minutes), "seed \(seed): nothing was trimmed")
    // Of other seeds it is not known that every world has dates enough.
    if seed % 3 > 0, seed < 5 { #expect(trimmed > 0, "seed \(seed): it was not asked for") }
  }

  /// A question that has the timeline read.
  private static let nothing = WindowQuery(
    devices: [Fixture.board], channel: "", span: 0..<1, grid: .whole)

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
