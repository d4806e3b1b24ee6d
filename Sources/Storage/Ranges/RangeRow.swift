internal import Model
internal import Sync

/// A row of `commit_range`: consecutive commits of one incarnation, compacted together.
///
/// From the insert of this row on, the rows of `hot` that it covers no longer count for anyone.
struct RangeRow {
  /// The columns that `init(_:_:)` wants, in this order from the first.
  static let columns = "id, last, clock_epoch, header, cursors, clock, crc"

  /// The hot id of its first commit.
  let id: Int64
  /// The hot id of its last.
  let last: Int64
  /// The local id of the clock epoch of all of them.
  let clockEpoch: Int64
  let header: RangeHeader
  /// The newest cursor of every (device, epoch) that its commits touched.
  let cursors: [Cursor]
  var clock: RangeClock

  /// The check of a row's columns.
  static func seal(
    id: Int64, last: Int64, clockEpoch: Int64, header: Span<UInt8>, cursors: Span<UInt8>,
    clock: Span<UInt8>
  ) -> Int64 {
    var check = RowCheck()
    check.add(id)
    check.add(last)
    check.add(clockEpoch)
    check.add(header)
    check.add(cursors)
    check.add(clock)
    return check.value
  }

  /// Whether a row of `columns` is as it was written.
  static func holds(_ row: borrowing Statement) -> Bool {
    var check = RowCheck()
    for column in 0...2 as ClosedRange<Int32> { check.add(row.int64(column)) }
    for column in 3...5 as ClosedRange<Int32> { row.withBlob(column) { check.add($0) } }
    return check.value == row.int64(6)
  }

  /// Reads the row that a statement over `columns` is at; one that is altered is an error that
  /// names it.
  init(_ row: borrowing Statement, path: String) throws(DatabaseError) {
    let (id, last) = (row.int64(0), row.int64(1))
    guard Self.holds(row) else {
      throw Damage(.altered, "commit_range", id...max(id, last)).error(path)
    }
    do throws(DecodeError) {
      header = try RangeHeader(decoding: row.blob(3))
      cursors = try CursorColumn.decode(row.blob(4))
      clock = try RangeClock(decoding: row.blob(5), commits: header.arrivalsMs.count)
    } catch {
      throw Damage(.altered, "commit_range", id...max(id, last), message: "\(error)").error(path)
    }
    guard Int64(header.arrivalsMs.count) == last - id + 1,
      header.firstSeq == UInt64(id & (Limits.hotSeqEnd - 1))
    else {
      throw Damage(.altered, "commit_range", id...max(id, last), message: "header").error(path)
    }
    (self.id, self.last, clockEpoch) = (id, last, row.int64(2))
  }
}
