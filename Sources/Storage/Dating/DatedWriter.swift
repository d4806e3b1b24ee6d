internal import Codec
internal import Model
internal import Sync

/// Writes rows of `dated`, and what `extent` and `dated_range` make of them.
struct DatedWriter: ~Copyable {
  private var known: Statement
  private var row: Statement
  private var extent: Statement
  private var range: Statement
  private var forgotten: Statement
  private var longest: Statement
  /// Of the range at hand: the least and the greatest date, and whether a block lies anywhere.
  private var earliest: Int64?
  private var latest: Int64?
  private var isUndated = false

  static func open(_ database: borrowing Database) throws(DatabaseError) -> DatedWriter {
    DatedWriter(
      known: try database.prepare(
        "SELECT 1 FROM dated WHERE commits = ? AND series = ? AND part = ?"),
      row: try database.prepare(
        "INSERT OR REPLACE INTO dated(commits, series, part, from_utc, to_utc) "
          + "VALUES(?, ?, ?, ?, ?)"),
      extent: try database.prepare(
        "INSERT INTO extent(series, readings, longest) VALUES(?1, ?2, ?3) "
          + "ON CONFLICT DO UPDATE SET readings = readings + ?2, longest = max(longest, ?3)"),
      range: try database.prepare(
        "INSERT INTO dated_range(commits, earliest, latest, undated) VALUES(?1, ?4, ?2, ?3) "
          + "ON CONFLICT DO UPDATE SET latest = max(ifnull(latest, ?2), ifnull(?2, latest)), "
          + "earliest = min(ifnull(earliest, ?4), ifnull(?4, earliest)), "
          + "undated = max(undated, ?3)"),
      forgotten: try database.prepare("DELETE FROM dated_range WHERE commits = ?"),
      longest: try database.prepare(
        "UPDATE dating SET longest = latest - earliest FROM dated_range "
          + "WHERE commits = ? AND latest - earliest > longest"))
  }

  /// Blocks of a range follow; anew when they are its first.
  mutating func begin(_ commits: Int64, anew: Bool) throws(DatabaseError) {
    (earliest, latest, isUndated) = (nil, nil, false)
    guard anew else { return }
    forgotten.bind(1, commits)
    try forgotten.run()
  }

  /// Those of the range that this step dates are written.
  mutating func end(_ commits: Int64) throws(DatabaseError) {
    range.bind(1, commits)
    if let latest { range.bind(2, latest) } else { range.bindNull(2) }
    range.bind(3, Int64(isUndated ? 1 : 0))
    if let earliest { range.bind(4, earliest) } else { range.bindNull(4) }
    try range.run()
    longest.bind(1, commits)
    try longest.run()
  }

  mutating func write(
    _ block: BlockRow, _ utc: ClosedRange<Int64>
  ) throws(DatabaseError) {
    known.bind(1, block.commits)
    known.bind(2, block.series)
    known.bind(3, block.part)
    let isKnown = try known.step()
    known.reset()
    row.bind(1, block.commits)
    row.bind(2, block.series)
    row.bind(3, block.part)
    row.bind(4, utc.lowerBound)
    row.bind(5, utc.upperBound)
    try row.run()
    let (length, overflow) = utc.upperBound.subtractingReportingOverflow(utc.lowerBound)
    extent.bind(1, block.series)
    extent.bind(2, isKnown ? 0 : block.count)
    if utc == BlockPlace.anywhere {
      isUndated = true
    } else {
      latest = max(latest ?? .min, utc.upperBound)
      earliest = min(earliest ?? .max, utc.lowerBound)
    }
    extent.bind(3, utc == BlockPlace.anywhere ? 0 : overflow ? .max : length)
    try extent.run()
  }
}
