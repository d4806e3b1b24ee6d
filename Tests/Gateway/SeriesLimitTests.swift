import Api
import Boards
import Glibc
import Model
import Reactor
import Testing

@testable import Devices
@testable import Gateway
@testable import Storage
@testable import Sync

@Suite("How many series a node takes") struct SeriesLedgerTests {
  @Test("up to the limit there is room, and not for one more") func limit() {
    var ledger = SeriesLedger(limit: 10, known: 3)
    let exact = ledger.take(7)
    #expect(exact && ledger.known == 10)
    let more = ledger.take(1)
    #expect(!more && ledger.known == 10)
    #expect(ledger.hasRoom(for: 0) && !ledger.hasRoom(for: 1))
    var full = SeriesLedger(limit: 10, known: 12)
    #expect(!full.hasRoom(for: 0) && !full.hasRoom(for: 1))
    let none = full.take(1)
    #expect(!none)
  }

  @Test("they are counted anew when there seems to be no room, once a minute") func count() {
    var ledger = SeriesLedger(limit: 10, known: 10)
    #expect(ledger.isCountDue(nowUs: 5))
    ledger.count(4, nowUs: 5)
    #expect(ledger.known == 4 && ledger.hasRoom(for: 6))
    #expect(!ledger.isCountDue(nowUs: 4 + SeriesLedger.recountUs))
    #expect(ledger.isCountDue(nowUs: 5 + SeriesLedger.recountUs))
  }
}

/// What boards bring beyond the series that a node takes, from the frame to the status.
@Suite("Series beyond the limit", .serialized) struct SeriesLimitTests {
  private static let waitUs: Int64 = 20_000_000
  private static let channels = 27

  init() { EventLoop.shared.start() }

  /// A node that takes so many series, on a database of its own.
  @Loop private final class World {
    let folder: ConfigurationTests.Folder
    let gateway: Node
    let store: Store
    let history: History

    init(seriesMax: Int) async throws {
      folder = try ConfigurationTests.Folder()
      let path = folder.path + "/node.db"
      let node = try #require(NodeId(Array(repeating: 7, count: 32)))
      let clockEpoch = try #require(ClockEpoch(Array(repeating: 3, count: 16)))
      let (store, opening) = try await Store.open(
        StoreOptions(path: path, node: node, clockEpoch: clockEpoch, incarnation: Incarnation(5)))
      self.store = store
      history = try await History.open(path: path)
      var settings = NodeSettings(
        node: node, incarnation: Incarnation(5), clockEpoch: clockEpoch, stateFolder: folder.path,
        databasePath: path)
      settings.commitIntervalUs = 500_000
      settings.seriesMax = seriesMax
      gateway = Node(
        settings: settings, store: store, history: history, opening: opening,
        log: Log(threshold: .error))
    }

    func plug(_ seed: UInt64) throws -> (SimulatedBoard, Gateway.Attachment) {
      let board = try SimulatedBoard(kind: .otomateCompanion, seed: seed, secondsOfDay: 43_200)
      let syspath = try gateway.adoptSimulated(try board.openLine(), label: "board \(seed)")
      return (board, try #require(gateway.attachments[syspath]))
    }

    func end(_ boards: [SimulatedBoard]) async throws {
      for board in boards { board.close() }
      await withCheckedContinuation { continuation in
        gateway.stop { _ in continuation.resume() }
      }
      await history.close()
      try await store.close()
      for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(folder.path + "/node.db" + suffix) }
    }
  }

  @Loop private func until(_ what: String, _ condition: @Loop () -> Bool) async throws {
    let endUs = Clock.bootUs() + Self.waitUs
    while !condition() {
      try #require(Clock.bootUs() < endUs, "\(what) did not come true")
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("keep a new board waiting with its samples, are told with cause, and others go on")
  @Loop func newBoard() async throws {
    let world = try await World(seriesMax: Self.channels)
    let (first, one) = try world.plug(1)
    try await until("a first sample") { one.stored > 0 }
    #expect(one.problem == nil && world.gateway.ledger.known == Self.channels)
    let (second, other) = try world.plug(2)
    try await until("a refusal") { other.problem?.code == "series.limit" }
    let identity = try #require(other.identity)
    #expect(other.problem?.parameters["channels"] == "\(Self.channels)")
    #expect(other.problem?.parameters["device"] == identity.text)
    let (made, stored) = (second.samplesMade, one.stored)
    try await until("more samples of both") {
      second.samplesMade > made && one.stored > stored + UInt64(2 * Self.channels)
    }
    // Nothing of the new board is stored or acknowledged: it has all it made, or its ring is full.
    #expect(other.stored == 0 && other.overLimit == 0)
    #expect(world.gateway.recorder.cursors(of: identity).isEmpty)
    let notices = await world.gateway.status().notices
    let notice = try #require(notices.first { $0.code == "series.limit" })
    #expect(notice.parameters["limit"] == "\(Self.channels)")
    #expect(notice.parameters["device"] == identity.text && notice.parameters["boards"] == "1")
    #expect(one.problem == nil)
    // With room again it is taken, from its first sample on.
    world.gateway.ledger = SeriesLedger(limit: 1_000, known: Self.channels)
    try await until("samples of the other") { other.stored > 0 }
    #expect(other.problem == nil)
    try await world.end([first, second])
  }

  @Test("let a board that is known go on, whatever the count says")
  @Loop func known() async throws {
    let world = try await World(seriesMax: 1_000)
    let (board, attachment) = try world.plug(3)
    try await until("a first sample") { attachment.stored > 0 }
    try await world.gateway.recorder.flush()
    world.gateway.ledger = SeriesLedger(limit: 1, known: 1)
    let (stored, hellos) = (attachment.stored, attachment.hellos)
    attachment.admission = nil
    attachment.link.restart()
    try await until("another session") {
      attachment.hellos > hellos && attachment.stored > stored + UInt64(Self.channels)
    }
    #expect(world.gateway.ledger.known == Self.channels, "they were counted")
    #expect(attachment.problem == nil && attachment.overLimit == 0)
    // A person adds to what there is, and not to what would be one more.
    let device = try #require(attachment.identity?.text)
    let key = attachment.descriptor.channels[0].key
    try await world.gateway.requireSeriesRoom(key, of: try #require(attachment.identity))
    let request = LateValuesRequest(
      device: device, channel: "unheard",
      values: [LateValue(timeUs: 1_700_000_000_000_000, value: "1")])
    await #expect { try await world.gateway.addLate(request, author: "test") } throws: { error in
      (error as? ServiceError)?.code == "series.limit" && (error as? ServiceError)?.status == 507
    }
    try await world.end([board])
  }

  @Test("stand as counted gaps where only some channels of a board are new")
  @Loop func some() async throws {
    let world = try await World(seriesMax: 1_000)
    let (board, attachment) = try world.plug(4)
    try await until("a first sample") { attachment.stored > 0 }
    attachment.admission?.refused = [3]
    attachment.recorded = nil
    let stored = attachment.stored
    try await until("refused samples") { attachment.overLimit >= 3 }
    try await until("stored ones") { attachment.stored > stored + UInt64(Self.channels) }
    #expect(attachment.rejected == 0 && attachment.problem?.code == "series.limit")
    #expect(attachment.problem?.parameters["count"] == "\(attachment.overLimit)")
    #expect(attachment.view.samplesRejected == attachment.overLimit)
    #expect(world.gateway.seriesRefused == attachment.overLimit)
    try await world.end([board])
  }
}
