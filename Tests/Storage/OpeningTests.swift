import Glibc
import Model
import Reactor
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Opening what is not right") struct OpeningTests {
  /// A database with some commits, closed.
  private func make(_ path: String) throws {
    let core = try StoreCore(Fixture.options(path))
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for commit in 0..<20 as Range<UInt32> {
      Fixture.fill(&batch, first: commit * 500, count: 500)
      _ = try core.commit(
        PendingCommit(content: batch.take(arrivalUs: 1), clock: Fixture.clock()))
    }
    try core.finish()
  }

  private func opening(_ options: StoreOptions) -> DatabaseError? {
    do throws(DatabaseError) {
      _ = try StoreCore(options).open()
      return nil
    } catch {
      return error
    }
  }

  @Test("a file of something else is not a database") func notADatabase() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try System.writeFile(path, [UInt8](repeating: 0x55, count: 10_000))
    let error = try #require(opening(Fixture.options(path)))
    #expect(error.kind == .damaged)
    #expect(!error.isTransient)
    #expect("\(error)".contains(path) && "\(error)".contains("recover"))
  }

  @Test("a database of another program is left alone") func notOurs() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    do {
      let database = try Database.open(.init(path: path))
      try database.execute("CREATE TABLE songs(title)")
    }
    #expect(opening(Fixture.options(path))?.kind == .notOurs)
    let database = try Database.open(.init(path: path))
    #expect(try database.number("SELECT count(*) FROM sqlite_schema") == 1)
  }

  @Test("a database of a later version is left alone") func newer() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    do {
      let database = try Database.open(.init(path: path))
      try database.execute("PRAGMA user_version=99")
    }
    #expect(opening(Fixture.options(path))?.kind == .newer(found: 99, known: 9))
  }

  @Test("a database of a node with another key is refused") func otherNode() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    var options = Fixture.options(path, run: 2)
    options.node = Fixture.otherNode
    #expect(opening(options)?.kind == .otherNode)
  }

  @Test("a database cut short is damaged", arguments: [100, 4_096, 8_192, 20_000])
  func truncated(_ size: Int) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    let bytes = try System.readFile(path, bytesMax: 1 << 24)
    #expect(bytes.count > 40_000)
    try System.writeFile(path, Array(bytes[..<size]))
    #expect(opening(Fixture.options(path, run: 2))?.kind == .damaged)
  }

  @Test("whatever bytes are destroyed, opening and querying end in an answer or a clear error")
  func destroyed() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try make(path)
    let good = try System.readFile(path, bytesMax: 1 << 24)
    var damaged = 0
    for seed in 0..<60 as Range<UInt64> {
      var prng = Prng(seed: seed)
      var bytes = good
      for _ in 0...prng.below(8) {
        let start = prng.below(bytes.count)
        for index in start..<min(bytes.count, start + 1 + prng.below(600)) {
          bytes[index] = UInt8(truncatingIfNeeded: prng.next())
        }
      }
      try System.writeFile(path, bytes)
      do throws(DatabaseError) {
        _ = try StoreCore(Fixture.options(path, run: 2)).open()
        var query = ReadingQuery()
        query.limit = 50_000
        _ = try HistoryCore(path: path, vfs: nil).page(query)
      } catch {
        damaged += 1
        let expected = [.damaged, .notOurs, .otherNode, .other].contains(error.kind)
        let isNewer = if case .newer = error.kind { true } else { false }
        #expect(expected || isNewer, "seed \(seed): \(error)")
      }
      try System.removeFile(path + "-wal")
      try System.removeFile(path + "-shm")
    }
    #expect(damaged > 20, "\(damaged) of 60 were noticed")
  }

  @Test("a folder that is not there cannot be opened") func noFolder() {
    let folder = TemporaryFolder()
    #expect(opening(Fixture.options(folder.path + "/none/bivouac.db"))?.kind == .cannotOpen)
  }
}

@Suite("State folder") struct StateFolderTests {
  @Test("it is made once, private, and keeps its key") func made() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/state"
    let first = try StateFolder.open(path).key.id
    #expect(try StateFolder.open(path).key.id == first)
    var status = stat()
    #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o700)
    #expect(unsafe stat(path + "/node.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(status.st_size == 32)
    for name in ["node.key", "lock"] { try System.removeFile("\(path)/\(name)") }
    #expect(unsafe rmdir(path) == 0)
  }

  @Test("a second daemon is kept out, and told by whom") func locked() throws {
    let folder = TemporaryFolder()
    let held = try StateFolder.open(folder.path)
    do throws(DatabaseError) {
      _ = try StateFolder.open(folder.path)
      Issue.record("it was let in")
    } catch {
      #expect(error.kind == .locked(processId: getpid()))
      #expect("\(error)".contains("process \(getpid())"))
    }
    #expect(held.databasePath == folder.path + "/bivouac.db")
  }

  @Test("a key of another length is refused, not replaced") func wrongKey() throws {
    for size in [0, 31, 33] {
      let folder = TemporaryFolder()
      let path = folder.path + "/node.key"
      try System.writeFile(path, [UInt8](repeating: 1, count: size))
      do throws(DatabaseError) {
        _ = try StateFolder.open(folder.path)
        Issue.record("a key of \(size) bytes was taken")
      } catch {
        #expect(error.kind == .key)
      }
      #expect(try System.readFile(path, bytesMax: 64).count == size)
    }
  }
}
