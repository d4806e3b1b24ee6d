internal import Model
internal import Sync

/// Readings of rows of `hot` of one series on one clock, collected until they are worth counting.
struct HotRun {
  /// The index of the device in the query.
  let device: Int
  let channel: CommitChannel
  /// Whether a person added them: no deletion hides them.
  var isLate = false
  var readings = DecodedReadings()
}

/// Which readings of rows of `hot` belong together.
private struct HotKey: Hashable {
  let device: Int
  let epoch: UInt32?
  let clockEpoch: ClockEpoch
  let channel: CommitChannel
}

extension HistoryCore {
  /// Hands out the readings of a query that are in no block: those of `hot`, then late values.
  func otherRuns(
    _ query: WindowQuery, _ span: Range<Int64>, _ cost: inout QueryCost,
    _ body: (HotRun) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    try hotRuns(query.devices, query.channel, &cost, body)
    for (index, device) in query.devices.enumerated() {
      var run: HotRun?
      var boundUs: Int64 = 0
      for late in try lateReadings(device, query.channel, utc: span) {
        if run?.channel != late.entry.channel || boundUs != late.entry.boundUs {
          if let run { try body(run) }
          run = HotRun(device: index, channel: late.entry.channel, isLate: true)
          run?.readings.columns.form = late.entry.channel.form
          run?.readings.columns.place = .max
          // Their own time is UTC.
          let line = DatingLine(baseBootUs: 0, baseUtcUs: 0)
          boundUs = late.entry.boundUs
          run?.readings.pieces = [
            DatingPiece(
              start: 0, end: .max, line: line, bound: DatingBound(constantUs: boundUs))
          ]
        }
        run?.readings.columns.times.append(late.utcUs)
        run?.readings.columns.append(late.value)
      }
      if let run { try body(run) }
    }
  }

  /// Hands out the readings of one channel that no range holds yet; `body` gets at most
  /// `Limits.hotRunMax` at a time.
  ///
  /// All of them, whatever span is asked for: boards keep readings for days before they arrive, and
  /// clocks are set back. Compaction keeps them few.
  func hotRuns(
    _ devices: [DeviceIdentity], _ channel: String, _ cost: inout QueryCost,
    _ body: (HotRun) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    var runs: [HotKey: HotRun] = [:]
    var order: [HotKey] = []
    try uncovered { (statement) throws(DatabaseError) in
      cost.commitsRead += 1
      let (id, body_, clock) = try commit(statement)
      for source in body_.sources {
        guard let device = devices.firstIndex(of: source.identity) else { continue }
        for (index, entry) in source.channels.enumerated() where entry.key == channel {
          var epoch: UInt32?
          if case .device(let number, _, _) = source.clock { epoch = number }
          let lost = try lostOfHot(source.identity, epoch: epoch, commit: id, channel: channel)
          let key = HotKey(
            device: device, epoch: epoch, clockEpoch: clock.arrival.clockEpoch, channel: entry)
          // Taken out and put back, so that its columns are not copied.
          var run = runs.removeValue(forKey: key) ?? HotRun(device: device, channel: entry)
          if run.readings.pieces.isEmpty {
            run.readings.pieces = dates.pieces(
              source.identity, epoch: epoch, in: clock.arrival.clockEpoch)
            run.readings.columns.form = entry.form
            run.readings.columns.place = id
            order.append(key)
          }
          append(source, Int32(index), clock, lost, to: &run)
          if run.readings.columns.times.count >= Limits.hotRunMax {
            run.readings.isInOrder = run.readings.columns.isInOrder
            try body(run)
            run.readings.columns.base += run.readings.columns.times.count
            run.readings.columns.removeAll()
            run.readings.utcs.removeAll(keepingCapacity: true)
            run.readings.bounds.removeAll(keepingCapacity: true)
          }
          runs[key] = run
        }
      }
    }
    for key in order {
      guard var run = runs[key], !run.readings.columns.times.isEmpty else { continue }
      run.readings.isInOrder = run.readings.columns.isInOrder
      try body(run)
    }
  }

  /// Takes the samples of a channel, but for those that count elsewhere.
  private func append(
    _ source: CommitSource, _ channel: Int32, _ clock: CommitClock, _ lost: Intervals?,
    to run: inout HotRun
  ) {
    let isDated = run.readings.pieces.allSatisfy { $0.line != nil }
    let lastMs = source.samples.last?.time ?? 0
    let numbers = lost == nil ? [] : source.numbers
    for (index, sample) in source.samples.enumerated() where sample.channel == channel {
      if let lost, lost.contains(sample: numbers[index]) { continue }
      run.readings.columns.times.append(sample.time)
      run.readings.columns.append(sample.value)
      guard !isDated else { continue }
      switch source.clock {
      case .node:
        run.readings.note(timeline.date(bootUs: sample.time, in: clock).utc)
      case .device(let epoch, _, _):
        let date = timeline.date(
          ticksMs: sample.time, of: source.identity, epoch: epoch, lastMs: lastMs, in: clock)
        run.readings.note(date.utc)
      }
    }
  }

  /// Goes through the rows of `hot` that no range covers.
  func uncovered(
    _ body: (borrowing Statement) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    var next = try database.number("SELECT min(id) FROM hot") ?? .max
    guard next < .max else { return }
    while true {
      while let range = try blocks.range(holding: next) { next = range.upperBound + 1 }
      let end = try blocks.range(after: next).map { $0.lowerBound - 1 } ?? .max
      guard end >= next else {
        next = end + 1
        continue
      }
      rowsUp.bind(1, next)
      rowsUp.bind(2, end)
      var watch = RangeWatch(next...end, isUp: true, continuity)
      while try stepUp(watch) {
        if let missing = watch.pass(rowsUp.int64(0)) { throw missing.error(database.path) }
        try body(rowsUp)
      }
      if let missing = watch.end() { throw missing.error(database.path) }
      guard end < .max else { return }
      next = end + 1
    }
  }
}
