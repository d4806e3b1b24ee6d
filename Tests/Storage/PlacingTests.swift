import Model
import Sync
import Testing

@testable import Storage

@Suite("Boots between others") struct PlacingTests {
  private static let baseUs: Int64 = 1_700_000_000_000_000
  private static let hour: Int64 = 3_600_000_000

  /// One boot of the node: a reading every hour from the first on, and an anchor or none.
  private func run(
    _ path: String, boot: UInt8, hours: Int64, wallUs: Int64, anchorUs: Int64? = nil,
    journal: [JournalEntry] = []
  ) throws {
    let core = try StoreCore(Fixture.options(path, run: UInt64(boot), boot: boot))
    var batch = ReadingBatch(cursors: try core.open().cursors)
    for hour in 1...hours {
      let bootUs = hour * Self.hour
      _ = batch.append(
        device: Fixture.board, bootUs: bootUs, channel: Fixture.temperature,
        value: .decimal(Int64(boot) * 100 + hour, exponent: 0))
      var entries = hour == 1 ? journal : []
      if hour == 1, let anchorUs {
        entries.append(
          JournalEntry(
            stamp: Fixture.stamp(),
            content: .anchor(
              Anchor(bootUs: 0, utcUs: anchorUs, errorUs: 10, origin: .kernel))))
      }
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: bootUs),
          clock: ClockObservation(
            bootUs: bootUs, wallUs: wallUs + bootUs, trusted: false, errorUs: 0),
          journal: entries))
    }
  }

  private func dates(_ path: String) throws -> [Dating] {
    try HistoryCore(path: path, vfs: nil).page(ReadingQuery()).readings.map(\.date.utc)
  }

  private func placings(_ path: String) throws -> [BootPlacing] {
    let history = try HistoryCore(path: path, vfs: nil)
    return try history.reading { () throws(DatabaseError) in try history.placings() }
  }

  @Test("an override that is taken back leaves every date as it was, byte for byte")
  func takenBack() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let secondUs = Self.baseUs + 5 * Self.hour
    try run(path, boot: 1, hours: 3, wallUs: Self.baseUs, anchorUs: Self.baseUs)
    try run(path, boot: 2, hours: 4, wallUs: secondUs)
    try run(path, boot: 3, hours: 2, wallUs: 0)
    try run(path, boot: 4, hours: 2, wallUs: 0)
    let options = Fixture.options(path, run: 5, boot: 5)
    let core = try StoreCore(options)
    _ = try core.open()
    try core.checkpoint()
    _ = try core.compact(options, RangeBounds(commits: 2))
    while try core.dateBlocks() {}
    func everything() throws -> [String] {
      let history = try HistoryCore(path: path, vfs: nil)
      let page = try history.page(ReadingQuery())
      let series = try history.reading { () throws(DatabaseError) in try history.extents() }
      let clocks = try history.reading { () throws(DatabaseError) in try history.clocks() }
      let boots = clocks.boots.map { clocks.timeline.pieces(of: $0.clockEpoch) }
      var rows = try core.database.prepare(
        "SELECT group_concat(commits || ' ' || part || ' ' || from_utc || ' ' || to_utc) FROM "
          + "(SELECT * FROM dated ORDER BY commits, series, part)")
      guard try rows.step() else { return [] }
      return page.readings.map { "\($0)" } + boots.map { "\($0)" }
        + ["\(series)", rows.text(0)]
    }
    func commit(_ journal: [JournalEntry]) throws -> [RecordId] {
      let written = try core.commit(
        PendingCommit(content: nil, clock: Fixture.clock(), journal: journal)
      ).journal
      while try core.dateBlocks() {}
      return written
    }
    _ = try commit([Fixture.name("lamp")])  // so that this boot is on record
    let before = try everything()
    let said = ClockOverride(
      bootUs: 0, utcUs: Self.baseUs + 40 * Self.hour, boundUs: 1, note: "")
    let key = ClockOverride.key(Fixture.clockEpoch(4))
    var replaces = try commit([
      JournalEntry(
        stamp: Fixture.stamp(),
        content: .registerWrite(RegisterWrite(key: key, value: said.encoded(), replaces: [])))
    ])
    let placed = try placings(path)
    #expect(placed.map(\.clockEpoch) == [2, 3].map { Fixture.clockEpoch($0) })
    _ = try commit(
      placed.map {
        JournalEntry(
          stamp: Fixture.stamp(), content: .anchor($0.anchor), clockEpoch: $0.clockEpoch)
      })
    let during = try everything()
    #expect(during != before)
    #expect(try dates(path).allSatisfy { $0.boundUs != nil })
    replaces = try commit([
      JournalEntry(
        stamp: Fixture.stamp(),
        content: .registerWrite(RegisterWrite(key: key, value: nil, replaces: replaces)))
    ])
    let after = try everything()
    let other = zip(before, after).first { $0 != $1 }
    #expect(after == before, "\(other.map { "\($0)\n\($1)" } ?? "of another length")")
    #expect(try placings(path).isEmpty)
  }

  @Test(
    "a boot that nobody dated lies between its neighbours, wherever its wall clock was",
    arguments: [-baseUs, -14 * 24 * hour, 50 * 8_766 * hour, 5 * hour])
  func between(wrongUs: Int64) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try run(path, boot: 1, hours: 3, wallUs: Self.baseUs, anchorUs: Self.baseUs)
    let secondUs = Self.baseUs + 5 * Self.hour
    try run(path, boot: 2, hours: 4, wallUs: secondUs + wrongUs)
    let thirdUs = Self.baseUs + 10 * Self.hour
    try run(path, boot: 3, hours: 2, wallUs: thirdUs, anchorUs: thirdUs)

    let placings = try self.placings(path)
    #expect(placings.map(\.clockEpoch) == [Fixture.clockEpoch(2)])
    let anchor = try #require(placings.first?.anchor)
    // It began at the 3rd hour at the earliest, and 4 hours before the third one at the latest.
    #expect(anchor.utcUs >= Self.baseUs + 3 * Self.hour)
    #expect(anchor.utcUs <= Self.baseUs + 6 * Self.hour)
    #expect(abs(anchor.utcUs - secondUs) <= anchor.errorUs)

    let entry = JournalEntry(
      stamp: Fixture.stamp(), content: .anchor(anchor), clockEpoch: placings[0].clockEpoch)
    try run(
      path, boot: 4, hours: 1, wallUs: thirdUs + 9 * Self.hour,
      anchorUs: thirdUs + 9 * Self.hour, journal: [entry])
    let dates = try dates(path)
    #expect(dates.map(\.utcUs) == dates.map(\.utcUs).sorted())
    for (index, date) in dates[3..<7].enumerated() {
      let trueUs = secondUs + Int64(index + 1) * Self.hour
      #expect(date.quality == .uncertain)
      #expect(abs(date.utcUs - trueUs) <= date.boundUs ?? -1)
    }
    #expect(dates[..<3].allSatisfy { $0.quality == .good })
    #expect(try self.placings(path).isEmpty)
  }

  @Test("what cannot be placed between two is left to its wall clock") func open() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try run(path, boot: 1, hours: 2, wallUs: 0)
    try run(path, boot: 2, hours: 2, wallUs: Self.baseUs, anchorUs: Self.baseUs)
    try run(path, boot: 3, hours: 2, wallUs: Self.baseUs + 9 * Self.hour)
    #expect(try self.placings(path).isEmpty)
    #expect(try dates(path).map { $0.boundUs == nil } == [true, true, false, false, true, true])
  }

  @Test("two boots in a row share what lies between") func two() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try run(path, boot: 1, hours: 1, wallUs: Self.baseUs, anchorUs: Self.baseUs)
    try run(path, boot: 2, hours: 2, wallUs: 0)
    try run(path, boot: 3, hours: 3, wallUs: 0)
    let lastUs = Self.baseUs + 10 * Self.hour
    try run(path, boot: 4, hours: 1, wallUs: lastUs, anchorUs: lastUs)
    let placings = try self.placings(path)
    // The room between, how far off both anchors are, and what six hours can drift by.
    let errorUs = 4 * Self.hour + 20 + 6 * Self.hour * NodeTimeline.driftPpm / 1_000_000
    #expect(
      placings.map(\.anchor)
        == [1, 3].map {
          Anchor(bootUs: 0, utcUs: Self.baseUs + $0 * Self.hour, errorUs: errorUs, origin: .unknown)
        })
  }
}
