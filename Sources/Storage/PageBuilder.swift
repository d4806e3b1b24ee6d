internal import Model
internal import Sync

/// Picks from decoded commits what a query asks for, until its page is full.
struct PageBuilder {
  private struct Series: Hashable {
    let device: DeviceIdentity
    let channel: String
  }

  private let query: ReadingQuery
  private let limit: Int
  private var counts: [Series: Int] = [:]
  private(set) var page = ReadingPage()

  init(query: ReadingQuery) {
    self.query = query
    limit = min(max(query.limit, 1), Limits.pageReadingsMax)
  }

  /// Ends the page before a commit that was not looked at.
  mutating func stop(before hotId: Int64) {
    page.next = QueryCursor(hotId: hotId, sample: query.order == .oldestFirst ? 0 : Int.max)
  }

  /// Takes a commit; true when the page is full, and then `page.next` says where to go on.
  mutating func add(_ row: CommitRow, _ timeline: borrowing Timeline) -> Bool {
    page.commitsRead += 1
    let resumed = query.cursor.flatMap { $0.hotId == row.id ? $0.sample : nil }
    switch query.order {
    case .oldestFirst:
      var flat = 0
      for source in row.body.sources {
        defer { flat += source.samples.count }
        guard query.device == nil || query.device == source.identity else { continue }
        let context = SourceContext(source)
        let start = min(max(0, (resumed ?? 0) - flat), source.samples.count)
        for index in start..<source.samples.count where take(context, index, row, timeline) {
          page.next = QueryCursor(hotId: row.id, sample: flat + index)
          return true
        }
      }
    case .newestFirst:
      var flat = row.body.sampleCount
      for source in row.body.sources.reversed() {
        flat -= source.samples.count
        guard query.device == nil || query.device == source.identity else { continue }
        let context = SourceContext(source)
        let end = min(source.samples.count, (resumed ?? Int.max) - flat)
        for index in (0..<max(end, 0)).reversed() where take(context, index, row, timeline) {
          page.next = QueryCursor(hotId: row.id, sample: flat + index + 1)
          return true
        }
      }
    }
    return false
  }

  /// Adds a sample if it is asked for; true when there is no room for it.
  private mutating func take(
    _ context: SourceContext, _ index: Int, _ row: CommitRow, _ timeline: borrowing Timeline
  ) -> Bool {
    let source = context.source
    let sample = source.samples[index]
    let channel = source.channels[Int(sample.channel)]
    if let wanted = query.channel, wanted != channel.key { return false }
    let date = context.date(sample.time, row.clock, timeline)
    switch query.span {
    case .all: break
    case .node(let clockEpoch, let range):
      guard date.node.clockEpoch == clockEpoch, range.contains(date.node.bootUs) else {
        return false
      }
    case .utc(let range): guard range.contains(date.utc.utcUs) else { return false }
    }
    let series = Series(device: source.identity, channel: channel.key)
    if let most = query.perSeriesMax, counts[series, default: 0] >= most { return false }
    guard page.readings.count < limit else { return true }
    if query.perSeriesMax != nil { counts[series, default: 0] += 1 }
    page.readings.append(
      StoredReading(
        device: source.identity, channel: channel.key, unit: channel.unit, kind: channel.kind,
        value: sample.value.value(channel.form),
        numbering: context.numbering(index, ticksMs: sample.time), arrival: row.clock.arrival,
        date: date))
    return false
  }
}

/// A source with what its samples need to be numbered and dated.
private struct SourceContext {
  let source: CommitSource
  private let epoch: UInt32?
  /// For every run of samples: the index of its first sample, and that sample's seq.
  private var runs: [(index: Int, seq: UInt32)] = []

  init(_ source: CommitSource) {
    self.source = source
    guard case .device(let epoch, let first, let spans) = source.clock else {
      self.epoch = nil
      return
    }
    self.epoch = epoch
    var index = 0
    var seq = first
    for span in spans {
      if span.fate == .samples {
        runs.append((index, seq))
        index += Int(span.count)
      }
      seq += span.count
    }
  }

  func numbering(_ index: Int, ticksMs: Int64) -> StoredReading.Numbering? {
    guard let epoch else { return nil }
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].index <= index { low = middle } else { high = middle }
    }
    let seq = runs[low].seq + UInt32(index - runs[low].index)
    return StoredReading.Numbering(epoch: epoch, seq: seq, ticksMs: ticksMs)
  }

  func date(
    _ time: Int64, _ clock: CommitClock, _ timeline: borrowing Timeline
  ) -> ReadingDate {
    guard let epoch else { return timeline.date(bootUs: time, in: clock) }
    return timeline.date(
      ticksMs: time, of: source.identity, epoch: epoch,
      lastMs: source.samples.last?.time ?? time, in: clock)
  }
}
