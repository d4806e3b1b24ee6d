internal import Codec
internal import Model
internal import Sync

/// Keeps the table that says where blocks lie in UTC: a little at a time, on the store's thread.
///
/// Every transaction leaves a state that readers can use: `dating.journal` names the last anchor
/// or fit that the rows know of, and `dating.mark` the last range whose blocks have rows. What a
/// new anchor or fit moves is left behind the mark at once, and dated again range by range.
/// A crash leaves one of these states; without a row in `dating` everything is dated anew.
final class DatingKeeper {
  private struct Entry {
    let content: JournalContent
    let clockEpoch: ClockEpoch
  }

  private var timeline = Timeline()
  private var dates = BlockDates(Timeline())
  /// The last entry that `timeline` knows of; nil before the first step.
  private var journalId: Int64?
  /// Everything up to here was looked at for entries that date.
  private var seenId: Int64 = 0

  /// Does a little of what is due; whether more is.
  func step(_ database: borrowing Database) throws(DatabaseError) -> Bool {
    let before = (timeline, journalId, seenId)
    do throws(DatabaseError) {
      return try database.transaction { () throws(DatabaseError) in
        let mark = try takeEntries(database)
        return try dateRanges(database, after: mark)
      }
    } catch {
      // Nothing was written: what is known goes back to what the disk says.
      (timeline, journalId, seenId) = before
      dates = BlockDates(timeline)
      throw error
    }
  }

  // MARK: Anchors and fits

  /// Takes in what dates readings since the last step; the mark from which on ranges are due.
  private func takeEntries(_ database: borrowing Database) throws(DatabaseError) -> Int64 {
    var row = try database.prepare("SELECT journal, mark FROM dating WHERE id = 1")
    let state = try row.step() ? (journal: row.int64(0), mark: row.int64(1)) : nil
    row.reset()
    if journalId == nil, let state {
      // What the rows on the disk know.
      _ = try read(database, upTo: state.journal)
      journalId = state.journal
      dates = BlockDates(timeline)
    }
    let isKnown = state != nil && state?.journal == journalId
    if !isKnown { (timeline, journalId, seenId) = (Timeline(), nil, 0) }
    let old = timeline
    // What dates readings is in the lane of state.
    let boot = try database.number("SELECT max(id) FROM incarnation") ?? 0
    let last = RowId.range(incarnation: boot, lane: .state).upperBound
    let newest =
      try database.number("SELECT max(id) FROM journal WHERE id <= \(last)") ?? 0
    let entries = newest > seenId ? try read(database, upTo: .max) : []
    seenId = max(seenId, newest)
    guard let state, isKnown else {
      try database.execute("DELETE FROM dated; DELETE FROM extent; DELETE FROM dating")
      return try write(database, mark: 0)
    }
    guard !entries.isEmpty else { return state.mark }
    let moved = try firstMoved(entries, old, database)
    return try write(database, mark: min(state.mark, moved.map { $0 - 1 } ?? .max))
  }

  private func write(
    _ database: borrowing Database, mark: Int64
  ) throws(DatabaseError) -> Int64 {
    dates = BlockDates(timeline)
    let journal = journalId ?? 0
    journalId = journal
    try database.execute(
      "INSERT OR REPLACE INTO dating(id, journal, mark) VALUES(1, \(journal), \(mark))")
    return mark
  }

