internal import Model
internal import Sync

/// What others have of this node's own earlier runs, after its disk was put back to a copy.
///
/// A run that is over may be continued by records of it that somebody carries here: their
/// signatures are this node's own. They follow what this disk wrote itself, in the same log; what
/// lies beyond its own last record is noted as seen, record by record, as of other nodes. The run
/// that writes now never takes a record of itself from others, and no number is given again.
extension StoreCore {
  /// Whether it is the run that this store writes, or will with its first commit.
  func isPresent(_ run: RunId) -> Bool {
    run.origin == options.node
      && (run.incarnation == options.incarnation || SeededBug.ownRunsNotTakenBack.isOn)
  }

  /// What others gave back of an own log, beyond what this disk wrote; of a log of another node
  /// all that was seen.
  func carried(_ log: SeenLog) throws(DatabaseError) -> Intervals {
    if let known = merging.seen[log] { return known }
    // Recording does not hang on that table.
    let isOwn = log.incarnation < RowId.foreignFirst
    let found =
      isOwn
      ? try SeenRows.readable(database, log.incarnation, log.lane)
      : try SeenRows.read(database, log.incarnation, log.lane)
    merging.seen[log] = found
    return found
  }

  /// What is to be noted as carried here, where so much was seen of a log.
  func carried(of seen: Intervals, _ log: SeenLog) throws(DatabaseError) -> Intervals {
    guard log.incarnation < RowId.foreignFirst else { return seen }
    let head = try ownHead(log)
    return head > 0 ? seen.subtracting(Intervals(1...head)) : seen
  }

  /// The number of the last record that this disk wrote of an own log.
  func ownHead(_ log: SeenLog) throws(DatabaseError) -> UInt64 {
    try ownHead(log, below: carried(log).ranges.first?.lowerBound)
  }

  /// The same, where what lies from a number on was carried here.
  func ownHead(_ log: SeenLog, below end: UInt64?) throws(DatabaseError) -> UInt64 {
    guard log.lane.hasEntries else {
      return UInt64(try Continuity.head(database, log.incarnation, below: end))
    }
    let ids = RowId.range(incarnation: log.incarnation, lane: log.lane)
    let bound = end.map { ids.lowerBound + Int64($0) - 1 } ?? ids.upperBound
    let last = try database.number(
      "SELECT max(id) FROM journal WHERE id BETWEEN \(ids.lowerBound) AND \(bound)")
    return last.map { UInt64($0 - ids.lowerBound) } ?? 0
  }

  /// The link of an entry, whoever wrote it here; nil where it is not here.
  func link(_ log: SeenLog, _ seq: UInt64, _ run: RunId) throws(DatabaseError) -> [UInt8]? {
    guard seq > 0, log.incarnation < RowId.foreignFirst, try seq <= ownHead(log) else {
      return try storedEntry(log.lane, seq, log.incarnation)?.link(of: run)
    }
    var link: [UInt8]?
    _ = try ownEntries(log, run, seq...seq) { (entry) throws(DatabaseError) in
      link = entry.link(of: run)
      return true
    }
    return link
  }

  /// What the clocks said at a commit that came back: its own observation was not sent, so it is
  /// that of its run's first entry, carried on.
  func regainedClock(
    _ local: Int64, _ arrivalUs: Int64
  ) throws(DatabaseError) -> ClockObservation {
    guard let stamp = try Continuity.firstEntry(database, local)?.stamp else {
      return ClockObservation(bootUs: arrivalUs, wallUs: 0, trusted: false, errorUs: 0)
    }
    let sinceUs = Saturating.difference(arrivalUs, stamp.bootUs)
    return ClockObservation(
      bootUs: arrivalUs, wallUs: Saturating.sum(stamp.wallUs, sinceUs), trusted: stamp.trusted,
      errorUs: 0)
  }

  /// Has the table of devices say that these are in commits that came back.
  func noteRegained(
    _ devices: [DeviceIdentity: ClosedRange<Int64>]
  ) throws(DatabaseError) {
    guard !devices.isEmpty else { return }
    noteDevices(devices)
    // Before the first checkpoint every commit is looked through.
    guard let folded = try database.number("SELECT hot FROM folded WHERE id = 1") else { return }
    for (identity, ids) in devices { try upsert(identity, ids) }
    try upsertFolded(folded)
  }

  /// The last commit that this disk wrote of each run of which others gave some back: borders of
  /// ranges are fixed once, and beyond it they may be fixed elsewhere.
  func lastOwnCommits() throws(DatabaseError) -> [Int64: Int64] {
    var found: [Int64: Int64] = [:]
    var rows = try database.prepare(
      "SELECT DISTINCT incarnation FROM seen WHERE incarnation < \(RowId.foreignFirst) "
        + "AND lane = \(Lane.telemetry.rawValue)")
    while try rows.step() {
      let local = rows.int64(0)
      found[local] = local << 40 + Int64(try Continuity.head(database, local))
    }
    return found
  }

  // MARK: Under which key

  /// The local id of this node under its present key, given now where it has none: 1 in a fresh
  /// database, and a later one after the key was changed.
  func ownNode() throws(DatabaseError) -> Int64 {
    try insert(
      "INSERT OR IGNORE INTO node(id, key) "
        + "VALUES((SELECT coalesce(max(id), 0) + 1 FROM node), ?)", options.node.bytes)
    var found = try database.prepare("SELECT id FROM node WHERE key = ?")
    found.bind(1, options.node.bytes)
    guard try found.step() else { throw Damage(.missing, "node").error(options.path) }
    return found.int64(0)
  }

  /// The run before this one, under the same key: runs of another key are another origin's.
  func newestIncarnation(
    of node: Int64
  ) throws(DatabaseError) -> IncarnationBegun.Parent? {
    var newest = try database.prepare(
      "SELECT id, number FROM incarnation WHERE id < \(RowId.foreignFirst) "
        + "AND node = \(node) ORDER BY id DESC LIMIT 1")
    guard try newest.step() else { return nil }
    let id = newest.int64(0)
    let number = RowId.incarnation(newest.blob(1))
    newest.reset()
    var heads: [UInt64] = []
    for lane in Lane.allCases {
      heads.append(lane == .rollups ? 0 : try ownHead(SeenLog(incarnation: id, lane: lane)))
    }
    return IncarnationBegun.Parent(incarnation: number, heads: heads)
  }
}
