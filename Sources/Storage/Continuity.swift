internal import Model
internal import Sync

/// Which commits there must be: the seqs of an incarnation follow one another from 1, and each
/// incarnation's first entry says how far the one before it had come.
///
/// What is not there between two commits is thereby known to be missing. Of other nodes there must
/// be what was seen of them: it came in any order. So did what others gave back of this node's own
/// earlier runs.
struct Continuity {
  private struct Run {
    let incarnation: Int64
    /// How far this disk wrote it.
    var head: Int64
    /// What others gave back, beyond that.
    var regained = Intervals()

    func id(_ seq: UInt64) -> Int64 { incarnation << 40 + Int64(seq) }
  }

  /// Of other nodes, behind all of this one's.
  private struct ForeignRun {
    let incarnation: Int64
    let seqs: Intervals

    func id(_ seq: UInt64) -> Int64 { incarnation << 40 + Int64(seq) }
  }

  private var runs: [Run] = []
  private var foreign: [ForeignRun] = []

  /// Commits of this node in all.
  var commitCount: Int64 { runs.reduce(0) { $0 + $1.head + Int64($1.regained.count) } }

  /// The commits of each incarnation.
  var logs: [(incarnation: Int64, seqs: Intervals)] {
    let own = runs.compactMap { run in
      let seqs = run.head > 0 ? run.regained.union(Intervals(1...UInt64(run.head))) : run.regained
      return seqs.isEmpty ? nil : (run.incarnation, seqs)
    }
    return own + foreign.map { ($0.incarnation, $0.seqs) }
  }

  /// The last incarnation of this node that is known.
  var newestIncarnation: Int64 { runs.last?.incarnation ?? 0 }

  /// Reads what the incarnations say of one another: a few seeks for each.
  init(_ database: borrowing Database) throws(DatabaseError) {
    let owners = try Folding.incarnations(database)
    for incarnation in owners.keys.sorted() where incarnation < RowId.foreignFirst {
      runs.append(Run(incarnation: incarnation, head: -1))
    }
    for run in runs.dropFirst() {
      guard let parent = try Self.begun(database, run.incarnation)?.parent,
        let place = runs.firstIndex(where: { owners[$0.incarnation]?.1 == parent.incarnation }),
        runs[place].incarnation < run.incarnation
      else { continue }
      runs[place].head = Int64(clamping: parent.heads[Int(Lane.telemetry.rawValue)])
    }
    // The newest has no child that says it, and an entry may be destroyed.
    for index in runs.indices where runs[index].head < 0 {
      runs[index].head = try Self.head(database, runs[index].incarnation)
    }
    try readSeen(database)
  }

  /// Reads again what came from others. Where that table is damaged nothing is known of what must
  /// be there of it; what this node wrote itself does not hang on it, and the inspection names it.
  mutating func readSeen(_ database: borrowing Database) throws(DatabaseError) {
    foreign = []
    for index in runs.indices { runs[index].regained = Intervals() }
    do throws(DatabaseError) {
      for (incarnation, seqs) in try SeenRows.commits(database) {
        if incarnation >= RowId.foreignFirst {
          foreign.append(ForeignRun(incarnation: incarnation, seqs: seqs))
        } else if let place = runs.firstIndex(where: { $0.incarnation == incarnation }) {
          runs[place].regained = seqs
        }
      }
    } catch {
      guard error.kind == .damaged else { throw error }
    }
  }

  /// The seq of the last commit of an incarnation that this node wrote and that is here, as a row
  /// of `hot` or in a range.
  static func head(
    _ database: borrowing Database, _ incarnation: Int64
  ) throws(DatabaseError) -> Int64 {
    let regained = try SeenRows.readable(database, incarnation, .telemetry)
    return try head(database, incarnation, below: regained.ranges.first?.lowerBound)
  }

  /// The same, where what lies from a seq on came back from others.
  static func head(
    _ database: borrowing Database, _ incarnation: Int64, below end: UInt64?
  ) throws(DatabaseError) -> Int64 {
    let ids = RowId.range(incarnation: incarnation, lane: .telemetry)
    let last = end.map { ids.lowerBound + Int64($0) - 1 } ?? ids.upperBound
    let between = "BETWEEN \(ids.lowerBound) AND \(last)"
    let hot = try database.number("SELECT max(id) FROM hot WHERE id \(between)")
    let range = try newestRange(database, "WHERE id \(between)")
    let head = max(hot ?? ids.lowerBound, range?.upperBound ?? ids.lowerBound)
    // A range that came back may begin with commits that were here.
    return min(head, last) - ids.lowerBound
  }

  /// The newest range; where its row is altered, its end is not believed: commits that never were
  /// would be missed.
  static func newestRange(
    _ database: borrowing Database, _ condition: String = ""
  ) throws(DatabaseError) -> ClosedRange<Int64>? {
    var row = try database.prepare(
      "SELECT \(RangeRow.columns) FROM commit_range \(condition) ORDER BY id DESC LIMIT 1")
    guard try row.step() else { return nil }
    let (id, last) = (row.int64(0), row.int64(1))
    return id...(RangeRow.holds(row) ? max(id, last) : id)
  }

