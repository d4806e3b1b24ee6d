import Model
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Facts among readings") struct FactsTests {
  private static let baseUs: Int64 = 1_700_000_000_000_000

  private static func id(_ number: UInt8) -> FactId {
    guard let id = FactId([UInt8](repeating: number, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return id
  }

  private static func anchor(_ utcUs: Int64 = baseUs) -> JournalEntry {
    entry(.anchor(Anchor(bootUs: 0, utcUs: utcUs, errorUs: 10, origin: .kernel)))
  }

  private static func entry(_ content: JournalContent) -> JournalEntry {
    JournalEntry(stamp: Fixture.stamp(), content: content)
  }

  /// A store with one commit of ten readings on the node's clock, a second apart from 100 s on.
  private final class Bench {
    let folder = TemporaryFolder()
    let store: StoreCore
    let history: HistoryCore

    init() throws {
      let path = folder.path + "/bivouac.db"
      store = try StoreCore(Fixture.options(path))
      var batch = ReadingBatch(cursors: try store.open().cursors)
      for step in 0..<10 as Range<Int64> {
        _ = batch.append(
          device: Fixture.board, bootUs: 100_000_000 + step * 1_000_000,
          channel: Fixture.temperature, value: .decimal(step, exponent: -1))
      }
      _ = try store.commit(
        PendingCommit(
          content: batch.take(arrivalUs: 110_000_000), clock: Fixture.clock(110_000_000),
          journal: [FactsTests.anchor()]))
      history = try HistoryCore(path: path, vfs: nil)
    }

    func write(_ content: JournalContent) throws {
      _ = try store.commit(
        PendingCommit(content: nil, clock: Fixture.clock(), journal: [FactsTests.entry(content)]))
    }

    func values(_ query: ReadingQuery = ReadingQuery()) throws -> [String] {
      try all(query).map { $0.value.description + ($0.late == nil ? "" : " late") }
    }

    func all(_ query: ReadingQuery = ReadingQuery()) throws -> [StoredReading] {
      var query = query
      var found: [StoredReading] = []
      while true {
        let page = try history.page(query)
        found += page.readings
        guard let next = page.next else { return found }
        query.cursor = QueryCursor(text: next.text)
      }
    }
  }

  private static func deletion(
    _ utc: Range<Int64>, _ pieces: [Deletion.Piece] = []
  ) -> Deletion {
    Deletion(
      id: id(1), scope: SeriesScope(Fixture.board, "temp"), utc: utc, pieces: pieces, reason: "")
  }

  private static func late(
    _ number: UInt8, _ points: [(Int64, Int64)], channel: String = "temp"
  ) -> LateValues {
    LateValues(
      id: id(number), device: Fixture.board,
      channel: CommitChannel(
        key: channel, unit: "Cel", kind: .measurement, form: .decimal(exponent: -1)),
      boundUs: 7, points: points.map { LateValues.Point(utcUs: $0.0, value: .decimal($0.1)) },
      note: "lab")
  }

  @Test("what is deleted is hidden in either order, and shown again when that is undone")
  func hidden() throws {
    let bench = try Bench()
    let all = try bench.values()
    #expect(all.count == 10)
    try bench.write(
      .deletion(Self.deletion((Self.baseUs + 103_000_000)..<(Self.baseUs + 106_000_000))))
    let left = ["0.0", "0.1", "0.2", "0.6", "0.7", "0.8", "0.9"]
    #expect(try bench.values() == left)
    var query = ReadingQuery()
    query.order = .newestFirst
    query.limit = 2
    #expect(try bench.values(query) == left.reversed())
    try bench.write(.deletionUndone(Withdrawal(target: Self.id(1), reason: "")))
    #expect(try bench.values() == all)
  }

  @Test("an undo that is on record before its deletion leaves nothing hidden") func undoFirst()
    throws
  {
    let bench = try Bench()
    try bench.write(.deletionUndone(Withdrawal(target: Self.id(1), reason: "")))
    try bench.write(.deletion(Self.deletion(0..<Int64.max)))
    #expect(try bench.values().count == 10)
  }

  @Test("what was hidden stays hidden when a later anchor dates it elsewhere") func redated()
    throws
  {
    let bench = try Bench()
    let utc = (Self.baseUs + 103_000_000)..<(Self.baseUs + 106_000_000)
    let pieces = try bench.history.reading { bench.history.pieces(of: utc, Fixture.board) }
    #expect(
      pieces == [
        Deletion.Piece(
          clock: .node(Fixture.clockEpoch()), times: 103_000_000..<106_000_000)
      ])
    try bench.write(.deletion(Self.deletion(utc, pieces)))
    let left = try bench.values()
    #expect(left.count == 7)
    // The wall clock was a year off.
    try bench.write(
      .anchor(
        Anchor(
          bootUs: 0, utcUs: Self.baseUs + 31_536_000_000_000, errorUs: 10, origin: .kernel)))
    #expect(try bench.values() == left)
  }

  @Test("late values come with their own time, author and note, page by page") func late() throws {
    let bench = try Bench()
    try bench.write(.lateValues(Self.late(2, [(5, 68), (9, 69), (9, 70)])))
    try bench.write(.lateValues(Self.late(3, [(1, 67)])))
    let expected = ["6.7 late", "6.8 late", "6.9 late", "7.0 late"]
    for limit in [1, 2, 3, 11, 100] {
      var query = ReadingQuery()
      query.limit = limit
      #expect(try bench.values(query).suffix(4) == expected, "limit \(limit)")
      #expect(try bench.values(query).count == 14, "limit \(limit)")
      query.order = .newestFirst
      #expect(try bench.values(query).suffix(4) == expected.reversed(), "limit \(limit)")
      query.span = .utc(5..<10)
      #expect(try bench.values(query) == expected.suffix(3).reversed(), "limit \(limit)")
    }
    let reading = try #require(try bench.all().last)
    #expect(reading.late == StoredReading.Late(id: Self.id(2), author: "node", note: "lab"))
    #expect(reading.date.utc == Dating(utcUs: 9, boundUs: 7, quality: .good))
    #expect(reading.unit == "Cel")
    var query = ReadingQuery()
    query.channel = "hum"
    #expect(try bench.all(query).isEmpty)
    query = ReadingQuery()
    query.span = .node(Fixture.clockEpoch(), 0..<Int64.max)
    #expect(try bench.all(query).allSatisfy { $0.late == nil })
  }

  @Test("late values are withdrawn, and no deletion hides them") func withdrawn() throws {
    let bench = try Bench()
    try bench.write(.lateValues(Self.late(2, [(5, 68)])))
    try bench.write(.deletion(Self.deletion(Int64.min..<Int64.max)))
    #expect(try bench.values() == ["6.8 late"])
    try bench.write(.lateValuesWithdrawn(Withdrawal(target: Self.id(2), reason: "")))
    #expect(try bench.values() == [])
    let facts = try bench.history.reading { FactsOnRecord(bench.history.facts) }
    #expect(facts.late.known(Self.id(2))?.withdrawn != nil)
  }

  @Test("the late values of one series in a span come by time, over overlapping entries")
  func series() throws {
    let bench = try Bench()
    try bench.write(.lateValues(Self.late(2, [(5, 68), (20, 69)])))
    try bench.write(.lateValues(Self.late(3, [(1, 67), (9, 70)])))
    try bench.write(.lateValues(Self.late(4, [(9, 1)], channel: "hum")))
    _ = try bench.all()
    let found = try bench.history.lateReadings(Fixture.board, "temp", utc: 2..<21)
    #expect(found.map(\.utcUs) == [5, 9, 20])
    #expect(try bench.history.lateReadings(Fixture.board, "temp", utc: 20..<21).count == 1)
    #expect(try bench.history.lateReadings(Fixture.board, "temp", utc: 21..<22).isEmpty)
    #expect(try bench.history.lateReadings(Fixture.companion(2), "temp", utc: 0..<99).isEmpty)
  }

  @Test("pieces of a span lie on the clocks that date it, whatever the span", arguments: 0..<200)
  func pieces(seed: Int) throws {
    var prng = Prng(seed: UInt64(seed))
    var timeline = Timeline()
    var bootUs: Int64 = 0
    var utcUs = Self.baseUs
    for _ in 0...prng.below(4) {
      timeline.apply(
        .anchor(Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: 1, origin: .kernel)),
        in: Fixture.clockEpoch())
      let elapsedUs = Int64(1_000_000 + prng.below(3_600_000_000))
      bootUs += elapsedUs
      utcUs += elapsedUs + Int64(prng.below(400)) - 200
    }
    let from = Self.baseUs + Int64(prng.below(7_200_000_000)) - 1_000_000_000
    let utc = from..<(from + 1 + Int64(prng.below(3_600_000_000)))
    let pieces = timeline.pieces(
      of: utc, Fixture.board, clockEpochs: [Fixture.clockEpoch()])
    for _ in 0..<50 {
      let time = NodeTime(
        clockEpoch: Fixture.clockEpoch(), bootUs: Int64(prng.below(10_000_000_000)))
      let date = try #require(timeline.node.date(time)).utcUs
      let isInside = pieces.contains { $0.times.contains(time.bootUs) }
      #expect(isInside == utc.contains(date), "seed \(seed) \(time.bootUs)")
    }
  }
}
