import Model
import Protocol
import Reactor
import Simulation
import Testing

@testable import Devices
@testable import Gateway
@testable import Storage
@testable import Sync

@Suite("Recorder", .serialized) struct RecorderTests {
  private let disk = FaultDisk(seed: 1)
  private let board: DeviceIdentity
  private let options: StoreOptions
  private let temperature = Channel(key: "t", unit: "Cel", exponent: -1)

  init() throws {
    EventLoop.shared.start()
    board = try #require(DeviceIdentity(kind: .companion, bytes: Array(1...8)))
    options = StoreOptions(
      path: "node.db", node: try #require(NodeId(Array(repeating: 7, count: 32))),
      clockEpoch: try #require(ClockEpoch(Array(repeating: 3, count: 16))),
      incarnation: Incarnation(5), vfs: disk.name)
  }

  @Loop private func made() async throws -> (Recorder, Store) {
    let (store, opening) = try await Store.open(options)
    return (Recorder(store: store, opening: opening, intervalUs: 1_000_000), store)
  }

  /// Puts samples of the running epoch into the recorder.
  @Loop private func add(_ seqs: Range<UInt32>, to recorder: Recorder) {
    let outcomes = recorder.add { batch in
      _ = batch.open(Cursor(identity: board, epoch: 1, nonce: 9, ringCapacity: 64))
      return seqs.map {
        batch.append(
          device: board, epoch: 1, seq: $0, ticksMs: Int64($0), channel: temperature,
          value: .decimal(Int64($0), exponent: -1))
      }
    }
    #expect(outcomes.allSatisfy { $0 == .taken })
  }

  @Loop private func written(
    _ recorder: Recorder, _ content: JournalContent
  ) async -> DatabaseError? {
    await withCheckedContinuation { continuation in
      recorder.write(content, author: "test") { continuation.resume(returning: $0) }
    }
  }

  private var anchor: JournalContent {
    .anchor(Anchor(bootUs: 1, utcUs: 2, errorUs: 3, origin: .kernel))
  }

  @Loop private func count(_ store: Store) async throws -> Int {
    try await store.close()
    let (again, opening) = try await Store.open(options)
    let next = opening.cursors.cursor(of: board, epoch: 1)?.next
    try await again.close()
    return Int(next ?? 0)
  }

  @Test("a cursor is durable only when its commit is on the disk")
  @Loop func durable() async throws {
    let (recorder, store) = try await made()
    var told: [UInt32] = []
    recorder.onDurable = { told += $0.map(\.next) }
    add(0..<3, to: recorder)
    #expect(recorder.cursor(of: board, epoch: 1)?.next == 3)
    #expect(recorder.durable.cursor(of: board, epoch: 1) == nil)
    #expect(told.isEmpty)
    try await recorder.flush()
    #expect(recorder.durable.cursor(of: board, epoch: 1)?.next == 3)
    #expect(told == [3])
    let stored = try await count(store)
    #expect(stored == 3)
  }

  @Test("a board that begins anew before a commit leaves an epoch that is to be closed")
  @Loop func newEpochBeforeCommit() async throws {
    let (recorder, store) = try await made()
    add(0..<3, to: recorder)
    var hello = Hello()
    hello.deviceId = 1
    hello.nonce = 10
    hello.ringCapacity = 64
    hello.append(Hello.Epoch(epoch: 2, oldest: 0, next: 0))
    let verdict = CursorJudge.judge(hello, as: board, known: recorder.cursors(of: board))
    guard case .same(_, let close) = verdict else {
      Issue.record("taken for a copy")
      return
    }
    #expect(close.map(\.epoch) == [1])
    #expect(close.map(\.next) == [3])
    try await store.close()
  }

  @Test("what a full disk refused is written later, once, and nobody is told before")
  @Loop func full() async throws {
    let (recorder, store) = try await made()
    add(0..<1, to: recorder)
    try await recorder.flush()
    var told: [UInt32] = []
    var health: [DatabaseError.Kind?] = []
    recorder.onDurable = { told += $0.map(\.next) }
    recorder.onHealth = { health.append($0?.kind) }
    disk.fill()
    add(1..<4, to: recorder)
    let error = await written(recorder, anchor)
    #expect(error?.kind == .full)
    #expect(recorder.progress.error?.kind == .full)
    // What comes meanwhile waits behind.
    add(4..<6, to: recorder)
    #expect(recorder.progress.pending == 5)
    #expect(told.isEmpty)
    disk.heal()
    try await recorder.flush()
    try await recorder.flush()
    #expect(told == [4, 6])
    #expect(health == [.full, nil])
    #expect(recorder.progress.readings == 6 && recorder.progress.pending == 0)
    let stored = try await count(store)
    #expect(stored == 6)
  }

  @Test("more entries than one commit takes go in parts, and who waits for all waits for the last")
  @Loop func manyEntries() async throws {
    let (recorder, store) = try await made()
    disk.fill()
    for _ in 0..<(Recorder.entriesMax + 10) { recorder.note(anchor) }
    #expect(recorder.progress.entriesDropped == 10)
    let refused = await written(recorder, anchor)
    #expect(refused != nil)
    disk.heal()
    var commits = recorder.progress.commits
    while recorder.progress.commits < 8 {
      try await recorder.flush()
      #expect(recorder.progress.commits >= commits)
      commits = recorder.progress.commits
    }
    #expect(commits >= UInt64(Recorder.entriesMax / Recorder.entriesPerCommit))
    try await store.close()
  }

  @Test("of many wishes to remember a device the last is written")
  @Loop func coalesce() async throws {
    let (recorder, store) = try await made()
    var device = RememberedDevice(identity: board, kind: .companion)
    for number in 0..<50 {
      device.name = "name \(number)"
      recorder.remember(device)
    }
    try await recorder.flush()
    #expect(recorder.progress.commits == 1)
    try await store.close()
    let (again, opening) = try await Store.open(options)
    #expect(DeviceRegisters.restore(opening.registers) == [device])
    #expect(opening.registers.siblings(RegisterKey(.deviceName, board)).count == 1)
    try await again.close()
  }

  @Test("an end in order writes what is left, also what one commit does not hold")
  @Loop func stop() async throws {
    let (recorder, store) = try await made()
    for _ in 0..<(2 * Recorder.entriesPerCommit + 1) { recorder.note(anchor) }
    add(0..<2, to: recorder)
    let unsaved: Bool = await withCheckedContinuation { continuation in
      recorder.stop { continuation.resume(returning: $0) }
    }
    #expect(!unsaved)
    #expect(recorder.progress.commits == 3)
    let stored = try await count(store)
    #expect(stored == 2)
  }

  @Test("an end on a full disk says that something is unsaved")
  @Loop func stopFull() async throws {
    let (recorder, store) = try await made()
    disk.fill()
    add(0..<2, to: recorder)
    let unsaved: Bool = await withCheckedContinuation { continuation in
      recorder.stop { continuation.resume(returning: $0) }
    }
    #expect(unsaved)
    disk.heal()
    try await store.close()
  }
}
