internal import Model
internal import Sync

/// The writer's memory of records of other nodes, and its statements: all of it can be read again.
struct MergingState {
  /// Local ids of runs of other nodes, and of this one.
  var runs: [RunId: Int64] = [:]
  /// Local ids of boots.
  var epochs: [ClockEpoch: Int64] = [:]
  /// What was carried here of logs, as the table `seen` has it.
  var seen: [SeenLog: Intervals] = [:]
  /// Links of this node's own logs after every `Limits.linkMarkStep` entries.
  var links: [SeenLog: [[UInt8]]] = [:]

  /// The ranges that lack a content because retention took it; nil before anybody asked.
  var trimmed: Trimmed?

  /// Ranges that have come in part, and of which somebody has another header: not listed, so that
  /// the header is sent along.
  var unlisted: Set<Int64> = []

  /// What this node has, as it was read last; nil before anybody asked.
  var vector: Vector?
  /// What was written since then, or may have been.
  var changed = Changed()

  /// A vector, and what it was put together from.
  struct Vector {
    var vector = HaveVector()
    /// Runs by their local ids.
    var runs: [Int64: RunId] = [:]
    /// Logs of which ranges have come in part.
    var begun: Set<SeenLog> = []
  }

  /// What of a vector has to be read again.
  struct Changed {
    /// Of this very run.
    var isOwn = false
    /// Of logs of other nodes.
    var logs: Set<SeenLog> = []
    /// Of ranges that have come in part.
    var areBegun = false

    var isEmpty: Bool { !isOwn && logs.isEmpty && !areBegun }
  }

  /// Ranges that lack a content by the key of their first commit, and commits of them by the local
  /// id of their run.
  struct Trimmed {
    var ids: Set<Int64> = []
    /// Of which the contents were here.
    var seqs: [Int64: Intervals] = [:]
    /// Of which header and summaries can be given: lane 3.
    var rollups: [Int64: Intervals] = [:]
  }

  /// A log by the local id of its incarnation.
  struct SeenLog: Hashable {
    let incarnation: Int64
    let lane: Lane
  }

  /// What may not have come to the disk is read again.
  mutating func forget() {
    runs.removeAll()
    epochs.removeAll()
    seen.removeAll()
    trimmed = nil
    vector = nil
  }
}

extension StoreCore {
  typealias SeenLog = MergingState.SeenLog

  /// The local id of a run; nil where nothing of it is here.
  func localRun(_ run: RunId) throws(DatabaseError) -> Int64? {
    if let known = merging.runs[run] { return known }
    var rows = try database.prepare(
      "SELECT incarnation.id FROM incarnation JOIN node ON node.id = incarnation.node "
        + "WHERE node.key = ? AND incarnation.number = ?")
    rows.bind(1, run.origin.bytes)
    rows.bind(2, RowId.bytes(run.incarnation))
    guard try rows.step() else { return nil }
    merging.runs[run] = rows.int64(0)
    return rows.int64(0)
  }

  /// The local id of a run of another node, given now where it has none; nil where there is no
  /// room for one more.
  func localRun(making run: RunId) throws(DatabaseError) -> Int64? {
    if let known = try localRun(run) { return known }
    let first = RowId.foreignFirst
    let next = try database.number("SELECT max(id) FROM incarnation WHERE id >= \(first)") ?? 0
    let id = max(next + 1, first)
    guard id < first + Limits.incarnationsMax else { return nil }
    try insert("INSERT OR IGNORE INTO node(key) VALUES(?)", run.origin.bytes)
    var insert = try database.prepare(
      "INSERT INTO incarnation(id, node, number) SELECT \(id), id, ?2 FROM node WHERE key = ?1")
    insert.bind(1, run.origin.bytes)
    insert.bind(2, RowId.bytes(run.incarnation))
    try insert.run()
    merging.runs[run] = id
    return id
  }

  /// The local id of a boot, given now where it has none.
  func localEpoch(making clockEpoch: ClockEpoch) throws(DatabaseError) -> Int64 {
    if let known = merging.epochs[clockEpoch] { return known }
    var found = try database.prepare("SELECT id FROM clock_epoch WHERE boot = ?")
    found.bind(1, clockEpoch.bytes)
    if try found.step() {
      merging.epochs[clockEpoch] = found.int64(0)
      return found.int64(0)
    }
    // Two nodes may run on one machine: then the boot is this node's own as well.
    let first = RowId.foreignFirst
    let isOwn = clockEpoch == options.clockEpoch
    let among = isOwn ? "id < \(first)" : "id >= \(first)"
    let last = try database.number("SELECT max(id) FROM clock_epoch WHERE \(among)")
    let id = last.map { $0 + 1 } ?? (isOwn ? 1 : first)
    try insert("INSERT INTO clock_epoch(id, boot) VALUES(\(id), ?)", clockEpoch.bytes)
    merging.epochs[clockEpoch] = id
    return id
  }

  /// The boot that a local id stands for.
  func clockEpoch(_ id: Int64) throws(DatabaseError) -> ClockEpoch {
    if let known = merging.epochs.first(where: { $0.value == id })?.key { return known }
    var row = try database.prepare("SELECT boot FROM clock_epoch WHERE id = \(id)")
    guard try row.step(), let clockEpoch = ClockEpoch(row.blob(0)) else {
      throw Damage(.missing, "clock_epoch", id...id).error(database.path)
    }
    merging.epochs[clockEpoch] = id
    return clockEpoch
  }

  /// What was seen of a log.
  func seen(_ log: SeenLog) throws(DatabaseError) -> Intervals {
    let carried = try carried(log)
    guard log.incarnation < RowId.foreignFirst else { return carried }
    let head = try ownHead(log, below: carried.ranges.first?.lowerBound)
    return head > 0 ? carried.union(Intervals(1...head)) : carried
  }
}
