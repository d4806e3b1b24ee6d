internal import Model
internal import Sync

/// What this node has.
extension StoreCore {
  /// What was seen of every log, and what of it can be given: it is on the disk.
  ///
  /// Commits of a range that lacks a content are seen and not held.
  func vector() throws(DatabaseError) -> HaveVector {
    var vector = HaveVector()
    let trimmed = try trimmedRanges().seqs
    var runs: [Int64: RunId] = [:]
    for (local, owner) in try Folding.incarnations(database) {
      runs[local] = RunId(origin: owner.0, incarnation: owner.1)
    }
    var seen: [SeenLog: Intervals] = [:]
    for (local, lane, carried) in try SeenRows.all(database) {
      seen[SeenLog(incarnation: local, lane: lane)] = carried
    }
    for local in runs.keys where local < RowId.foreignFirst {
      for lane in Lane.allCases where lane != .rollups {
        let log = SeenLog(incarnation: local, lane: lane)
        let head = try ownHead(log, below: seen[log]?.ranges.first?.lowerBound)
        if head > 0 { seen[log, default: Intervals()].insert(1...head) }
      }
    }
    for (log, seen) in seen {
      guard let run = runs[log.incarnation] else { continue }
      let gone = log.lane == .telemetry ? trimmed[log.incarnation] ?? Intervals() : Intervals()
      vector[LogId(run, log.lane)] = Self.floored(seen, gone)
    }
    for (local, begun) in try BegunRanges.all(database) {
      if let run = runs[local] { vector[LogId(run, .telemetry)].begun = begun }
    }
    return vector
  }

  /// What was seen, over a floor of what went.
  private static func floored(_ seen: Intervals, _ gone: Intervals) -> HaveLog {
    if SeededBug.heldIsSeen.isOn { return HaveLog(held: seen) }
    if SeededBug.trimWithoutFloor.isOn { return HaveLog(held: seen.subtracting(gone)) }
    return HaveLog(seen: seen, held: seen.subtracting(gone))
  }

  /// What the first entries of all runs say of the runs before them.
  func parents() throws(DatabaseError) -> [RunId: IncarnationBegun.Parent] {
    var parents: [RunId: IncarnationBegun.Parent] = [:]
    for (local, owner) in try Folding.incarnations(database) {
      let run = RunId(origin: owner.0, incarnation: owner.1)
      if let parent = try Continuity.begun(database, local)?.parent { parents[run] = parent }
    }
    return parents
  }
}