  /// Reads entries on, as every reader does.
  private func read(
    _ database: borrowing Database, upTo last: Int64
  ) throws(DatabaseError) -> [Entry] {
    let clockEpochs = try Folding.clockEpochs(database)
    let incarnations = try Folding.incarnations(database)
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id > \(seenId) AND id <= \(last) "
        + "AND kind IN (\(HistoryCore.datingKinds)) ORDER BY id")
    var entries: [Entry] = []
    while try rows.step() {
      let id = rows.int64(0)
      seenId = id
      // One that cannot be read still counts, but for registers: of those only boots' do.
      if rows.int64(2) != 2 { journalId = id }
      guard let clockEpoch = clockEpochs[rows.int64(1)],
        let kind = UInt16(exactly: rows.int64(2)), RowSeal.journalHolds(rows),
        let record = incarnations[RowId.incarnationId(id)].flatMap({ RowId.record(id, $0) })
      else { continue }
      do throws(DecodeError) {
        guard let entry = try JournalDecoder.decode(kind: kind, rows.blob(3)),
          timeline.apply(entry, record: record, in: clockEpoch)
        else { continue }
        journalId = id
        entries.append(Entry(content: entry.content, clockEpoch: clockEpoch))
      } catch { continue }
    }
    return entries
  }

  /// What entries that are new may have moved.
  private func change(
    _ entries: [Entry], _ old: Timeline, _ database: borrowing Database
  ) throws(DatabaseError) -> DatingChange {
    var change = DatingChange()
    for entry in entries {
      switch entry.content {
      case .anchor:
        if old.node.isAnchored(entry.clockEpoch) {
          change.note(old.rules(of: entry.clockEpoch), timeline.rules(of: entry.clockEpoch))
        } else {
          try change.note(begun: Self.firstCommit(entry.clockEpoch, database))
        }
      case .clockFit(let fit):
        change.note(
          old.pieces(of: fit.identity, epoch: fit.epoch),
          timeline.pieces(of: fit.identity, epoch: fit.epoch))
      case .registerWrite(let write):
        guard let clockEpoch = ClockEpoch(write.key.bytes) else { continue }
        // Whatever was committed in that boot, and what boards kept that were asked in it.
        try change.note(begun: Self.firstCommit(clockEpoch, database))
        for clock in timeline.devices.clocks(fittedIn: clockEpoch) {
          change.note(
            old.pieces(of: clock.identity, epoch: clock.epoch),
            timeline.pieces(of: clock.identity, epoch: clock.epoch))
        }
      default: continue
      }
    }
    return change
  }

  /// The first range of which a block may lie elsewhere now; nil when none does.
  private func firstMoved(
    _ entries: [Entry], _ old: Timeline, _ database: borrowing Database
  ) throws(DatabaseError) -> Int64? {
    let change = try change(entries, old, database)
    let dates = BlockDates(timeline)
    guard try database.number("SELECT count(*) FROM extent") ?? 0 <= Limits.datedSeriesMax else {
      return 1
    }
    let lookups = try BlockLookups(database)
    let reader = try BlockReader(database)
    var series = try database.prepare("SELECT series, longest FROM extent")
    var moved = try database.prepare(
      "SELECT min(commits) FROM dated INDEXED BY dated_by_time "
        + "WHERE series = ? AND from_utc >= ? AND to_utc >= ?")
    var anywhere = try database.prepare(
      "SELECT commits, part FROM dated INDEXED BY dated_by_time "
        + "WHERE series = ? AND from_utc = \(Int64.min) ORDER BY commits")
    var first = change.firstCommit
    while try series.step() {
      let id = series.int64(0)
      if let fromUs = change.fromUs {
        let (reach, overflow) = fromUs.subtractingReportingOverflow(series.int64(1))
        moved.bind(1, id)
        moved.bind(2, overflow ? .min + 1 : max(.min + 1, reach))
        moved.bind(3, fromUs)
        if try moved.step(), !moved.isNull(0) { first = min(first ?? .max, moved.int64(0)) }
        moved.reset()
      }
      anywhere.bind(1, id)
      while try anywhere.step() {
        let commits = anywhere.int64(0)
        guard commits < first ?? .max else { break }
        let place = BlockPlace(
          series: id, commits: commits, part: anywhere.int64(1), utc: BlockPlace.anywhere)
        // One that is damaged is left where it is: whoever reads it says so.
        guard let block = try Self.row(place, lookups, database),
          let device = try reader.series(id)?.device,
          let boot = try lookups.clockEpoch(of: commits),
          let clockEpoch = try Folding.clockEpochs(database)[boot]
        else { continue }
        let pieces = dates.pieces(device, epoch: block.epoch, in: clockEpoch)
        if BlockDates.span(block.start...max(block.start, block.end), pieces) != nil {
          first = min(first ?? .max, commits)
        }
      }
      anywhere.reset()
    }
    return first
  }

  private static func row(
    _ place: BlockPlace, _ lookups: BlockLookups, _ database: borrowing Database
  ) throws(DatabaseError) -> BlockRow? {
    do throws(DatabaseError) { return try lookups.block(place, database.path) } catch {
      guard error.kind == .damaged else { throw error }
      return nil
    }
  }

  /// The key before the first commit of a boot of the node.
  private static func firstCommit(
    _ clockEpoch: ClockEpoch, _ database: borrowing Database
  ) throws(DatabaseError) -> Int64? {
    var rows = try database.prepare(
      "SELECT min(incarnation.id) FROM incarnation JOIN journal "
        // Shifts and ors of SQLite bind alike, from the left.
        + "ON journal.id = (incarnation.id << 40) + (1 << 36) + 1 "
        + "JOIN clock_epoch ON clock_epoch.id = journal.clock_epoch WHERE clock_epoch.boot = ?")
    rows.bind(1, clockEpoch.bytes)
    guard try rows.step(), !rows.isNull(0) else { return nil }
    return RowId.range(incarnation: rows.int64(0), lane: .telemetry).lowerBound
  }

  // MARK: Ranges

  /// Dates the blocks of some ranges; whether there are more.
  private func dateRanges(
    _ database: borrowing Database, after mark: Int64
  ) throws(DatabaseError) -> Bool {
    var mark = mark
    var rows = 0
    let reader = try BlockReader(database)
    let clockEpochs = try Folding.clockEpochs(database)
    var writer = try DatedWriter.open(database)
    while let next = try reader.range(after: mark) {
      guard rows < Limits.datedRowsPerStep else {
        try finish(database, mark)
        return true
      }
      do throws(DatabaseError) {
        guard let range = try reader.rangeRow(next.lowerBound),
          let clockEpoch = clockEpochs[range.clockEpoch]
        else { break }
        rows += try date(range, clockEpoch, reader, &writer)
      } catch {
        // What is damaged cannot be dated: what comes after it is found without this table.
        guard error.kind == .damaged else { throw error }
        break
      }
      mark = next.lowerBound
    }
    try finish(database, mark)
    return false
  }

  private func finish(
    _ database: borrowing Database, _ mark: Int64
  ) throws(DatabaseError) {
    try database.execute("UPDATE dating SET mark = \(mark) WHERE mark <> \(mark)")
  }

  private func date(
    _ range: RangeRow, _ clockEpoch: ClockEpoch, _ reader: BlockReader,
    _ writer: inout DatedWriter
  ) throws(DatabaseError) -> Int {
    var count = 0
    var before: RangeBlock?
    for named in range.header.blocks {
      if let before, before.identity == named.identity, before.channel == named.channel {
        continue
      }
      before = named
      guard let series = try reader.seriesId(named.identity, named.channel) else { continue }
      for block in try reader.blocks(series: series, range: range.id) {
        let utc = try dates.span(
          of: block, named.identity, clockEpoch,
          isAnchored: timeline.node.isAnchored(clockEpoch), range.clock.offsetsMs)
        try writer.write(block, utc)
        count += 1
      }
    }
    return count
  }
}

