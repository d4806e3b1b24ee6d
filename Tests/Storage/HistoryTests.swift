import Model
import Sync
import Testing

@testable import Storage

@Suite("History") struct HistoryTests {
  /// Commits of ten samples a second, each of two boards and one thing on the node's clock.
  private static func fill(
    _ path: String, commits: Int, journal: [JournalEntry] = [], run: UInt64 = 1,
    firstUs: Int64 = 100_000_000
  ) throws {
    let core = try StoreCore(Fixture.options(path, run: run))
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for commit in 0..<commits {
      let arrivalUs = firstUs + Int64(commit) * 10_000_000
      for device in [Fixture.companion(1), Fixture.companion(2)] {
        let first = batch.cursor(of: device, epoch: 1)?.next ?? 0
        Fixture.fill(&batch, device: device, first: first, count: 10)
      }
      _ = batch.append(
        device: Fixture.companion(9), bootUs: arrivalUs - 5,
        channel: Channel(key: "note", kind: .text), value: .text("commit \(commit)"))
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: arrivalUs), clock: Fixture.clock(arrivalUs),
          journal: commit == 0 ? journal : []))
      try core.checkpointIfDue()
    }
  }

  private static func all(
    _ history: HistoryCore, _ query: ReadingQuery
  ) throws -> (readings: [StoredReading], pages: Int) {
    var query = query
    var found: [StoredReading] = []
    var pages = 0
    while true {
      let page = try history.page(query)
      found += page.readings
      pages += 1
      guard let next = page.next, pages < 10_000 else { return (found, pages) }
      query.cursor = QueryCursor(text: next.text)
    }
  }

  @Test("pages of any size give the same readings, and backwards the reverse")
  func paging() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.fill(path, commits: 20)
    let history = try HistoryCore(path: path, vfs: nil)
    let (whole, _) = try Self.all(history, ReadingQuery())
    #expect(whole.count == 20 * 21)
    for limit in [1, 7, 21, 100] {
      var query = ReadingQuery()
      query.limit = limit
      let (up, pages) = try Self.all(history, query)
      #expect(up == whole, "limit \(limit)")
      #expect(pages >= whole.count / limit)
      query.order = .newestFirst
      #expect(try Self.all(history, query).readings == whole.reversed(), "limit \(limit)")
    }
  }

  @Test("a device's readings carry its numbers, in order, and nobody else's")
  func oneDevice() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.fill(path, commits: 300)
    let history = try HistoryCore(path: path, vfs: nil)
    var query = ReadingQuery()
    query.device = Fixture.companion(2)
    query.channel = "temp"
    let (readings, _) = try Self.all(history, query)
    #expect(readings.map { $0.numbering?.seq } == (0..<3_000).map { UInt32($0) })
    #expect(Set(readings.map(\.device)) == [Fixture.companion(2)])
    #expect(readings[7].value == .decimal(207, exponent: -1))
    #expect(readings[7].unit == "Cel")
    query.order = .newestFirst
    query.limit = 3
    let last = try history.page(query)
    #expect(last.readings.map { $0.numbering?.seq } == [2_999, 2_998, 2_997])
    #expect(last.commitsRead <= 2, "the last readings are found without reading all the others")
  }

  @Test("one reading of every series is the present state") func present() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.fill(path, commits: 4)
    var query = ReadingQuery()
    query.order = .newestFirst
    query.perSeriesMax = 1
    let page = try HistoryCore(path: path, vfs: nil).page(query)
    #expect(page.readings.map(\.channel) == ["note", "temp", "temp"])
    #expect(page.readings.first?.value == .text("commit 3"))
  }

  @Test("a fit and an anchor date the samples of before and after them") func corrected() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let utcUs: Int64 = 1_800_000_000_000_000
    let anchor = Anchor(bootUs: 150_000_000, utcUs: utcUs, errorUs: 1_000, origin: .kernel)
    let fit = ClockFit(
      identity: Fixture.companion(1), epoch: 1, segmentStartMs: 0, referenceTicksMs: 50_000,
      referenceBootUs: 150_000_000, ratePpb: 0, boundUs: 2_000, isGood: true)
    let journal = [JournalContent.anchor(anchor), .clockFit(fit)].map {
      JournalEntry(stamp: Fixture.stamp(), content: $0)
    }
    try Self.fill(path, commits: 20, journal: journal)
    let history = try HistoryCore(path: path, vfs: nil)
    var query = ReadingQuery()
    query.span = .utc(utcUs..<(utcUs + 3_000_000))
    let (readings, _) = try Self.all(history, query)
    let fitted = readings.filter { $0.device == Fixture.companion(1) }
    #expect(fitted.map { $0.numbering?.ticksMs } == [50_000, 51_000, 52_000])
    #expect(fitted.map(\.date.utc.utcUs) == [0, 1_000_000, 2_000_000].map { utcUs + $0 })
    #expect(fitted.map(\.date.utc.quality) == [.good, .good, .good])
    #expect(fitted.first?.date.utc.boundUs == 3_000)
    #expect(fitted.first?.date.node.bootUs == 150_000_000)
    let unfitted = readings.filter { $0.device == Fixture.companion(2) }
    #expect(Set(unfitted.map(\.date.utc.quality)) == [.uncertain])

    query.span = .node(Fixture.clockEpoch(), 150_000_000..<151_000_000)
    query.device = Fixture.companion(1)
    #expect(try Self.all(history, query).readings.map { $0.numbering?.ticksMs } == [50_000])
  }

  @Test("an anchor written later re-dates what was stored before") func later() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.fill(path, commits: 1)
    let history = try HistoryCore(path: path, vfs: nil)
    var query = ReadingQuery()
    query.device = Fixture.companion(9)
    let before = try history.page(query).readings.first?.date.utc
    #expect(before?.quality == .uncertain)
    let wallUs: Int64 = 1_700_000_099_999_995
    #expect(before?.utcUs == wallUs)
    let anchor = Anchor(bootUs: 0, utcUs: 5_000_000, errorUs: 0, origin: .kernel)
    let core = try StoreCore(Fixture.options(path, run: 2))
    _ = try core.open()
    _ = try core.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(),
        journal: [JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor))]))
    let after = try history.page(query).readings.first?.date.utc
    #expect(after == Dating(utcUs: 104_999_995, boundUs: 5_000, quality: .good))
  }

  @Test("a range is found by bisection, not by reading everything before it")
  func bisection() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let anchor = Anchor(bootUs: 0, utcUs: 0, errorUs: 0, origin: .kernel)
    try Self.fill(
      path, commits: 400,
      journal: [JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor))])
    var query = ReadingQuery()
    query.device = Fixture.companion(9)
    query.span = .utc(4_089_000_000..<5_000_000_000)
    let page = try HistoryCore(path: path, vfs: nil).page(query)
    #expect(page.readings.map(\.value) == [.text("commit 399")])
    #expect(page.commitsRead < 70)
  }

  @Test(
    "a cursor from outside is read or refused", arguments: ["1.0", "0.0", "x", "1", "1.-2", ""])
  func cursors(_ text: String) {
    #expect((QueryCursor(text: text) != nil) == ["1.0", "0.0"].contains(text))
  }

  @Test("a cursor that points nowhere gives an end, not a fault") func nowhere() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.fill(path, commits: 2)
    let history = try HistoryCore(path: path, vfs: nil)
    for text in ["\(Int64.max).\(Int.max)", "0.\(Int.max)", "\(1 << 40 | 1).\(Int.max)"] {
      for order in [ReadingQuery.Order.oldestFirst, .newestFirst] {
        var query = ReadingQuery()
        query.order = order
        query.cursor = QueryCursor(text: text)
        #expect(query.cursor != nil)
        #expect(throws: Never.self) { try history.page(query) }
      }
    }
  }

  @Test("a query runs while the writer commits") func beside() async throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let (store, opening) = try await Store.open(Fixture.options(path))
    let history = try await History.open(path: path)
    var batch = ReadingBatch(cursors: opening.cursors)
    for commit in 0..<10 as Range<UInt32> {
      Fixture.fill(&batch, first: commit, count: 1)
      let content = batch.take(arrivalUs: Int64(commit))
      _ = try await store.commit(PendingCommit(content: content, clock: Fixture.clock()))
      let count = try await history.page(ReadingQuery()).readings.count
      #expect(count == Int(commit) + 1, "what is committed is seen")
    }
    await history.close()
    try await store.close()
    history.endThread()
    store.endThread()
  }
}
