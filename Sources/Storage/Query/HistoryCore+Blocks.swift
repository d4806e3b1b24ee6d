internal import Codec
internal import Model
internal import Sync

/// Finding the blocks of a series, by time.
extension HistoryCore {
  /// The blocks of a series that may hold readings of a span, in time; at most `limit` and those
  /// that lie anywhere. `endUs` is where what was found ends, when there may be more.
  ///
  /// The table of dates is used for the ranges and the records that it is up to date with; what
  /// else there is, is dated from the directory.
  func places(
    _ series: Int64, _ device: DeviceIdentity, in span: ClosedRange<Int64>, limit: Int,
    _ cost: inout QueryCost
  ) throws(DatabaseError) -> (places: [BlockPlace], endUs: Int64?) {
    let mark = try datedMark()
    var places: [BlockPlace] = []
    var endUs: Int64?
    if mark > 0 {
      let longest = try lookups.longest(series)
      let (reach, overflow) = span.lowerBound.subtractingReportingOverflow(longest)
      let early = overflow ? .min + 1 : max(.min + 1, reach)
      lookups.bindDated(series, Int64.min...Int64.min, .min, .max)
      _ = try lookups.takeDated(series, upTo: mark, limit: .max, into: &places)
      if early <= span.upperBound {
        lookups.bindDated(series, early...span.upperBound, span.lowerBound, limit)
        endUs = try lookups.takeDated(series, upTo: mark, limit: limit, into: &places)
      }
      cost.blocksSeen += places.count
    }
    lookups.bindDirectory(series, after: mark)
    defer { lookups.reset() }
    while let row = try lookups.nextOfDirectory(database.path) {
      cost.blocksSeen += 1
      // What a compaction under way has written means nothing yet.
      guard try lookups.isRange(row.commits) else { continue }
      let utc = try self.span(of: row, device)
      guard utc.overlaps(span) else { continue }
      places.append(
        BlockPlace(series: series, commits: row.commits, part: row.part, utc: utc))
    }
    return (places.sorted(by: BlockPlace.isInOrder), endUs)
  }

  /// From when to when a block's readings are dated, as the timeline has it now.
  func span(
    of row: BlockRow, _ device: DeviceIdentity
  ) throws(DatabaseError) -> ClosedRange<Int64> {
    let clockEpoch = try clockEpoch(of: row.commits)
    return try dates.span(
      of: row, device, clockEpoch,
      isAnchored: timeline.node.isAnchored(clockEpoch) || !RowId.isOwn(row.commits),
      try rangeRow(row.commits).clock.offsetsMs)
  }

  /// The boot of the node in which a range's commits were made.
  func clockEpoch(of commits: Int64) throws(DatabaseError) -> ClockEpoch {
    guard let id = try lookups.clockEpoch(of: commits), let clockEpoch = clockEpochs[id] else {
      throw Damage(.missing, "commit_range", commits...commits).error(database.path)
    }
    return clockEpoch
  }

  /// Up to which range the table of dates can be used; 0 for none of it.
  func datedMark() throws(DatabaseError) -> Int64 {
    guard let (journal, mark, _) = try lookups.dating() else { return 0 }
    return journal == datingId ? mark : 0
  }
}

/// A range that was looked for by its dates.
enum NextRange {
  /// The commit that it begins with; nil where there is none.
  case known(Int64?)
  /// Nobody can say: the tables are damaged.
  case unknown

  /// The commit, if one is known.
  var commit: Int64? { if case .known(let commit) = self { commit } else { nil } }
}

/// The statements by which blocks are found.
final class BlockLookups {
  private var datedRows: Statement
  private var directory: Statement
  private var blockRow: Statement
  private var extentRow: Statement
  private var datingRow: Statement
  private var epochRow: Statement
  private var rangeDates: Statement
  private var rangesUp: Statement
  private var rangesDown: Statement
  /// All commits of an incarnation are of one boot.
  private var epochs: [Int64: Int64] = [:]

  init(_ database: borrowing Database) throws(DatabaseError) {
    datedRows = try database.prepare(
      "SELECT commits, part, from_utc, to_utc FROM dated INDEXED BY dated_by_time "
        + "WHERE series = ? AND from_utc BETWEEN ? AND ? AND to_utc >= ? "
        + "ORDER BY from_utc LIMIT ?")
    directory = try database.prepare(
      "SELECT \(BlockRow.columns) FROM block WHERE series = ? AND commits > ? "
        + "ORDER BY commits, part")
    blockRow = try database.prepare(
      "SELECT \(BlockRow.columns) FROM block WHERE series = ? AND commits = ? AND part = ?")
    extentRow = try database.prepare("SELECT longest, readings FROM extent WHERE series = ?")
    datingRow = try database.prepare("SELECT journal, mark, longest FROM dating WHERE id = 1")
    epochRow = try database.prepare("SELECT clock_epoch FROM commit_range WHERE id = ?")
    rangeDates = try database.prepare(
      "SELECT earliest, latest, undated FROM dated_range WHERE commits = ?")
    let inTime =
      "FROM dated_range INDEXED BY dated_range_by_begin "
      + "WHERE earliest BETWEEN ?1 AND ?2 AND latest >= ?3 AND commits"
    let undated = "FROM dated_range INDEXED BY dated_range_undated WHERE undated = 1 AND commits"
    rangesUp = try database.prepare(
      "SELECT min(ifnull(a, b), ifnull(b, a)) FROM (SELECT (SELECT min(commits) \(inTime) >= ?4)"
        + " AS a, (SELECT min(commits) \(undated) >= ?4) AS b)")
    rangesDown = try database.prepare(
      "SELECT max(ifnull(a, b), ifnull(b, a)) FROM (SELECT (SELECT max(commits) \(inTime) <= ?4)"
        + " AS a, (SELECT max(commits) \(undated) <= ?4) AS b)")
  }

