internal import Model
public import Sync

extension History {
  /// What people and programs did, newest first; looks at a bounded number of entries, so that a
  /// page may hold few and still not be the last.
  public func audit(_ cursor: AuditCursor?, limit: Int) throws(DatabaseError) -> AuditPage {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.audit(cursor, limit: limit) }
  }

  /// The entry behind a row that the audit has shown; nil where there is none, or where it cannot
  /// be read.
  public func audited(_ id: Int64) throws(DatabaseError) -> JournalEntry? {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.entry(id) }
  }
}

extension HistoryCore {
  /// Incarnations come in the order of their numbers, and within one the two lanes by the node's
  /// own clock.
  func audit(_ cursor: AuditCursor?, limit: Int) throws(DatabaseError) -> AuditPage {
    var page = AuditPage()
    // This node's own: what was done at others is in theirs.
    let newest =
      try database.number("SELECT max(id) FROM incarnation WHERE id < \(RowId.foreignFirst)") ?? 0
    var place = cursor ?? AuditCursor(incarnation: newest)
    var looked = 0
    let owners = try Folding.incarnations(database)
    while place.incarnation > 0 {
      var control = try newestRow(.control, place.incarnation, below: place.control, &looked)
      var state = try newestRow(.state, place.incarnation, below: place.state, &looked)
      while control != nil || state != nil {
        guard page.records.count < limit, looked < Limits.auditedEntriesMax else {
          page.next = place
          return page
        }
        let takesControl =
          state.map { (control?.bootUs ?? .min) >= $0.bootUs } ?? true
        let row = takesControl ? control : state
        if let row, let entry = row.entry {
          page.records.append(
            AuditRecord(id: row.id, entry: entry, before: try before(entry, owners)))
        }
        let seq = (row?.id ?? 0) & (Limits.journalSeqEnd - 1)
        if takesControl {
          place.control = seq
          control = try newestRow(.control, place.incarnation, below: seq, &looked)
        } else {
          place.state = seq
          state = try newestRow(.state, place.incarnation, below: seq, &looked)
        }
      }
      place = AuditCursor(incarnation: place.incarnation - 1)
    }
    return page
  }

  /// A row; its entry is nil where the daemon wrote it of itself, or it cannot be read.
  private struct Row {
    let id: Int64
    let bootUs: Int64
    let entry: JournalEntry?
  }

  private func newestRow(
    _ lane: Lane, _ incarnation: Int64, below seq: Int64, _ looked: inout Int
  ) throws(DatabaseError) -> Row? {
    let ids = RowId.range(incarnation: incarnation, lane: lane)
    let end = seq < Limits.journalSeqEnd ? ids.lowerBound + seq : ids.upperBound + 1
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id > ? AND id < ? "
        + "ORDER BY id DESC LIMIT 1")
    rows.bind(1, ids.lowerBound)
    rows.bind(2, end)
    guard try rows.step() else { return nil }
    looked += 1
    let (id, entry) = (rows.int64(0), decoded(rows))
    let isSomebodys = entry.map { $0.stamp.author != "node" } ?? false
    return Row(id: id, bootUs: entry?.stamp.bootUs ?? .max, entry: isSomebodys ? entry : nil)
  }

  private func decoded(_ row: borrowing Statement) -> JournalEntry? {
    guard RowSeal.journalHolds(row), let kind = UInt16(exactly: row.int64(2)) else { return nil }
    do throws(DecodeError) { return try JournalDecoder.decode(kind: kind, row.blob(3)) } catch {
      return nil
    }
  }

  /// The first write that a write of a register replaced, where it is in this database.
  private func before(
    _ entry: JournalEntry, _ owners: [Int64: (NodeId, Incarnation)]
  ) throws(DatabaseError) -> RegisterWrite? {
    guard case .registerWrite(let write) = entry.content, let replaced = write.replaces.first,
      replaced.seq > 0, replaced.seq < UInt64(Limits.journalSeqEnd),
      let owner = owners.first(where: { $0.value == (replaced.origin, replaced.incarnation) })
    else { return nil }
    let id = RowId.make(incarnation: owner.key, lane: replaced.lane, seq: Int64(replaced.seq))
    guard case .registerWrite(let before)? = try self.entry(id)?.content else { return nil }
    return before
  }

  /// The entry of a row; nil where there is none, or where it cannot be read.
  fileprivate func entry(_ id: Int64) throws(DatabaseError) -> JournalEntry? {
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id = ?")
    rows.bind(1, id)
    return try rows.step() ? decoded(rows) : nil
  }
}
