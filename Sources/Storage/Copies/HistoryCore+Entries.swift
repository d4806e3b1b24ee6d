extension HistoryCore {
  /// Looks at some more entries of the journal, this node's and others'; true at the end. An
  /// altered one is noted, not thrown; behind one that cannot be read nothing is looked at.
  func inspectEntries(_ inspection: inout Inspection) throws(DatabaseError) -> Bool {
    do throws(DatabaseError) {
      var rows = try database.prepare(
        "SELECT \(RowSeal.journalColumns) FROM journal WHERE id >= \(inspection.nextEntry) "
          + "ORDER BY id LIMIT \(Limits.inspectedCommitsMax)")
      var looked = 0
      while try rows.step() {
        let id = rows.int64(0)
        // Rows come in order but from an altered page: to follow it back would never end.
        guard id >= inspection.nextEntry else {
          throw DatabaseError(
            .damaged, path: database.path, message: "rows of journal are out of order")
        }
        inspection.nextEntry = id + 1
        looked += 1
        guard RowSeal.journalHolds(rows) else {
          inspection.note(Damage(.altered, "journal", id...id))
          continue
        }
        inspection.entries += 1
        if !RowId.isOwn(id) { inspection.othersEntries += 1 }
      }
      return looked < Limits.inspectedCommitsMax
    } catch {
      guard error.kind == .damaged else { throw error }
      let first = inspection.nextEntry
      inspection.note(Damage(.unreadable, "journal", first...first, message: error.message))
      return true
    }
  }
}
