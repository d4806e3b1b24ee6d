import Glibc
import Model
import Sync
import Testing

@testable import Storage

/// A database of many series with one reading each: what a broken board makes that has another
/// identity at each boot, and the worst there is for whatever is done series by series.
private final class ManySeries {
  static let channels = 100
  static let boardsPerCommit = 5
  let path: String
  let core: StoreCore
  let options: StoreOptions
  let boards: Int
  private(set) var costs: [String: Double] = [:]

  static func board(_ number: Int) -> DeviceIdentity {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * (7 - $0))) }
    guard let identity = DeviceIdentity(kind: .companion, bytes: bytes) else {
      preconditionFailure("8 bytes")
    }
    return identity
  }

  private static let table = (0..<channels).map {
    Channel(key: "c\($0 + 100)", unit: "Cel", exponent: -1)
  }

  init(_ path: String, series: Int) throws {
    self.path = path
    // A run that has ended: all of it is due to be compacted.
    let first = try StoreCore(Fixture.options(path))
    options = Fixture.options(path, run: 2)
    boards = series / Self.channels
    var batch = ReadingBatch(cursors: try first.open().cursors)
    var commits: [PendingCommit] = []
    for begin in stride(from: 0, to: boards, by: Self.boardsPerCommit) {
      for number in begin..<min(boards, begin + Self.boardsPerCommit) {
        try Self.fill(&batch, number, from: 0)
      }
      let bootUs = Int64(begin + 1) * 1_000_000
      commits.append(
        PendingCommit(
          content: batch.take(arrivalUs: bootUs), clock: Fixture.clock(bootUs), journal: []))
    }
    let began = Self.threadUs
    for commit in commits { _ = try first.commit(commit) }
    costs["commits"] = (Self.threadUs - began) / Double(series)
    try first.finish()
    core = try StoreCore(options)
    _ = try core.open()
  }

  /// One reading of every channel.
  static func fill(_ batch: inout ReadingBatch, _ number: Int, from seq: Int) throws {
    var run = SampleRun()
    for channel in 0..<channels {
      run.append(
        seq: UInt32(seq + channel), ticksMs: UInt64(number) * 200 + UInt64(seq),
        channel: UInt8(channel), value: .decimal(Int64(number)))
    }
    _ = batch.open(Cursor(identity: board(number), epoch: 1, nonce: 1, ringCapacity: 4_096))
    let outcome = batch.append(device: board(number), epoch: 1, run: run, channels: table)
    try #require(outcome.taken == channels)
  }

  static func fit(_ number: Int) -> JournalContent {
    .clockFit(
      ClockFit(
        identity: board(number), epoch: 1, segmentStartMs: 0, referenceTicksMs: 0,
        referenceBootUs: 0, ratePpb: 0, boundUs: 1_000, isGood: true))
  }

  func write(_ contents: [JournalContent]) throws {
    _ = try core.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(),
        journal: contents.map { JournalEntry(stamp: Fixture.stamp(), content: $0) }))
  }

  static let anchor = JournalContent.anchor(
    Anchor(bootUs: 0, utcUs: 1_700_000_000_000_000, errorUs: 1, origin: .kernel))

  /// Time of this thread for each series, in µs.
  func cost(_ name: String, _ work: () throws -> Void) rethrows {
    let began = Self.threadUs
    try work()
    costs[name, default: 0] += (Self.threadUs - began) / Double(boards * Self.channels)
  }

  private static var threadUs: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }

  func rows(_ table: String) throws -> Int {
    Int(try core.database.number("SELECT count(*) FROM \(table)") ?? 0)
  }
}

