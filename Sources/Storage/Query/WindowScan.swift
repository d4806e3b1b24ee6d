internal import Model
internal import Sync

/// A page of windows under way.
struct WindowScan {
  /// A block of one of the query's devices.
  struct Place {
    let device: Int
    let block: BlockPlace
  }

  let query: WindowQuery
  /// What is hidden of each device's series.
  let hidden: [[Range<Int64>]]
  /// How far before and after its span readings matter; 0 unless values are held.
  let holdUs: Int64
  /// Whether summaries cannot say what is asked for.
  let decodesAll: Bool
  /// In time.
  var places: [Place] = []
  /// Of blocks that may hold samples which another node's run holds too, the blocks of that.
  var copies: [BlockPlace: [BlockPlace]] = [:]
  var plan: WindowPlan
  var windows = WindowAccumulator(cells: [], bucketCount: 0, keepsEnds: false)
  var cost = QueryCost()
  /// Where values may have been held that are no longer there.
  var lost: [ClosedRange<Int64>] = []
  /// Quarter hours that lie across borders.
  var divided: [ClosedRange<Int64>] = []
  /// The newest block that was counted.
  var newest: BlockPlace?
  /// The channel of the newest readings of `hot`.
  var channel: CommitChannel?
  private var laid = -1

  init(_ query: WindowQuery, hidden: [[Range<Int64>]]) {
    self.query = query
    self.hidden = hidden
    let isHeld = query.functions.contains(.held)
    holdUs = isHeld ? max(0, min(query.longestHoldUs, Limits.holdUsMax)) : 0
    decodesAll = isHeld || query.functions.contains(.ends)
    plan = WindowPlan(query, 0..<0, hidden: [])
  }

  /// Begins to count, by the buckets that are laid.
  mutating func begin() {
    windows = WindowAccumulator(
      cells: [], bucketCount: plan.buckets.count, keepsEnds: query.functions.contains(.ends))
    laid = -1
  }

  /// Counts by the cells of a device from now on.
  mutating func lay(_ device: Int) {
    if hidden.allSatisfy(\.isEmpty), laid >= 0, holdUs == 0 { return }
    laid = device
    windows.lay(plan.cells[device])
  }

  /// Counts what no deletion hides.
  mutating func layOpen() {
    laid = -1
    windows.lay(plan.open)
  }

  /// A block is counted.
  mutating func note(_ block: BlockPlace) {
    if newest.map({ $0.commits <= block.commits }) ?? true { newest = block }
  }

  /// The dates that matter to the buckets that are laid.
  var reach: (from: Int64, to: Int64) {
    let first = max(plan.buckets.first?.lowerBound ?? .max, query.span.lowerBound)
    let last = min(plan.buckets.last?.upperBound ?? .min, query.span.upperBound)
    let from = HistoryCore.less(first, holdUs)
    return (from, max(from, HistoryCore.more(last - 1, holdUs)))
  }

  /// Keeps what may be held within the reach and is not hidden of a device.
  func take(_ readings: DecodedReadings, _ device: Int?, into held: inout [HeldReading]) {
    let (from, to) = reach
    let spans = device.map { self.hidden[$0] } ?? []
    let hidden = HiddenSeries(spans)
    for index in readings.columns.times.indices {
      let utcUs = readings.utcUs(index)
      guard utcUs >= from, utcUs <= to, hidden.isEmpty || !hidden.hides(utcUs) else { continue }
      held.append(
        HeldReading(
          utcUs: utcUs, place: readings.columns.place, index: readings.columns.base + index,
          number: readings.columns.number(index)))
    }
  }
}

/// A reading that may be held.
struct HeldReading: Comparable {
  let utcUs: Int64
  let place: Int64
  let index: Int
  let number: Double

  static func < (left: Self, right: Self) -> Bool {
    (left.utcUs, left.place, left.index) < (right.utcUs, right.place, right.index)
  }
}

extension DecodedReadings {
  /// The first index from which on a condition holds that holds for a tail of the times.
  func first(_ holds: (Int64) -> Bool) -> Int {
    var (low, high) = (0, columns.times.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(columns.times[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
