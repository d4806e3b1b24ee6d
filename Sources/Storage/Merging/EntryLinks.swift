internal import Model
internal import Sync

/// The chain of this node's own entries: computed from the journal when somebody asks for them, so
/// that a commit writes nothing for it.
extension StoreCore {
  /// Hands out own entries of a log with the link before each, ascending; false where the chain
  /// ends before the last: an entry is missing or is not as it was written.
  func ownEntries(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>,
    _ body: (_ entry: SignedEntry) throws(DatabaseError) -> Bool
  ) throws(DatabaseError) -> Bool {
    var marks = merging.links[log] ?? [EntryChain.start]
    defer { merging.links[log] = marks }
    let step = UInt64(Limits.linkMarkStep)
    let mark = min(Int((seqs.lowerBound - 1) / step), marks.count - 1)
    var link = marks[mark]
    var next = UInt64(mark) * step + 1
    let first = RowId.make(incarnation: log.incarnation, lane: log.lane, seq: Int64(next))
    let last = RowId.make(
      incarnation: log.incarnation, lane: log.lane, seq: Int64(seqs.upperBound))
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id BETWEEN \(first) AND \(last) "
        + "ORDER BY id")
    while next <= seqs.upperBound {
      guard try rows.step(), rows.int64(0) == first + Int64(next - UInt64(mark) * step) - 1,
        RowSeal.journalHolds(rows), let kind = UInt16(exactly: rows.int64(2))
      else { return false }
      let entry = SignedEntry(
        lane: log.lane, seq: next, clockEpoch: try clockEpoch(rows.int64(1)), kind: kind,
        body: rows.blob(3), previousLink: link, signature: [])
      if next >= seqs.lowerBound, try !body(entry) { return true }
      link = entry.link(of: run)
      if next.isMultiple(of: step), marks.count == Int(next / step) { marks.append(link) }
      next += 1
    }
    return true
  }
}
