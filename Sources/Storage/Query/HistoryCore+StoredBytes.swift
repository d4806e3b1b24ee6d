internal import Model
public import Sync

extension History {
  /// How many bytes records have as they are stored here: bodies of entries and commits, and
  /// blocks; nil where they are more than `Limits.sizedRecordsMax`, which would take too long to
  /// look at.
  public func storedBytes(of records: [LogId: Intervals]) throws(DatabaseError) -> UInt64? {
    let count = records.values.reduce(UInt64(0)) { $0 + $1.count }
    guard count <= Limits.sizedRecordsMax else { return nil }
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.storedBytes(of: records) }
  }
}

extension HistoryCore {
  func storedBytes(of records: [LogId: Intervals]) throws(DatabaseError) -> UInt64 {
    guard !records.isEmpty else { return 0 }
    var locals: [RunId: Int64] = [:]
    for (local, owner) in try Folding.incarnations(database) {
      locals[RunId(origin: owner.0, incarnation: owner.1)] = local
    }
    var bytes: Int64 = 0
    for (log, seqs) in records where log.lane != .rollups {
      guard let local = locals[log.run] else { continue }
      let base = RowId.range(incarnation: local, lane: log.lane).lowerBound
      for span in seqs.ranges {
        let ids = "BETWEEN \(base + Int64(span.lowerBound)) AND \(base + Int64(span.upperBound))"
        guard log.lane == .telemetry else {
          bytes += try sum("SELECT sum(length(body)) FROM journal WHERE id \(ids)")
          continue
        }
        bytes += try sum("SELECT sum(length(body)) FROM hot WHERE id \(ids)")
        // A range that begins before these commits goes whole as well: that is a header's worth.
        bytes += try sum("SELECT sum(length(header)) FROM commit_range WHERE id \(ids)")
        bytes += try sum(
          "SELECT sum(bytes) FROM block INDEXED BY block_by_level "
            + "WHERE level = 0 AND commits \(ids)")
      }
    }
    return UInt64(max(0, bytes))
  }

  private func sum(_ sql: String) throws(DatabaseError) -> Int64 {
    try database.number(sql) ?? 0
  }
}
