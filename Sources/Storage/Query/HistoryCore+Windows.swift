internal import Codec
internal import Model
internal import Sync

/// Window aggregates over blocks and rows of `hot`.
extension HistoryCore {
  /// One page of windows.
  func windows(_ query: WindowQuery) throws(DatabaseError) -> WindowPage {
    try reading { () throws(DatabaseError) in try readWindows(query) }
  }

  private func readWindows(_ query: WindowQuery) throws(DatabaseError) -> WindowPage {
    guard !query.span.isEmpty, !query.devices.isEmpty else { return WindowPage() }
    try join()
    var scan = WindowScan(query, hidden: hidden(query))
    var limit =
      scan.decodesAll ? Limits.decodedBlocksMax : Limits.windowBlocksMax
    while true {
      let endUs = try find(&scan, limit: limit)
      // One bucket may hold more blocks than a page looks at: then it is a page.
      guard let endUs, try !lay(&scan, endUs: endUs) else { break }
      limit = limit.multipliedReportingOverflow(by: 4).partialValue
    }
    try count(&scan)
    return try finish(&scan)
  }

  /// What deletions hide of each device's series, as readings are dated now.
  private func hidden(_ query: WindowQuery) -> [[Range<Int64>]] {
    query.devices.map { facts.hidden.series($0, query.channel).spans }
  }

  // MARK: Finding

  /// Finds the blocks; where they end when there may be more, with room for what is held.
  private func find(_ scan: inout WindowScan, limit: Int) throws(DatabaseError) -> Int64? {
    let query = scan.query
    scan.places.removeAll(keepingCapacity: true)
    var end: Int64?
    let from = Self.less(query.span.lowerBound, scan.holdUs)
    let to = Self.more(query.span.upperBound - 1, scan.holdUs)
    for (index, device) in query.devices.enumerated() {
      guard let series = try blocks.seriesId(device, query.channel) else { continue }
      let (places, endUs) = try places(series, device, in: from...to, limit: limit, &scan.cost)
      for place in places { scan.places.append(WindowScan.Place(device: index, block: place)) }
      if let endUs { end = min(end ?? .max, endUs) }
    }
    scan.places.sort { BlockPlace.isInOrder($0.block, $1.block) }
    if let end { return Self.less(end, scan.holdUs) }
    _ = try lay(&scan, endUs: .max)
    return nil
  }

