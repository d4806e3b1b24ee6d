import Model
import Reactor
import Sync
import Testing

@testable import Storage

@Suite("Snapshots on disk") struct SnapshotTests {
  private func content(_ number: UInt8, count: Int = 100) -> [UInt8] {
    [UInt8](repeating: number, count: count)
  }

  private func hash(_ number: UInt8, count: Int = 100) -> [UInt8] {
    Blake2b.content(content(number, count: count))
  }

  /// Puts contents 1, 2, ... of 100 bytes.
  private func filled(_ path: String, _ count: UInt8) throws -> SnapshotFolder {
    var folder = SnapshotFolder(path: path)
    for number in 1...count {
      // The wall clock goes backwards all the while.
      try folder.put(content(number), hash: hash(number), wallUs: 1_000 - Int64(number))
    }
    return folder
  }

  @Test("what was put is there under its hash, private, and again after the end of the program")
  func kept() throws {
    let temporary = TemporaryFolder()
    let path = temporary.path + "/blobs"
    var folder = try filled(path, 2)
    #expect(folder.read(hash(1)) == content(1))
    #expect(folder.read(hash(9)) == nil)
    #expect(try System.isPrivate(path) && System.isPrivate(path + "/" + Hex.text(hash(1))))
    var again = SnapshotFolder(path: path)
    try again.look(named: [hash(1): 100, hash(2): 100], removesOthers: true)
    #expect(again.contents == folder.contents)
    #expect(again.contents.here == [hash(1), hash(2)] && again.contents.bytes == 200)
    #expect(again.read(hash(2)) == content(2))
  }

  @Test("the oldest go first, by the order they came in, whatever the wall clock said")
  func oldestFirst() throws {
    let temporary = TemporaryFolder()
    let path = temporary.path + "/blobs"
    _ = try filled(path, 4)
    var folder = SnapshotFolder(path: path)
    let named = Dictionary(uniqueKeysWithValues: (1...5).map { (hash($0), Int64(100)) })
    try folder.look(named: named, removesOthers: true)
    try folder.put(content(5), hash: hash(5), wallUs: 0)
    #expect(try folder.drop(downTo: 500, sparing: []) == 0)
    #expect(try folder.drop(downTo: 250, sparing: [hash(2)]) == 3)
    #expect(folder.contents.here == [hash(2), hash(5)])
    #expect(!System.exists(path + "/" + Hex.text(hash(1))))
    // One that comes again is the newest.
    try folder.put(content(2), hash: hash(2), wallUs: 0)
    #expect(try folder.drop(downTo: 100, sparing: []) == 1)
    #expect(folder.contents.here == [hash(2)])
  }

  @Test("what a crash left half written goes, and what nobody names only where all names are known")
  func orphans() throws {
    let temporary = TemporaryFolder()
    let path = temporary.path + "/blobs"
    _ = try filled(path, 3)
    let half = path + "/" + Hex.text(hash(4)) + ".77" + System.temporarySuffix
    try System.writeFile(half, [1])
    try System.writeFile(path + "/README", [1])
    var folder = SnapshotFolder(path: path)
    try folder.look(named: [hash(1): 100], removesOthers: false)
    #expect(folder.contents.here == [hash(1), hash(2), hash(3)] && !System.exists(half))
    try folder.look(named: [hash(1): 100], removesOthers: true)
    #expect(folder.contents.here == [hash(1)])
    #expect(!System.exists(path + "/" + Hex.text(hash(2))))
    #expect(System.exists(path + "/README"))
  }

  @Test("bytes that are not what their name says are never given, and healed when they come again")
  func damaged() throws {
    let temporary = TemporaryFolder()
    let path = temporary.path + "/blobs"
    var folder = try filled(path, 2)
    var bytes = content(1)
    bytes[50] ^= 1
    try System.writeFile(path + "/" + Hex.text(hash(1)), bytes)
    #expect(folder.read(hash(1)) == nil)
    #expect(folder.contents.damaged == [hash(1)] && folder.contents.here == [hash(2)])
    // A shorter one is seen at the start.
    try System.writeFile(path + "/" + Hex.text(hash(2)), [1])
    try folder.look(named: [hash(1): 100, hash(2): 100], removesOthers: true)
    #expect(folder.contents.damaged == [hash(2)])
    try folder.put(content(1), hash: hash(1), wallUs: 5)
    try folder.put(content(2), hash: hash(2), wallUs: 5)
    #expect(folder.read(hash(1)) == content(1) && folder.read(hash(2)) == content(2))
    #expect(folder.contents.damaged.isEmpty)
    // One that somebody took away is gone, not damaged.
    try System.removeFile(path + "/" + Hex.text(hash(2)))
    #expect(folder.read(hash(2)) == nil && folder.contents.damaged.isEmpty)
    #expect(folder.contents.here == [hash(1)])
  }