  func reset() {
    datedRows.reset()
    directory.reset()
    blockRow.reset()
    extentRow.reset()
    datingRow.reset()
    epochRow.reset()
    rangeDates.reset()
    rangesUp.reset()
    rangesDown.reset()
  }

  /// Whether blocks of a range may hold readings of a span, by where they lie together; nil where
  /// that is not known.
  func mayHold(_ commits: Int64, _ span: Range<Int64>) throws(DatabaseError) -> Bool? {
    rangeDates.bind(1, commits)
    defer { rangeDates.reset() }
    guard try isKnown({ () throws(DatabaseError) in try rangeDates.step() }) else { return nil }
    if rangeDates.int64(2) != 0 { return true }
    guard !rangeDates.isNull(0), !rangeDates.isNull(1) else { return false }
    return rangeDates.int64(0) < span.upperBound && rangeDates.int64(1) >= span.lowerBound
  }

  /// The first range from a commit on, or the last one up to it, that may hold readings of a span;
  /// none that begins before `early` reaches into it, but for those with what may lie anywhere.
  func range(
    from commit: Int64, _ early: Int64, _ span: Range<Int64>, isUp: Bool
  ) throws(DatabaseError) -> NextRange {
    var found: Int64?
    let isKnown = try isKnown { () throws(DatabaseError) in
      found =
        try isUp ? first(&rangesUp, commit, early, span) : first(&rangesDown, commit, early, span)
      return true
    }
    return isKnown ? .known(found) : .unknown
  }

  /// What derived tables answer; false also where the disk altered them: then the directory says
  /// it, as if they were not there.
  private func isKnown(
    _ answer: () throws(DatabaseError) -> Bool
  ) throws(DatabaseError) -> Bool {
    do throws(DatabaseError) { return try answer() } catch {
      guard error.kind == .damaged else { throw error }
      return false
    }
  }

  private func first(
    _ statement: inout Statement, _ commit: Int64, _ early: Int64, _ span: Range<Int64>
  ) throws(DatabaseError) -> Int64? {
    statement.bind(1, early)
    statement.bind(2, span.upperBound - 1)
    statement.bind(3, span.lowerBound)
    statement.bind(4, commit)
    defer { statement.reset() }
    guard try statement.step(), !statement.isNull(0) else { return nil }
    return statement.int64(0)
  }

  func dating() throws(DatabaseError) -> (journal: Int64, mark: Int64, longest: Int64)? {
    defer { datingRow.reset() }
    guard try isKnown({ () throws(DatabaseError) in try datingRow.step() }) else { return nil }
    return (datingRow.int64(0), datingRow.int64(1), datingRow.int64(2))
  }

  func longest(_ series: Int64) throws(DatabaseError) -> Int64 {
    extentRow.bind(1, series)
    defer { extentRow.reset() }
    return try extentRow.step() ? extentRow.int64(0) : 0
  }

  func bindDated(_ series: Int64, _ from: ClosedRange<Int64>, _ to: Int64, _ limit: Int) {
    datedRows.bind(1, series)
    datedRows.bind(2, from.lowerBound)
    datedRows.bind(3, from.upperBound)
    datedRows.bind(4, to)
    datedRows.bind(5, Int64(limit))
  }

  /// Takes the rows of ranges up to a mark; where the last one begins when there may be more.
  func takeDated(
    _ series: Int64, upTo mark: Int64, limit: Int, into places: inout [BlockPlace]
  ) throws(DatabaseError) -> Int64? {
    defer { datedRows.reset() }
    var count = 0
    var last: Int64?
    while try datedRows.step() {
      count += 1
      let (from, to) = (datedRows.int64(2), datedRows.int64(3))
      last = from
      guard datedRows.int64(0) <= mark else { continue }
      places.append(
        BlockPlace(
          series: series, commits: datedRows.int64(0), part: datedRows.int64(1),
          utc: from...max(from, to)))
    }
    return count >= limit ? last : nil
  }

  func bindDirectory(_ series: Int64, after mark: Int64) {
    directory.bind(1, series)
    directory.bind(2, mark)
  }

  func nextOfDirectory(_ path: String) throws(DatabaseError) -> BlockRow? {
    try directory.step() ? BlockRow(directory, path: path) : nil
  }

  /// The row of a block that must be there.
  func block(_ place: BlockPlace, _ path: String) throws(DatabaseError) -> BlockRow {
    blockRow.bind(1, place.series)
    blockRow.bind(2, place.commits)
    blockRow.bind(3, place.part)
    defer { blockRow.reset() }
    guard try blockRow.step() else {
      let message = "series \(place.series), part \(place.part)"
      throw Damage(.missing, "block", place.commits...place.commits, message: message)
        .error(path)
    }
    return try BlockRow(blockRow, path: path)
  }

  /// Whether the range is there.
  func isRange(_ commits: Int64) throws(DatabaseError) -> Bool {
    epochRow.bind(1, commits)
    defer { epochRow.reset() }
    return try epochRow.step()
  }

  /// The local id of the boot in which a range was made; nil when there is no such range.
  func clockEpoch(of commits: Int64) throws(DatabaseError) -> Int64? {
    let incarnation = RowId.incarnationId(commits)
    if let known = epochs[incarnation] { return known }
    epochRow.bind(1, commits)
    defer { epochRow.reset() }
    guard try epochRow.step() else { return nil }
    epochs[incarnation] = epochRow.int64(0)
    return epochRow.int64(0)
  }
}