  static func less(_ left: Int64, _ right: Int64) -> Int64 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? .min : difference
  }

  static func more(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  /// Lays the buckets; false when not even one ends before `endUs`.
  private func lay(_ scan: inout WindowScan, endUs: Int64) throws(DatabaseError) -> Bool {
    var plan = WindowPlan(scan.query, scan.query.span, hidden: scan.hidden)
    // More buckets than a page has, and the first of them may all be empty: begin where the
    // readings begin.
    if plan.nextUs != nil {
      let query = scan.query
      guard let first = try firstReading(&scan) else {
        scan.plan = WindowPlan(query, query.span.lowerBound..<query.span.lowerBound, hidden: [])
        return true
      }
      plan = WindowPlan(query, first..<query.span.upperBound, hidden: scan.hidden)
    }
    guard endUs == .max || plan.cut(to: endUs) else { return false }
    scan.plan = plan
    return true
  }

  /// The date of the earliest reading of the span, or a time before it with nothing in between;
  /// nil when there is none.
  private func firstReading(_ scan: inout WindowScan) throws(DatabaseError) -> Int64? {
    let query = scan.query
    var first: Int64?
    let begin = query.span.lowerBound
    let early = Self.less(begin, scan.holdUs)
    func note(_ utcUs: Int64) {
      // What was held before counts from the beginning on.
      guard utcUs >= early, utcUs < query.span.upperBound else { return }
      first = min(first ?? .max, max(utcUs, begin))
    }
    for place in scan.places where place.block.utc.upperBound >= early {
      guard place.block.utc.lowerBound < min(first ?? .max, query.span.upperBound) else { break }
      if place.block.utc.lowerBound >= begin {
        first = place.block.utc.lowerBound
        break
      }
      let row = try lookups.block(place.block, database.path)
      guard row.level == .raw else {
        note(begin)
        continue
      }
      try decode(row, query.devices[place.device], into: &decoded)
      scan.cost.blocksDecoded += 1
      for index in decoded.columns.times.indices {
        note(decoded.utcUs(index))
      }
    }
    try otherRuns(query, early..<query.span.upperBound, &scan.cost) { run in
      for index in run.readings.columns.times.indices { note(run.readings.utcUs(index)) }
    }
    return first
  }

  // MARK: Counting

  private func count(_ scan: inout WindowScan) throws(DatabaseError) {
    guard !scan.plan.buckets.isEmpty else { return }
    scan.begin()
    try findCopies(&scan)
    let (from, to) = scan.reach
    if scan.query.functions.contains(.held) {
      var held: [HeldReading] = []
      try countHot(&scan, held: &held)
      try countHeld(&scan, &held)
      return
    }
    for place in scan.places where place.block.utc.overlaps(from...to) {
      try count(place, &scan)
    }
    var held: [HeldReading] = []
    try countHot(&scan, held: &held)
  }

  /// Counts a block: by its quarter hours, and of those that lie across borders the readings.
  private func count(
    _ place: WindowScan.Place, _ scan: inout WindowScan
  ) throws(DatabaseError) {
    let device = scan.query.devices[place.device]
    let row = try lookups.block(place.block, database.path)
    guard row.level == .raw else { return try countTrimmed(row, place, &scan) }
    let lost = try lost(row, device, copies: try copies(of: row, place.block, scan))
    let pieces = dates.pieces(
      device, epoch: row.epoch, in: try clockEpoch(of: row.commits))
    scan.lay(place.device)
    guard scan.windows.place(row.start...max(row.start, row.end), pieces) != .outside else {
      return
    }
    scan.note(place.block)
    guard !scan.decodesAll, !row.summary.isEmpty, lost == nil else {
      return try countReadings(row, device, nil, lost, &scan)
    }
    scan.divided.removeAll(keepingCapacity: true)
    for quarter in try blocks.summaries(row) {
      let times = try times(of: quarter, .quarters, row)
      let sums = QuarterSums(quarter)
      switch scan.windows.place(times, pieces) {
      case .outside: continue
      case .inside(let cell): scan.windows.add(sums, row.form, in: cell, times, pieces)
      case .divided:
        if scan.query.precision == .quick,
          scan.windows.addByStart(sums, row.form, times, pieces)
        {
          continue
        }
        scan.divided.append(times)
      }
    }
    if !scan.divided.isEmpty { try countReadings(row, device, scan.divided, nil, &scan) }
  }

  /// Counts the readings of a block one by one, but for those that count elsewhere; of some
  /// stretches of its clock, or of all.
  private func countReadings(
    _ row: BlockRow, _ device: DeviceIdentity, _ stretches: [ClosedRange<Int64>]?,
    _ lost: Intervals?, _ scan: inout WindowScan
  ) throws(DatabaseError) {
    try decode(row, device, into: &decoded)
    scan.cost.blocksDecoded += 1
    if let lost { decoded.drop(lost, of: try blocks.content(row).seqs) }
    guard let stretches else {
      return decoded.add(decoded.columns.times.indices, to: &scan.windows)
    }
    guard decoded.isInOrder else {
      for index in decoded.columns.times.indices {
        let time = decoded.columns.times[index]
        if stretches.contains(where: { $0.contains(time) }) {
          decoded.add(index..<(index + 1), to: &scan.windows)
        }
      }
      return
    }
    for stretch in stretches {
      let first = decoded.first { $0 >= stretch.lowerBound }
      let end = decoded.first { $0 > stretch.upperBound }
      if first < end { decoded.add(first..<end, to: &scan.windows) }
    }
  }

  private func countHot(
    _ scan: inout WindowScan, held: inout [HeldReading]
  ) throws(DatabaseError) {
    let query = scan.query
    let keepsHeld = query.functions.contains(.held)
    let (from, to) = scan.reach
    var cost = QueryCost()
    try otherRuns(query, from..<Self.more(to, 1), &cost) { run in
      if run.isLate { scan.layOpen() } else { scan.lay(run.device) }
      run.readings.add(run.readings.columns.times.indices, to: &scan.windows)
      scan.channel = run.channel
      if keepsHeld {
        scan.take(run.readings, run.isLate ? nil : run.device, into: &held)
      }
    }
    scan.cost.commitsRead += cost.commitsRead
  }

  /// Counts readings in the order of their time, each value held until the next.
  ///
  /// Blocks come by their beginnings: what is before the next one's cannot be preceded any more.
  private func countHeld(
    _ scan: inout WindowScan, _ hot: inout [HeldReading]
  ) throws(DatabaseError) {
    var held = HeldAverage(longestUs: scan.holdUs)
    var waiting: [HeldReading] = []
    hot.sort()
    var nextHot = 0
    func flush(before utcUs: Int64) {
      while nextHot < hot.count, hot[nextHot].utcUs < utcUs {
        waiting.append(hot[nextHot])
        nextHot += 1
      }
      waiting.sort()
      let end = waiting.firstIndex { $0.utcUs >= utcUs } ?? waiting.count
      scan.windows.lay(scan.plan.open)
      for reading in waiting[..<end] { held.add(reading.utcUs, reading.number, to: &scan.windows) }
      waiting.removeSubrange(..<end)
    }
    let (from, to) = scan.reach
    for place in scan.places where place.block.utc.overlaps(from...to) {
      flush(before: place.block.utc.lowerBound)
      let device = scan.query.devices[place.device]
      let row = try lookups.block(place.block, database.path)
      guard row.level == .raw else {
        try countTrimmed(row, place, &scan)
        scan.lost.append(
          Self.less(
            place.block.utc.lowerBound, scan.holdUs)...Self.more(
              place.block.utc.upperBound, scan.holdUs))
        continue
      }
      scan.note(place.block)
      scan.lay(place.device)
      let lost = try lost(row, device, copies: try copies(of: row, place.block, scan))
      try countReadings(row, device, nil, lost, &scan)
      scan.take(decoded, place.device, into: &waiting)
    }
    flush(before: .max)
  }

  // MARK: The answer

  private func finish(_ scan: inout WindowScan) throws(DatabaseError) -> WindowPage {
    var page = WindowPage()
    page.nextUs = scan.plan.nextUs
    page.cost = scan.cost
    page.cost.blocksDecoded += joining.decodedCount
    for (bucket, counted) in zip(scan.plan.buckets, scan.windows.tallies) {
      var tally = counted
      tally.isHeldLost = scan.lost.contains { bucket.overlaps($0) }
      guard tally.count > 0 || tally.heldUs > 0 && tally.heldAverage != nil else { continue }
      page.buckets.append(
        WindowBucket(fromUs: bucket.lowerBound, toUs: bucket.upperBound, tally: tally))
    }
    if let channel = scan.channel {
      (page.unit, page.kind) = (channel.unit, channel.kind)
    } else if let newest = scan.newest, !page.buckets.isEmpty {
      let description = try lookups.block(newest, database.path).description
      page.unit = String(decoding: description.unit, as: UTF8.self)
      page.kind = Channel.Kind(rawValue: description.kind)
    }
    return page
  }
}
