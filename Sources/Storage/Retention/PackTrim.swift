internal import Model
internal import Sync

/// What one transaction of a retention writes: a pack without what goes, and its blocks.
///
/// Before it each block is whole at its old level, after it at its new one.
struct PackTrim: Sendable {
  /// A block of the pack as it will be.
  struct Change: Sendable {
    let row: BlockRow
    /// The check of its row as it is: another one is not changed.
    let sealBefore: Int64
  }

  /// A block that goes down.
  struct Gone: Sendable {
    let series: Int64
    let name: SeriesName
    let level: BlockLevel
    let reason: TrimReport.Reason
    let readings: Int64
    let bytes: Int64
    let utc: ClosedRange<Int64>?
    /// No keeper had said to have it, though there is one.
    var isUnacknowledged = false
  }

  let pack: Int64
  /// Without a byte the pack goes.
  let body: [UInt8]
  let changes: [Change]
  let gone: [Gone]
}

extension StoreCore {
  /// Writes a pack anew, and its blocks.
  func trim(_ trim: PackTrim) throws(DatabaseError) {
    try database.transaction { () throws(DatabaseError) in
      var update = try database.prepare(
        "UPDATE block SET level = ?, pack = ?, place = ?, bytes = ?, body_crc = ?, crc = ? "
          + "WHERE series = ? AND commits = ? AND part = ? AND crc = ?")
      for change in trim.changes {
        let row = change.row
        let numbers = [
          Int64(row.level.rawValue), row.pack, Int64(row.place), Int64(row.bytes), row.bodyCheck,
          row.seal, row.series, row.commits, row.part, change.sealBefore,
        ]
        for (index, number) in numbers.enumerated() { update.bind(Int32(index + 1), number) }
        try update.run()
        guard try database.number("SELECT changes()") == 1 else {
          throw row.damage(.altered, "while it was trimmed").error(database.path)
        }
      }
      try noteTrimmed(trim.gone)
      guard !trim.body.isEmpty else {
        return try database.execute("DELETE FROM pack WHERE id = \(trim.pack)")
      }
      var pack = try database.prepare("UPDATE pack SET body = ? WHERE id = ?")
      pack.bind(1, trim.body)
      pack.bind(2, trim.pack)
      try pack.run()
    }
    try noteTrimmed(Set(trim.changes.filter { $0.row.level != .raw }.map(\.row.commits)))
  }

  /// Moves what the write-ahead log holds into the file, so that it is written from its beginning
  /// again and does not grow; a reader or a full disk may keep it from doing so.
  func shortenLog() throws(DatabaseError) {
    do throws(DatabaseError) {
      try database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    } catch {
      guard error.kind == .full || error.kind == .busy else { throw error }
    }
  }
}
