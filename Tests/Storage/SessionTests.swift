import Model
import Sync
import Testing

@testable import Storage

@Suite("Sessions and the audit on disk") struct SessionTests {
  private func session(_ number: UInt8, usedS: Int64 = 5) -> Session {
    Session(
      hash: [UInt8](repeating: number, count: 32), user: "adé", generation: .max,
      credential: [1, 2], csrf: [3], startedS: 2, usedS: usedS)
  }

  private func core(_ path: String, run: UInt64) throws -> StoreCore {
    try StoreCore(Fixture.options(path, run: run))
  }

  @Test("what was noted is there after a restart, and what has ended is not") func restart() throws
  {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let first = try core(path, run: 1)
    #expect(try first.open().sessions == [])
    try first.note(
      SessionTable.Changes(written: [session(1), session(2)]), runningS: 7, ended: false)
    try first.note(
      SessionTable.Changes(written: [session(1, usedS: 9)], ended: [session(2).hash]),
      runningS: 100, ended: true)
    let opening = try core(path, run: 2).open()
    #expect(opening.sessions == [session(1, usedS: 9)])
    #expect(opening.runningS == 100)
  }

  @Test("after an end that was not in order the clock of sessions is ahead, never behind")
  func crashed() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try core(path, run: 1).note(SessionTable.Changes(), runningS: 100, ended: false)
    #expect(try core(path, run: 2).open().runningS == 100 + Sync.Limits.sessionNoteSeconds)
  }

  @Test("a row that was altered lets nobody in") func altered() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let store = try core(path, run: 1)
    try store.note(
      SessionTable.Changes(written: [session(1), session(2)]), runningS: 7, ended: true)
    try store.database.execute(
      "UPDATE session SET user = 'eve' WHERE hash = (SELECT min(hash) FROM session)")
    #expect(try core(path, run: 2).open().sessions == [session(2)])
  }

  private func entry(_ bootUs: Int64, _ author: String, _ content: JournalContent) -> JournalEntry {
    JournalEntry(
      stamp: Stamp(trusted: true, bootUs: bootUs, wallUs: bootUs, author: author),
      content: content)
  }

  private func named(_ text: String, replacing: [RecordId] = []) -> JournalContent {
    Fixture.name(text, replaces: replacing).content
  }

  @Test("the audit goes back through both lanes and all runs, and leaves out the daemon's own")
  func audit() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let revoked = JournalContent.accessRevoked(
      AccessRevocation(.user, key: [97], generation: 1, reason: ""))
    let first = try core(path, run: 1)
    _ = try first.open()
    let receipt = try first.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(),
        journal: [
          entry(10, "user:ada", named("a")), entry(20, "node", named("of itself")),
          entry(30, "user:ada", revoked), entry(40, "local:0", named("b")),
        ]))
    let second = try core(path, run: 2)
    _ = try second.open()
    _ = try second.commit(
      PendingCommit(
        content: nil, clock: Fixture.clock(),
        journal: [entry(5, "token:t", named("c", replacing: [receipt.journal[3]]))]))
    let history = try HistoryCore(path: path, vfs: nil)
    for limit in [1, 2, 100] {
      var found: [AuditRecord] = []
      var cursor: AuditCursor?
      repeat {
        let page = try history.reading { () throws(DatabaseError) in
          try history.audit(cursor, limit: limit)
        }
        #expect(page.records.count <= limit)
        found += page.records
        // As it goes over the wire.
        cursor = page.next.flatMap { AuditCursor(text: $0.description) }
      } while cursor != nil
      #expect(
        found.map(\.entry.content) == [
          named("c", replacing: [receipt.journal[3]]), named("b"), revoked, named("a"),
        ], "\(limit)")
      guard case .registerWrite(let before)? = named("b") as JournalContent? else { return }
      #expect(found.first?.before == before)
    }
  }

  @Test(
    "a cursor that is none of ours is refused",
    arguments: ["", "1", "1-2", "1-2-x", "-1-2-3", "1-2-3-4", "99999999999-1-1"])
  func cursor(text: String) { #expect(AuditCursor(text: text) == nil) }
}