  /// For tests of the rules alone.
  init(heads: [(incarnation: Int64, head: Int64)]) {
    runs = heads.map { Run(incarnation: $0.incarnation, head: $0.head) }
  }

  /// The newest incarnation has come so far.
  mutating func extend(to id: Int64) {
    guard let newest = runs.last, id >> 40 == newest.incarnation, newest.regained.isEmpty else {
      return
    }
    runs[runs.count - 1].head = max(newest.head, id & (Limits.hotSeqEnd - 1))
  }

  /// The first commit at or after a key that must be there.
  func first(from id: Int64) -> Int64? {
    for run in runs where run.incarnation >= id >> 40 {
      let seq = run.incarnation == id >> 40 ? max(1, id & (Limits.hotSeqEnd - 1)) : 1
      if seq <= run.head { return run.id(UInt64(seq)) }
      if let found = run.regained.first(from: UInt64(seq)) { return run.id(found) }
    }
    for run in foreign where run.incarnation >= id >> 40 {
      let seq = run.incarnation == id >> 40 ? max(1, id & (Limits.hotSeqEnd - 1)) : 1
      if let found = run.seqs.first(from: UInt64(seq)) { return run.id(found) }
    }
    return nil
  }

  /// The last commit at or before a key that must be there.
  func last(to id: Int64) -> Int64? {
    for run in foreign.reversed() where run.incarnation <= id >> 40 {
      let isWithin = run.incarnation == id >> 40
      let seq = isWithin ? id & (Limits.hotSeqEnd - 1) : Limits.hotSeqEnd - 1
      if let found = run.seqs.last(to: UInt64(seq)) { return run.id(found) }
    }
    for run in runs.reversed() where run.incarnation <= id >> 40 {
      let isWithin = run.incarnation == id >> 40
      let seq = isWithin ? id & (Limits.hotSeqEnd - 1) : Limits.hotSeqEnd - 1
      if let found = run.regained.last(to: UInt64(seq)) { return run.id(found) }
      if min(run.head, seq) >= 1 { return run.id(UInt64(min(run.head, seq))) }
    }
    return nil
  }

  /// What the first entry of an incarnation says; nil when it cannot be read.
  static func begun(
    _ database: borrowing Database, _ incarnation: Int64
  ) throws(DatabaseError) -> IncarnationBegun? {
    guard case .incarnation(let begun) = try firstEntry(database, incarnation)?.content else {
      return nil
    }
    return begun
  }

  /// The first entry of an incarnation; nil when it cannot be read.
  static func firstEntry(
    _ database: borrowing Database, _ incarnation: Int64
  ) throws(DatabaseError) -> JournalEntry? {
    let id = RowId.make(incarnation: incarnation, lane: .state, seq: 1)
    var row = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id = \(id)")
    guard try row.step(), RowSeal.journalHolds(row) else { return nil }
    do throws(DecodeError) {
      return try JournalDecoder.decode(kind: 1, row.blob(3))
    } catch {
      return nil
    }
  }
}

/// Goes along with a scan over a range of commits, and finds those that were left out.
struct RangeWatch {
  private let continuity: Continuity
  private let range: ClosedRange<Int64>
  private let isUp: Bool
  /// The commit that must come next; nil when none does.
  private(set) var expected: Int64?

  init(_ range: ClosedRange<Int64>, isUp: Bool, _ continuity: Continuity) {
    self.continuity = continuity
    self.range = range
    self.isUp = isUp
    expected =
      isUp
      ? continuity.first(from: range.lowerBound)
      : continuity.last(to: range.upperBound)
  }

  /// The scan is at this commit: those that should have come before it.
  mutating func pass(_ id: Int64) -> Damage? { pass(id...id) }

  /// The scan is at this range of commits: those that should have come before it.
  mutating func pass(_ ids: ClosedRange<Int64>) -> Damage? {
    let id = isUp ? ids.lowerBound : ids.upperBound
    defer {
      expected =
        isUp
        ? continuity.first(from: ids.upperBound + 1) : continuity.last(to: ids.lowerBound - 1)
    }
    guard expected != id else { return nil }
    guard let expected, isUp == (expected < id) else {
      // No run had so many commits: the key is not what was written.
      return Damage(.altered, "hot", id...id)
    }
    return isUp
      ? Self.missing(expected, continuity.last(to: id - 1) ?? expected)
      : Self.missing(continuity.first(from: id + 1) ?? expected, expected)
  }

  /// The scan came to the end of its range: those that should have come after.
  func end() -> Damage? {
    guard let expected, range.contains(expected) else { return nil }
    return isUp
      ? Self.missing(expected, continuity.last(to: range.upperBound) ?? expected)
      : Self.missing(continuity.first(from: range.lowerBound) ?? expected, expected)
  }

  private static func missing(_ first: Int64, _ last: Int64) -> Damage {
    Damage(.missing, "hot", min(first, last)...max(first, last))
  }
}
