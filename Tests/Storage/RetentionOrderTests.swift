import Codec
import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// What goes first, and that no more goes than must.
@Suite("The order of sacrifice") struct RetentionOrderTests {
  /// Where a block is, whatever becomes of it.
  private struct Name: Hashable {
    let series: Int64
    let commits: Int64
    let part: Int64

    init(_ row: BlockRow) { (series, commits, part) = (row.series, row.commits, row.part) }
  }

  /// The database between two runs.
  private struct Look {
    var rows: [Name: BlockRow] = [:]
    /// Blocks whose minutes would take less than their readings.
    var shrinking: Set<Name> = []

    init(_ path: String) throws {
      let history = try HistoryCore(path: path, vfs: nil)
      for row in try Directory.rows(path) {
        rows[Name(row)] = row
        guard row.level == .raw, row.hasRollup else { continue }
        let content = try history.blocks.content(row)
        let minutes = SummaryCodec.summaries(of: content, by: .minutes)
        let bytes = SummaryCodec.encode(minutes, form: content.description.form, by: .minutes)
        if minutes != nil, StoredContent.pack(bytes).count < row.bytes {
          shrinking.insert(Name(row))
        }
      }
    }
  }

  private static func order(_ row: BlockRow) -> (Int64, Int64) { (row.commits, row.pack) }

  /// What a run for room may have done, by what went and what stayed.
  private func check(
    _ before: Look, _ after: Look, in chosen: (BlockRow) -> Bool, _ note: String
  ) {
    var lastMinutes: (Int64, Int64) = (0, 0)
    var lastGone: (Int64, Int64) = (0, 0)
    var hasGone = false
    for (name, old) in before.rows {
      guard let new = after.rows[name] else {
        Issue.record("\(note): \(old.name) has left the directory")
        continue
      }
      #expect(new.level >= old.level, "\(note)")
      guard new.level != old.level else { continue }
      #expect(chosen(old), "\(note): \(old.name) was not asked for")
      #expect(old.hasRollup, "\(note): \(old.name) has no rollup")
      if new.level == .minutes {
        if lastMinutes < Self.order(old) { lastMinutes = Self.order(old) }
      } else {
        hasGone = true
        if lastGone < Self.order(old) { lastGone = Self.order(old) }
      }
    }
    for (name, old) in before.rows where chosen(old) && old.hasRollup {
      guard let new = after.rows[name], new.level != .gone else { continue }
      if new.level == .raw, before.shrinking.contains(name) {
        #expect(!hasGone, "\(note): minutes went before \(old.name)")
        #expect(Self.order(old) > lastMinutes, "\(note): newer readings went before \(old.name)")
      }
      if new.level == old.level, new.level == .minutes || !before.shrinking.contains(name) {
        #expect(Self.order(old) > lastGone, "\(note): newer ones went before \(old.name)")
      }
    }
  }

  private static func world(_ path: String, seed: UInt64) throws -> StoreCore {
    let world = try QueryWorld(path, seed: seed, density: 8, isDated: seed % 2 == 0)
    var prng = Prng(seed: seed)
    for _ in 0..<4 {
      if prng.chance(30) { try world.boot() }
      for _ in 0..<(10 + prng.below(20)) { try world.commit() }
      try world.compact()
    }
    world.close()
    var options = Fixture.options(path, run: 50, boot: 50)
    options.synchronous = "OFF"
    let core = try StoreCore(options)
    _ = try core.open()
    return core
  }

  private static func used(_ path: String) throws -> Int64 {
    let database = try Database.open(.init(path: path))
    let pages = try database.number("PRAGMA page_count") ?? 0
    return (pages - (try database.number("PRAGMA freelist_count") ?? 0)) * 4_096
  }

