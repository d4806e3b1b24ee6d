internal import Model
internal import Sync

/// The readers' side of the database: everything that `History` does, as plain calls.
///
/// It has a connection of its own, so that no query holds the writer up; each page is one short
/// read transaction, so that no query pins the write-ahead log.
final class HistoryCore {
  let database: Database
  var rowsUp: Statement
  var rowsDown: Statement
  var probe: Statement
  var entries: Statement
  let blocks: BlockReader
  let lookups: BlockLookups
  private(set) var timeline = Timeline()
  /// What people hid, added and said.
  private(set) var facts = StatedFacts()
  private var timelineId: Int64 = 0
  private var incarnations: [Int64: (NodeId, Incarnation)] = [:]
  /// The last journal entry that dates readings.
  private(set) var datingId: Int64 = 0
  private(set) var dates = BlockDates(Timeline())
  private(set) var clockEpochs: [Int64: ClockEpoch] = [:]
  /// The range that was read last: pages follow one another.
  private var rangeKept: RangeRow?
  /// The last samples of a device in every commit of the range that was dated last.
  var lastTicksKept: (range: Int64, device: DeviceIdentity, epoch: UInt32, ticks: [Int: Int64])?
  /// What the page of readings under way has cost, and up to which range dates are known to it.
  var pageCost = QueryCost()
  var pageMark: Int64 = 0
  /// Tests set it: they have few ranges.
  var rangesPassedMax = Limits.rangesPassedMax
  /// The buffers into which blocks are unpacked.
  var decoded = DecodedReadings()
  private(set) var continuity = Continuity(heads: [])
  /// How often records of other nodes had come.
  private(set) var arrived = ArrivedCounts()
  /// What the first entries of other nodes' incarnations say of their clocks.
  private var foreignStamps: [Int64: Stamp] = [:]
  /// The newest range that `continuity` has taken in.
  private(set) var knownRange: Int64 = 0
  /// What is known of samples that are held twice.
  var joining = Joining()

  /// The kinds of journal entries that may date readings: of registers (2), those of boots.
  static let datingKinds = "2, 4, 5"