@Suite("Many series", .serialized) struct ManySeriesTests {
  /// Everything that is done with a database, and what each part costs for each series.
  private func costs(series: Int) throws -> [String: Double] {
    let folder = TemporaryFolder()
    let many = try ManySeries(folder.path + "/bivouac.db", series: series)
    try many.write([ManySeries.anchor] + (0..<many.boards / 2).map { ManySeries.fit($0) })
    try many.cost("compaction") { _ = try many.core.compact(many.options) }
    #expect(try many.rows("block") == series)
    try many.cost("dating") { while try many.core.dateBlocks() {} }
    #expect(try many.rows("dated") == series)
    let history = try HistoryCore(path: many.path, vfs: nil)
    try many.cost("pages") {
      var query = ReadingQuery()
      query.limit = 10_000
      var count = 0
      repeat {
        let page = try history.page(query)
        count += page.readings.count
        query.cursor = page.next
      } while query.cursor != nil
      #expect(count == series)
    }
    try many.cost("list") {
      var query = SeriesQuery(limit: 1_000)
      var count = 0
      repeat {
        let page = try history.reading { () throws(DatabaseError) in try history.extents(query) }
        count += page.known.count + page.unknown.count
        query.after = page.last
      } while query.after != nil
      #expect(count == series)
    }
    try many.cost("start") {
      let again = try StoreCore(Fixture.options(many.path, run: 3))
      #expect(try again.open().commitCount > 0)
    }
    return many.costs
  }

  @Test("what is done with a series does not cost more where there are ten times as many")
  func growth() throws {
    var dearer: [String] = []
    // A machine that does much else meanwhile may spoil a round; what is quadratic spoils all.
    for _ in 0..<3 {
      let few = try costs(series: 1_000)
      let many = try costs(series: 10_000)
      dearer = []
      for (name, cost) in many.sorted(by: { $0.key < $1.key }) {
        let before = try #require(few[name])
        if cost >= 2 * before { dearer.append("\(name): \(before) µs for each, now \(cost)") }
      }
      if dearer.isEmpty { return }
    }
    #expect(dearer.isEmpty)
  }

  @Test("one transaction of a compaction writes, dates or clears a bounded number of blocks")
  func slices() throws {
    let folder = TemporaryFolder()
    let many = try ManySeries(folder.path + "/bivouac.db", series: 3_000)
    let core = try CompactionCore(path: many.path, vfs: nil)
    func compact(publishing: Bool) throws {
      #expect(try core.begin(try many.core.compactionBounds()))
      while let step = try core.next() {
        switch step {
        case .write(let slice):
          let before = try many.rows("block")
          try many.core.write(slice)
          #expect(try many.rows("block") - before <= Limits.packBlocksMax)
          #expect(slice.packs.allSatisfy { $0.blocks.count <= Limits.packBlocksMax })
        case .publish(let range):
          guard publishing else { return }
          try many.core.publish(range)
        }
      }
    }
    // As after a crash: nothing was published, and all of it goes again, some at a time.
    try compact(publishing: false)
    #expect(try many.rows("block") == 3_000)
    var before = try many.rows("block")
    while try many.core.clearLeftovers() {
      let after = try many.rows("block")
      #expect(before - after <= Limits.packBlocksMax)
      before = after
    }
    #expect(try many.rows("block") == 0 && many.rows("pack") == 0)
    try compact(publishing: true)
    while try many.core.clearLeftovers() {}
    var dated = 0
    var steps = 0
    while try many.core.dateBlocks() {
      let after = try many.rows("dated")
      #expect(after - dated <= Limits.datedRowsPerStep)
      (dated, steps) = (after, steps + 1)
    }
    #expect(try many.rows("dated") == 3_000)
    #expect(steps >= 3_000 / Limits.datedRowsPerStep)
  }