/// What anchors and fits that are new may have moved.
struct DatingChange {
  /// Blocks of this range and later ones, whatever they say.
  private(set) var firstCommit: Int64?
  /// Blocks that were dated at or after this time.
  private(set) var fromUs: Int64?

  mutating func note(begun commit: Int64?) {
    guard let commit else { return }
    firstCommit = min(firstCommit ?? .max, commit)
  }

  /// A clock was dated in one way and is now in another.
  mutating func note(_ old: [DatingPiece], _ new: [DatingPiece]) {
    guard let change = new.firstChange(from: old) else { return }
    for piece in old[old.piece(at: change)...] {
      // Without a rule a block lies anywhere: those are looked at one by one.
      guard let line = piece.line else { continue }
      let start = max(piece.start, change)
      let least = line.isRising ? line.utcUs(start) : .min
      fromUs = min(fromUs ?? .max, least)
    }
  }
}

/// Writes rows of `dated`, and what `extent` makes of them.
private struct DatedWriter: ~Copyable {
  var known: Statement
  var row: Statement
  var extent: Statement

  static func open(_ database: borrowing Database) throws(DatabaseError) -> DatedWriter {
    DatedWriter(
      known: try database.prepare(
        "SELECT 1 FROM dated WHERE commits = ? AND series = ? AND part = ?"),
      row: try database.prepare(
        "INSERT OR REPLACE INTO dated(commits, series, part, from_utc, to_utc) "
          + "VALUES(?, ?, ?, ?, ?)"),
      extent: try database.prepare(
        "INSERT INTO extent(series, readings, longest) VALUES(?1, ?2, ?3) "
          + "ON CONFLICT DO UPDATE SET readings = readings + ?2, longest = max(longest, ?3)"))
  }

  mutating func write(
    _ block: BlockRow, _ utc: ClosedRange<Int64>
  ) throws(DatabaseError) {
    known.bind(1, block.commits)
    known.bind(2, block.series)
    known.bind(3, block.part)
    let isKnown = try known.step()
    known.reset()
    row.bind(1, block.commits)
    row.bind(2, block.series)
    row.bind(3, block.part)
    row.bind(4, utc.lowerBound)
    row.bind(5, utc.upperBound)
    try row.run()
    let (length, overflow) = utc.upperBound.subtractingReportingOverflow(utc.lowerBound)
    extent.bind(1, block.series)
    extent.bind(2, isKnown ? 0 : block.count)
    extent.bind(3, utc == BlockPlace.anywhere ? 0 : overflow ? .max : length)
    try extent.run()
  }
}
