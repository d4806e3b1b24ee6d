internal import Model
internal import Sync

/// What of the journal dates, hides or is readings.
final class JournalFold {
  private(set) var timeline = Timeline()

  // Folded by their places in lists: so one kind of fold is compiled, not one for each.
  private var deletions: [Deletion] = []
  private var hiding = FactFold<Int>()
  private var added: [(values: LateValues, clockEpoch: ClockEpoch)] = []
  private var adding = FactFold<Int>()

  init(_ source: Rows.Source) throws(Rows.Failure) {
    let rows = try Rows(
      source,
      """
      SELECT j.id, j.kind, j.body, e.boot, n.key, i.number
      FROM journal j JOIN clock_epoch e ON e.id = j.clock_epoch
      JOIN incarnation i ON i.id = j.id >> 40 JOIN node n ON n.id = i.node
      WHERE j.kind IN (2, 4, 5, 6, 7, 8, 9) ORDER BY j.id
      """)
    while try rows.step() { take(rows) }
  }

  private func take(_ rows: Rows) {
    guard let kind = UInt16(exactly: rows.int64(1)), let clockEpoch = ClockEpoch(rows.bytes(3)),
      let record = Self.record(rows), let entry = Self.entry(kind, rows.bytes(2))
    else { return }
    timeline.apply(entry, record: record, in: clockEpoch)
    apply(entry, record, clockEpoch)
  }

  @inline(never)
  private func apply(_ entry: JournalEntry, _ record: RecordId, _ clockEpoch: ClockEpoch) {
    switch entry.content {
    case .deletion(let deletion):
      hiding.state(deletions.count, id: deletion.id, record: record, stamp: entry.stamp)
      deletions.append(deletion)
    case .deletionUndone(let undone):
      hiding.withdraw(undone, record: record, stamp: entry.stamp)
    case .lateValues(let late):
      adding.state(added.count, id: late.id, record: record, stamp: entry.stamp)
      added.append((late, clockEpoch))
    case .lateValuesWithdrawn(let undone):
      adding.withdraw(undone, record: record, stamp: entry.stamp)
    default: return
    }
  }

  /// What the deletions that hold hide.
  var hidden: HiddenSpans {
    HiddenSpans(hiding.standing.map { deletions[$0.fact] }, dated: timeline)
  }

  /// The late values that hold, with the boot of the node in which each was added.
  var late: [(LateValues, ClockEpoch)] { adding.standing.map { added[$0.fact] } }

  /// An entry that cannot be read dates and hides nothing, as in the daemon.
  private static func entry(_ kind: UInt16, _ body: [UInt8]) -> JournalEntry? {
    do throws(DecodeError) { return try JournalDecoder.decodeForReadings(kind: kind, body) } catch {
      return nil
    }
  }

  /// The record of a journal row, by which a later one names what it replaces.
  private static func record(_ rows: Rows) -> RecordId? {
    let id = rows.int64(0)
    let number = rows.bytes(5).reduce(0) { $0 << 8 | UInt64($1) }
    guard id > 0, let origin = NodeId(rows.bytes(4)),
      let lane = Lane(rawValue: UInt8(id >> 36 & 15))
    else { return nil }
    return RecordId(
      origin: origin, incarnation: Incarnation(number), lane: lane,
      seq: UInt64(id & (1 << 36 - 1)))
  }
}
