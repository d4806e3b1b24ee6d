import Boards
import Glibc
import Model
import Reactor
import Testing

@testable import Devices
@testable import Gateway
@testable import Storage
@testable import Sync

/// From a sample that no commit can hold to the gap in its place, and on to the board.
///
/// No board brings one this far: what Storage refuses, the protocol refuses before it. So the way
/// is walked with a channel that is spoiled here, between the board's frame and the batch.
@Suite("Samples that no commit can hold", .serialized) struct RejectedSamplesTests {
  private static let waitUs: Int64 = 20_000_000
  private static let channels: UInt32 = 27
  private static let spoiled: UInt32 = 3

  init() { EventLoop.shared.start() }

  @Loop private func until(_ what: String, _ condition: @Loop () -> Bool) async throws {
    let endUs = Clock.bootUs() + Self.waitUs
    while !condition() {
      try #require(Clock.bootUs() < endUs, "\(what) did not come true")
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("stand as counted gaps between the stored ones, and the board is told of all of them")
  @Loop func rejected() async throws {
    let folder = try ConfigurationTests.Folder()
    let path = folder.path + "/node.db"
    defer { for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(path + suffix) } }
    let node = try #require(NodeId(Array(repeating: 7, count: 32)))
    let clockEpoch = try #require(ClockEpoch(Array(repeating: 3, count: 16)))
    let (store, opening) = try await Store.open(
      StoreOptions(path: path, node: node, clockEpoch: clockEpoch, incarnation: Incarnation(5)))
    let history = try await History.open(path: path)
    var settings = NodeSettings(
      node: node, incarnation: Incarnation(5), clockEpoch: clockEpoch, stateFolder: folder.path,
      databasePath: path)
    settings.commitIntervalUs = 1_000_000
    let gateway = Node(
      settings: settings, store: store, history: history, opening: opening,
      log: Log(threshold: .error))

    let board = try SimulatedBoard(kind: .otomateCompanion, seed: 1, secondsOfDay: 43_200)
    let syspath = try gateway.adoptSimulated(try board.openLine(), label: "board")
    let attachment = try #require(gateway.attachments[syspath])
    try await until("a first sample") { attachment.stored > 0 }
    #expect(attachment.rejected == 0 && attachment.problem == nil)
    var described = attachment.descriptor
    described.channels[Int(Self.spoiled)].key = "more-than-16-bytes"
    attachment.describe(described)
    try await until("three refused samples") { attachment.rejected >= 3 }
    let made = board.samplesMade
    try await until("their acknowledgement") {
      board.samplesMade - UInt32(board.samplesHeld) >= made
    }

    // The person sees it, and the session is the same as before.
    let view = attachment.view
    #expect(view.samplesRejected == attachment.rejected)
    #expect(attachment.problem?.code == "samples.rejected")
    #expect(attachment.problem?.parameters["count"] == "\(attachment.rejected)")
    #expect(view.hellos == 2 && view.samplesDeclaredLost == 0 && view.samplesRepeated == 0)

    let identity = try #require(attachment.identity)
    try await gateway.recorder.flush()
    let end = try #require(gateway.recorder.durable.cursor(of: identity, epoch: 1)?.next)
    #expect(end >= made)
    var query = ReadingQuery()
    query.device = identity
    query.limit = 10_000
    let stored = try await history.page(query).readings.compactMap { $0.numbering?.seq }
    #expect(stored == stored.sorted() && Set(stored).count == stored.count)
    let missing = Set(0..<end).subtracting(stored)
    #expect(UInt64(missing.count) == attachment.rejected)
    #expect(missing.allSatisfy { $0 % Self.channels == Self.spoiled })

    board.close()
    await withCheckedContinuation { continuation in
      gateway.stop { _ in continuation.resume() }
    }
    await history.close()
    try await store.close()
  }
}
