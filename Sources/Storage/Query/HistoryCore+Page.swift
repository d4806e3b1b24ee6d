internal import Codec
internal import Model
internal import Sync

/// Pages of readings, over rows of `hot` and ranges of blocks alike.
extension HistoryCore {
  /// One page of readings.
  func page(_ query: ReadingQuery) throws(DatabaseError) -> ReadingPage {
    try reading { () throws(DatabaseError) in
      try join()
      var page = query.cursor?.isLate == true ? ReadingPage() : try read(query)
      try addLate(to: &page, query)
      return page
    }
  }

  private func read(_ query: ReadingQuery) throws(DatabaseError) -> ReadingPage {
    var scan = PageScan(query: query, hidden: facts.hidden)
    pageCost = QueryCost()
    if case .utc = scan.span { pageMark = try datedMark() } else { pageMark = 0 }
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
      if try go(through: range, &scan) { break }
    }
    var page = scan.builder.page
    page.cost = pageCost
    page.cost.commitsRead = page.commitsRead
    page.cost.blocksDecoded += joining.decodedCount
    return page
  }

  /// Goes through commits, piece by piece: rows of `hot`, or a range; true when the page is full.
  private func go(
    through range: ClosedRange<Int64>, _ scan: inout PageScan
  ) throws(DatabaseError) -> Bool {
    var (low, high) = (range.lowerBound, range.upperBound)
    var passed = 0
    while low <= high {
      let at = scan.isUp ? low : high
      if let found = try blocks.range(holding: at) {
        if try !mayHold(found.lowerBound, scan) {
          if found.lowerBound > pageMark, scan.skips(before: at) { return true }
          if scan.isUp { low = found.upperBound + 1 } else { high = found.lowerBound - 1 }
          passed += 1
          guard passed >= rangesPassedMax, low <= high else { continue }
          passed = 0
          if scan.isUp {
            low = try next(from: low, scan)
          } else {
            high = try next(from: high, scan)
          }
          continue
        }
        passed = 0
        if try assemble(found, within: low...high, &scan) { return true }
        if scan.isUp { low = found.upperBound + 1 } else { high = found.lowerBound - 1 }
      } else if scan.isUp {
        let end = try blocks.range(after: low).map { min(high, $0.lowerBound - 1) } ?? high
        if try readHot(low...end, &scan) { return true }
        low = end + 1
      } else {
        let begin = try blocks.range(before: high).map { max(low, $0.upperBound + 1) } ?? low
        if try readHot(begin...high, &scan) { return true }
        high = begin - 1
      }
    }
    return false
  }

  /// Goes through rows of `hot` that no range covers; true when the page is full.
  private func readHot(
    _ range: ClosedRange<Int64>, _ scan: inout PageScan
  ) throws(DatabaseError) -> Bool {
    let isUp = scan.isUp
    try scan.begin(range) { (id) throws(DatabaseError) in
      try blocks.range(holding: id) == nil
    }
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
      if scan.stops(before: id) { return true }
      let row =
        isUp ? try self.row(rowsUp, scan.filter) : try self.row(rowsDown, scan.filter)
      if scan.add(row, timeline) { return true }
    }
    if let missing = watch.end() { throw missing.error(database.path) }
    return false
  }

  /// The next row of `rowsUp`.
  func stepUp(_ watch: RangeWatch) throws(DatabaseError) -> Bool { try step(true, watch) }

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

  private func row(
    _ statement: borrowing Statement, _ filter: SeriesFilter
  ) throws(DatabaseError) -> CommitRow {
    let (id, body, clock) = try commit(statement)
    var row = CommitRow(
      id: id, clock: clock, sources: body.sources.compactMap { RowSource($0, filter) },
      bytes: statement.blobCount(2))
    guard isJoined else { return row }
    for place in row.sources.indices {
      let (device, epoch) = (row.sources[place].identity, row.sources[place].epoch)
      row.sources[place].lost = try lostOfHot(
        device, epoch: epoch, commit: id, channel: filter.channel)
    }
    return row
  }

  /// Decodes a row of `hot`.
  func commit(
    _ statement: borrowing Statement
  ) throws(DatabaseError) -> (id: Int64, body: CommitBody, clock: CommitClock) {
    let id = statement.int64(0)
    guard RowSeal.hotHolds(statement) else {
      throw Damage(.altered, "hot", id...id).error(database.path)
    }
    do throws(DecodeError) {
      let body = try statement.withBlob(2) { (bytes) throws(DecodeError) in
        try CommitDecoder.decode(bytes)
      }
      let observation =
        RowId.isOwn(id)
        ? try ClockObservation(decoding: statement.blob(4))
        : foreignClock(id, body.arrivalUs)
      guard let clockEpoch = clockEpochs[statement.int64(1)] else {
        throw DecodeError(.range, at: 0)
      }
      let arrival = NodeTime(clockEpoch: clockEpoch, bootUs: body.arrivalUs)
      return (id, body, CommitClock(arrival: arrival, observation: observation))
    } catch {
      throw DatabaseError(
        .damaged, path: database.path, message: "\(RowId.text(id, of: "hot")): \(error)")
    }
  }

  // MARK: Ranges

  /// Goes through commits of a range, window by window; true when the page is full.
  private func assemble(
    _ range: ClosedRange<Int64>, within: ClosedRange<Int64>, _ scan: inout PageScan
  ) throws(DatabaseError) -> Bool {
    let row = try rangeRow(range.lowerBound)
    let since = scan.isUp ? range.lowerBound : range.upperBound
    try scan.begin(range) { (id) throws(DatabaseError) in id == since }
    let commits = row.header.arrivalsMs.count
    var low = Int(max(within.lowerBound, range.lowerBound) - range.lowerBound)
    var high = Int(min(within.upperBound, range.upperBound) - range.lowerBound) + 1
    let wanted = row.header.blocks.filter { scan.filter.contains($0.identity, $0.channel) }
    let readings = wanted.reduce(0) { $0 + $1.count }
    let most = max(
      1, commits * max(scan.builder.room, Limits.assembledReadingsMin) / max(1, readings))
    var trimmed: [TrimmedBlock] = []
    while low < high {
      let length = min(high - low, most)
      let window = scan.isUp ? low..<(low + length) : (high - length)..<high
      let (assembly, gone, isEmpty) = try self.assembly(row, window, scan.filter)
      trimmed = gone
      if isEmpty, !gone.isEmpty {
        if scan.skips(before: row.id + Int64(scan.isUp ? low : high - 1)) { return true }
        break
      }
      for step in 0..<length {
        let commit = scan.isUp ? low + step : high - 1 - step
        if scan.stops(before: row.id + Int64(commit)) { return true }
        if scan.add(assembly.row(commit), timeline) { return true }
      }
      if scan.isUp { low += length } else { high -= length }
    }
    if !trimmed.isEmpty { scan.toldAndGone = try toldAndGone(row, range, scan) }
    for block in trimmed { try note(block, &scan) }
    return false
  }

  /// How many of a range's readings the pages before have told that are not there any more: all
  /// that they have told, without those that are there still.
  private func toldAndGone(
    _ row: RangeRow, _ range: ClosedRange<Int64>, _ scan: PageScan
  ) throws(DatabaseError) -> Int64 {
    let since = scan.isUp ? range.lowerBound : range.upperBound
    let told = scan.builder.told(since: since)
    guard told > 0, let cursor = scan.cursor else { return 0 }
    let place = Int(cursor.hotId - row.id)
    let commits = row.header.arrivalsMs.count
    let window = scan.isUp ? 0..<min(place + 1, commits) : min(place, commits)..<commits
    let (assembly, _, _) = try assembly(row, window, scan.filter)
    var left: Int64 = 0
    for commit in window { left += scan.builder.toldCount(assembly.row(commit), timeline) }
    return max(0, told - left)
  }

  private func assembly(
    _ row: RangeRow, _ window: Range<Int>, _ filter: SeriesFilter
  ) throws(DatabaseError) -> (RangeAssembly, trimmed: [TrimmedBlock], isEmpty: Bool) {
    guard let clockEpoch = clockEpochs[row.clockEpoch] else {
      throw DatabaseError(
        .damaged, path: database.path, message: "\(RowId.text(row.id, of: "hot")): no clock epoch")
    }
    var assembly = RangeAssembly(row, window, clockEpoch)
    var undated: Set<Source> = []
    var trimmed: [TrimmedBlock] = []
    var isEmpty = true
    let series = Self.series(row)
    for one in series where filter.contains(one.named.identity, one.named.channel) {
      let named = one.named
      for block in try self.parts(of: one, in: row) {
        guard block.level == .raw else {
          trimmed.append(TrimmedBlock(row: block, named: named))
          continue
        }
        isEmpty = false
        try add(block, named, isWanted: true, to: &assembly)
        if let epoch = block.epoch, isUndated(block, named.identity, epoch) {
          undated.insert(Source(identity: named.identity, epoch: epoch))
        }
      }
    }
    // Where no fit dates a device's readings, the last sample of each commit does, of whatever
    // channel it is.
    guard !undated.isEmpty, filter.channel != nil else {
      return (assembly, trimmed, isEmpty)
    }
    let devices = Set(undated.map(\.identity))
    for one in series
    where devices.contains(one.named.identity) && one.named.channel != filter.channel {
      let named = one.named
      for block in try self.parts(of: one, in: row) where block.level == .raw {
        guard let epoch = block.epoch,
          undated.contains(Source(identity: named.identity, epoch: epoch))
        else { continue }
        try add(block, named, isWanted: false, to: &assembly)
      }
    }
    return (assembly, trimmed, isEmpty)
  }

  private struct Source: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32
  }

  /// Whether a range may hold readings of the span that is asked for, by the dates of its blocks.
  private func mayHold(_ commits: Int64, _ scan: PageScan) throws(DatabaseError) -> Bool {
    guard case .utc(let span) = scan.span else { return true }
    guard !span.isEmpty else { return false }
    pageCost.blocksSeen += 1
    if commits <= pageMark, let mayHold = try lookups.mayHold(commits, span) { return mayHold }
    let row = try rangeRow(commits)
    for one in Self.series(row)
    where scan.filter.contains(one.named.identity, one.named.channel) {
      for block in try parts(of: one, in: row) {
        if span.overlaps(try self.span(of: block, one.named.identity)) { return true }
      }
    }
    return false
  }

  /// The next commit, from one on, that may belong to a range with readings of the span that is
  /// asked for, or to none; in the page's direction.
  private func next(from commit: Int64, _ scan: PageScan) throws(DatabaseError) -> Int64 {
    guard case .utc(let span) = scan.span, let (_, _, longest) = try lookups.dating() else {
      return commit
    }
    if scan.isUp {
      guard commit <= pageMark else { return commit }
      let early = Self.less(span.lowerBound, longest)
      let found = try lookups.range(from: commit, early, span, isUp: true)
      if case .unknown = found { return commit }
      let next = min(found.commit ?? .max, pageMark + 1)
      return try uncovered(commit...next, isUp: true) ?? next
    }
    // What is dated by nothing yet is newer than all that is.
    guard commit <= pageMark else { return commit }
    let early = Self.less(span.lowerBound, longest)
    let answer = try lookups.range(from: commit, early, span, isUp: false)
    if case .unknown = answer { return commit }
    guard let found = answer.commit else { return try uncovered(0...commit, isUp: false) ?? -1 }
    let last = try blocks.range(holding: found)?.upperBound ?? found
    return try uncovered(min(last, commit)...commit, isUp: false) ?? min(last, commit)
  }

  /// The first commit among some, in the page's direction, that is a row of `hot` and in no range.
  private func uncovered(
    _ commits: ClosedRange<Int64>, isUp: Bool
  ) throws(DatabaseError) -> Int64? {
    var (low, high) = (commits.lowerBound, commits.upperBound)
    while low <= high {
      let found: Int64
      if isUp {
        found = try database.number("SELECT min(id) FROM hot WHERE id >= \(low)") ?? .max
      } else {
        found = try database.number("SELECT max(id) FROM hot WHERE id <= \(high)") ?? -1
      }
      guard found >= low, found <= high else { return nil }
      guard let range = try blocks.range(holding: found) else { return found }
      if isUp { low = range.upperBound + 1 } else { high = range.lowerBound - 1 }
    }
    return nil
  }

  /// A series of a range, by the first of its parts.
  private struct RangeSeries {
    let named: RangeBlock
    var parts: Int
  }

  /// The series of a range: its parts are named one after the other, and read together.
  private static func series(_ row: RangeRow) -> [RangeSeries] {
    var found: [RangeSeries] = []
    for named in row.header.blocks {
      if let last = found.last?.named, last.identity == named.identity,
        last.channel == named.channel
      {
        found[found.count - 1].parts += 1
      } else {
        found.append(RangeSeries(named: named, parts: 1))
      }
    }
    return found
  }

  private func add(
    _ block: BlockRow, _ named: RangeBlock, isWanted: Bool, to assembly: inout RangeAssembly
  ) throws(DatabaseError) {
    let content = try blocks.content(block)
    pageCost.blocksDecoded += 1
    let lost = isWanted ? try lost(block, named.identity) : nil
    do throws(DecodeError) {
      try assembly.add(content, named.identity, named.channel, isWanted: isWanted, lost: lost)
    } catch {
      throw block.damage(.altered, "\(error)").error(database.path)
    }
  }

  /// The blocks of a series in a range; that one is missing shows in what the range names.
  private func parts(
    of one: RangeSeries, in row: RangeRow
  ) throws(DatabaseError) -> [BlockRow] {
    let named = one.named
    let message = "\(named.identity) \(named.channel)"
    guard let series = try blocks.seriesId(named.identity, named.channel) else {
      throw Damage(.missing, "series", message: message).error(database.path)
    }
    let rows = try blocks.blocks(series: series, range: row.id)
    guard rows.count == one.parts else {
      throw Damage(.missing, "block", row.id...row.last, message: message).error(database.path)
    }
    return rows
  }

  /// Whether only the commits can date some of a block's readings.
  private func isUndated(
    _ block: BlockRow, _ device: DeviceIdentity, _ epoch: UInt32
  ) -> Bool {
    let pieces = timeline.pieces(of: device, epoch: epoch)
    return BlockDates.span(block.start...max(block.start, block.end), pieces) == nil
  }
}
