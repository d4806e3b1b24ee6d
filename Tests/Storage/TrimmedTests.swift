import Model
import Sync
import Testing

@testable import Storage

@Suite("What went and is not on record yet") struct TrimmedTests {
  private func gone(
    _ level: BlockLevel, _ reason: TrimReport.Reason, _ utc: ClosedRange<Int64>?
  ) -> PackTrim.Gone {
    PackTrim.Gone(
      series: 1, name: SeriesName(device: Fixture.board, channel: "t"), level: level,
      reason: reason, readings: 100, bytes: 40, utc: utc)
  }

  private func take(_ core: StoreCore, _ gone: [PackTrim.Gone]) throws(DatabaseError) {
    try core.trim(PackTrim(pack: 1, body: [], changes: [], gone: gone))
  }

  private func record(_ core: StoreCore) throws {
    let id = try #require(FactId([UInt8](repeating: 5, count: 16)))
    let stamp = Fixture.stamp()
    _ = try core.commit(
      PendingCommit(
        content: nil,
        clock: Fixture.clock(),
        journal: [
          JournalEntry(
            stamp: stamp,
            content: .trimming(Trimming(id: id, freedBytes: 1, series: try core.trimmed())))
        ]))
  }

  @Test("it is counted with what goes, survives the end of the program, and ends with the record")
  func counted() throws {
    let folder = TemporaryFolder()
    let options = Fixture.options(folder.path + "/bivouac.db")
    do {
      let core = try StoreCore(options)
      _ = try core.open()
      try take(core, [gone(.minutes, .space, 5...9), gone(.minutes, .space, nil)])
      try take(core, [gone(.minutes, .space, 1...7), gone(.gone, .quota, nil)])
      // No end in order: as after kill -9.
    }
    let core = try StoreCore(options)
    let opening = try core.open()
    let found = try core.trimmed()
    #expect(found.count == 2 && opening.trimmings.unseenCount == 0)
    #expect(found[0].level == .minutes && found[0].reason == .space)
    #expect(found[0].readings == 300 && found[0].blocks == 3 && found[0].bytes == 120)
    #expect(found[0].utc == 1...9)
    #expect(found[1].level == .gone && found[1].reason == .quota && found[1].utc == nil)
    try record(core)
    #expect(try core.trimmed().isEmpty)
    let again = try StoreCore(options)
    #expect(try again.open().trimmings.entries.first?.trimming.series == found)
  }

  @Test("what goes by its age is not recorded") func age() throws {
    let folder = TemporaryFolder()
    let core = try StoreCore(Fixture.options(folder.path + "/bivouac.db"))
    _ = try core.open()
    try take(core, [gone(.minutes, .age, 5...9)])
    #expect(try core.trimmed().isEmpty)
  }
}
