public import Model
public import Sync

/// An entry that says something of who belongs to a site (kinds 19 to 22), with what it takes to
/// judge it.
public struct MembershipRow: Sendable {
  /// Its identity.
  public let record: RecordId
  /// What it says.
  public let content: JournalContent
  /// H of its content (docs/sync-format.md, section 1).
  public let hash: [UInt8]

  /// Puts a row together.
  public init(record: RecordId, content: JournalContent, hash: [UInt8]) {
    self.record = record
    self.content = content
    self.hash = hash
  }
}

extension StoreCore {
  /// Every entry of kinds 19 to 22 that is here and as it was written, this node's own and those of
  /// others; of two contents under one identity both.
  func membershipRows() throws(DatabaseError) -> [MembershipRow] {
    let owners = try Folding.incarnations(database)
    let clockEpochs = try Folding.clockEpochs(database)
    var found: [MembershipRow] = []
    func take(
      _ id: Int64, _ epoch: Int64, _ kind: Int64, _ body: [UInt8]
    ) {
      guard let owner = owners[RowId.incarnationId(id)], let kind = UInt16(exactly: kind),
        let record = RowId.record(id, owner), let clockEpoch = clockEpochs[epoch]
      else { return }
      let run = RunId(origin: owner.0, incarnation: owner.1)
      do throws(DecodeError) {
        guard let entry = try JournalDecoder.decode(kind: kind, body) else { return }
        let hash = EntryChain.contentHash(
          of: run, lane: record.lane, seq: record.seq, clockEpoch: clockEpoch, kind: kind,
          body: body)
        found.append(MembershipRow(record: record, content: entry.content, hash: hash))
      } catch {
        // Counted when the store is opened.
      }
    }
    for table in ["journal", "aside"] {
      var rows = try database.prepare(
        "SELECT \(RowSeal.journalColumns) FROM \(table) WHERE kind BETWEEN 19 AND 22 ORDER BY id")
      while try rows.step() {
        guard RowSeal.journalHolds(rows) else { continue }
        take(rows.int64(0), rows.int64(1), rows.int64(2), rows.blob(3))
      }
    }
    var others = try database.prepare(
      "SELECT id, record FROM other_content WHERE lane IN (0, 1) ORDER BY id, hash")
    while try others.step() {
      guard let owner = owners[RowId.incarnationId(others.int64(0))] else { continue }
      let run = RunId(origin: owner.0, incarnation: owner.1)
      do throws(DecodeError) {
        let entry = try SignedEntry(decoding: others.blob(1))
        guard (19...22).contains(entry.kind),
          let content = try JournalDecoder.decode(kind: entry.kind, entry.body)?.content
        else { continue }
        found.append(
          MembershipRow(
            record: run.record(entry.lane, entry.seq), content: content,
            hash: entry.contentHash(of: run)))
      } catch { continue }
    }
    return found
  }
}
