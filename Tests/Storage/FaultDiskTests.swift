import Model
import Simulation
import Storage
import Sync
import Testing

@Suite("A disk with a bound") struct FaultDiskTests {
  private func store(_ disk: FaultDisk) throws -> PlainStore {
    let key = try #require(NodeKey(seed: [UInt8](repeating: 7, count: NodeKey.seedByteCount)))
    let boot = try #require(ClockEpoch([UInt8](repeating: 1, count: 16)))
    return try PlainStore(
      StoreOptions(
        path: "node.db", node: key.id, clockEpoch: boot, incarnation: Incarnation(5),
        vfs: disk.name))
  }

  /// A note of so many bytes: more than the write-ahead log has room for in what it holds already.
  private func note(_ count: Int) throws -> PendingCommit {
    let id = try #require(FactId([UInt8](repeating: 3, count: 16)))
    let key = try #require(NodeKey(seed: [UInt8](repeating: 7, count: NodeKey.seedByteCount)))
    let annotation = Annotation(
      id: id, subject: .node(key.id), fromUs: 0, toUs: 5,
      text: String(repeating: "x", count: count))
    return PendingCommit(
      content: nil,
      clock: ClockObservation(bootUs: 9, wallUs: 9, trusted: false, errorUs: 500),
      journal: [
        JournalEntry(
          stamp: Stamp(trusted: false, bootUs: 9, wallUs: 9, author: "n"),
          content: .annotation(annotation))
      ])
  }

  @Test("what others have filled takes nothing more until the ballast is given") func ballast()
    throws
  {
    let disk = FaultDisk(seed: 1)
    let store = try store(disk)
    _ = try store.commit(try note(1_000))
    disk.ballastBytes = 1 << 20
    disk.roomBytes = disk.usedBytes + disk.ballastBytes
    let full = #expect(throws: DatabaseError.self) {
      for _ in 0..<40 { _ = try store.commit(try note(1_000)) }
    }
    #expect(full?.kind == .full)
    let used = disk.usedBytes
    disk.ballastBytes = 0
    for _ in 0..<40 { _ = try store.commit(try note(1_000)) }
    #expect(disk.usedBytes > used)
  }
}
