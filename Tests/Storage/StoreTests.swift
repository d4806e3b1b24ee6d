import Glibc
import Model
import Sync
import Testing

@testable import Storage

@Suite("Store") struct StoreTests {
  @Test("what a run committed, the next one knows") func reopening() async throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    var (store, opening) = try await Store.open(Fixture.options(path, run: 11))
    #expect(opening.commitCount == 0)
    var batch = ReadingBatch(cursors: opening.cursors)
    Fixture.fill(&batch, first: 0, count: 30)
    let content = batch.take(arrivalUs: 5_000_000)
    let receipt = try await store.commit(
      PendingCommit(content: content, clock: Fixture.clock(), journal: [Fixture.name("Serre")]))
    #expect(receipt.record?.seq == 1)
    #expect(receipt.record?.incarnation == Incarnation(11))
    #expect(receipt.journal.map(\.seq) == [2], "the incarnation's own entry is the first")
    try await store.close()
    store.endThread()

    (store, opening) = try await Store.open(Fixture.options(path, run: 12))
    #expect(opening.commitCount == 1)
    #expect(opening.cursors.cursor(of: Fixture.board, epoch: 1)?.next == 30)
    #expect(
      opening.registers.value(RegisterKey(.deviceName, Fixture.board)) == Array("Serre".utf8))
    try await store.close()
    store.endThread()
  }

  @Test("a run that commits nothing leaves no trace") func noTrace() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    do {
      let core = try StoreCore(Fixture.options(path))
      _ = try core.open()
      try core.finish()
    }
    let database = try Database.open(.init(path: path))
    for table in ["node", "incarnation", "clock_epoch", "hot", "journal", "cursor", "folded"] {
      #expect(try database.number("SELECT count(*) FROM \(table)") == 0, "\(table)")
    }
  }

  @Test("every incarnation names its parent and the parent's heads") func parents() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    for run in 1...3 as ClosedRange<UInt64> {
      let core = try StoreCore(Fixture.options(path, run: run))
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for commit in 0..<run {
        let first = UInt32(batch.cursor(of: Fixture.board, epoch: 1)?.next ?? 0)
        Fixture.fill(&batch, first: first, count: 2)
        let content = batch.take(arrivalUs: Int64(commit) * 1_000)
        _ = try core.commit(
          PendingCommit(content: content, clock: Fixture.clock(), journal: [Fixture.name("x")]))
      }
    }
    let database = try Database.open(.init(path: path))
    var rows = try database.prepare("SELECT body FROM journal WHERE kind = 1 ORDER BY id")
    var begun: [IncarnationBegun] = []
    while try rows.step() {
      guard case .incarnation(let entry) = try JournalDecoder.decode(kind: 1, rows.blob(0))?.content
      else { continue }
      begun.append(entry)
    }
    #expect(begun.map(\.parent?.incarnation) == [nil, Incarnation(1), Incarnation(2)])
    #expect(begun.map(\.parent?.heads) == [nil, [0, 2, 1, 0, 0], [0, 3, 2, 0, 0]])
    var shown: [String] = []
    var view = try database.prepare("SELECT incarnation, lane, seq FROM hot_commits")
    while try view.step() { shown.append("\(view.text(0)) \(view.int64(1)) \(view.int64(2))") }
    #expect(shown.first == "0000000000000001 2 1")
    #expect(shown.count == 6)
  }

  @Test("the cursor table and the commits after it give the same as all commits")
  func cursorTable() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    var expected = CursorFold()
    do {
      let core = try StoreCore(Fixture.options(path))
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for commit in 0..<300 as Range<UInt32> {
        Fixture.fill(&batch, first: commit, count: 1)
        let content = batch.take(arrivalUs: Int64(commit))
        _ = try core.commit(PendingCommit(content: content, clock: Fixture.clock()))
        try core.checkpointIfDue()
      }
      expected = batch.cursors
    }
    let database = try Database.open(.init(path: path))
    #expect(try database.number("SELECT hot & 0xFFFFFFFF FROM folded") == 256)
    #expect(try database.number("SELECT next FROM cursor") == 256)
    #expect(try StoreCore(Fixture.options(path)).open().cursors == expected)
  }

  @Test("a closed store says so") func closed() async throws {
    let folder = TemporaryFolder()
    let (store, _) = try await Store.open(Fixture.options(folder.path + "/bivouac.db"))
    try await store.close()
    await #expect(throws: DatabaseError(.closed, path: folder.path + "/bivouac.db")) {
      try await store.append([Fixture.name("x")], clock: Fixture.clock())
    }
    store.endThread()
  }

  @Test("a lock of another program is waited out, and then a passing trouble") func busy() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try StoreCore(Fixture.options(path))
    _ = try core.open()
    let commit = PendingCommit(
      content: nil, clock: Fixture.clock(), journal: [Fixture.name("x")])
    do {
      let other = try Database.open(.init(path: path))
      try other.execute("BEGIN IMMEDIATE")
      let error = #expect(throws: DatabaseError.self) { try core.commit(commit) }
      #expect(error?.kind == .busy && error?.isTransient == true)
    }
    #expect(try core.commit(commit).journal.map(\.seq) == [2])
  }

  @Test("a store that cannot be opened leaves no thread behind") func failedOpening() async throws {
    let path = "/nowhere/bivouac.db"
    for _ in 0..<3 {
      let error = await #expect(throws: DatabaseError.self) {
        try await Store.open(Fixture.options(path))
      }
      #expect(error?.kind == .cannotOpen)
    }
  }
}
