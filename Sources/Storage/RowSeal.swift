internal import Sync

/// The checks of rows: written with each, compared whenever one is read.
enum RowSeal {
  /// The columns that `hotHolds` wants, in this order from the first.
  static let hotColumns = "id, clock_epoch, body, cursors, clock, crc"
  /// The columns that `journalHolds` wants.
  static let journalColumns = "id, clock_epoch, kind, body, crc"

  static func hot(
    _ id: Int64, _ clockEpoch: Int64, _ body: Span<UInt8>, _ cursors: Span<UInt8>,
    _ clock: Span<UInt8>
  ) -> Int64 {
    var check = RowCheck()
    check.add(id)
    check.add(clockEpoch)
    check.add(body)
    check.add(cursors)
    check.add(clock)
    return check.value
  }

  static func journal(
    _ id: Int64, _ clockEpoch: Int64, _ kind: Int64, _ body: Span<UInt8>
  ) -> Int64 {
    var check = RowCheck()
    check.add(id)
    check.add(clockEpoch)
    check.add(kind)
    check.add(body)
    return check.value
  }

  /// The check that the columns of this row of `hot` have.
  static func hot(_ row: borrowing Statement) -> Int64 {
    var check = RowCheck()
    check.add(row.int64(0))
    check.add(row.int64(1))
    for column in 2...4 as ClosedRange<Int32> { row.withBlob(column) { check.add($0) } }
    return check.value
  }

  /// The check that the columns of this row of `journal` have.
  static func journal(_ row: borrowing Statement) -> Int64 {
    var check = RowCheck()
    for column in 0...2 as ClosedRange<Int32> { check.add(row.int64(column)) }
    row.withBlob(3) { check.add($0) }
    return check.value
  }

  /// Whether a row of `hotColumns` is as it was written.
  static func hotHolds(_ row: borrowing Statement) -> Bool { hot(row) == row.int64(5) }

  /// Whether a row of `journalColumns` is as it was written.
  static func journalHolds(_ row: borrowing Statement) -> Bool { journal(row) == row.int64(4) }

  /// The check over the tables that are caches, which `folded` holds with the commit it names.
  static func caches(
    _ database: borrowing Database, foldedHot: Int64
  ) throws(DatabaseError) -> Int64 {
    var check = RowCheck()
    check.add(foldedHot)
    var cursors = try database.prepare(
      "SELECT kind, identity, epoch, nonce, next, closed, ring FROM cursor "
        + "ORDER BY kind, identity, epoch")
    while try cursors.step() {
      for column in [0, 2, 3, 4, 5, 6] as [Int32] { check.add(cursors.int64(column)) }
      cursors.withBlob(1) { check.add($0) }
    }
    // The border between the two: a row of one never passes for a row of the other.
    check.add(-1)
    var devices = try database.prepare(
      "SELECT kind, identity, first_hot, last_hot FROM device ORDER BY kind, identity")
    while try devices.step() {
      for column in [0, 2, 3] as [Int32] { check.add(devices.int64(column)) }
      devices.withBlob(1) { check.add($0) }
    }
    return check.value
  }
}
