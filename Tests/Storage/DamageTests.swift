import Model
import Reactor
import Sync
import Testing

@testable import Storage

@Suite("Damage") struct DamageTests {
  private static let samplesPerCommit: UInt32 = 400
  private static let commits: UInt32 = 60

  /// Two runs with commits and names, closed; the second began after the first had come to 30.
  private func make(_ path: String) throws {
    for run in 1...2 as ClosedRange<UInt64> {
      let core = try StoreCore(Fixture.options(path, run: run))
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for _ in 0..<(Self.commits / 2) {
        let first = batch.cursor(of: Fixture.board, epoch: 1)?.next ?? 0
        Fixture.fill(&batch, first: first, count: Self.samplesPerCommit)
        _ = try core.commit(
          PendingCommit(
            content: batch.take(arrivalUs: Int64(first)), clock: Fixture.clock(),
            journal: [Fixture.name("\(first)")]))
      }
      try core.finish()
    }
  }

  /// Changes the file as no Bivouac would.
  private func alter(_ path: String, _ sql: String) throws {
    let database = try Database.open(.init(path: path))
    try database.execute(sql)
    try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func inspected(_ path: String) throws -> Inspection {
    let history = try HistoryCore(path: path, vfs: nil)
    var inspection = Inspection()
    for _ in 0..<10_000 where !inspection.isComplete {
      inspection = try history.inspect(inspection)
    }
    #expect(inspection.isComplete)
    return inspection
  }

  private func queried(_ path: String, _ order: ReadingQuery.Order) -> Result<Int, DatabaseError> {
    Result { () throws(DatabaseError) in
      let history = try HistoryCore(path: path, vfs: nil)
      var query = ReadingQuery()
      query.order = order
      query.limit = 5_000
      var count = 0
      repeat {
        let page = try history.page(query)
        count += page.readings.count
        query.cursor = page.next
      } while query.cursor != nil
      return count
    }
  }

  @Test("what is sound is found sound") func sound() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    let inspection = try inspected(path)
    #expect(inspection.commits == Int64(Self.commits) && inspection.damageCount == 0)
    #expect(inspection.isStructureChecked)
    let all = Int(Self.commits * Self.samplesPerCommit)
    #expect(try queried(path, .oldestFirst).get() == all)
    #expect(try queried(path, .newestFirst).get() == all)
    let opening = try StoreCore(Fixture.options(path, run: 3)).open()
    #expect(opening.damageCount == 0 && opening.commitCount == Int64(Self.commits))
  }

