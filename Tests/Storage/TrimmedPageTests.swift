import Sync
import TestSupport
import Testing

@testable import Model
@testable import Storage

@Suite("Pages while readings are trimmed") struct TrimmedPageTests {
  private static let commits: Int64 = 120

  /// A reading a minute of a channel, ten a commit, in ranges of forty commits; dated.
  private func fill(_ path: String, isCompacted: Bool = true) throws -> StoreCore {
    let options = Fixture.options(path)
    let core = try StoreCore(options)
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for commit in 1...Self.commits {
      let bootUs = commit * 600_000_000
      for minute in (0..<10 as Range<Int64>).reversed() {
        _ = batch.append(
          device: Fixture.board, bootUs: bootUs - minute * 60_000_000,
          channel: Fixture.temperature,
          // Noise: minutes take less room than it.
          value: .decimal((commit * 7_919 + minute * 104_729) % 100_003, exponent: -1))
      }
      let anchor = Anchor(bootUs: 0, utcUs: 1_700_000_000_000_000, errorUs: 1, origin: .kernel)
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: bootUs), clock: Fixture.clock(bootUs),
          journal: commit == 1
            ? [JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor))] : []))
    }
    try core.checkpoint()
    if isCompacted { try compact(core, options) }
    return core
  }

  private func compact(_ core: StoreCore, _ options: StoreOptions) throws {
    _ = try core.compact(options, RangeBounds(commits: 40))
    while try core.dateBlocks() {}
  }

  /// Everything older than so many readings, counted from the newest, goes to summaries.
  private func trim(_ core: StoreCore, _ path: String, kept: Int64) throws {
    var order = TrimOrder()
    order.nowUs = 1_700_000_000_000_000 + Self.commits * 600_000_000
    order.rule = RetentionRule(
      rawUs: kept * 60_000_000, minutesUs: kept * 60_000_000, quotaBytes: nil)
    _ = try core.trim(Fixture.options(path), order)
  }

  private func told(
    _ history: HistoryCore, _ query: ReadingQuery, between: (Int) throws -> Void
  ) throws -> (readings: Int, trimmed: Int64, distinct: Int) {
    var query = query
    var (names, trimmed) = ([Int64](), Int64(0))
    for number in 0..<10_000 {
      let page = try history.page(query)
      names += page.readings.map(\.date.node.bootUs)
      trimmed += page.trimmed.reduce(0) { $0 + $1.count }
      guard let next = page.next else { break }
      query.cursor = QueryCursor(text: next.text)
      #expect(query.cursor == next)
      try between(number)
    }
    return (names.count, trimmed, Set(names).count)
  }

  @Test(
    "what was told as readings is not told as trimmed, and nothing is told nowhere",
    arguments: 0..<24 as Range<Int>)
  func once(page: Int) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try fill(path)
    let history = try HistoryCore(path: path, vfs: nil)
    var query = ReadingQuery()
    query.device = Fixture.board
    query.channel = "temp"
    query.limit = 97
    query.order = page % 2 == 0 ? .oldestFirst : .newestFirst
    if page % 3 == 0 { query.span = .utc(0..<Int64.max) }
    let (readings, trimmed, distinct) = try told(history, query) { number in
      if number == page / 2 { try trim(core, path, kept: 450) }
      // Later the rest goes too.
      if number == page / 2 + 2 { try trim(core, path, kept: 0) }
    }
    #expect(readings == distinct)
    #expect(Int64(readings) + trimmed == Self.commits * 10, "page \(page)")
    let after = try told(history, query) { _ in }
    #expect(after.trimmed > 0 && Int64(after.readings) + after.trimmed == Self.commits * 10)
  }

  @Test("nor when it was not yet in blocks as it was told") func wasHot() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try fill(path, isCompacted: false)
    let history = try HistoryCore(path: path, vfs: nil)
    var query = ReadingQuery()
    query.device = Fixture.board
    query.limit = 97
    let (readings, trimmed, _) = try told(history, query) { number in
      guard number == 1 else { return }
      try compact(core, Fixture.options(path))
      try trim(core, path, kept: 0)
    }
    #expect(Int64(readings) + trimmed == Self.commits * 10)
  }

  @Test(
    "a cursor says what it says again, and what is none is refused",
    arguments: [
      ("5.3", true), ("5.3.2.1", true), ("late5.3", true), ("5.3.2", false), ("5.3.2.0", false),
      ("5.3.-1.1", false), ("late5.3.2.1", false), ("5.3.2.1.1", false), ("5.3..1", false),
    ])
  func cursors(text: String, isOne: Bool) {
    #expect(QueryCursor(text: text)?.text == (isOne ? text : nil))
  }
}