  init(path: String, vfs: String?) throws(DatabaseError) {
    let database = try Database.open(Database.Options(path: path, vfs: vfs, isReader: true))
    let columns = "SELECT \(RowSeal.hotColumns) FROM hot"
    rowsUp = try database.prepare(columns + " WHERE id BETWEEN ? AND ? ORDER BY id")
    rowsDown = try database.prepare(columns + " WHERE id BETWEEN ? AND ? ORDER BY id DESC")
    probe = try database.prepare(columns + " WHERE id >= ? ORDER BY id LIMIT 1")
    entries = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id > ? AND id < "
        + "\(RowId.ownEnd) AND kind IN (\(Self.datingKinds), \(StatedFacts.kinds)) ORDER BY id")
    blocks = try BlockReader(database)
    lookups = try BlockLookups(database)
    self.database = database
  }

  /// Runs the body in one read transaction, with everything that came since the last one.
  func reading<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(DatabaseError) -> Result {
    try database.execute("BEGIN")
    joining.begin()
    do throws(DatabaseError) {
      try refresh()
      let result = try body()
      reset()
      // Not COMMIT, which fails where a page was found damaged, also one that was done without.
      try database.execute("ROLLBACK")
      return result
    } catch {
      reset()
      // A read transaction has nothing to lose; what failed is in `error`.
      do throws(DatabaseError) { try database.execute("ROLLBACK") } catch {}
      throw error
    }
  }

  private func reset() {
    rowsUp.reset()
    rowsDown.reset()
    probe.reset()
    entries.reset()
    blocks.reset()
    lookups.reset()
  }

  /// Takes in the anchors and fits that came since the last page.
  private func refresh() throws(DatabaseError) {
    clockEpochs = try Folding.clockEpochs(database)
    let isOwn = "id < \(RowId.ownEnd)"
    let newest =
      try database.number("SELECT max(id) FROM incarnation WHERE id < \(RowId.foreignFirst)") ?? 0
    let arrivedNow = try ArrivedCounts.readable(database)
    if newest != continuity.newestIncarnation {
      continuity = try Continuity(database)
      incarnations = try Folding.incarnations(database)
    } else if arrivedNow != arrived {
      try continuity.readSeen(database)
    }
    // A range that came may have taken the place of one.
    if arrivedNow != arrived { (rangeKept, lastTicksKept) = (nil, nil) }
    let foldsAnew = arrivedNow.entries != arrived.entries
    if foldsAnew {
      // What other nodes wrote may come before what was folded long ago.
      (timeline, facts, timelineId, datingId) = (Timeline(), StatedFacts(), 0, 0)
      foreignStamps = try Folding.foreignStamps(database)
    }
    arrived = arrivedNow
    if let last = try database.number("SELECT max(id) FROM hot WHERE \(isOwn)") {
      continuity.extend(to: last)
    }
    let newestRange = try database.number("SELECT max(id) FROM commit_range WHERE \(isOwn)") ?? 0
    if newestRange != knownRange,
      let range = try Continuity.newestRange(database, "WHERE \(isOwn)")
    {
      continuity.extend(to: range.upperBound)
      knownRange = newestRange
    }
    entries.bind(1, timelineId)
    let before = datingId
    while try entries.step() {
      timelineId = entries.int64(0)
      if entries.int64(2) == 4 || entries.int64(2) == 5 { datingId = timelineId }
      guard let clockEpoch = clockEpochs[entries.int64(1)],
        let kind = UInt16(exactly: entries.int64(2))
      else { continue }
      // What cannot be read was counted when the store was opened.
      guard RowSeal.journalHolds(entries) else { continue }
      do throws(DecodeError) {
        if let entry = try JournalDecoder.decode(kind: kind, entries.blob(3)) {
          let record = incarnations[RowId.incarnationId(timelineId)]
            .flatMap { RowId.record(timelineId, $0) }
          guard let record else { continue }
          let isDating = timeline.apply(entry, record: record, in: clockEpoch)
          if isDating { datingId = timelineId }
          // Other registers change nothing here.
          if case .registerWrite = entry.content, !isDating { continue }
          facts.apply(entry, record, clockEpoch, row: timelineId)
        }
      } catch { continue }
    }
    if foldsAnew { try foldForeign() }
    facts.settle(timeline)
    if datingId != before || foldsAnew { dates = BlockDates(timeline) }
  }

  /// Takes what other nodes wrote: after all of this node's, in an order that is the same for
  /// whoever has the same records.
  private func foldForeign() throws(DatabaseError) {
    let kinds = "\(Self.datingKinds), \(StatedFacts.kinds)"
    try Folding.foreignEntries(database, kinds: kinds) { (row, entry, record, clockEpoch) in
      let isDating = timeline.apply(entry, record: record, in: clockEpoch)
      if case .registerWrite = entry.content, !isDating { return }
      facts.apply(entry, record, clockEpoch, row: row)
    }
  }

  /// What the clocks of another node said of a commit: its own observation is not sent, so it is
  /// that of its incarnation's first entry, carried on.
  func foreignClock(_ id: Int64, _ arrivalUs: Int64) -> ClockObservation {
    guard let stamp = foreignStamps[RowId.incarnationId(id)] else {
      return ClockObservation(bootUs: arrivalUs, wallUs: 0, trusted: false, errorUs: 0)
    }
    let sinceUs = Saturating.difference(arrivalUs, stamp.bootUs)
    return ClockObservation(
      bootUs: arrivalUs, wallUs: Saturating.sum(stamp.wallUs, sinceUs), trusted: stamp.trusted,
      errorUs: 0)
  }

  /// The same for the commits of a range.
  private func foreignClock(_ row: RangeRow) -> RangeClock {
    var clock = RangeClock()
    for arrivalMs in row.header.arrivalsMs {
      clock.append(foreignClock(row.id, RangeTime.us(arrivalMs)))
    }
    return clock
  }

  /// A range's row, by the hot id of its first commit.
  func rangeRow(_ id: Int64) throws(DatabaseError) -> RangeRow {
    if let rangeKept, rangeKept.id == id { return rangeKept }
    guard var row = try blocks.rangeRow(id) else {
      throw Damage(.missing, "commit_range", id...id).error(database.path)
    }
    if !RowId.isOwn(id) { row.clock = foreignClock(row) }
    rangeKept = row
    return row
  }
}
