import Sync
import Testing

@Suite("Sessions") struct SessionTableTests {
  private let day: Int64 = 86_400

  private func session(_ number: Int, user: String = "ada", atS: Int64 = 0) -> Session {
    Session(
      hash: [UInt8(number >> 8), UInt8(number & 0xFF)], user: user, generation: 1, credential: [1],
      csrf: [2], startedS: atS, usedS: atS)
  }

  @Test("a session that is used lives 30 days of running, and no longer") func age() {
    var table = SessionTable()
    table.begin(session(1))
    for today in 1..<30 {
      #expect(table.use([0, 1], nowS: Int64(today) * day) != nil, "day \(today)")
    }
    #expect(table.use([0, 1], nowS: 30 * day - 1) != nil)
    #expect(table.use([0, 1], nowS: 30 * day) == nil)
    #expect(table.count == 0)
  }

  @Test("a session that nobody uses ends after 7 days of running") func idle() {
    var table = SessionTable()
    table.begin(session(1))
    #expect(table.use([0, 1], nowS: 7 * day - 1) != nil)
    #expect(table.use([0, 1], nowS: 14 * day - 2) != nil)
    #expect(table.use([0, 1], nowS: 21 * day - 2) == nil)
    #expect(table.use([0, 1], nowS: 0) == nil)
  }

  @Test("what the disk knew and is over by now ends at the start") func restored() {
    let known = [session(1, atS: 0), session(2, atS: 6 * day)]
    var table = SessionTable(known, nowS: 8 * day)
    #expect(table.count == 1)
    #expect(table.takeChanges().ended == [[0, 1]])
    #expect(table.use([0, 2], nowS: 8 * day) != nil)
  }

  @Test("of too many sessions the longest unused gives way") func bounded() {
    var table = SessionTable()
    for number in 0..<1_024 { table.begin(session(number, atS: 0)) }
    _ = table.use([0, 0], nowS: 10)
    table.begin(session(5_000, atS: 11))
    #expect(table.count == 1_024)
    #expect(table.use([0, 0], nowS: 12) != nil)
    #expect(table.takeChanges().ended.count == 1)
  }

  @Test("changes are told once: what ended, what began, what was used") func changes() {
    var table = SessionTable()
    table.begin(session(1))
    table.begin(session(2, user: "bob"))
    #expect(table.takeChanges().written.map(\.hash) == [[0, 1], [0, 2]])
    #expect(table.takeChanges().isEmpty)
    _ = table.use([0, 1], nowS: 50)
    table.endAll { $0.user == "ada" }
    let changes = table.takeChanges()
    #expect(changes.written.map(\.usedS) == [50])
    #expect(changes.ended == [[0, 2]])
    // One that began and ended before anybody asked is still to be removed: it may be on the disk.
    table.begin(session(3))
    table.end([0, 3])
    #expect(table.takeChanges() == SessionTable.Changes(written: [], ended: [[0, 3]]))
  }

  @Test("another password ends nothing that was renewed with it") func renewed() {
    var table = SessionTable()
    table.begin(session(1))
    table.begin(session(2))
    table.renew([0, 1], credential: [9], csrf: [8])
    table.endAll { $0.credential == [9] }
    #expect(table.count == 1)
    #expect(table.use([0, 1], nowS: 1)?.csrf == [8])
  }
}
