internal import Model
internal import Sync

/// What this node has: read once from the disk, then kept up to date with what is written.
extension StoreCore {
  /// What was seen of every log, and what of it can be given: it is on the disk.
  ///
  /// Commits of a range that lacks a content are seen and not held.
  func vector() throws(DatabaseError) -> HaveVector {
    guard var known = merging.vector else {
      let read = try readVector()
      merging.vector = read
      merging.changed = MergingState.Changed()
      return read.vector
    }
    guard !merging.changed.isEmpty else { return known.vector }
    var logs = merging.changed.logs
    if merging.changed.isOwn, let own = incarnationId { logs.formUnion(Self.logs(of: own)) }
    for log in logs { try read(log, into: &known) }
    if merging.changed.areBegun { try readBegun(into: &known) }
    merging.vector = known
    merging.changed = MergingState.Changed()
    return known.vector
  }

  /// The same, from the disk alone.
  func readVector() throws(DatabaseError) -> MergingState.Vector {
    var known = MergingState.Vector()
    try readRuns(into: &known)
    for local in known.runs.keys where local < RowId.foreignFirst {
      for log in Self.logs(of: local) { try read(log, into: &known) }
    }
    for (local, lane, seen) in try SeenRows.all(database) where local >= RowId.foreignFirst {
      try set(SeenLog(incarnation: local, lane: lane), seen, in: &known)
    }
    // Of a run of which only rollups are here nothing was seen.
    for local in try trimmedRanges().rollups.keys where local >= RowId.foreignFirst {
      try read(SeenLog(incarnation: local, lane: .telemetry), into: &known)
    }
    try readBegun(into: &known)
    return known
  }

  private func readRuns(into known: inout MergingState.Vector) throws(DatabaseError) {
    for (local, owner) in try Folding.incarnations(database) {
      known.runs[local] = RunId(origin: owner.0, incarnation: owner.1)
    }
  }

  private func run(
    _ local: Int64, in known: inout MergingState.Vector
  ) throws(DatabaseError) -> RunId? {
    if known.runs[local] == nil { try readRuns(into: &known) }
    return known.runs[local]
  }

  private static func logs(of local: Int64) -> [SeenLog] {
    Lane.allCases.filter { $0 != .rollups }.map { SeenLog(incarnation: local, lane: $0) }
  }

  private func read(
    _ log: SeenLog, into known: inout MergingState.Vector
  ) throws(DatabaseError) {
    let seen = try seen(log)
    if !seen.isEmpty || log.lane == .telemetry { try set(log, seen, in: &known) }
  }

  private func set(
    _ log: SeenLog, _ seen: Intervals, in known: inout MergingState.Vector
  ) throws(DatabaseError) {
    guard let run = try run(log.incarnation, in: &known) else { return }
    let isTelemetry = log.lane == .telemetry
    let trimmed = isTelemetry ? try trimmedRanges() : MergingState.Trimmed()
    let id = LogId(run, log.lane)
    var state = Self.floored(seen, trimmed.seqs[log.incarnation] ?? Intervals())
    state.begun = known.vector[id].begun
    known.vector[id] = state
    guard isTelemetry else { return }
    let place = LogId(run, .rollups)
    // Of too many pieces the newest: what is older is listed when these have become fewer.
    let rollups = (trimmed.rollups[log.incarnation] ?? Intervals()).ranges
      .suffix(Sync.Limits.intervalsMax)
    var sums = HaveLog(held: Intervals(rollups))
    sums.begun = known.vector[place].begun
    known.vector[place] = sums
  }

  private func readBegun(into known: inout MergingState.Vector) throws(DatabaseError) {
    let begun = try BegunRanges.all(database, but: merging.unlisted)
    for log in known.begun where begun[log] == nil {
      if let run = known.runs[log.incarnation] { known.vector[LogId(run, log.lane)].begun = [] }
    }
    for (log, ranges) in begun {
      if let run = try run(log.incarnation, in: &known) {
        known.vector[LogId(run, log.lane)].begun = ranges
      }
    }
    known.begun = Set(begun.keys)
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