  @Test("a journal that was emptied is named, one entry for each run")
  func emptiedJournal() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    try alter(path, "DELETE FROM journal")
    let opening = try StoreCore(Fixture.options(path, run: 3)).open()
    #expect(opening.damages.map(\.table) == ["journal", "journal"], "\(opening.damages)")
  }

  @Test(
    "a commit that is taken out, or whose bytes change, is named by inspection and queries",
    arguments: [
      ("DELETE FROM hot WHERE id = 1 << 40 | 1", "commit 1/1 missing"),
      ("DELETE FROM hot WHERE id = 1 << 40 | 17", "commit 1/17 missing"),
      ("DELETE FROM hot WHERE id = 1 << 40 | 30", "commit 1/30 missing"),
      ("DELETE FROM hot WHERE id = 2 << 40 | 1", "commit 2/1 missing"),
      (
        "DELETE FROM hot WHERE id BETWEEN (1 << 40 | 29) AND (2 << 40 | 3)",
        "commit 1/29 to commit 2/3 missing"
      ),
      (
        "UPDATE hot SET body = CAST(substr(body, 1, 300) || x'7F' || substr(body, 302) AS BLOB) "
          + "WHERE id = 1 << 40 | 5", "commit 1/5 altered"
      ),
      ("UPDATE hot SET clock_epoch = 7 WHERE id = 2 << 40 | 5", "commit 2/5 altered"),
      ("UPDATE hot SET clock = x'00000000' WHERE id = 2 << 40 | 6", "commit 2/6 altered"),
      ("UPDATE hot SET cursors = x'0100' WHERE id = 2 << 40 | 7", "commit 2/7 altered"),
      ("UPDATE hot SET crc = -1 WHERE id = 2 << 40 | 8", "commit 2/8 altered"),
      ("UPDATE hot SET id = 1 << 40 | 31 WHERE id = 2 << 40 | 1", "commit 1/31 altered"),
    ])
  func commits(sql: String, expected: String) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    try alter(path, sql)
    let inspection = try inspected(path)
    #expect(inspection.damages.contains { "\($0)".contains(expected) }, "\(inspection.damages)")
    for order in [ReadingQuery.Order.oldestFirst, .newestFirst] {
      guard case .failure(let error) = queried(path, order) else {
        Issue.record("\(order): a query passed over it")
        continue
      }
      #expect(error.kind == .damaged && "\(error)".contains("hot"), "\(order): \(error)")
    }
  }

  @Test("the last commits are missed too, whether a child says so or the last checkpoint")
  func lastCommits() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    try alter(path, "DELETE FROM hot WHERE id > (2 << 40 | 25)")
    let error = #expect(throws: DatabaseError.self) {
      try StoreCore(Fixture.options(path, run: 3)).open()
    }
    #expect(error?.kind == .damaged && "\(error?.message ?? "")".contains("2/26 to commit 2/30"))
  }

  @Test(
    "caches that were altered are made anew from the commits",
    arguments: [
      "UPDATE cursor SET next = next + 1000", "DELETE FROM cursor", "DELETE FROM device",
      "UPDATE device SET first_hot = last_hot", "UPDATE folded SET hot = hot - 3",
      "DELETE FROM folded", "UPDATE cursor SET closed = 1",
    ])
  func caches(sql: String) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    try alter(path, sql)
    let core = try StoreCore(Fixture.options(path, run: 3))
    let opening = try core.open()
    #expect(opening.damages.map(\.kind) == [.rebuilt])
    let next = opening.cursors.cursor(of: Fixture.board, epoch: 1)
    #expect(next?.next == Self.commits * Self.samplesPerCommit && next?.isClosed == false)
    #expect(try inspected(path).damageCount == 0)
    var query = ReadingQuery()
    query.device = Fixture.board
    query.limit = 50_000
    let page = try HistoryCore(path: path, vfs: nil).page(query)
    #expect(page.readings.count == Int(Self.commits * Self.samplesPerCommit))
  }

  @Test(
    "journal entries that are altered or missing are counted and named, the others apply",
    arguments: [
      ("DELETE FROM journal WHERE id = (1 << 40) | (1 << 36) | 9", "entry 1/1/9 missing"),
      ("DELETE FROM journal WHERE id = (1 << 40) | (1 << 36) | 31", "entry 1/1/31 missing"),
      ("UPDATE journal SET kind = 3 WHERE id = (1 << 40) | (1 << 36) | 9", "entry 1/1/9 altered"),
      (
        "UPDATE journal SET body = CAST(substr(body, 1, 20) || x'41' AS BLOB) "
          + "WHERE id = (2 << 40) | (1 << 36) | 9", "entry 2/1/9 altered"
      ),
    ])
  func journal(sql: String, expected: String) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    try alter(path, sql)
    let opening = try StoreCore(Fixture.options(path, run: 3)).open()
    #expect(opening.damageCount == 1 && opening.damages.count == 1)
    #expect("\(opening.damages)".contains(expected), "\(opening.damages)")
    #expect(opening.registers.value(RegisterKey(.deviceName, Fixture.board)) != nil)
  }

  /// What leads from a layout to the one before it.
  private static let backwards = [
    8: "DROP TABLE range_description; PRAGMA user_version=8;",
    7: "DROP TABLE keeping; PRAGMA user_version=7;",
    6: "DROP TABLE range_signature; DROP TABLE begun_range; DROP TABLE begun_block;"
      + "PRAGMA user_version=6;",
    5: "DROP TABLE entry_signature; DROP TABLE live_range; DROP TABLE seen; DROP TABLE aside;"
      + "DROP TABLE other_content; DROP TABLE spool; DROP TABLE arrived; PRAGMA user_version=5;",
    4: "DROP TABLE session; DROP TABLE running; PRAGMA user_version=4;",
    3: "DROP INDEX series_by_name; DROP TABLE dated_range; ALTER TABLE dating DROP COLUMN longest;"
      + "PRAGMA user_version=3;",
    2: "DROP TABLE series; DROP TABLE commit_range; DROP TABLE block; DROP TABLE pack;"
      + "DROP TABLE trimmed; DROP TABLE packing; DROP TABLE dated;"
      + "DROP TABLE extent; DROP TABLE dating; PRAGMA user_version=2;",
    1: "ALTER TABLE hot DROP COLUMN crc; ALTER TABLE journal DROP COLUMN crc;"
      + "ALTER TABLE folded DROP COLUMN crc; PRAGMA user_version=1;",
  ]

  @Test(
    "a database of an earlier layout is brought to this one, and keeps everything",
    arguments: [1, 2, 3, 4, 5, 6, 7, 8])
  func migration(layout: Int) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    for step in (layout...8).reversed() { try alter(path, Self.backwards[step] ?? "") }
    let opening = try StoreCore(Fixture.options(path, run: 3)).open()
    #expect(opening.damageCount == 0 && opening.commitCount == Int64(Self.commits))
    let inspection = try inspected(path)
    #expect(inspection.commits == Int64(Self.commits) && inspection.damageCount == 0)
  }
}
