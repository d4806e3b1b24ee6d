internal import Model
internal import Sync

/// What some of the seeded bugs do beside the place where they are put in (docs/seeded-bugs.md);
/// never called in what ships.
extension StoreCore {
  /// `seenBeforeRecord`: what a batch brings is seen in a transaction of its own, and earlier.
  func writeSeenFirst(
    _ records: [(run: RunId, record: CarriedBatch.Record)]
  ) throws(DatabaseError) {
    var next: [SeenLog: Intervals] = [:]
    for (run, record) in records {
      guard case .entry(let entry) = record, let local = try localRun(run),
        local >= RowId.foreignFirst
      else { continue }
      let log = SeenLog(incarnation: local, lane: entry.lane)
      if next[log] == nil { next[log] = try seen(log) }
      next[log] = (next[log] ?? Intervals()).union(Intervals(entry.seq...entry.seq))
    }
    try database.transaction { () throws(DatabaseError) in
      for (log, seen) in next { try SeenRows.write(database, log.incarnation, log.lane, seen) }
    }
  }

  /// `spoolCountsAsSeen`: what waits is seen, where its run has a number here.
  func noteSeen(
    _ lane: Lane, _ seq: UInt64, _ run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    guard let local = try localRun(making: run) else { return }
    let log = SeenLog(incarnation: local, lane: lane)
    receiving.note(try seen(log).union(Intervals(seq...seq)), of: log, &merging)
  }

  /// `begunCountsAsSeen`: the commits of a range are seen.
  func noteSeen(
    _ seqs: ClosedRange<UInt64>, _ local: Int64, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    let log = SeenLog(incarnation: local, lane: .telemetry)
    let noted = try carried(of: try seen(log).union(Intervals(seqs)), log)
    receiving.note(noted, of: log, &merging)
  }

  /// `duplicateByTime`: whether a commit was closed long before the newest row of its run.
  func isLongAgo(_ body: [UInt8], _ local: Int64?) throws(DatabaseError) -> Bool {
    guard let local else { return false }
    let ids = RowId.range(incarnation: local, lane: .telemetry)
    let newest = try database.number(
      "SELECT max(id) FROM hot WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound)")
    guard let newest,
      let (_, known) = try storedCommit(UInt64(newest - ids.lowerBound), local)
    else { return false }
    do throws(DecodeError) {
      let (here, came) = (try CommitDecoder.decode(known), try CommitDecoder.decode(body))
      return came.arrivalUs < here.arrivalUs - SeededBug.longAgoUs
    } catch { return false }
  }

  /// `seqAtSealing`: the number of a commit among those that are rows when it is signed.
  func place(of seq: UInt64, _ run: RunId) throws(DatabaseError) -> UInt64 {
    guard let local = try localRun(run) else { return seq }
    let ids = RowId.range(incarnation: local, lane: .telemetry)
    let before = try database.number(
      "SELECT count(*) FROM hot WHERE id BETWEEN \(ids.lowerBound + 1) AND "
        + "\(ids.lowerBound + Int64(seq) - 1)")
    return UInt64(before ?? 0) + 1
  }
}
