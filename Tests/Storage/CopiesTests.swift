import Model
import Reactor
import Sync
import Testing

@testable import Storage

@Suite("Copies of the database") struct CopiesTests {
  /// A state folder with a database of so many commits.
  private func state(_ folder: String, commits: Int) async throws -> String {
    let key = (0..<32).map { UInt8($0) }
    try System.writeFile(folder + "/node.key", key)
    let path = folder + "/bivouac.db"
    let (store, _) = try await Store.open(Fixture.options(path))
    for number in 0..<commits {
      _ = try await store.append([Fixture.name("n\(number)")], clock: Fixture.clock())
    }
    try await store.close()
    store.endThread()
    return path
  }

  private func number(_ sql: String, _ path: String) throws -> Int? {
    try Database.open(Database.Options(path: path, isReader: true)).number(sql).map { Int($0) }
  }

  private func entries(_ path: String) throws -> Int? {
    try number("SELECT count(*) FROM journal", path)
  }

  @Test("a copy made between commits holds the moment it began at, and commits go on")
  func whileWriting() async throws {
    let folder = TemporaryFolder()
    let path = try await state(folder.path, commits: 20)
    let (store, _) = try await Store.open(Fixture.options(path, run: 2))
    // Enough pages for several slices.
    let note = String(repeating: "x", count: 40)
    for _ in 0..<400 {
      let entries = (0..<40).map { Fixture.name("\(note)\($0)") }
      _ = try await store.append(entries, clock: Fixture.clock())
    }
    var slices = 0
    let before = try entries(path)
    let writer = try Database.open(Database.Options(path: path))
    _ = try DatabaseCopy.write(path, to: folder.path + "/copy.db") { _ in
      slices += 1
      do throws(DatabaseError) {
        try writer.execute("CREATE TABLE later\(slices)(x)")
      } catch {
        Issue.record("slice \(slices): \(error)")
      }
    }
    let copied = try #require(try entries(folder.path + "/copy.db"))
    #expect((1...40).contains(slices))
    #expect(copied == before)
    #expect(
      try number("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'later%'", path) == slices)
    #expect(
      try number(
        "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'later%'", folder.path + "/copy.db")
        == 0)
    _ = try await store.append([Fixture.name("after")], clock: Fixture.clock())
    #expect(try entries(path) == copied + 1)
    #expect(!System.exists(folder.path + "/copy.db-wal"))
    #expect(!System.exists(folder.path + "/copy.db.part"))
    try await store.close()
    store.endThread()
  }

  @Test("a copy never replaces a file, and another program's database is not copied")
  func refused() async throws {
    let folder = TemporaryFolder()
    let path = try await state(folder.path, commits: 1)
    _ = try DatabaseCopy.write(path, to: folder.path + "/copy.db")
    func kind(_ source: String, _ target: String) -> DatabaseError.Kind? {
      do throws(DatabaseError) {
        _ = try DatabaseCopy.write(source, to: target)
        return nil
      } catch { return error.kind }
    }
    #expect(kind(path, folder.path + "/copy.db") == .cannotOpen)
    #expect(kind(folder.path + "/nothing.db", folder.path + "/new.db") == .cannotOpen)
    let foreign = folder.path + "/foreign.db"
    try Database.open(Database.Options(path: foreign)).execute("CREATE TABLE t(x)")
    #expect(kind(foreign, folder.path + "/new.db") == .notOurs)
    #expect(!System.exists(folder.path + "/new.db"))
    #expect(!System.exists(folder.path + "/new.db.part"))
  }

  @Test("a restored database is the copy, and what was there is kept, write-ahead log included")
  func restored() async throws {
    let folder = TemporaryFolder()
    let path = try await state(folder.path, commits: 3)
    let copy = folder.path + "/copy.db"
    _ = try DatabaseCopy.write(path, to: copy)
    let copied = try entries(copy)
    let (store, _) = try await Store.open(Fixture.options(path, run: 2))
    _ = try await store.append([Fixture.name("later")], clock: Fixture.clock())
    // Not closed: its write-ahead log is still there, as after a power cut.
    let later = try entries(path)
    let outcome = try Restoring.restore(copy, into: folder.path, replacing: true)
    #expect(try entries(path) == copied)
    #expect(try entries(try #require(outcome.keptAs)) == later)
    #expect(throws: Restoring.Failure.occupied(path: path)) {
      try Restoring.restore(copy, into: folder.path, replacing: false)
    }
    let again = try Restoring.restore(copy, into: folder.path, replacing: true)
    #expect(again.keptAs != outcome.keptAs)
    store.endThread()
  }

  @Test("a copy is not put beside another key, nor where there is none")
  func keys() async throws {
    let folder = TemporaryFolder()
    let path = try await state(folder.path, commits: 1)
    let other = TemporaryFolder()
    #expect(throws: Restoring.Failure.noKey(path: other.path + "/node.key")) {
      try Restoring.restore(path, into: other.path, replacing: true)
    }
    try System.writeFile(other.path + "/node.key", [UInt8](repeating: 9, count: 32))
    do throws(Restoring.Failure) {
      _ = try Restoring.restore(path, into: other.path, replacing: true)
      Issue.record("it was restored")
    } catch {
      guard case .database(let cause) = error else { throw error }
      #expect(cause.kind == .otherNode)
    }
    #expect(!System.exists(other.path + "/bivouac.db"))
    #expect(!System.exists(other.path + "/bivouac.db.restoring"))
  }

  @Test("rows stand in an SQLite file only once it is whole")
  func rows() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/rows.db"
    var reading = ReadingView(
      device: "board-0101010101010101", channel: "temp", unit: "Cel",
      value: .decimal(-5, exponent: -2), arrivalUs: 7, quality: .good, pending: false,
      simulated: false)
    do {
      let rows = try RowsDatabase(path: path)
      try rows.append([reading])
      #expect(!System.exists(path))
    }
    #expect(!System.exists(path + ".part"))
    let rows = try RowsDatabase(path: path)
    reading.timeUs = 1_700_000_000_123_456
    try rows.append([reading])
    try rows.append([])
    try rows.finish()
    let database = try Database.open(Database.Options(path: path, isReader: true))
    #expect(
      try database.text("SELECT group_concat(value || ' ' || number || ' ' || time) FROM readings")
        == "-0.05 -0.05 2023-11-14T22:13:20.123456Z")
    #expect(try database.number("SELECT count(*) FROM readings WHERE epoch IS NULL") == 1)
  }
}