  @Test("what cannot be written says so, and is not there")
  func unwritable() throws {
    let temporary = TemporaryFolder()
    let path = temporary.path + "/blobs"
    // A file stands where the folder would.
    try System.writeFile(path, [1])
    var folder = SnapshotFolder(path: path)
    #expect(throws: DatabaseError.self) { try folder.put(content(1), hash: hash(1), wallUs: 0) }
    #expect(folder.contents == SnapshotContents())
  }

  @Test("manifests are folded at the start as they were on the way, own and others'")
  func folded() throws {
    let temporary = TemporaryFolder()
    let path = temporary.path + "/bivouac.db"
    var incremental = SnapshotFold()
    for number in 1...3 {
      let options = Fixture.options(path, run: UInt64(number), boot: UInt8(number))
      let core = try StoreCore(options)
      #expect(try core.open().snapshots == incremental)
      let entry = JournalEntry(
        stamp: Fixture.stamp(Int64(number)),
        content: .snapshotTaken(
          SnapshotTaken(
            device: Fixture.board, mediaType: .jpeg, size: 100, hash: hash(UInt8(number)),
            takenUs: 7, note: "n")))
      let receipt = try core.commit(
        PendingCommit(content: nil, clock: Fixture.clock(), journal: [entry]))
      let record = try #require(receipt.journal.last)
      #expect(record.lane == .blobs)
      incremental.apply(entry, record: record, clockEpoch: options.clockEpoch)
    }
    let core = try StoreCore(Fixture.options(path, run: 99))
    let opening = try core.open()
    #expect(opening.snapshots == incremental && opening.snapshots.count == 3)
    #expect(opening.unappliedCount == 0 && opening.damageCount == 0)
    #expect(try core.foldJournals().snapshots == incremental)
  }

  @Test("a manifest of a later kind on lane 4 is kept, counted as had, and given on")
  func laterKind() throws {
    let temporary = TemporaryFolder()
    let node = try MergingNode(1, folder: temporary.path)
    let seed = [UInt8](repeating: 77, count: NodeKey.seedByteCount)
    let key = try #require(NodeKey(seed: seed))
    let run = RunId(origin: key.id, incarnation: Incarnation(5))
    let taken = SnapshotTaken(
      device: Fixture.board, mediaType: .jpeg, size: 100, hash: hash(1), takenUs: 7, note: "")
    let stamped = JournalEncoder.encode(
      JournalEntry(stamp: Fixture.stamp(), content: .snapshotTaken(taken)))
    let known = SignedEntry(
      lane: .blobs, seq: 1, clockEpoch: Fixture.clockEpoch(99), kind: 28, body: stamped,
      previousLink: EntryChain.start, incarnation: run.incarnation, key: key)
    let later = SignedEntry(
      lane: .blobs, seq: 2, clockEpoch: Fixture.clockEpoch(99), kind: 300, body: stamped,
      previousLink: known.link(of: run), incarnation: run.incarnation, key: key)
    // On the lane of state it is none.
    let misplaced = SignedEntry(
      lane: .state, seq: 1, clockEpoch: Fixture.clockEpoch(99), kind: 28, body: stamped,
      previousLink: EntryChain.start, incarnation: run.incarnation, key: key)
    var batch = CarriedBatch()
    batch.take(.run(run))
    for entry in [known, later, misplaced] { batch.take(.entry(entry)) }
    let report = try node.core.receive(batch, from: key.id, Carrying.rules)
    #expect(report.entriesKept == 3 && report.unapplied == [.kind: 1, .rule: 1])
    #expect(report.applied.map(\.entry.content) == [.snapshotTaken(taken)])
    let log = LogId(run, .blobs)
    #expect(try node.core.vector()[log] == HaveLog(held: Intervals(1...2)))
    let served = try node.core.serve([log: Intervals(1...9)], bytesMax: 9_999, key: node.key)
    #expect(
      try Carrying.items(served.bytes).dropLast() == [.run(run), .entry(known), .entry(later)])
    #expect(try node.opened().snapshots.entries(of: nil).map(\.taken) == [taken])
  }
}
