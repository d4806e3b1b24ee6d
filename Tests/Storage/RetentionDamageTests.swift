import Model
import Reactor
import Sync
import Testing

@testable import Storage

/// Damage in and around what retention has left.
@Suite("Damage and retention") struct RetentionDamageTests {
  /// Two boards: the blocks of the first are minutes, those of the second readings.
  private struct World: ~Copyable {
    let folder = TemporaryFolder()
    let path: String
    let options: StoreOptions

    init() throws {
      path = folder.path + "/bivouac.db"
      options = Fixture.options(path)
      let core = try Self.fill(options, boards: 1...2)
      _ = try core.trim(options, Self.order(of: 1))
      try core.finish()
    }

    /// Readings of boards in blocks of five commits, each board's in packs of its own.
    static func fill(_ options: StoreOptions, boards: ClosedRange<UInt8>) throws -> StoreCore {
      let core = try StoreCore(options)
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for commit in 0..<20 as Range<Int64> {
        for number in boards {
          Fixture.fill(
            &batch, device: Fixture.companion(number), first: UInt32(commit) * 120, count: 120)
        }
        let arrivalUs = 120_000_000 * (commit + 1)
        _ = try core.commit(
          PendingCommit(
            content: batch.take(arrivalUs: arrivalUs), clock: Fixture.clock(arrivalUs),
            journal: commit == 0 ? RetentionSite.dates(rate: 0) : []))
      }
      try core.checkpoint()
      let ranges = try core.compact(options, RangeBounds(readings: 600, packBytes: 10))
      #expect(ranges.count == 4)
      return core
    }

    /// Readings of one board to minutes.
    static func order(of number: UInt8) -> TrimOrder {
      var order = TrimOrder()
      order.nowUs = RetentionSite.nowUs
      order.rules[SeriesName(device: Fixture.companion(number), channel: "temp")] =
        RetentionRule(rawUs: 1)
      return order
    }

    func execute(_ sql: String) throws { try Database.open(.init(path: path)).execute(sql) }

    func windows(_ number: UInt8, _ bucket: String = "7m") throws -> [WindowBucket] {
      guard let length = BucketLength(text: bucket), let grid = BucketGrid(length) else {
        return []
      }
      let query = WindowQuery(
        devices: [Fixture.companion(number)], channel: "temp",
        span: 1_700_000_000_000_000..<1_700_003_000_000_000, grid: grid)
      return try WindowDifferentialTests.all(HistoryCore(path: path, vfs: nil), query)
    }

    func readings(_ number: UInt8) throws -> Int {
      var query = ReadingQuery()
      query.device = Fixture.companion(number)
      return try RangePageTests.all(HistoryCore(path: path, vfs: nil), query).count
    }
  }

  /// A byte of a blob turned over.
  private static func flipped(_ column: String, at place: Int) -> String {
    "CAST(substr(\(column), 1, \(place)) || x'5a' || substr(\(column), \(place + 2)) AS BLOB)"
  }

  /// The third block of a board.
  private static func block(_ number: Int) -> String {
    "WHERE series = \(number) AND commits = (SELECT commits FROM block WHERE series = \(number) "
      + "ORDER BY commits, part LIMIT 1 OFFSET 2)"
  }

  @Test("minutes that the disk has altered are named, and all else is served")
  func minutes() throws {
    let world = try World()
    #expect(try world.windows(1).contains { $0.basis == .rollup })
    #expect(try Directory.damages(world.path).isEmpty)
    try world.execute(
      "UPDATE pack SET body = \(Self.flipped("body", at: 9)) WHERE id = "
        + "(SELECT pack FROM block \(Self.block(1)))")
    let named = try Directory.damages(world.path).map { "\($0)" }
    #expect(named.count == 1 && named[0].contains("series 1, part 0: content"), "\(named)")
    // Quarters are enough for days, and the other board has all.
    #expect(try world.windows(1, "1d").reduce(0) { $0 + $1.tally.count } == 2_400)
    let error = #expect(throws: DatabaseError.self) { try world.windows(1, "1m") }
    #expect(error?.kind == .damaged)
    #expect(try world.windows(2, "1m").reduce(0) { $0 + $1.tally.count } == 2_400)
    #expect(try world.readings(2) == 2_400)
    #expect(try world.readings(1) == 0)
  }

