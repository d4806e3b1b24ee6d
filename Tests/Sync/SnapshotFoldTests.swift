import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Manifests of snapshots") struct SnapshotFoldTests {
  private struct Record: Hashable {
    var entry: JournalEntry
    var record: RecordId
    var clockEpoch: ClockEpoch
  }

  private func record(
    _ number: Int, device: UInt8 = 1, origin: UInt8 = 1, wallUs: Int64? = nil,
    trusted: Bool = true, content: UInt8? = nil
  ) throws -> Record {
    let node = try #require(NodeId([UInt8](repeating: origin, count: 32)))
    let identity = try #require(
      DeviceIdentity(kind: .simulated, bytes: [0, 0, 0, 0, 0, 0, 0, device]))
    let hash = [UInt8](repeating: content ?? UInt8(truncatingIfNeeded: number), count: 32)
    return Record(
      entry: JournalEntry(
        stamp: Stamp(
          trusted: trusted, bootUs: 9, wallUs: wallUs ?? Int64(number), author: "local:0"),
        content: .snapshotTaken(
          SnapshotTaken(
            device: identity, mediaType: .png, size: Int64(number), hash: hash, takenUs: 5,
            note: ""))),
      record: RecordId(
        origin: node, incarnation: Incarnation(1), lane: .blobs, seq: UInt64(number)),
      clockEpoch: try #require(ClockEpoch([UInt8](repeating: origin, count: 16))))
  }

  private func fold(_ records: [Record], limit: Int = 100) -> SnapshotFold {
    var fold = SnapshotFold(limit: limit)
    for one in records { fold.apply(one.entry, record: one.record, clockEpoch: one.clockEpoch) }
    return fold
  }

  private func sizes(_ fold: SnapshotFold) -> [Int64] { fold.entries(of: nil).map(\.taken.size) }

  @Test("whatever comes first, and however often, the fold is the same")
  func order() throws {
    var records = try (1...12).map {
      try record($0, device: UInt8($0 % 3), origin: UInt8($0 % 2), wallUs: Int64($0 * 7 % 5))
    }
    let whole = fold(records)
    let few = fold(records, limit: 5)
    var prng = Prng(seed: 28)
    for _ in 0..<100 {
      records.shuffle(using: &prng)
      #expect(fold(records) == whole)
      #expect(fold(records + records) == whole)
      // Which were left out hangs on rank alone.
      #expect(fold(records, limit: 5) == few)
    }
    #expect(whole.count == 12 && whole.isWhole)
    #expect(few.count == 5 && !few.isWhole)
  }

  @Test("of too many the lowest rank goes, and with it a content that nobody else names")
  func limit() throws {
    let found = fold(
      [
        try record(1, content: 7), try record(2, device: 2), try record(3, content: 7),
        try record(4, wallUs: 99, trusted: false, content: 8),
      ], limit: 2)
    // By no clock at all is below every clock that is trusted.
    #expect(Set(sizes(found)) == [2, 3])
    #expect(found.names([UInt8](repeating: 7, count: 32)))
    #expect(!found.names([UInt8](repeating: 8, count: 32)))
    #expect(found.entries(naming: [UInt8](repeating: 7, count: 32)).map(\.taken.size) == [3])
    #expect(found.contents.values.sorted() == [2, 3])
  }

  @Test("the newest of a device comes first, and other kinds say nothing")
  func listed() throws {
    var found = fold([try record(2), try record(3), try record(1), try record(9, device: 2)])
    let first = try record(1)
    let device = try #require(
      DeviceIdentity(kind: .simulated, bytes: [0, 0, 0, 0, 0, 0, 0, 1]))
    #expect(found.entries(of: [device]).map(\.taken.size) == [3, 2, 1])
    let before = found
    found.apply(
      JournalEntry(stamp: first.entry.stamp, content: .incarnation(IncarnationBegun(parent: nil))),
      record: first.record, clockEpoch: first.clockEpoch)
    #expect(found == before)
  }

  @Test("a manifest needs the right to record, on lane 4")
  func right() throws {
    let entry = try record(1)
    #expect(entry.entry.content.lane == .blobs && entry.entry.content.kind == 28)
    #expect(
      Rights.need(of: entry.entry.content, by: entry.record.origin) == .scopes(.record))
  }
}
