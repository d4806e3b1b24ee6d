internal import Model
internal import Sync

/// Which series are held twice somewhere: sums over all of their blocks say too much.
extension HistoryCore {
  /// Whether runs of several nodes may hold samples of a series twice; to be called after `join`.
  func mayBeDoubled(
    _ name: SeriesName, _ series: Int64?, _ lookups: inout DoubledLookups
  ) throws(DatabaseError) -> Bool {
    guard isJoined else { return false }
    for clock in joining.hot.clocks(of: name.device) {
      let runs = joining.hot.runs(clock)
      for (place, run) in runs.enumerated() {
        if runs[..<place].contains(where: { !$0.samples.intersection(run.samples).isEmpty }) {
          return true
        }
        guard let series else { continue }
        if try !copies(series, clock, run.ticks, not: run.incarnation).isEmpty { return true }
      }
    }
    guard let series else { return false }
    return try lookups.overlap(series)
  }
}

/// Goes through the dates of a series' blocks, which are in order of their beginnings.
struct DoubledLookups: ~Copyable {
  private var dates: Statement

  static func open(_ database: borrowing Database) throws(DatabaseError) -> DoubledLookups {
    DoubledLookups(
      dates: try database.prepare(
        "SELECT commits >> 40, from_utc, to_utc FROM dated INDEXED BY dated_by_time "
          + "WHERE series = ? ORDER BY from_utc"))
  }

  /// Whether blocks of two runs overlap, as they are dated; what is not dated overlaps none here.
  mutating func overlap(_ series: Int64) throws(DatabaseError) -> Bool {
    dates.bind(1, series)
    defer { dates.reset() }
    // Of the run whose blocks reach the farthest, and of the others.
    var (run, end, others) = (Int64(-1), Int64.min, Int64.min)
    while try dates.step() {
      let (next, from, to) = (dates.int64(0), dates.int64(1), dates.int64(2))
      guard from > .min else { continue }
      if from <= (next == run ? others : end) { return true }
      if next == run {
        end = max(end, to)
      } else if to > end {
        (run, end, others) = (next, to, max(others, end))
      } else {
        others = max(others, to)
      }
    }
    return false
  }
}
