internal import Model
internal import Sync

/// What was seen of the logs of other nodes, and what others gave back of logs of this node's own
/// earlier runs, beyond what it wrote itself: rows that are written with the records themselves.
enum SeenRows {
  /// What was seen of one log.
  static func read(
    _ database: borrowing Database, _ incarnation: Int64, _ lane: Lane
  ) throws(DatabaseError) -> Intervals {
    var rows = try database.prepare(
      "SELECT first, last FROM seen WHERE incarnation = \(incarnation) "
        + "AND lane = \(lane.rawValue) ORDER BY first")
    var found: [ClosedRange<UInt64>] = []
    while try rows.step() {
      found.append(try range(rows, 0, database.path))
    }
    return Intervals(found)
  }

  /// The same; nothing where the table is damaged, which the inspection names.
  static func readable(
    _ database: borrowing Database, _ incarnation: Int64, _ lane: Lane
  ) throws(DatabaseError) -> Intervals {
    do throws(DatabaseError) {
      return try read(database, incarnation, lane)
    } catch {
      guard error.kind == .damaged else { throw error }
      return Intervals()
    }
  }

  /// Writes what was seen of one log in place of what stood there.
  static func write(
    _ database: borrowing Database, _ incarnation: Int64, _ lane: Lane, _ seen: Intervals
  ) throws(DatabaseError) {
    let log = "incarnation = \(incarnation) AND lane = \(lane.rawValue)"
    try database.execute("DELETE FROM seen WHERE \(log)")
    var insert = try database.prepare(
      "INSERT INTO seen VALUES(\(incarnation), \(lane.rawValue), ?, ?)")
    for range in seen.ranges {
      insert.bind(1, Int64(range.lowerBound))
      insert.bind(2, Int64(range.upperBound))
      try insert.run()
    }
  }

  /// Everything that was seen, by local incarnation and lane.
  static func all(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [(incarnation: Int64, lane: Lane, seen: Intervals)] {
    var rows = try database.prepare(
      "SELECT first, last, incarnation, lane FROM seen ORDER BY incarnation, lane, first")
    var found: [(incarnation: Int64, lane: Lane, seen: Intervals)] = []
    while try rows.step() {
      let (incarnation, range) = (rows.int64(2), try range(rows, 0, database.path))
      guard let lane = UInt8(exactly: rows.int64(3)).flatMap(Lane.init(rawValue:)) else {
        throw DatabaseError(.damaged, path: database.path, message: "seen: a lane of none")
      }
      if let last = found.last, last.incarnation == incarnation, last.lane == lane {
        found[found.count - 1].seen.insert(range)
      } else {
        found.append((incarnation, lane, Intervals(range)))
      }
    }
    return found
  }

  /// The commits that came from others and must be rows of `hot` or in ranges: what was seen and
  /// was not put aside.
  static func commits(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [(incarnation: Int64, seqs: Intervals)] {
    var aside: [Int64: [ClosedRange<UInt64>]] = [:]
    var rows = try database.prepare(
      "SELECT id FROM aside WHERE lane = \(Lane.telemetry.rawValue)")
    while try rows.step() {
      let seq = UInt64(rows.int64(0) & (Limits.hotSeqEnd - 1))
      aside[RowId.incarnationId(rows.int64(0)), default: []].append(seq...seq)
    }
    return try all(database).compactMap { log in
      guard log.lane == .telemetry else { return nil }
      let seqs = log.seen.subtracting(Intervals(aside[log.incarnation] ?? []))
      return seqs.isEmpty ? nil : (log.incarnation, seqs)
    }
  }

  private static func range(
    _ row: borrowing Statement, _ column: Int32, _ path: String
  ) throws(DatabaseError) -> ClosedRange<UInt64> {
    let (first, last) = (row.int64(column), row.int64(column + 1))
    guard first > 0, first <= last, last < Limits.hotSeqEnd else {
      throw DatabaseError(.damaged, path: path, message: "seen: \(first) to \(last)")
    }
    return UInt64(first)...UInt64(last)
  }
}

/// How often records of other nodes were applied: readers fold anew when that changes.
struct ArrivedCounts: Hashable {
  var entries: Int64 = 0
  var commits: Int64 = 0

  init() {}

  /// What stands for a table that is damaged: another count than any, so that what came is folded
  /// once; more cannot come before somebody has mended it.
  static let unreadable = ArrivedCounts(entries: -1, commits: -1)

  private init(entries: Int64, commits: Int64) { (self.entries, self.commits) = (entries, commits) }

  /// Reads the counts, or does without a table that is damaged: readings do not hang on it.
  static func readable(_ database: borrowing Database) throws(DatabaseError) -> ArrivedCounts {
    do throws(DatabaseError) {
      return try ArrivedCounts(database)
    } catch {
      guard error.kind == .damaged else { throw error }
      return unreadable
    }
  }

  init(_ database: borrowing Database) throws(DatabaseError) {
    var row = try database.prepare("SELECT entries, commits FROM arrived WHERE id = 1")
    guard try row.step() else { return }
    (entries, commits) = (row.int64(0), row.int64(1))
  }

  func write(_ database: borrowing Database) throws(DatabaseError) {
    try database.execute("INSERT OR REPLACE INTO arrived VALUES(1, \(entries), \(commits))")
  }
}