  @Test("a range that is dated in part is dated right after a crash, and after a new fit")
  func partial() throws {
    let folder = TemporaryFolder()
    let many = try ManySeries(folder.path + "/bivouac.db", series: 2_000)
    try many.write([ManySeries.anchor] + (0..<10).map { ManySeries.fit($0) })
    _ = try many.core.compact(many.options)
    for _ in 0..<3 { #expect(try many.core.dateBlocks()) }
    try many.write([ManySeries.fit(19)])
    for _ in 0..<2 { #expect(try many.core.dateBlocks()) }
    // Another keeper knows nothing of how far this one came.
    let again = try StoreCore(Fixture.options(many.path, run: 3))
    _ = try again.open()
    while try again.dateBlocks() {}
    let undated = "SELECT count(*) FROM dated WHERE from_utc = \(Int64.min)"
    #expect(try many.core.database.number(undated) == 900)
    #expect(try many.core.database.number("SELECT sum(readings) FROM extent") == 2_000)
    #expect(try many.core.database.number("SELECT undated FROM dated_range") == 1)
    try many.write((0..<20).map { ManySeries.fit($0) })
    while try again.dateBlocks() {}
    #expect(try many.core.database.number(undated) == 0)
    #expect(try many.core.database.number("SELECT sum(readings) FROM extent") == 2_000)
    #expect(
      try many.core.database.number("SELECT undated FROM dated_range") == 0)
    #expect(
      try many.core.database.number(
        "SELECT count(*) FROM dated_range WHERE latest = (SELECT max(to_utc) FROM dated)") == 1)
  }

  @Test("a fit of one board dates its ranges anew, and no earlier ones") func oneFit() throws {
    let folder = TemporaryFolder()
    let many = try ManySeries(folder.path + "/bivouac.db", series: 2_000)
    try many.write([ManySeries.anchor] + (0..<19).map { ManySeries.fit($0) })
    _ = try many.core.compact(many.options, RangeBounds(blocks: 500))
    while try many.core.dateBlocks() {}
    #expect(try many.rows("commit_range") == 4)
    try many.write([ManySeries.fit(19)])
    let changes = try many.core.database.number("SELECT total_changes()") ?? 0
    while try many.core.dateBlocks() {}
    let after = try many.core.database.number("SELECT total_changes()") ?? 0
    // Of each of the 500 blocks of its range a row of `dated` and one of `extent`.
    #expect(after - changes <= 500 * 2 + 20, "\(after - changes) rows were written")
    let undated = "SELECT count(*) FROM dated WHERE from_utc = \(Int64.min)"
    #expect(try many.core.database.number(undated) == 0)
  }

  @Test("the list of series, page by page, has each of them once, in blocks or not, by name")
  func pages() throws {
    let folder = TemporaryFolder()
    let many = try ManySeries(folder.path + "/bivouac.db", series: 1_000)
    try many.write([ManySeries.anchor] + (0..<10).map { ManySeries.fit($0) })
    _ = try many.core.compact(many.options, RangeBounds(blocks: 500))
    while try many.core.dateBlocks() {}
    // New readings of some boards that have blocks, and of others that have none.
    var batch = ReadingBatch(cursors: CursorFold())
    for number in [3, 20, 21] { try ManySeries.fill(&batch, number, from: 0) }
    _ = try many.core.commit(
      PendingCommit(
        content: batch.take(arrivalUs: 99_000_000), clock: Fixture.clock(99_000_000), journal: []))
    let history = try HistoryCore(path: many.path, vfs: nil)
    func all(_ query: SeriesQuery) throws -> [SeriesExtent] {
      var (query, found) = (query, [SeriesExtent]())
      repeat {
        let page = try history.reading { () throws(DatabaseError) in try history.extents(query) }
        #expect(page.unknown.isEmpty && page.known.count <= query.limit)
        found += page.known
        query.after = page.last
      } while query.after != nil
      return found
    }
    let whole = try all(SeriesQuery())
    #expect(whole.count == 1_200 && whole.map(\.name) == whole.map(\.name).sorted())
    #expect(Set(whole.map(\.name)).count == 1_200)
    #expect(whole.allSatisfy { $0.count == ($0.name.device == ManySeries.board(3) ? 2 : 1) })
    for limit in [97, 1_199, 1_200] {
      #expect(try all(SeriesQuery(limit: limit)) == whole, "pages of \(limit)")
    }
    let some = [ManySeries.board(21), ManySeries.board(3)]
    #expect(
      try all(SeriesQuery(devices: some, limit: 30))
        == whole.filter { some.contains($0.name.device) })
  }
}
