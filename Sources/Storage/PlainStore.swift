public import Model
public import Sync

/// The store as plain calls on the thread of whoever calls: for the simulator, in which a whole
/// site lives on one thread.
///
/// What a method has returned is on the disk; what has thrown is not, and may be tried again. It
/// is used by one thread at a time.
public final class PlainStore {
  let core: StoreCore
  let options: StoreOptions
  /// What the disk knew.
  public let opening: StoreOpening

  /// Opens the database, brings it to the newest layout, and folds what is on the disk.
  public init(_ options: StoreOptions) throws(DatabaseError) {
    self.options = options
    core = try StoreCore(options)
    opening = try core.open()
  }

  /// Folds what is on the disk now, from zero.
  public func folded() throws(DatabaseError) -> StoreOpening { try core.open() }

  /// Writes readings, cursors and journal entries in one transaction.
  public func commit(_ commit: PendingCommit) throws(DatabaseError) -> CommitReceipt {
    try core.commit(commit)
  }

  /// Takes verified records that somebody carried.
  public func receive(
    _ batch: CarriedBatch, from carrier: NodeId, rules: ReceiveRules
  ) throws(DatabaseError) -> ReceiveReport {
    try core.receive(batch, from: carrier, rules)
  }

  /// Takes what waits of nodes that are members now: again until nothing more is kept or known.
  public func receiveSpool(rules: ReceiveRules) throws(DatabaseError) -> ReceiveReport {
    try core.receiveSpool(rules)
  }

  /// A batch of what is asked for, as far as it is here.
  public func serve(
    _ asked: [LogId: Intervals], bytesMax: Int, key: NodeKey
  ) throws(DatabaseError) -> ServedBatch {
    try core.serve(asked, bytesMax: bytesMax, key: key)
  }

  /// A batch of what a pull or a push names, in its order; of a range that was begun there the
  /// blocks that are missing.
  public func serve(
    _ parts: [LogPart], bytesMax: Int, key: NodeKey
  ) throws(DatabaseError) -> ServedBatch {
    try core.serve(parts, bytesMax: bytesMax, key: key)
  }

  /// What was seen of every log, and what of it can be given.
  public func vector() throws(DatabaseError) -> HaveVector { try core.vector() }

  /// Refreshes the cursor table now.
  public func checkpoint() throws(DatabaseError) { try core.checkpoint() }

  /// Moves what the write-ahead log holds into the file.
  public func shortenLog() throws(DatabaseError) { try core.shortenLog() }

  /// Ends in order: the cursor table is fresh and the write-ahead log empty.
  public func finish() throws(DatabaseError) { try core.finish() }

  /// The entries of membership, of this node too, in an order that is the same everywhere.
  public func membership() throws(DatabaseError) -> [ReceiveReport.Applied] {
    var found: [ReceiveReport.Applied] = []
    try Folding.foreignEntries(core.database, kinds: "19, 20, 21, 22", ownToo: true) {
      (_, entry, record, boot) in
      found.append(ReceiveReport.Applied(record: record, entry: entry, clockEpoch: boot))
    }
    return found
  }

  /// What people said of times, in words, whether it was taken back, and whether it holds.
  public func annotations() throws(DatabaseError) -> [String] {
    let history = try HistoryCore(path: options.path, vfs: options.vfs)
    return try history.reading {
      let standing = Set(history.facts.annotations.standing.map(\.record))
      return history.facts.annotations.all.map {
        "\($0.stated.record) \($0.stated.fact.text) \($0.withdrawn != nil) "
          + "\(standing.contains($0.stated.record))"
      }
    }
  }

  /// How many readings of a channel windows count for each device over all of time, by readings and
  /// by sums.
  public func windowCounts(
    of devices: [DeviceIdentity], _ channel: String
  ) throws(DatabaseError) -> [DeviceIdentity: UInt64] {
    let history = try HistoryCore(path: options.path, vfs: options.vfs)
    var counts: [DeviceIdentity: UInt64] = [:]
    for device in devices {
      let page = try history.windows(
        WindowQuery(
          devices: [device], channel: channel, span: Int64.min..<Int64.max, grid: .whole))
      counts[device] = page.buckets.reduce(0) { $0 + UInt64($1.tally.count) }
    }
    return counts
  }

  /// Every reading as a query gives it, in the order of the disk, and how many it says are no
  /// longer there one by one.
  public func told() throws(DatabaseError) -> (
    readings: [StoredReading], gone: [DeviceIdentity: Int64]
  ) {
    let history = try HistoryCore(path: options.path, vfs: options.vfs)
    var query = ReadingQuery()
    var (readings, gone): ([StoredReading], [DeviceIdentity: Int64]) = ([], [:])
    repeat {
      let page = try history.page(query)
      readings += page.readings
      for span in page.trimmed { gone[span.device, default: 0] += span.count }
      query.cursor = page.next
    } while query.cursor != nil
    return (readings, gone)
  }
}
