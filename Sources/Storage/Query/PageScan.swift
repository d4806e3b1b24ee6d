internal import Codec
internal import Model
internal import Sync

/// A page under way: its builder, and what it has cost.
struct PageScan {
  let isUp: Bool
  let filter: SeriesFilter
  let span: ReadingQuery.Span
  let cursor: QueryCursor?
  private(set) var builder: PageBuilder
  private var bytes = 0
  /// Ranges of which nothing that is asked for is left.
  private var rangesSkipped = 0
  /// Readings of the range gone through that the pages before have told, and that went since.
  var toldAndGone: Int64 = 0

  init(query: ReadingQuery, hidden: HiddenSpans) {
    isUp = query.order == .oldestFirst
    span = query.span
    cursor = query.cursor
    filter = SeriesFilter(device: query.device, channel: query.channel)
    builder = PageBuilder(query: query, hidden: hidden)
  }

  /// Ends the page before a commit when it has cost enough.
  mutating func stops(before hotId: Int64) -> Bool {
    let isSpent =
      builder.page.commitsRead >= Limits.pageCommitsMax || bytes >= Limits.pageBytesMax
    if isSpent { builder.stop(before: hotId) }
    return isSpent
  }

  /// Passes a range of which nothing that is asked for is left; true when the page has passed
  /// enough of them, and ends before this one.
  mutating func skips(before hotId: Int64) -> Bool {
    guard rangesSkipped < Limits.pageRangesSkippedMax else {
      builder.stop(before: hotId)
      return true
    }
    rangesSkipped += 1
    return false
  }

  /// Notes readings that are no longer there, but for those that were told while they were.
  mutating func note(_ span: TrimmedSpan) {
    var span = span
    let told = min(toldAndGone, span.count)
    toldAndGone -= told
    span.count -= told
    if span.count > 0 { builder.note(span) }
  }

  /// Begins with a range, or with commits of `hot`; `sinceIsHere` tells whether a commit from which
  /// on a page counted is where these begin.
  mutating func begin(
    _ commits: ClosedRange<Int64>, sinceIsHere: (Int64) throws(DatabaseError) -> Bool
  ) throws(DatabaseError) {
    toldAndGone = 0
    let first = isUp ? commits.lowerBound : commits.upperBound
    guard let cursor, commits.contains(cursor.hotId) else { return builder.begin(at: first) }
    guard let passed = cursor.passed, try sinceIsHere(passed.since) else {
      return builder.begin(at: cursor.hotId)
    }
    builder.begin(at: passed.since, passed.count)
  }

  /// Takes a commit; true when the page is full.
  mutating func add(_ row: CommitRow, _ timeline: borrowing Timeline) -> Bool {
    bytes += row.bytes
    return builder.add(row, timeline)
  }
}

/// A block of a page whose readings are no longer there.
struct TrimmedBlock {
  let row: BlockRow
  let named: RangeBlock
}

extension HistoryCore {
  /// Notes what of a block was asked for and is no longer there.
  func note(_ block: TrimmedBlock, _ scan: inout PageScan) throws(DatabaseError) {
    let (row, named) = (block.row, block.named)
    var utc: ClosedRange<Int64>? = try span(of: row, named.identity)
    if utc == BlockPlace.anywhere { utc = nil }
    var span = TrimmedSpan(
      device: named.identity, channel: named.channel, level: row.level,
      fromUs: utc?.lowerBound, toUs: utc.map { Self.more($0.upperBound, 1) }, count: row.count)
    let elsewhere = try countedElsewhere(row, named.identity)
    if let elsewhere {
      let whole = row.start...max(row.start, row.end)
      span.count = elsewhere.rest(of: row.count, whole, quarter: nil)
    }
    switch scan.span {
    case .all: break
    case .node(let clockEpoch, let range):
      guard try self.clockEpoch(of: row.commits) == clockEpoch else { return }
      if row.epoch == nil, !range.overlaps(row.start..<Self.more(row.end, 1)) { return }
    case .utc(let range):
      guard let utc else { break }
      guard range.overlaps(utc) else { return }
      if !row.summary.isEmpty { span.count = try count(of: block, in: range, elsewhere) }
      span.fromUs = max(range.lowerBound, utc.lowerBound)
      span.toUs = min(range.upperBound, Self.more(utc.upperBound, 1))
    }
    if span.count > 0 { scan.note(span) }
  }

  /// Readings of the quarters of a block that a span of UTC touches.
  private func count(
    of block: TrimmedBlock, in range: Range<Int64>, _ elsewhere: CountedElsewhere?
  ) throws(DatabaseError) -> Int64 {
    let row = block.row
    let pieces = dates.pieces(
      block.named.identity, epoch: row.epoch, in: try clockEpoch(of: row.commits))
    var count: Int64 = 0
    for quarter in try blocks.summaries(row) {
      let times = try times(of: quarter, .quarters, row)
      if BlockDates.span(times, pieces).map({ range.overlaps($0) }) ?? true {
        count +=
          elsewhere?.rest(of: quarter.count, times, quarter: quarter.quarter) ?? quarter.count
      }
    }
    return count
  }
}
