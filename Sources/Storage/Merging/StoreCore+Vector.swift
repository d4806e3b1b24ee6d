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
    for (local, run) in runs where local < RowId.foreignFirst {
      for lane in Lane.allCases where lane.hasEntries {
        let head = try ownHead(SeenLog(incarnation: local, lane: lane))
        if head > 0 { vector[LogId(run, lane)] = HaveLog(held: Intervals(1...head)) }
      }
      let head = try Continuity.head(database, local)
      guard head > 0 else { continue }
      vector[LogId(run, .telemetry)] = HaveLog(
        seen: Intervals(1...UInt64(head)),
        held: Intervals(1...UInt64(head)).subtracting(
          SeededBug.heldIsSeen.isOn ? Intervals() : trimmed[local] ?? Intervals()))
    }
    for (local, lane, seen) in try SeenRows.all(database) {
      guard let run = runs[local] else { continue }
      let gone = lane == .telemetry ? trimmed[local] ?? Intervals() : Intervals()
      vector[LogId(run, lane)] = HaveLog(
        seen: seen, held: SeededBug.heldIsSeen.isOn ? seen : seen.subtracting(gone))
    }
    for (local, begun) in try BegunRanges.all(database) {
      if let run = runs[local] { vector[LogId(run, .telemetry)].begun = begun }
    }
    return vector
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
