internal import Model
internal import Sync

/// Where readings can be.
extension HistoryCore {
  /// Where the readings asked for can be, ascending: the device table knows the first and last
  /// commit of each device as of the last checkpoint; everything after that is looked through.
  func ranges(_ query: ReadingQuery) throws(DatabaseError) -> [ClosedRange<Int64>] {
    // Not the largest key that is there: the last commits may be those that are missing.
    let foreign = try foreignRanges()
    guard let newest = continuity.last(to: RowId.ownEnd - 1) else { return foreign }
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
    // Where the table of dates is up to date, ranges are found without it.
    let lastRange = try blocks.range(before: newest)?.lowerBound ?? .max
    let isDated = pageMark >= lastRange
    guard case .utc(let span) = query.span, !isDated else { return ranges + foreign }
    let (early, overflow) = span.lowerBound.subtractingReportingOverflow(Limits.datingSlackUs)
    let start =
      overflow || !isRising ? 0 : try firstCommit(arrivedAt: early, newest: newest)
    return ranges.compactMap { range in
      range.upperBound < start ? nil : max(range.lowerBound, start)...range.upperBound
    } + foreign
  }

  /// Commits of other nodes, behind all of this one's: they follow no order of time among all.
  private func foreignRanges() throws(DatabaseError) -> [ClosedRange<Int64>] {
    // Of a run of which nothing but sums is here no commit was seen.
    let newest = max(
      continuity.last(to: .max) ?? 0, try blocks.range(before: .max)?.upperBound ?? 0)
    return RowId.isOwn(newest) ? [] : [RowId.ownEnd...newest]
  }

  /// Whether commits are dated one after the other: no clock was set back. Boots without an anchor
  /// are passed over, as the bisection passes over them.
  private var isRising: Bool {
    var latestUs = Int64.min
    for id in clockEpochs.keys.sorted() where id < RowId.foreignFirst {
      guard let clockEpoch = clockEpochs[id], timeline.node.isAnchored(clockEpoch) else {
        continue
      }
      let lines = timeline.pieces(of: clockEpoch)
      guard lines.allSatisfy({ $0.line?.isRising ?? false }),
        let beganUs = lines.first?.line?.utcUs(0), let last = lines.last,
        let anchoredUs = last.line?.utcUs(last.start), beganUs >= latestUs
      else { return false }
      latestUs = max(beganUs, anchoredUs)
    }
    return true
  }

  /// The first commit that may hold readings from a time on, by bisection.
  ///
  /// A commit of a clock epoch without an anchor may: its date is uncertain.
  private func firstCommit(arrivedAt utcUs: Int64, newest: Int64) throws(DatabaseError) -> Int64 {
    var low: Int64 = 0
    var high = newest
    while low < high {
      let middle = low + (high - low) / 2
      guard let (id, arrival) = try arrival(from: middle) else { return low }
      if let arrival, let dated = timeline.node.date(arrival), dated.utcUs < utcUs {
        low = id + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// The first commit from a key on, with its arrival where its clock epoch is known.
  func arrival(
    from hotId: Int64
  ) throws(DatabaseError) -> (id: Int64, arrival: NodeTime?)? {
    if let range = try blocks.range(holding: hotId) {
      let row = try rangeRow(range.lowerBound)
      let arrivalUs = RangeTime.us(row.header.arrivalsMs[Int(hotId - row.id)])
      return (
        hotId, clockEpochs[row.clockEpoch].map { NodeTime(clockEpoch: $0, bootUs: arrivalUs) }
      )
    }
    probe.bind(1, hotId)
    defer { probe.reset() }
    let isHot = try probe.step()
    // The next commit is in a range when one begins before the next row of `hot`.
    if let range = try blocks.range(after: hotId), !isHot || range.lowerBound <= probe.int64(0) {
      return try arrival(from: range.lowerBound)
    }
    return isHot ? (probe.int64(0), try arrival(probe)) : nil
  }

  func arrival(_ statement: borrowing Statement) throws(DatabaseError) -> NodeTime? {
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
