import Model
import Reactor
import Simulation
import TestSupport
import Testing

@testable import Api
@testable import Gateway
@testable import Storage
@testable import Sync

/// A node with a real store and a desk for bundles.
@Loop final class BundleNode {
  let key: NodeKey
  let store: Store
  private let disk: FaultDisk
  private var batch: ReadingBatch
  private var bootUs: Int64 = 1_000_000
  private var seq: UInt32 = 0
  private let board: DeviceIdentity

  var site: SiteId?
  /// Nodes that are members as this one knows.
  var members: Set<NodeId> = []
  var known: [NodeId: HaveVector] = [:]
  var membership: [LogId: Intervals] = [:]
  private(set) var reports: [ReceiveReport] = []
  private(set) var carriers: Set<NodeId> = []
  var onReport: @Loop () -> Void = {}
  private(set) var receipts: [NodeId: HaveVector] = [:]

  lazy var desk = BundleDesk(
    store: store, key: key,
    surroundings: .init(
      site: { [weak self] in self?.site }, membership: { [weak self] in self?.membership ?? [:] },
      known: { [weak self] in self?.known[$0] },
      rules: { [weak self] in
        let members = self?.members ?? []
        return ReceiveRules {
          members.contains($0)
        } unapplied: { _, _ in
          nil
        }
      },
      absorb: { [weak self] report, carrier in
        self?.reports.append(report)
        self?.carriers.insert(carrier)
        self?.onReport()
      },
      acknowledge: { [weak self] node, vector in
        guard let self, self.members.contains(node) else { return nil }
        self.receipts[node] = vector
        return UInt64(vector.logs.count)
      }))

  init(_ number: UInt8, site: SiteId?) async throws {
    key = try #require(NodeKey(seed: [UInt8](repeating: number, count: 32)))
    disk = FaultDisk(seed: 1)
    let (store, opening) = try await Store.open(
      StoreOptions(
        path: "node.db", node: key.id,
        clockEpoch: try #require(ClockEpoch([UInt8](repeating: number, count: 16))),
        incarnation: Incarnation(UInt64(number) << 32 + 1), vfs: disk.name))
    self.store = store
    self.site = site
    batch = ReadingBatch(cursors: opening.cursors)
    board = try #require(
      DeviceIdentity(kind: .companion, bytes: [UInt8](repeating: number, count: 8)))
  }

  func end() async throws {
    desk.stop()
    try await store.close()
  }

  /// Commits readings, texts of so many bytes each, and two entries.
  func work(_ commits: Int, textBytes: Int = 20, _ prng: inout Prng) async throws {
    for _ in 0..<commits {
      bootUs += Int64(1 + prng.below(1_000_000))
      _ = batch.open(Cursor(identity: board, epoch: 1, nonce: 7, ringCapacity: 64))
      for _ in 0..<3 {
        let text = String(
          decoding: (0..<textBytes).map { _ in UInt8(0x21 + prng.below(90)) }, as: UTF8.self)
        _ = batch.append(
          device: board, epoch: 1, seq: seq, ticksMs: Int64(seq) * 100,
          channel: Channel(key: "note", unit: "", exponent: 0), value: .text(text))
        seq += 1
      }
      let stamp = Stamp(trusted: true, bootUs: bootUs, wallUs: bootUs, author: "test")
      let anchor = Anchor(bootUs: bootUs, utcUs: 2 * bootUs, errorUs: 3, origin: .kernel)
      let name = RegisterWrite(
        key: RegisterKey(.deviceName, board), value: [UInt8(0x41 + prng.below(20))], replaces: [])
      _ = try await store.commit(
        PendingCommit(
          content: batch.take(arrivalUs: bootUs),
          clock: ClockObservation(bootUs: bootUs, wallUs: 0, trusted: false, errorUs: 0),
          journal: [
            JournalEntry(stamp: stamp, content: .anchor(anchor)),
            JournalEntry(stamp: stamp, content: .registerWrite(name)),
          ]))
    }
  }

  func seen() async throws -> [LogId: Intervals] {
    try await store.vector().logs.mapValues(\.seen)
  }

  /// The pieces of a bundle of all that it has.
  func export(for recipient: NodeId? = nil) async throws -> [[UInt8]] {
    let id = try await desk.beginExport(for: recipient)
    var pieces: [[UInt8]] = []
    while true {
      let piece = try await desk.exportPiece(id)
      if piece.isEmpty { return pieces }
      pieces.append(piece)
    }
  }

  func importing(
    _ bundle: [UInt8], pieceBytes: Int = 1 << 20
  ) async throws -> BundleImportView {
    let id = try await desk.beginImport()
    var at = 0
    while at < bundle.count {
      let end = min(bundle.count, at + pieceBytes)
      try await desk.importPiece(id, Array(bundle[at..<end]))
      at = end
    }
    return try await desk.endImport(id)
  }
}

/// Two nodes of one site: the first has worked.
@Loop struct BundleWorld {
  let site: SiteId
  let maker: BundleNode
  let taker: BundleNode

  init(commits: Int = 40, textBytes: Int = 20, seed: UInt64 = 1) async throws {
    EventLoop.shared.start()
    site = try #require(SiteId([UInt8](repeating: 9, count: 32)))
    maker = try await BundleNode(1, site: site)
    taker = try await BundleNode(2, site: site)
    taker.members = [maker.key.id]
    var prng = Prng(seed: seed)
    try await maker.work(commits, textBytes: textBytes, &prng)
  }

  func end() async throws {
    try await maker.end()
    try await taker.end()
  }

  /// The code of the refusal that something ends with; nil where it does not.
  static func code(_ work: @Loop () async throws -> Void) async -> String? {
    do {
      try await work()
      return nil
    } catch let error as ServiceError {
      return error.code
    } catch {
      return "\(error)"
    }
  }
}
