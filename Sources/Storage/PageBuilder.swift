internal import Model
internal import Sync

/// Picks from decoded commits what a query asks for, until its page is full.
struct PageBuilder {
  private struct Series: Hashable {
    let device: DeviceIdentity
    let channel: String
  }

  private let query: ReadingQuery
  private let hidden: HiddenSpans
  private let limit: Int
  private var counts: [Series: Int] = [:]
  private(set) var page = ReadingPage()
  /// Where the range, or the commits of `hot`, began that are gone through, and what it had.
  private var passed = QueryCursor.Passed(since: 0, count: 0)

  init(query: ReadingQuery, hidden: HiddenSpans) {
    self.query = query
    self.hidden = hidden
    limit = min(max(query.limit, 1), Limits.pageReadingsMax)
  }

  /// Ends the page before a commit that was not looked at.
  mutating func stop(before hotId: Int64) {
    page.next = QueryCursor(
      hotId: hotId, sample: query.order == .oldestFirst ? 0 : Int.max, passed: passed)
  }

  /// Counts from a commit on, in the query's direction; so many were told already.
  mutating func begin(at hotId: Int64, _ count: Int64 = 0) {
    passed = QueryCursor.Passed(since: hotId, count: count)
  }

  /// What the pages before have told of the range that begins at a commit.
  func told(since hotId: Int64) -> Int64 {
    guard let before = query.cursor?.passed, before.since == hotId else { return 0 }
    return before.count
  }

  /// How many of the query's readings a commit has before the place where the page before ended.
  func toldCount(_ row: CommitRow, _ timeline: borrowing Timeline) -> Int64 {
    guard let cursor = query.cursor else { return 0 }
    let isUp = query.order == .oldestFirst
    guard isUp ? row.id <= cursor.hotId : row.id >= cursor.hotId else { return 0 }
    var (count, flat) = (Int64(0), 0)
    for source in row.sources {
      for sample in source.samples {
        let isBefore = isUp ? flat < cursor.sample : flat >= cursor.sample
        flat += 1
        guard row.id != cursor.hotId || isBefore else { continue }
        if isInSpan(source.date(sample.time, row.clock, timeline)) { count += 1 }
      }
    }
    return count
  }

  private func isInSpan(_ date: ReadingDate) -> Bool {
    switch query.span {
    case .all: return true
    case .node(let clockEpoch, let range):
      return date.node.clockEpoch == clockEpoch && range.contains(date.node.bootUs)
    case .utc(let range): return range.contains(date.utc.utcUs)
    }
  }

  /// Takes a commit; true when the page is full, and then `page.next` says where to go on.
  mutating func add(_ row: CommitRow, _ timeline: borrowing Timeline) -> Bool {
    page.commitsRead += 1
    let resumed = query.cursor.flatMap { $0.hotId == row.id ? $0.sample : nil }
    switch query.order {
    case .oldestFirst:
      var flat = 0
      for source in row.sources {
        defer { flat += source.samples.count }
        let start = min(max(0, (resumed ?? 0) - flat), source.samples.count)
        for index in start..<source.samples.count where take(source, index, row, timeline) {
          page.next = QueryCursor(hotId: row.id, sample: flat + index, passed: passed)
          return true
        }
      }
    case .newestFirst:
      var flat = row.sampleCount
      for source in row.sources.reversed() {
        flat -= source.samples.count
        let end = min(source.samples.count, (resumed ?? Int.max) - flat)
        for index in (0..<max(end, 0)).reversed() where take(source, index, row, timeline) {
          page.next = QueryCursor(hotId: row.id, sample: flat + index + 1, passed: passed)
          return true
        }
      }
    }
    return false
  }

  /// Notes readings that are no longer there; those of a channel that follow each other are one.
  mutating func note(_ span: TrimmedSpan) {
    let known = page.trimmed.lastIndex {
      $0.device == span.device && $0.channel == span.channel && $0.level == span.level
    }
    guard let known else { return page.trimmed.append(span) }
    page.trimmed[known].count += span.count
    func either(_ left: Int64?, _ right: Int64?, _ pick: (Int64, Int64) -> Int64) -> Int64? {
      guard let left, let right else { return left ?? right }
      return pick(left, right)
    }
    page.trimmed[known].fromUs = either(page.trimmed[known].fromUs, span.fromUs, min)
    page.trimmed[known].toUs = either(page.trimmed[known].toUs, span.toUs, max)
  }

  /// Readings that the page has room for.
  var room: Int { limit - page.readings.count }

  /// Adds a sample if it is asked for; true when there is no room for it.
  private mutating func take(
    _ source: RowSource, _ index: Int, _ row: CommitRow, _ timeline: borrowing Timeline
  ) -> Bool {
    let sample = source.samples[index]
    let channel = source.channels[Int(sample.channel)]
    let date = source.date(sample.time, row.clock, timeline)
    guard isInSpan(date) else { return false }
    let series = Series(device: source.identity, channel: channel.key)
    let isEnough = query.perSeriesMax.map { counts[series, default: 0] >= $0 } ?? false
    // Nobody hides anything in most places: then this costs nothing.
    if isEnough || hidden.hides(source.identity, channel.key, utcUs: date.utc.utcUs)
      || !source.counts(sample)
    {
      passed.count += 1
      return false
    }
    guard page.readings.count < limit else { return true }
    passed.count += 1
    if query.perSeriesMax != nil { counts[series, default: 0] += 1 }
    page.readings.append(
      StoredReading(
        device: source.identity, channel: channel.key, unit: channel.unit, kind: channel.kind,
        value: sample.value.value(channel.form), numbering: source.numbering(sample),
        arrival: row.clock.arrival, date: date))
    return false
  }
}
