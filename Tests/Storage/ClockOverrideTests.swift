import Model
import Sync
import Testing

@testable import Storage

@Suite("Overrides of clocks on record") struct ClockRecordTests {
  private static let hour: Int64 = 3_600_000_000
  private static let baseUs: Int64 = 1_700_000_000_000_000

  /// Three boots, one after the other: ten hours, with anchors but for the second one.
  private func fill(_ path: String) throws -> ClocksOnRecord {
    for boot in 1...3 as ClosedRange<UInt8> {
      let core = try StoreCore(Fixture.options(path, run: UInt64(boot), boot: boot))
      var batch = ReadingBatch(cursors: try core.open().cursors)
      _ = batch.append(
        device: Fixture.board, bootUs: 5 * Self.hour, channel: Fixture.temperature,
        value: .decimal(1, exponent: 0))
      let began = Self.baseUs + Int64(boot) * 10 * Self.hour
      let anchor = Anchor(bootUs: 0, utcUs: began, errorUs: 1_000, origin: .kernel)
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: 5 * Self.hour),
          clock: ClockObservation(
            bootUs: 5 * Self.hour, wallUs: 5 * Self.hour, trusted: false, errorUs: 0),
          journal: boot == 2
            ? [] : [JournalEntry(stamp: Fixture.stamp(), content: .anchor(anchor))]))
    }
    let history = try HistoryCore(path: path, vfs: nil)
    return try history.reading { () throws(DatabaseError) in try history.clocks() }
  }

  private func said(_ hours: Int64, bootUs: Int64 = 0, boundUs: Int64 = 0) -> ClockOverride {
    ClockOverride(
      bootUs: bootUs, utcUs: Self.baseUs + hours * Self.hour, boundUs: boundUs, note: "")
  }

  @Test("boots are listed in their order, with their last commits") func list() throws {
    let folder = TemporaryFolder()
    let clocks = try fill(folder.path + "/bivouac.db")
    #expect(clocks.boots.map(\.clockEpoch) == [1, 2, 3].map { Fixture.clockEpoch($0) })
    #expect(clocks.boots.map(\.lastUs) == [5, 5, 5].map { $0 * Self.hour })
    #expect(
      clocks.boots.map { clocks.timeline.node.isAnchored($0.clockEpoch) }
        == [true, false, true])
  }

  @Test("what its own anchors contradict by more than their bound is told") func anchors() throws {
    let folder = TemporaryFolder()
    let clocks = try fill(folder.path + "/bivouac.db")
    let first = clocks.boots[0]
    #expect(clocks.contradiction(to: said(10), of: first) == nil)
    #expect(
      clocks.contradiction(to: said(9), of: first)
        == .anchors(offUs: -Self.hour, boundUs: 1_000))
    #expect(clocks.contradiction(to: said(9, boundUs: Self.hour), of: first) == nil)
  }

  @Test("a boot cannot begin before the one before it ended, nor end after the next one began")
  func neighbours() throws {
    let folder = TemporaryFolder()
    let clocks = try fill(folder.path + "/bivouac.db")
    let second = clocks.boots[1]
    for hours in 15...25 as ClosedRange<Int64> {
      #expect(clocks.contradiction(to: said(hours, boundUs: Self.hour), of: second) == nil)
    }
    #expect(
      clocks.contradiction(to: said(12), of: second) == .before(number: 1, offUs: 3 * Self.hour))
    #expect(
      clocks.contradiction(to: said(27), of: second) == .after(number: 3, offUs: 2 * Self.hour))
    #expect(clocks.contradiction(to: said(12, boundUs: 4 * Self.hour), of: second) == nil)
    #expect(
      clocks.contradiction(to: said(30, bootUs: 10 * Self.hour), of: second) == nil,
      "it is said of its tenth hour")
  }
}
