internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// One bundle that is being written, piece by piece: no more of it is in memory than a piece and
/// what one record more takes.
actor BundleExport {
  /// The longest piece, in bytes: what one answer carries.
  static let pieceBytesMax = 1 << 20
  /// What one question to the store may bring, about: it holds up commits for so long.
  private static let servedBytesMax = 64 << 10

  private let executor: ThreadExecutor
  private let store: Store
  private let key: NodeKey
  private var writer: BundleWriter
  private var plan: BundlePlan
  private var waiting: [UInt8] = []
  private var isFinished = false

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Begins a bundle of what is planned; its work is done on the executor's thread.
  init(
    _ plan: BundlePlan, site: SiteId, key: NodeKey, recipient: NodeId?, store: Store,
    on executor: ThreadExecutor
  ) {
    self.plan = plan
    self.key = key
    self.store = store
    self.executor = executor
    writer = BundleWriter(site: site, key: key, recipient: recipient)
  }

  /// The next bytes; empty behind the last. When it throws nothing is lost: it may be asked again.
  func piece() async throws(DatabaseError) -> [UInt8] {
    while waiting.count < Self.pieceBytesMax, !isFinished {
      guard let asked = plan.next() else {
        waiting += writer.finish().bytes
        isFinished = true
        break
      }
      let served = try await store.serve(asked, bytesMax: Self.servedBytesMax, key: key)
      plan.took(asked, given: add(served.bytes, asked), isFull: served.isFull)
      waiting += writer.take()
    }
    let piece = Array(waiting.prefix(Self.pieceBytesMax))
    waiting.removeFirst(piece.count)
    return piece
  }

  /// Puts the records of a batch of our own store into the bundle; which they are. What was asked
  /// says whether a range is one of lane 3: both never are.
  private func add(
    _ batch: [UInt8], _ asked: [LogId: Intervals]
  ) -> [LogId: Intervals] {
    let lane: Lane = asked.keys.contains { $0.lane == .rollups } ? .rollups : .telemetry
    var given: [LogId: Intervals] = [:]
    var items = BatchItems(batch)
    while let item = items.next() {
      guard let run = items.run else { continue }
      switch item {
      case .entry(let entry):
        writer.add { $0.add(entry, of: run) }
        given[LogId(run, entry.lane), default: Intervals()].insert(entry.seq...entry.seq)
      case .live(let live):
        writer.add { $0.add(live, of: run) }
        given[LogId(run, .telemetry), default: Intervals()].insert(live.seqs)
      case .range(let range, let header):
        writer.add { $0.add(range, of: run) }
        let count = UInt64(max(1, header.arrivalsMs.count))
        given[LogId(run, lane), default: Intervals()].insert(
          header.firstSeq...(header.firstSeq + count - 1))
      case .description(let description): writer.add { $0.add(description, of: run) }
      case .block(let parcel): writer.add { $0.add(parcel) }
      case .endOfRange: writer.add { $0.endRange() }
      // Nothing has been begun where nobody has said what is there.
      case .run, .continuation, .end, .seal, .malformed, .skipped: break
      }
    }
    precondition(!items.isBroken, "the store's own batch")
    return given
  }
}
