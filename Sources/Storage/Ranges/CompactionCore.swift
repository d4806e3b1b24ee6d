internal import Codec
internal import Model
internal import Sync

/// What one range came to.
public struct CompactionReport: Hashable, Sendable {
  /// Commits.
  public var commits = 0
  /// Readings.
  public var readings = 0
  /// Blocks.
  public var blocks = 0
  /// Bytes of the commits' bodies before.
  public var bodyBytes = 0
  /// Bytes of packs, summaries and header after.
  public var storedBytes = 0
}

/// The reader's part of a compaction: finds what is due, and makes blocks of it.
///
/// It reads over a connection of its own, some rows at a time, so that it holds no one up; rows
/// that wait to be compacted do not change.
final class CompactionCore {
  let database: Database
  let bounds: RangeBounds
  var rows: Statement
  let blocks: BlockReader
  /// No commit below is worth looking at: it is in a range, or no range can hold it.
  private var from: Int64 = 0
  /// The range at work.
  var job: CompactionJob?

  init(path: String, vfs: String?, bounds: RangeBounds = RangeBounds()) throws(DatabaseError) {
    database = try Database.open(
      Database.Options(path: path, vfs: vfs, isReader: true, cacheKiB: Limits.compactionCacheKiB))
    blocks = try BlockReader(database)
    rows = try database.prepare(
      "SELECT \(RowSeal.hotColumns) FROM hot WHERE id >= ? ORDER BY id "
        + "LIMIT \(Limits.compactedRowsPerSlice)")
    self.bounds = bounds
  }

  /// Begins the next range that is due; false when none is.
  func begin(_ limits: CompactionBounds) throws(DatabaseError) -> Bool {
    job = nil
    guard let planner = try plan(limits), let ids = planner.ids else { return false }
    job = CompactionJob(planner, ids, bounds)
    return true
  }

  /// The next range that is due; nil when none is. Commits that cannot be read, or that no range
  /// can hold, are left where they are.
  private func plan(_ limits: CompactionBounds) throws(DatabaseError) -> RangePlanner? {
    while let first = try firstCommit(limits) {
      var planner = RangePlanner(bounds)
      let ending = try plan(&planner, from: first, limits)
      switch ending {
      case .skipped(let id): from = id + 1
      case .ended where planner.ids != nil: return planner
      case .ended, .waiting: return nil
      }
    }
    return nil
  }

  private enum Ending {
    /// The range goes as far as it can.
    case ended
    /// More may come.
    case waiting
    /// The commit can never be in a range.
    case skipped(Int64)
  }

  /// The first commit that is in no range, and that this disk wrote.
  private func firstCommit(_ limits: CompactionBounds) throws(DatabaseError) -> Int64? {
    while let id = try database.number(
      "SELECT id FROM hot WHERE id >= \(from) AND id <= \(limits.folded) ORDER BY id LIMIT 1")
    {
      if let range = try blocks.range(holding: id) {
        from = range.upperBound + 1
      } else if let last = limits.lastOwn[id >> 40], id > last {
        from = (id >> 40 + 1) << 40
      } else {
        return id
      }
    }
    return nil
  }

  /// Whether a range holds a commit by now.
  func isInRange(_ id: Int64) throws(DatabaseError) -> Bool {
    try blocks.range(holding: id) != nil
  }

  private func plan(
    _ planner: inout RangePlanner, from first: Int64, _ limits: CompactionBounds
  ) throws(DatabaseError) -> Ending {
    var next = first
    while true {
      rows.bind(1, next)
      defer { rows.reset() }
      let sliceStart = next
      while try rows.step() {
        let id = rows.int64(0)
        // Another incarnation, a hole, or a range that is there: it goes no further.
        guard id == next, id >> 40 == first >> 40, id <= limits.lastOwn[id >> 40] ?? .max else {
          return .ended
        }
        guard id <= limits.folded else { return .waiting }
        switch try add(id, to: &planner) {
        case .taken: next += 1
        case .takenLast, .full: return .ended
        case .oversize: return planner.ids == nil ? .skipped(id) : .ended
        }
      }
      if next == sliceStart { break }
    }
    return first >> 40 == limits.openIncarnation ? .waiting : .ended
  }

  /// Takes the row that `rows` is at; one that is not as it was written is like one too large.
  func add(
    _ id: Int64, to planner: inout RangePlanner
  ) throws(DatabaseError) -> RangePlanner.Verdict {
    guard RowSeal.hotHolds(rows) else { return .oversize }
    let epoch = rows.int64(1)
    guard planner.ids == nil || planner.clockEpoch == epoch else { return .full }
    do throws(DecodeError) {
      let (cursors, clock) = (rows.blob(3), rows.blob(4))
      return try rows.withBlob(2) { (body) throws(DecodeError) in
        try planner.add(id, clockEpoch: epoch, body: body, cursors: cursors, clock: clock)
      }
    } catch {
      return .oversize
    }
  }
}