  @Test(
    "for want of room the oldest readings go, then the oldest minutes, and never words",
    arguments: 0..<(WindowDifferentialTests.isSoak ? 100 : 4) as Range<UInt64>)
  func room(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.world(path, seed: seed)
    let options = Fixture.options(path)
    var prng = Prng(seed: seed ^ 0x5AC)
    var before = try Look(path)
    for round in 0..<6 {
      let note = "seed \(seed), round \(round)"
      var order = TrimOrder()
      let used = try Self.used(path)
      if prng.chance(60) {
        order.databaseBytesMax = max(0, used - Int64(prng.below(60_000)))
      } else {
        order.freeBytesWanted = Int64(prng.below(120_000))
      }
      // Ages that are not to be gone by change nothing.
      order.rule.rawUs = 1
      let stop = prng.chance(30) ? 1 + prng.below(5) : Int.max
      let report = try core.trim(options, order, packsMax: stop)
      let after = try Look(path)
      check(before, after, in: { _ in true }, note)
      #expect(report.damages.isEmpty, "\(note)")
      #expect(report.entries.allSatisfy { $0.reason != .age }, "\(note)")
      if report.isComplete {
        let isEnough =
          try Self.used(path) <= order.databaseBytesMax ?? .max
          && report.freeBytes >= order.freeBytesWanted
        let canGo = after.rows.values.contains { $0.level != .gone && $0.hasRollup }
        #expect(isEnough || !canGo, "\(note)")
      }
      try adds(report, before, after, note)
      #expect(try Directory.damages(path).isEmpty, "\(note)")
      before = after
    }
    #expect(before.rows.values.contains { $0.level != .raw }, "seed \(seed)")
  }

  /// A report says what went, neither more nor less.
  private func adds(
    _ report: TrimReport, _ before: Look, _ after: Look, _ note: String
  ) throws {
    var (readings, bytes, blocks) = (Int64(0), Int64(0), 0)
    for (name, old) in before.rows {
      guard let new = after.rows[name], new.level != old.level else { continue }
      bytes += Int64(old.bytes - new.bytes)
      blocks += 1
      readings += old.count
    }
    #expect(report.freedBytes == bytes, "\(note)")
    // One that went down twice in a run is told of twice.
    #expect(report.entries.reduce(0) { $0 + $1.blocks } >= blocks, "\(note)")
    #expect(report.readings >= readings, "\(note)")
  }

  @Test("no pack goes when there is room enough already")
  func enough() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.world(path, seed: 2)
    var order = TrimOrder()
    order.databaseBytesMax = try Self.used(path)
    #expect(try core.trim(Fixture.options(path), order).packs == 0)
    order.databaseBytesMax = try Self.used(path) - 1
    let report = try core.trim(Fixture.options(path), order)
    // Each pack but the last has left too much.
    #expect(report.packs > 0 && report.usedBytes < (order.databaseBytesMax ?? 0) + 1)
  }

  @Test(
    "a channel's quota takes only that channel's, oldest first",
    arguments: 0..<(WindowDifferentialTests.isSoak ? 100 : 4) as Range<UInt64>)
  func quota(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.world(path, seed: seed)
    let options = Fixture.options(path)
    var prng = Prng(seed: seed ^ 0x4007)
    for round in 0..<4 {
      let note = "seed \(seed), round \(round)"
      let before = try Look(path)
      let device = Fixture.companion(UInt8(1 + prng.below(3)))
      let channel = QueryWorld.channels[prng.below(3)]
      let history = try HistoryCore(path: path, vfs: nil)
      guard let series = try history.blocks.seriesId(device, channel) else { continue }
      func stored(_ look: Look) -> Int64 {
        look.rows.values.reduce(0) { $0 + ($1.series == series ? Int64($1.bytes) : 0) }
      }
      let quota = Int64(prng.below(Int(stored(before)) + 50))
      var order = TrimOrder()
      order.rules[SeriesName(device: device, channel: channel)] = RetentionRule(quotaBytes: quota)
      let report = try core.trim(options, order)
      let after = try Look(path)
      check(before, after, in: { $0.series == series }, note)
      let canGo = after.rows.values.contains {
        $0.series == series && $0.level != .gone && $0.hasRollup
      }
      #expect(stored(after) <= quota || !canGo, "\(note)")
      if stored(before) <= quota { #expect(report.packs == 0, "\(note)") }
      #expect(report.entries.allSatisfy { $0.channel == channel && $0.reason == .quota })
      try adds(report, before, after, note)
      #expect(try Directory.damages(path).isEmpty, "\(note)")
    }
  }
}
