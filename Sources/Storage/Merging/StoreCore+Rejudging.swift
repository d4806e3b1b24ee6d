internal import Model
internal import Sync

/// How far a look at what was judged before has come.
public struct Rejudging: Hashable, Sendable {
  /// What is gone through: first what is applied, then what was put aside.
  enum Phase: Hashable, Sendable {
    case applied(after: Int64)
    case aside(lane: Int64, after: Int64)
    case done
  }

  var phase = Phase.applied(after: RowId.ownEnd)

  /// Begins before the first record.
  public init() {}

  /// Whether it has come to the end.
  public var isComplete: Bool { phase == .done }
}

/// Judging records of other nodes again: when membership changes, and with every new version. What
/// is applied afterwards hangs on the rules alone, not on when a record came.
extension StoreCore {
  /// Judges some more records; to be called with the same rules until it is complete.
  func rejudge(
    _ progress: inout Rejudging, _ rules: ReceiveRules
  ) throws(DatabaseError) -> ReceiveReport {
    if SeededBug.rightsAtArrival.isOn { progress.phase = .done }
    let before = progress
    do throws(DatabaseError) {
      return try database.transaction { () throws(DatabaseError) in
        var receiving = Receiving(rules: rules, carrier: options.node)
        switch progress.phase {
        case .applied(let after):
          progress.phase = try judgeApplied(after: after, &receiving)
        case .aside(let lane, let after):
          progress.phase = try judgeAside(lane, after: after, &receiving)
        case .done: break
        }
        try finish(receiving)
        return receiving.report
      }
    } catch {
      progress = before
      merging.forget()
      throw error
    }
  }

  /// What readers are to know of a batch that is written.
  func finish(_ receiving: Receiving) throws(DatabaseError) {
    var arrived = try ArrivedCounts(database)
    let before = arrived
    let report = receiving.report
    let isRead = report.applied.contains { $0.entry.content.isFoldedByReaders }
    if isRead || report.foldsAnew { arrived.entries += 1 }
    if report.commitsKept + report.rangesKept + report.rollupsKept > 0 { arrived.commits += 1 }
    if arrived != before { try arrived.write(database) }
    // Whoever dates blocks reads all entries again.
    if report.isDating { try database.execute("DELETE FROM dating") }
  }

  private struct Row {
    let id: Int64
    let run: RunId
    let entry: SignedEntry
  }

  /// Puts aside what may not be applied any more.
  private func judgeApplied(
    after: Int64, _ receiving: inout Receiving
  ) throws(DatabaseError) -> Rejudging.Phase {
    let rows = try judged("journal", "id > \(after)", "id", lane: nil)
    for row in rows.entries where !SeededBug.cutOnlyLaterArrivals.isOn {
      let record = row.run.record(row.entry.lane, row.entry.seq)
      let reading = try reading(row.entry, record, receiving.rules)
      guard let reason = reading.reason else { continue }
      try database.execute("DELETE FROM journal WHERE id = \(row.id)")
      try writeAside(row, reason)
      receiving.report.unapplied[reason, default: 0] += 1
      receiving.report.foldsAnew = !SeededBug.putAsideStaysFolded.isOn
      receiving.report.isDating = true
    }
    return rows.last.map { .applied(after: $0) } ?? .aside(lane: 0, after: 0)
  }

  /// Applies what may be applied by now.
  private func judgeAside(
    _ lane: Int64, after: Int64, _ receiving: inout Receiving
  ) throws(DatabaseError) -> Rejudging.Phase {
    guard lane <= 4 else { return .done }
    if lane == Int64(Lane.telemetry.rawValue) { return .aside(lane: lane + 1, after: 0) }
    let rows = try judged("aside", "lane = \(lane) AND id > \(after)", "id", lane: lane)
    for row in rows.entries where !SeededBug.unappliedNotRetried.isOn {
      let record = row.run.record(row.entry.lane, row.entry.seq)
      let reading = try reading(row.entry, record, receiving.rules)
      try database.execute("DELETE FROM aside WHERE lane = \(lane) AND id = \(row.id)")
      if let reason = reading.reason {
        try writeAside(row, reason)
      } else {
        try writeApplied(row)
        receiving.note(reading, nil, record, row.entry.clockEpoch)
      }
    }
    return rows.last.map { .aside(lane: lane, after: $0) } ?? .aside(lane: lane + 1, after: 0)
  }

  /// Some rows of one of the two tables, and the last that was looked at: none where none is left.
  /// What the disk has altered stays where it is: the opening names it.
  private func judged(
    _ table: String, _ condition: String, _ order: String, lane: Int64?
  ) throws(DatabaseError) -> (entries: [Row], last: Int64?) {
    let owners = try Folding.incarnations(database)
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM \(table) WHERE \(condition) ORDER BY \(order) "
        + "LIMIT \(Limits.carriedRecordsMax)")
    var found: [Row] = []
    var last: Int64?
    while try rows.step() {
      let id = rows.int64(0)
      last = id
      guard RowSeal.journalHolds(rows), let kind = UInt16(exactly: rows.int64(2)),
        let owner = owners[RowId.incarnationId(id)], let record = RowId.record(id, owner)
      else { continue }
      let entry = SignedEntry(
        lane: record.lane, seq: record.seq, clockEpoch: try clockEpoch(rows.int64(1)), kind: kind,
        body: rows.blob(3), previousLink: [], signature: [])
      found.append(Row(id: id, run: RunId(origin: owner.0, incarnation: owner.1), entry: entry))
    }
    return (found, last)
  }

  private func writeAside(_ row: Row, _ reason: Unapplied) throws(DatabaseError) {
    let (entry, epoch) = (row.entry, try localEpoch(making: row.entry.clockEpoch))
    let check = RowSeal.journal(row.id, epoch, Int64(entry.kind), entry.body.span)
    try writeAside(entry.lane, row.id, epoch, Int64(entry.kind), entry.body, reason, check)
  }

  private func writeApplied(_ row: Row) throws(DatabaseError) {
    let (entry, epoch) = (row.entry, try localEpoch(making: row.entry.clockEpoch))
    try writeApplied(
      row.id, epoch, entry, RowSeal.journal(row.id, epoch, Int64(entry.kind), entry.body.span))
  }
}
