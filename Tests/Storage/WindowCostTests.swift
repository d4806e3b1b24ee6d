import Model
import Sync
import Testing

@testable import Storage

@Suite("What windows read") struct WindowCostTests {
  static let firstUs: Int64 = 1_700_000_000_000_000
  static let commits = 600
  private static let other = Channel(key: "other", exponent: -2)

  /// Two channels of a board, a commit every ten minutes, with an anchor; 60 ranges and 20 rows.
  static func fill(_ path: String) throws -> StoreCore {
    let options = Fixture.options(path)
    let core = try StoreCore(options)
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for commit in 0..<Int64(Self.commits + 20) {
      let bootUs = (commit + 1) * 600_000_000
      for second in 0..<10 as Range<Int64> {
        let time = bootUs - second * 60_000_000
        for channel in [Fixture.temperature, Self.other] {
          _ = batch.append(
            device: Fixture.board, bootUs: time, channel: channel,
            value: .decimal(commit, exponent: channel.exponent))
        }
      }
      let anchor = Anchor(bootUs: 0, utcUs: Self.firstUs, errorUs: 1, origin: .kernel)
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: bootUs), clock: Fixture.clock(bootUs),
          journal: commit == 0
            ? [JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor))] : []))
      if commit == Int64(Self.commits) - 1 {
        try core.checkpoint()
        _ = try core.compact(options, RangeBounds(commits: 10))
      }
    }
    return core
  }

  private static let years = BucketLength(100, .years).flatMap { BucketGrid($0) }

  private func query(
    _ from: Int64, _ length: Int64, channel: String = "temp"
  ) throws -> WindowQuery {
    WindowQuery(
      devices: [Fixture.board], channel: channel,
      span: (Self.firstUs + from)..<(Self.firstUs + from + length),
      grid: try #require(Self.years))
  }

  @Test("a narrow window reads the blocks that it touches, and the rows not yet in one")
  func narrow() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.fill(path)
    let history = try HistoryCore(path: path, vfs: nil)
    let narrow = try query(180_000_000_000, 1_800_000_000)
    let undated = try history.windows(narrow)
    #expect(undated.cost.blocksSeen == 60, "without the table the directory is gone through")
    while try core.dateBlocks() {}
    let page = try history.windows(narrow)
    #expect(page.cost.blocksSeen <= 3)
    #expect(page.cost.blocksDecoded <= 2)
    #expect(page.cost.commitsRead == 20)
    #expect(page.buckets.map(\.tally) == undated.buckets.map(\.tally))
    #expect(page.buckets.first?.tally.count == 30)
    let all = try history.windows(try query(0, 86_400_000_000 * 30))
    #expect(all.buckets.first?.tally.count == Int64((Self.commits + 20) * 10))
    #expect(all.cost.blocksDecoded == 0, "summaries are enough for what lies in one bucket")
    #expect(all.unit == "Cel" && all.kind == .measurement)
  }

  @Test("the list of series comes from the table when that is up to date, and is what windows say")
  func extents() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.fill(path)
    let history = try HistoryCore(path: path, vfs: nil)
    func extents() throws -> SeriesExtents {
      try history.reading { () throws(DatabaseError) in try history.extents() }
    }
    #expect(try extents().known.isEmpty)
    #expect(Set(try extents().unknown.map(\.channel)) == ["temp", "other"])
    while try core.dateBlocks() {}
    let found = try extents()
    #expect(found.unknown.isEmpty && found.known.count == 2)
    for extent in found.known {
      let page = try history.windows(
        try query(-1, 86_400_000_000 * 30, channel: extent.name.channel))
      let tally = try #require(page.buckets.first?.tally)
      #expect(extent.count == tally.count)
      #expect((extent.fromUs, extent.toUs) == (tally.fromUs, tally.toUs))
      #expect(extent.unit == page.unit && extent.kind == page.kind)
    }
    let deletion = Deletion(
      id: try #require(FactId([UInt8](repeating: 5, count: 16))),
      scope: SeriesScope(Fixture.board, "temp"), utc: 0..<5, reason: "")
    _ = try core.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(),
        journal: [JournalEntry(stamp: Fixture.stamp(), content: .deletion(deletion))]))
    #expect(try extents().unknown.map(\.channel) == ["temp"])
    #expect(try extents().known.map(\.name.channel) == ["other"])
  }

  @Test("a new anchor moves what is stored, at once and after the upkeep") func moved() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.fill(path)
    while try core.dateBlocks() {}
    let history = try HistoryCore(path: path, vfs: nil)
    let before = try history.windows(try query(0, 86_400_000_000 * 30)).buckets.first?.tally
    let blocks = try Database.open(.init(path: path)).text("SELECT group_concat(crc) FROM block")
    let day: Int64 = 86_400_000_000
    let anchor = Anchor(bootUs: 1, utcUs: Self.firstUs + day, errorUs: 1, origin: .kernel)
    _ = try core.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(),
        journal: [JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor))]))
    for _ in 0..<2 {
      let page = try history.windows(try query(0, day * 30))
      #expect(page.buckets.first?.tally.fromUs == before.map { $0.fromUs + day - 1 })
      #expect(page.buckets.first?.tally.count == before?.count)
      while try core.dateBlocks() {}
    }
    #expect(
      try Database.open(.init(path: path)).text("SELECT group_concat(crc) FROM block") == blocks)
  }

  @Test("an override moves its boot, taken back moves it again, and rewrites nothing")
  func overridden() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.fill(path)
    while try core.dateBlocks() {}
    let history = try HistoryCore(path: path, vfs: nil)
    let day: Int64 = 86_400_000_000
    let rows =
      "SELECT group_concat(hex(crc)) FROM (SELECT crc FROM block UNION ALL "
      + "SELECT crc FROM hot UNION ALL "
      + "SELECT crc FROM journal WHERE id <= (1 << 40) + (1 << 36) + 2)"
    let stored = try Database.open(.init(path: path)).text(rows)
    let before = try history.windows(try query(-day, day * 99)).buckets.first?.tally
    let said = ClockOverride(
      bootUs: 0, utcUs: Self.firstUs + 40 * day, boundUs: 1, note: "lamp")
    var replaces: [RecordId] = []
    for (value, movedUs) in [(said.encoded(), 40 * day), (nil, 0)] {
      let write = RegisterWrite(
        key: ClockOverride.key(Fixture.clockEpoch()), value: value, replaces: replaces)
      replaces = try core.commit(
        PendingCommit(
          content: nil, clock: Fixture.clock(),
          journal: [JournalEntry(stamp: Fixture.stamp(), content: .registerWrite(write))])
      ).journal
      for isDated in [false, true] {
        let tally = try history.windows(try query(-day, day * 99)).buckets.first?.tally
        #expect(tally?.fromUs == before.map { $0.fromUs + movedUs })
        #expect(tally?.count == before?.count)
        let narrow = try history.windows(try query(movedUs, 1_800_000_000))
        #expect(narrow.buckets.first?.tally.count == 29)
        #expect((narrow.cost.blocksSeen < 10) == isDated, "\(narrow.cost)")
        while try core.dateBlocks() {}
      }
    }
    #expect(try Database.open(.init(path: path)).text(rows) == stored)
  }

  @Test(
    "a damaged block is named, and other series are served",
    arguments: [
      "UPDATE block SET summary = x'0100' WHERE series = 1 AND commits = (1 << 40) + 21",
      "UPDATE block SET pack = 9999 WHERE series = 1 AND commits = (1 << 40) + 21",
      "DELETE FROM block WHERE series = 1 AND commits = (1 << 40) + 21",
    ])
  func damaged(sql: String) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try Self.fill(path)
    while try core.dateBlocks() {}
    let name = try Database.open(.init(path: path)).text("SELECT channel FROM series WHERE id = 1")
    let whole = name == "temp" ? "other" : "temp"
    // A trigger would leave out what retention takes away: this is the disk's doing.
    try Database.open(.init(path: path)).execute("DROP TRIGGER dated_gone; \(sql)")
    let history = try HistoryCore(path: path, vfs: nil)
    let span: Int64 = 86_400_000_000 * 30
    let error = #expect(throws: DatabaseError.self) {
      try history.windows(try query(0, span, channel: name ?? ""))
    }
    #expect(error?.kind == .damaged && error?.message.contains("block") == true, "\(error as Any)")
    let page = try history.windows(try query(0, span, channel: whole))
    #expect(page.buckets.first?.tally.count == Int64((Self.commits + 20) * 10))
    var readings = ReadingQuery()
    readings.device = Fixture.board
    readings.channel = whole
    #expect(try history.page(readings).readings.count == 1_000)
    readings.channel = name
    readings.limit = 50_000
    #expect(throws: DatabaseError.self) { try history.page(readings) }
  }
}
