import Model
import Reactor
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Bytes that a disk altered") struct BitRotTests {
  private static let pageBytes = 4_096
  /// Where a page of a b-tree keeps its structure: its head and the first of its cell pointers.
  private static let headBytes = 12

  /// A database with commits, blocks, journal entries, clocks and registers, closed.
  private func make(_ path: String) throws {
    for run in 1...3 as ClosedRange<UInt64> {
      let options = Fixture.options(path, run: run, boot: UInt8(run))
      let core = try StoreCore(options)
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for _ in 0..<12 {
        let first = batch.cursor(of: Fixture.board, epoch: 1)?.next ?? 0
        Fixture.fill(&batch, first: first, count: 60)
        let anchor = Anchor(
          bootUs: Int64(first), utcUs: 1_700_000_000_000_000, errorUs: 9, origin: .kernel)
        _ = try core.commit(
          PendingCommit(
            content: batch.take(arrivalUs: Int64(first)), clock: Fixture.clock(),
            journal: [
              Fixture.name("\(first)"),
              JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor)),
            ]))
      }
      try core.checkpoint()
      if run == 2 { _ = try core.compact(options, RangeBounds(commits: 4)) }
      while try core.dateBlocks() {}
      try core.finish()
    }
  }

  /// Everything that a daemon does with its database; nil where nothing failed.
  private func use(_ path: String) -> DatabaseError? {
    do throws(DatabaseError) {
      let options = Fixture.options(path, run: 4, boot: 4)
      let core = try StoreCore(options)
      var batch = ReadingBatch(cursors: try core.open().cursors)
      _ = batch.append(
        device: Fixture.companion(9), bootUs: 7, channel: Fixture.temperature,
        value: .decimal(1, exponent: 0))
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: 8), clock: Fixture.clock(), journal: [Fixture.name("x")]))
      try core.checkpoint()
      _ = try core.compact(options, RangeBounds(commits: 4))
      var steps = 0
      while try core.dateBlocks() {
        steps += 1
        guard steps < 1_000 else { throw DatabaseError(.other, message: "dating does not end") }
      }
      let history = try HistoryCore(path: path, vfs: nil)
      _ = try history.reading { () throws(DatabaseError) in try history.placings() }
      _ = try history.page(ReadingQuery())
      var inspection = Inspection()
      for _ in 0..<1_000 where !inspection.isComplete {
        inspection = try history.inspect(inspection)
      }
      guard inspection.isComplete else {
        throw DatabaseError(.other, message: "the inspection does not end")
      }
      return nil
    } catch {
      return error
    }
  }

  /// What an inspection found that comes to its end in as many slices as would do for many more
  /// commits; nil for one that does not.
  private func inspected(_ path: String) throws(DatabaseError) -> Int? {
    let history = try HistoryCore(path: path, vfs: nil)
    var inspection = Inspection()
    for _ in 0..<1_000 where !inspection.isComplete {
      inspection = try history.inspect(inspection)
    }
    return inspection.isComplete ? inspection.damageCount : nil
  }

  @Test("an inspection ends where a page claims more rows than it has, and they go back")
  func rowsThatGoBack() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    do {
      let core = try StoreCore(Fixture.options(path, run: 1))
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for number in 0..<(2 * Limits.inspectedCommitsMax) {
        _ = batch.append(
          device: Fixture.companion(9), bootUs: Int64(number), channel: Fixture.temperature,
          value: .decimal(1, exponent: 0))
        _ = try core.commit(
          PendingCommit(content: batch.take(arrivalUs: Int64(number)), clock: Fixture.clock()))
      }
      try core.finish()
    }
    try Database.open(.init(path: path)).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let sound = try System.readFile(path, bytesMax: 10_000_000)
    // The leaves of tables (type 13) with commits: the low byte of their number of cells.
    let leaves = stride(from: 0, to: sound.count, by: Self.pageBytes).filter {
      sound[$0] == 13 && sound[$0 + 4] > 8
    }
    var ended = 0
    for page in leaves {
      var altered = sound
      altered[page + 4] = 255
      for suffix in ["-wal", "-shm"] { try System.removeFile(path + suffix) }
      try System.writeFile(path, altered)
      do throws(DatabaseError) {
        guard let damages = try inspected(path) else {
          Issue.record("page \(page / Self.pageBytes + 1): no end")
          continue
        }
        #expect(damages > 0)
        ended += 1
      } catch {
        #expect(error.kind == .damaged)
      }
    }
    #expect(ended > 4)
  }

  @Test("a row of packing that names packs of a published range lets none of them go")
  func packing() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    let core = try StoreCore(Fixture.options(path, run: 4, boot: 4))
    _ = try core.open()
    let packs = try core.database.number("SELECT count(*) FROM pack")
    #expect(packs ?? 0 > 0)
    try core.database.execute("INSERT OR REPLACE INTO packing VALUES(1, 9 << 40 | 1, 1)")
    let error = #expect(throws: DatabaseError.self) { try core.clearLeftovers() }
    #expect(error?.kind == .damaged && error?.message.contains("packing") == true)
    #expect(try core.database.number("SELECT count(*) FROM pack") == packs)
  }

  @Test("whatever byte of the file is altered, work with it ends, and what fails says damaged")
  func bytes() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    let sound = try System.readFile(path, bytesMax: 10_000_000)
    let seed: UInt64 = 20_261_121
    var prng = Prng(seed: seed)
    let times = WindowDifferentialTests.isSoak ? 20 : 1
    var places: [Int] = []
    for page in stride(from: 0, to: sound.count, by: Self.pageBytes) {
      for offset in 0..<Self.headBytes {
        places += [Int](repeating: page + offset, count: times)
      }
    }
    for _ in 0..<(100 * times) { places.append(prng.below(sound.count)) }
    var failures = 0
    for place in places {
      var altered = sound
      let mask = UInt8(1 + prng.below(255))
      altered[place] ^= mask
      for suffix in ["-wal", "-shm"] { try System.removeFile(path + suffix) }
      try System.writeFile(path, altered)
      guard let error = use(path) else { continue }
      failures += 1
      #expect(
        [.damaged, .notOurs, .otherNode].contains(error.kind) || error.isNewer,
        """
        seed \(seed): byte \(place % Self.pageBytes) of page \(place / Self.pageBytes + 1) \
        by \(mask): \(error)
        """)
    }
    #expect(failures > places.count / 10 && failures < places.count, "\(failures)")
  }
}

extension DatabaseError {
  fileprivate var isNewer: Bool { if case .newer = kind { true } else { false } }
}
