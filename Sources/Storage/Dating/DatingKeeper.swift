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
  /// The range that is dated in part, and how many of the blocks that it names: one of many series
  /// takes several steps. Without it a range is begun anew, which changes nothing.
  private var partial: (range: RangeRow, blocks: Int)?

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
      partial = nil
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
    let boot =
      try database.number("SELECT max(id) FROM incarnation WHERE id < \(RowId.foreignFirst)") ?? 0
    let last = RowId.range(incarnation: boot, lane: .state).upperBound
    let newest =
      try database.number("SELECT max(id) FROM journal WHERE id <= \(last)") ?? 0
    let entries =
      newest > seenId || !isKnown ? try read(database, upTo: RowId.ownEnd - 1) : []
    seenId = max(seenId, newest)
    guard let state, isKnown else {
      try database.execute(
        "DELETE FROM dated; DELETE FROM extent; DELETE FROM dating; DELETE FROM dated_range")
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
    partial = nil
    let journal = journalId ?? 0
    journalId = journal
    try database.execute(
      "INSERT INTO dating(id, journal, mark, longest) VALUES(1, \(journal), \(mark), 0) "
        + "ON CONFLICT DO UPDATE SET journal = \(journal), mark = \(mark)")
    return mark
  }

  /// Reads entries on, as every reader does. The first time those of other nodes as well: when more
  /// of them come, the row in `dating` goes, and everything is read and dated anew.
  private func read(
    _ database: borrowing Database, upTo last: Int64
  ) throws(DatabaseError) -> [Entry] {
    let clockEpochs = try Folding.clockEpochs(database)
    let incarnations = try Folding.incarnations(database)
    let isFirst = journalId == nil && seenId == 0
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
    if isFirst {
      let kinds = HistoryCore.datingKinds
      try Folding.foreignEntries(database, kinds: kinds) { (_, entry, record, clockEpoch) in
        _ = timeline.apply(entry, record: record, in: clockEpoch)
      }
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
          for clock in timeline.devices.clocks(fittedIn: entry.clockEpoch) {
            change.note(dated: clock.identity)
          }
        }
      case .clockFit(let fit):
        change.note(dated: fit.identity)
        change.note(
          old.pieces(of: fit.identity, epoch: fit.epoch),
          timeline.pieces(of: fit.identity, epoch: fit.epoch))
      case .registerWrite(let write):
        guard let clockEpoch = ClockEpoch(write.key.bytes) else { continue }
        // Whatever was committed in that boot and in those that were placed by it, and what boards
        // kept that were asked in them.
        for clockEpoch in [clockEpoch] + timeline.node.unplaced(since: old.node) {
          try change.note(begun: Self.firstCommit(clockEpoch, database))
          for clock in timeline.devices.clocks(fittedIn: clockEpoch) {
            change.note(dated: clock.identity)
            change.note(
              old.pieces(of: clock.identity, epoch: clock.epoch),
              timeline.pieces(of: clock.identity, epoch: clock.epoch))
          }
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
    var first = change.firstCommit
    if let fromUs = change.fromUs {
      let moved = try database.number(
        "SELECT min(commits) FROM dated_range WHERE latest >= \(fromUs)")
      first = [first, moved].compactMap(\.self).min()
    }
    let found = try firstDated(change.devices, before: first ?? .max, database)
    return [first, found].compactMap(\.self).min()
  }

  /// The first range before one of which some devices have a block that lay anywhere until now.
  private func firstDated(
    _ devices: Set<DeviceIdentity>, before end: Int64, _ database: borrowing Database
  ) throws(DatabaseError) -> Int64? {
    let undated = try database.number("SELECT min(commits) FROM dated_range WHERE undated = 1")
    guard let undated, undated < end, !devices.isEmpty else { return nil }
    let dates = BlockDates(timeline)
    let lookups = try BlockLookups(database)
    let clockEpochs = try Folding.clockEpochs(database)
    var series = try database.prepare(
      "SELECT id FROM series INDEXED BY series_by_name WHERE kind = ? AND identity = ?")
    var anywhere = try database.prepare(
      "SELECT commits, part FROM dated INDEXED BY dated_by_time "
        + "WHERE series = ? AND from_utc = \(Int64.min) ORDER BY commits")
    var (end, found, looked) = (end, Int64?.none, 0)
    for device in devices {
      series.bind(1, Int64(device.kind.rawValue))
      series.bind(2, device.bytes)
      defer { series.reset() }
      while try series.step() {
        looked += 1
        guard looked <= Limits.datedSeriesMax else { return undated }
        anywhere.bind(1, series.int64(0))
        defer { anywhere.reset() }
        while try anywhere.step(), anywhere.int64(0) < end {
          let commits = anywhere.int64(0)
          let place = BlockPlace(
            series: series.int64(0), commits: commits, part: anywhere.int64(1),
            utc: BlockPlace.anywhere)
          // One that is damaged is left where it is: whoever reads it says so.
          guard let block = try Self.row(place, lookups, database),
            let boot = try lookups.clockEpoch(of: commits), let clockEpoch = clockEpochs[boot]
          else { continue }
          let pieces = dates.pieces(device, epoch: block.epoch, in: clockEpoch)
          if BlockDates.span(block.start...max(block.start, block.end), pieces) != nil {
            (end, found) = (commits, commits)
          }
        }
      }
    }
    return found
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

  /// A range is there no longer: another one may come under its key.
  func forget(range: Int64) { if partial?.range.id == range { partial = nil } }

  /// Dates a range that has just been written before others that have their dates, in the same
  /// transaction; false where the rows that are there do not know what is known here.
  func date(inserted range: Int64, _ database: borrowing Database) throws(DatabaseError) -> Bool {
    guard let journalId,
      try database.number("SELECT journal FROM dating WHERE id = 1") == journalId
    else { return false }
    do throws(DatabaseError) {
      let reader = try BlockReader(database)
      guard let row = try reader.rangeRow(range),
        let clockEpoch = try Folding.clockEpochs(database)[row.clockEpoch]
      else { return false }
      var writer = try DatedWriter.open(database)
      var room = Int.max
      _ = try date(row, from: 0, clockEpoch, reader, &writer, room: &room)
      return true
    } catch {
      guard error.kind == .damaged else { throw error }
      return false
    }
  }

  /// Dates some blocks; whether there are more.
  private func dateRanges(
    _ database: borrowing Database, after mark: Int64
  ) throws(DatabaseError) -> Bool {
    var mark = mark
    var room = Limits.datedRowsPerStep
    let reader = try BlockReader(database)
    let clockEpochs = try Folding.clockEpochs(database)
    var writer = try DatedWriter.open(database)
    while let next = try reader.range(after: mark) {
      guard room > 0 else {
        try finish(database, mark)
        return true
      }
      do throws(DatabaseError) {
        let (kept, begun) = partial ?? (nil, 0)
        partial = nil
        let isKept = kept?.id == next.lowerBound
        let range = try isKept ? kept : reader.rangeRow(next.lowerBound)
        guard let range, let clockEpoch = clockEpochs[range.clockEpoch] else { break }
        let end = try date(
          range, from: isKept ? begun : 0, clockEpoch, reader, &writer, room: &room)
        if end < range.header.blocks.count {
          partial = (range, end)
          try finish(database, mark)
          return true
        }
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

  /// Dates blocks of a range from one that it names on, as far as there is room; how far it came.
  private func date(
    _ range: RangeRow, from start: Int, _ clockEpoch: ClockEpoch, _ reader: BlockReader,
    _ writer: inout DatedWriter, room: inout Int
  ) throws(DatabaseError) -> Int {
    let blocks = range.header.blocks
    // What the clocks of another node said at its commits is not known: then they lie anywhere.
    let isAnchored = timeline.node.isAnchored(clockEpoch) || !RowId.isOwn(range.id)
    try writer.begin(range.id, anew: start == 0)
    var index = start
    while index < blocks.count, room > 0 {
      let named = blocks[index]
      repeat {
        index += 1
      } while index < blocks.count
        && blocks[index].identity == named.identity && blocks[index].channel == named.channel
      guard let series = try reader.seriesId(named.identity, named.channel) else { continue }
      for block in try reader.blocks(series: series, range: range.id) {
        let utc = try dates.span(
          of: block, named.identity, clockEpoch, isAnchored: isAnchored, range.clock.offsetsMs)
        try writer.write(block, utc)
        room -= 1
      }
    }
    try writer.end(range.id)
    return index
  }
}

/// What anchors and fits that are new may have moved.
struct DatingChange {
  /// Blocks of this range and later ones, whatever they say.
  private(set) var firstCommit: Int64?
  /// Blocks that were dated at or after this time.
  private(set) var fromUs: Int64?
  /// Blocks of these devices that nothing has dated.
  private(set) var devices: Set<DeviceIdentity> = []

  mutating func note(dated device: DeviceIdentity) { devices.insert(device) }

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
