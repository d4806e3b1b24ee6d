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
  private(set) var timeline = Timeline()
  private var timelineId: Int64 = 0
  private var clockEpochs: [Int64: ClockEpoch] = [:]
  private(set) var continuity = Continuity(heads: [])

  init(path: String, vfs: String?) throws(DatabaseError) {
    let database = try Database.open(Database.Options(path: path, vfs: vfs, isReader: true))
    let columns = "SELECT \(RowSeal.hotColumns) FROM hot"
    rowsUp = try database.prepare(columns + " WHERE id BETWEEN ? AND ? ORDER BY id")
    rowsDown = try database.prepare(columns + " WHERE id BETWEEN ? AND ? ORDER BY id DESC")
    probe = try database.prepare(columns + " WHERE id >= ? ORDER BY id LIMIT 1")
    entries = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id > ? AND kind IN (4, 5) "
        + "ORDER BY id")
    self.database = database
  }

  /// One page of readings.
  func page(_ query: ReadingQuery) throws(DatabaseError) -> ReadingPage {
    try reading { () throws(DatabaseError) in try read(query) }
  }

  /// Runs the body in one read transaction, with everything that came since the last one.
  func reading<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(DatabaseError) -> Result {
    try database.execute("BEGIN")
    do throws(DatabaseError) {
      try refresh()
      let result = try body()
      reset()
      try database.execute("COMMIT")
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
  }

  /// Takes in the anchors and fits that came since the last page.
  private func refresh() throws(DatabaseError) {
    clockEpochs = try Folding.clockEpochs(database)
    let newest = try database.number("SELECT max(id) FROM incarnation") ?? 0
    if newest != continuity.newestIncarnation { continuity = try Continuity(database) }
    if let last = try database.number("SELECT max(id) FROM hot") { continuity.extend(to: last) }
    entries.bind(1, timelineId)
    while try entries.step() {
      timelineId = entries.int64(0)
      guard let clockEpoch = clockEpochs[entries.int64(1)],
        let kind = UInt16(exactly: entries.int64(2))
      else { continue }
      // What cannot be read was counted when the store was opened.
      guard RowSeal.journalHolds(entries) else { continue }
      do throws(DecodeError) {
        if let entry = try JournalDecoder.decode(kind: kind, entries.blob(3)) {
          timeline.apply(entry.content, in: clockEpoch)
        }
      } catch { continue }
    }
  }

  private func read(_ query: ReadingQuery) throws(DatabaseError) -> ReadingPage {
    var builder = PageBuilder(query: query)
    var bytes = 0
    var ranges = try self.ranges(query)
    if query.order == .newestFirst { ranges.reverse() }
    for range in ranges {
      var range = range
      if let cursor = query.cursor {
        switch query.order {
        case .oldestFirst:
          guard cursor.hotId <= range.upperBound else { continue }
          range = max(range.lowerBound, cursor.hotId)...range.upperBound
        case .newestFirst:
          guard cursor.hotId >= range.lowerBound else { continue }
          range = range.lowerBound...min(range.upperBound, cursor.hotId)
        }
      }
      let ended = try scan(range, query, into: &builder, bytes: &bytes)
      if ended { return builder.page }
    }
    return builder.page
  }

  /// Goes through one range of commits; true when the page is full.
  private func scan(
    _ range: ClosedRange<Int64>, _ query: ReadingQuery, into builder: inout PageBuilder,
    bytes: inout Int
  ) throws(DatabaseError) -> Bool {
    let isUp = query.order == .oldestFirst
    if isUp {
      rowsUp.bind(1, range.lowerBound)
      rowsUp.bind(2, range.upperBound)
    } else {
      rowsDown.bind(1, range.lowerBound)
      rowsDown.bind(2, range.upperBound)
    }
    var watch = RangeWatch(range, isUp: isUp, continuity)
    while try step(isUp, watch) {
      let id = isUp ? rowsUp.int64(0) : rowsDown.int64(0)
      if let missing = watch.pass(id) { throw missing.error(database.path) }
      let row = isUp ? try self.row(rowsUp) : try self.row(rowsDown)
      let isSpent =
        builder.page.commitsRead >= Limits.pageCommitsMax || bytes >= Limits.pageBytesMax
      if isSpent {
        builder.stop(before: row.id)
        return true
      }
      bytes += row.bytes
      if builder.add(row, timeline) { return true }
    }
    if let missing = watch.end() { throw missing.error(database.path) }
    return false
  }

  /// SQLite does not say which rows it could not read; the watch knows which would have come.
  private func step(_ isUp: Bool, _ watch: RangeWatch) throws(DatabaseError) -> Bool {
    do throws(DatabaseError) {
      return try isUp ? rowsUp.step() : rowsDown.step()
    } catch {
      guard error.kind == .damaged else { throw error }
      let rows = watch.expected.map { $0...$0 }
      throw Damage(.unreadable, "hot", rows, message: error.message).error(database.path)
    }
  }

  private func row(_ statement: borrowing Statement) throws(DatabaseError) -> CommitRow {
    let id = statement.int64(0)
    guard RowSeal.hotHolds(statement) else {
      throw Damage(.altered, "hot", id...id).error(database.path)
    }
    do throws(DecodeError) {
      let body = try statement.withBlob(2) { (bytes) throws(DecodeError) in
        try CommitDecoder.decode(bytes)
      }
      let observation = try ClockObservation(decoding: statement.blob(4))
      guard let clockEpoch = clockEpochs[statement.int64(1)] else {
        throw DecodeError(.range, at: 0)
      }
      let arrival = NodeTime(clockEpoch: clockEpoch, bootUs: body.arrivalUs)
      return CommitRow(
        id: id, body: body, clock: CommitClock(arrival: arrival, observation: observation),
        bytes: statement.blobCount(2))
    } catch {
      throw DatabaseError(
        .damaged, path: database.path, message: "\(RowId.text(id, of: "hot")): \(error)")
    }
  }

  /// Where the readings asked for can be, ascending: the device table knows the first and last
  /// commit of each device as of the last checkpoint; everything after that is looked through.
  private func ranges(_ query: ReadingQuery) throws(DatabaseError) -> [ClosedRange<Int64>] {
    // Not the largest key that is there: the last commits may be those that are missing.
    guard let newest = continuity.last(to: .max) else { return [] }
    var ranges = [0...newest]
    if let device = query.device,
      let folded = try database.number("SELECT hot FROM folded WHERE id = 1")
    {
      var known = try database.prepare(
        "SELECT first_hot, last_hot FROM device WHERE kind = ? AND identity = ?")
      known.bind(1, Int64(device.kind.rawValue))
      known.bind(2, device.bytes)
      ranges = folded < newest ? [(folded + 1)...newest] : []
      if try known.step() {
        let (first, last) = (known.int64(0), known.int64(1))
        if first <= last { ranges.insert(first...last, at: 0) }
      }
    }
    guard case .utc(let span) = query.span else { return ranges }
    let (early, overflow) = span.lowerBound.subtractingReportingOverflow(Limits.datingSlackUs)
    let start = overflow ? 0 : try firstCommit(arrivedAt: early, newest: newest)
    return ranges.compactMap { range in
      range.upperBound < start ? nil : max(range.lowerBound, start)...range.upperBound
    }
  }

  /// The first commit that may hold readings from a time on, by bisection.
  ///
  /// A commit of a clock epoch without an anchor may: its date is uncertain.
  private func firstCommit(arrivedAt utcUs: Int64, newest: Int64) throws(DatabaseError) -> Int64 {
    var low: Int64 = 0
    var high = newest
    while low < high {
      let middle = low + (high - low) / 2
      probe.bind(1, middle)
      guard try probe.step() else { return low }
      let id = probe.int64(0)
      let dated = try arrival(probe).flatMap { timeline.node.date($0) }
      probe.reset()
      if let dated, dated.utcUs < utcUs {
        low = id + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private func arrival(_ statement: borrowing Statement) throws(DatabaseError) -> NodeTime? {
    guard let clockEpoch = clockEpochs[statement.int64(1)] else { return nil }
    let id = statement.int64(0)
    guard RowSeal.hotHolds(statement) else {
      throw Damage(.altered, "hot", id...id).error(database.path)
    }
    do throws(DecodeError) {
      let bootUs = try statement.withBlob(2) { (bytes) throws(DecodeError) in
        try CommitDecoder.arrivalUs(bytes)
      }
      return NodeTime(clockEpoch: clockEpoch, bootUs: bootUs)
    } catch {
      throw DatabaseError(.damaged, path: database.path, message: "arrival: \(error)")
    }
  }
}

/// A decoded row of `hot`.
struct CommitRow {
  let id: Int64
  let body: CommitBody
  let clock: CommitClock
  let bytes: Int
}
