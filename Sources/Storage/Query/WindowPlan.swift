internal import Model
internal import Sync

/// The buckets of one page, and the parts of them that count.
struct WindowPlan {
  private(set) var buckets: [Range<Int64>] = []
  /// For each device of the query: what a filter and deletions let pass.
  private(set) var cells: [[WindowCell]]
  /// The same without deletions: a value held over what is hidden is held.
  private(set) var open: [WindowCell] = []
  /// Where the page ends when not all of the span is in it.
  private(set) var nextUs: Int64?

  /// Lays buckets over a span from its beginning on, as many as a page holds.
  init(_ query: WindowQuery, _ span: Range<Int64>, hidden: [[Range<Int64>]]) {
    cells = [[WindowCell]](repeating: [], count: hidden.count)
    let most = max(1, min(query.limit, Limits.windowsMax))
    var places = [Int](repeating: 0, count: hidden.count)
    for bucket in query.grid.buckets(in: span) {
      guard buckets.count < most, buckets.isEmpty || open.count < Limits.windowCellsMax else {
        nextUs = bucket.lowerBound
        return
      }
      let clipped = bucket.clamped(to: span)
      if let filter = query.filter {
        for part in filter.spans(in: clipped) { append(part, hidden, &places) }
      } else {
        append(clipped, hidden, &places)
      }
      buckets.append(bucket)
    }
  }

  private mutating func append(
    _ span: Range<Int64>, _ hidden: [[Range<Int64>]], _ places: inout [Int]
  ) {
    guard !span.isEmpty else { return }
    let bucket = buckets.count
    open.append(
      WindowCell(fromUs: span.lowerBound, toUs: span.upperBound, bucket: bucket))
    for device in hidden.indices {
      var from = span.lowerBound
      let spans = hidden[device]
      while places[device] < spans.count, spans[places[device]].lowerBound < span.upperBound {
        let gone = spans[places[device]]
        if gone.upperBound > from {
          if gone.lowerBound > from {
            cells[device].append(
              WindowCell(fromUs: from, toUs: gone.lowerBound, bucket: bucket))
          }
          from = gone.upperBound
        }
        // One that goes on hides some of what comes next too.
        guard gone.upperBound <= span.upperBound else { break }
        places[device] += 1
      }
      if from < span.upperBound {
        cells[device].append(WindowCell(fromUs: from, toUs: span.upperBound, bucket: bucket))
      }
    }
  }

  /// Leaves out the buckets that end after a time; false when that would be all of them.
  mutating func cut(to endUs: Int64) -> Bool {
    let kept = buckets.prefix { $0.upperBound <= endUs }.count
    guard kept > 0 else { return false }
    guard kept < buckets.count else { return true }
    nextUs = buckets[kept].lowerBound
    buckets.removeSubrange(kept...)
    open.removeAll { $0.bucket >= kept }
    for device in cells.indices { cells[device].removeAll { $0.bucket >= kept } }
    return true
  }
}