  @Test("minutes of other readings are named even where every check fits")
  func otherMinutes() throws {
    let world = try World()
    // The same minutes in the place of another block, sealed anew.
    let rows = try Directory.rows(world.path).filter { $0.series == 1 }
    var row = rows[1]
    (row.pack, row.place, row.bytes, row.bodyCheck) =
      (rows[2].pack, rows[2].place, rows[2].bytes, rows[2].bodyCheck)
    try world.execute(
      "UPDATE block SET pack = \(row.pack), place = \(row.place), bytes = \(row.bytes), "
        + "body_crc = \(row.bodyCheck), crc = \(row.seal) WHERE series = 1 "
        + "AND commits = \(row.commits) AND part = \(row.part)")
    let named = try Directory.damages(world.path).map { "\($0)" }
    #expect(named.contains { $0.contains("minutes of other readings") }, "\(named)")
  }

  @Test("a level that the disk has altered is no level")
  func level() throws {
    for level in [0, 1, 2, 3, 255] {
      let world = try World()
      try world.execute("UPDATE block SET level = \(level) \(Self.block(2))")
      let named = try Directory.damages(world.path)
      #expect(named.isEmpty == (level == 0), "level \(level): \(named)")
      guard level != 0 else { continue }
      #expect(throws: DatabaseError.self) { try world.windows(2) }
      #expect(throws: DatabaseError.self) { try world.readings(2) }
      #expect(try world.windows(1).reduce(0) { $0 + $1.tally.count } == 2_400)
    }
  }

  /// What is done to the third block of board 2 before it is to become minutes.
  private static let wounds = [
    "UPDATE pack SET body = \(flipped("body", at: 30)) WHERE id = (SELECT pack FROM block "
      + "\(block(2)))",
    "UPDATE pack SET body = substr(body, 2) WHERE id = (SELECT pack FROM block \(block(2)))",
    "DELETE FROM pack WHERE id = (SELECT pack FROM block \(block(2)))",
    "UPDATE block SET place = place + 1 \(block(2))",
    "UPDATE block SET summary = x'00' \(block(2))",
    "UPDATE block SET pack = 1 \(block(2))",
  ]

  @Test("what is damaged does not go, is named, and keeps nothing else", arguments: wounds)
  func wounded(_ wound: String) throws {
    let world = try World()
    try world.execute(wound)
    let before = try Directory.damages(world.path).count
    #expect(before > 0)
    let core = try StoreCore(world.options)
    let report = try core.trim(world.options, World.order(of: 2))
    #expect(report.damageCount > 0, "\(report.damages)")
    #expect(report.packs >= 2 && report.isComplete)
    var room = TrimOrder()
    room.databaseBytesMax = 1
    _ = try core.trim(world.options, room)
    // What the disk has altered is not made to look whole.
    #expect(try Directory.damages(world.path).count > 0)
    let counted = try world.windows(1, "1d").reduce(0) { $0 + $1.tally.count }
    #expect(counted == 2_400)
  }

  @Test("a range whose row the disk has altered keeps its undated blocks, and nothing else")
  func header() throws {
    let folder = TemporaryFolder()
    let options = Fixture.options(folder.path + "/bivouac.db")
    // Nothing dates the third board but the arrival of its commits.
    let core = try World.fill(options, boards: 2...3)
    try core.database.execute(
      "UPDATE commit_range SET header = \(Self.flipped("header", at: 9)) "
        + "WHERE id = (SELECT min(id) FROM commit_range)")
    var order = TrimOrder()
    order.nowUs = RetentionSite.nowUs
    order.rule.rawUs = 1
    let report = try core.trim(options, order)
    #expect(report.isComplete && report.damages.contains { $0.table == "commit_range" })
    let levels = try Directory.rows(options.path).map { [$0.series, Int64($0.level.rawValue)] }
    #expect(levels.filter { $0[1] == 0 }.count == 1, "\(levels)")
    #expect(levels.count == 8)
  }

