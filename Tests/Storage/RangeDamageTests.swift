import Model
import Sync
import Testing

@testable import Storage

@Suite("Damage to ranges") struct RangeDamageTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let sql: String
    /// How the inspection names it.
    let expected: String
    /// Whether one board's readings can still be read in full.
    var otherIsServed = true

    var testDescription: String { name }
  }

  /// Replaces three bytes of a column by others.
  private static func flipped(_ column: String, at offset: Int) -> String {
    "CAST(substr(\(column), 1, \(offset)) || x'FF00FE' || substr(\(column), \(offset + 4)) AS BLOB)"
  }

  /// The block of the second board; pages that ask for the first do not go there.
  private static let second =
    "WHERE series = (SELECT id FROM series WHERE identity = x'0202020202020202')"

  static let cases = [
    Case(
      name: "a summary", sql: "UPDATE block SET summary = \(flipped("summary", at: 4)) \(second)",
      expected: "table block, commit 1/1 altered (series 2, part 0)"),
    Case(
      name: "a count", sql: "UPDATE block SET count = count + 1 \(second)",
      expected: "table block, commit 1/1 altered"),
    Case(
      name: "where a content lies", sql: "UPDATE block SET place = place + 1 \(second)",
      expected: "table block, commit 1/1 altered"),
    Case(
      name: "a content",
      sql: "UPDATE pack SET body = \(flipped("body", at: 20)) WHERE id = "
        + "(SELECT pack FROM block \(second))",
      expected: "table block, commit 1/1 altered (series 2, part 0: content"),
    Case(
      name: "a pack that is gone",
      sql: "DELETE FROM pack WHERE id = (SELECT pack FROM block \(second))",
      expected: "table block, commit 1/1 missing"),
    Case(
      name: "a block that is gone", sql: "DELETE FROM block \(second)",
      expected: "table block, commit 1/1 missing"),
    Case(
      name: "a series that is gone",
      sql: "DELETE FROM series WHERE identity = x'0202020202020202'",
      expected: "table series, commit 1/1 missing"),
    Case(
      name: "a header", sql: "UPDATE commit_range SET header = \(flipped("header", at: 30))",
      expected: "table commit_range, commit 1/1 altered", otherIsServed: false),
    Case(
      name: "where a range ends", sql: "UPDATE commit_range SET last = last + 1000",
      expected: "table commit_range, commit 1/1", otherIsServed: false),
    Case(
      name: "a range that is gone", sql: "DELETE FROM commit_range",
      expected: "table hot, commit 1/1 to commit 1/20 missing", otherIsServed: false),
  ]

  /// Twenty commits of two boards in one range, each board's block in a pack of its own, and two
  /// commits after it.
  private func make(_ path: String) throws {
    let options = Fixture.options(path)
    let core = try StoreCore(options)
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for commit in 0..<22 as Range<Int64> {
      for number in 1...2 as ClosedRange<UInt8> {
        Fixture.fill(
          &batch, device: Fixture.companion(number), first: UInt32(commit) * 10, count: 10)
      }
      let arrivalUs = 10_000_000 * (commit + 1)
      _ = try core.commit(
        PendingCommit(content: batch.take(arrivalUs: arrivalUs), clock: Fixture.clock(arrivalUs)))
    }
    try core.checkpoint()
    let reports = try core.compact(options, RangeBounds(commits: 20, packBytes: 10))
    #expect(reports.map(\.commits) == [20])
    try core.finish()
  }

  private func readings(_ path: String, of number: UInt8) throws -> Int {
    var query = ReadingQuery()
    query.device = Fixture.companion(number)
    query.limit = 10_000
    let history = try HistoryCore(path: path, vfs: nil)
    var count = 0
    while true {
      let page = try history.page(query)
      count += page.readings.count
      guard let next = page.next else { return count }
      query.cursor = next
    }
  }

  @Test("what the disk has altered in a range is named, and the rest is served", arguments: cases)
  func damage(_ damage: Case) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    #expect(try readings(path, of: 1) == 220 && readings(path, of: 2) == 220)
    try Database.open(.init(path: path)).execute(damage.sql)
    let opening = try StoreCore(Fixture.options(path, run: 2)).open()
    #expect(opening.cursors.all.map(\.next) == [220, 220])
    var inspection = Inspection()
    let history = try HistoryCore(path: path, vfs: nil)
    while !inspection.isComplete { inspection = try history.inspect(inspection) }
    #expect(
      inspection.damages.contains { "\($0)".contains(damage.expected) }, "\(inspection.damages)")
    if damage.otherIsServed {
      #expect(try readings(path, of: 1) == 220)
      #expect(inspection.commits == 2)
    }
    let error = #expect(throws: DatabaseError.self) { try readings(path, of: 2) }
    #expect(error?.kind == .damaged)
  }

  @Test("a range that is whole has no damage") func sound() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    var inspection = Inspection()
    let history = try HistoryCore(path: path, vfs: nil)
    while !inspection.isComplete { inspection = try history.inspect(inspection) }
    #expect(inspection.damageCount == 0 && inspection.commits == 22)
  }
}