  @Test("bytes of a pack that no block tells of stay, and are named")
  func foreign() throws {
    let world = try World()
    let packs = "WHERE id IN (SELECT pack FROM block WHERE series = 2)"
    try world.execute("UPDATE pack SET body = body || x'00' \(packs)")
    let core = try StoreCore(world.options)
    let report = try core.trim(world.options, World.order(of: 2))
    #expect(report.packs == 0 && report.damageCount == 4)
    #expect(report.damages.allSatisfy { "\($0)".contains("neighbour") }, "\(report.damages)")
    #expect(try world.readings(2) == 2_400)
  }

  @Test("readings that take less than their minutes stay, and are not unpacked at every run")
  func fruitless() throws {
    let folder = TemporaryFolder()
    let options = Fixture.options(folder.path + "/bivouac.db")
    let core = try StoreCore(options)
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for commit in 0..<20 as Range<Int64> {
      // One reading a minute.
      _ = batch.append(
        device: Fixture.board, bootUs: commit * 60_000_000, channel: Fixture.temperature,
        value: .decimal(Int64(200 + commit % 7 * commit), exponent: -1))
      let arrivalUs = 60_000_000 * (commit + 1)
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: arrivalUs), clock: Fixture.clock(arrivalUs),
          journal: commit == 0 ? RetentionSite.dates(rate: 0) : []))
    }
    try core.checkpoint()
    #expect(try core.compact(options, RangeBounds(commits: 10)).count == 2)
    var order = TrimOrder()
    order.nowUs = RetentionSite.nowUs
    order.rule.rawUs = 1
    func run(_ fruitless: [Int64: Int]) throws -> RetainerCore {
      let run = try RetainerCore(path: options.path, vfs: nil, order: order, fruitless: fruitless)
      while let trim = try run.next() {
        try core.trim(trim)
        run.wrote(trim)
      }
      return run
    }
    let first = try run([:])
    #expect(first.report.packs == 0 && first.packsRead == 2)
    #expect(try run(first.fruitless).packsRead == 0)
    // They go with the minutes.
    order.rule.minutesUs = 2
    let last = try run(first.fruitless)
    #expect(last.report.packs == 2 && last.fruitless.isEmpty)
    #expect(Set(try Directory.rows(options.path).map(\.level)) == [.gone])
  }

  @Test("the actor does what its core does, tells of each pack and can be stopped")
  func actor() async throws {
    let world = try World()
    let (store, _) = try await Store.open(Fixture.options(world.path, run: 2))
    defer { store.endThread() }
    let retainer = Retainer(store: store, path: world.path)
    defer { retainer.endThread() }
    let stopped = try await retainer.run(World.order(of: 2)) { report in report.packs < 2 }
    #expect(stopped.packs == 2 && !stopped.isComplete)
    let rest = try await retainer.run(World.order(of: 2))
    #expect(rest.isComplete && rest.packs == 2)
    #expect(rest.entries.map(\.device) == [Fixture.companion(2)])
    #expect(rest.entries.map(\.level) == [.minutes] && rest.entries.map(\.reason) == [.age])
    #expect(stopped.readings + rest.readings == 2_400)
    #expect(rest.entries.first?.toUtcUs.map { $0 < RetentionSite.nowUs } == true)
    let again = try await retainer.run(World.order(of: 2))
    #expect(again.packs == 0 && again.entries.isEmpty)
    try await store.close()
    #expect(try Directory.damages(world.path).isEmpty)
  }
}
