internal import Codec
internal import Model
internal import Sync

/// Counting blocks whose readings are no longer there, by what they came to.
extension HistoryCore {
  /// The times of a block that a quarter of it, or a minute, can have.
  func times(
    of summary: QuarterSummary, _ grain: SummaryGrain, _ row: BlockRow
  ) throws(DatabaseError) -> ClosedRange<Int64> {
    let ticks = grain.ticks(onNodeClock: row.epoch == nil)
    let begin = summary.quarter.multipliedReportingOverflow(by: ticks)
    let (first, last) = (max(row.start, begin.partialValue), begin.partialValue &+ ticks - 1)
    guard !begin.overflow, first <= min(row.end, last) else {
      throw row.damage(.altered, grain == .quarters ? "summary" : "minutes").error(database.path)
    }
    return first...min(row.end, last)
  }

  /// Counts a block by its quarter hours, those that lie across borders by their minutes, and
  /// those minutes that do by where they begin.
  ///
  /// What counts by copies that other runs hold is left out.
  func countTrimmed(
    _ row: BlockRow, _ place: WindowScan.Place, _ scan: inout WindowScan
  ) throws(DatabaseError) {
    let device = scan.query.devices[place.device]
    let (pieces, isRough) = try trimmedPieces(row, device)
    scan.lay(place.device)
    let whole = row.start...max(row.start, row.end)
    guard scan.windows.place(whole, pieces) != .outside else { return }
    scan.note(place.block)
    (scan.windows.countsTrimmed, scan.windows.countsRoughly) = (true, isRough)
    defer { (scan.windows.countsTrimmed, scan.windows.countsRoughly) = (false, false) }
    let elsewhere = try countedElsewhere(
      row, device, copies: try copies(of: row, place.block, scan))
    func count(
      _ whole: QuarterSums, _ times: ClosedRange<Int64>, _ quarter: Int64?,
      _ scan: inout WindowScan
    ) {
      guard let elsewhere else { return Self.count(whole, row.form, times, pieces, &scan) }
      var isReduced = isRough
      guard let rest = elsewhere.rest(of: whole, times, quarter: quarter, isRough: &isReduced)
      else { return }
      scan.windows.countsRoughly = isReduced
      Self.count(rest, row.form, times, pieces, &scan)
      scan.windows.countsRoughly = isRough
    }
    guard !row.summary.isEmpty else {
      // Of texts only their number is known, and between which times they were.
      let sums = QuarterSums(count: row.count, numbers: 0, least: 0, most: 0, sum: 0)
      return count(sums, whole, nil, &scan)
    }
    var minutes: [QuarterSummary]?
    for quarter in try blocks.summaries(row) {
      let times = try times(of: quarter, .quarters, row)
      guard row.level == .minutes, scan.query.precision == .exact,
        scan.windows.place(times, pieces) == .divided
      else {
        count(QuarterSums(quarter), times, quarter.quarter, &scan)
        continue
      }
      if minutes == nil { minutes = try blocks.minutes(row) }
      for minute in minutes ?? [] where Self.quarter(of: minute) == quarter.quarter {
        count(
          QuarterSums(minute), try self.times(of: minute, .minutes, row), quarter.quarter, &scan)
      }
    }
  }

  /// The quarter that a minute is in: minutes before zero too.
  static func quarter(of minute: QuarterSummary) -> Int64 {
    let minute = minute.quarter
    return minute >= 0 ? minute / 15 : -1 - (-1 - minute) / 15
  }

  private static func count(
    _ sums: QuarterSums, _ form: ValueForm, _ times: ClosedRange<Int64>, _ pieces: [DatingPiece],
    _ scan: inout WindowScan
  ) {
    switch scan.windows.place(times, pieces) {
    case .outside: return
    case .inside(let cell): scan.windows.add(sums, form, in: cell, times, pieces)
    case .divided: _ = scan.windows.addByStart(sums, form, times, pieces)
    }
  }

  /// What dates a block without its readings, and whether that is only about.
  ///
  /// Where only its commits dated them, the last of its readings was taken about when the last of
  /// those commits was closed.
  private func trimmedPieces(
    _ row: BlockRow, _ device: DeviceIdentity
  ) throws(DatabaseError) -> ([DatingPiece], Bool) {
    let clockEpoch = try clockEpoch(of: row.commits)
    let pieces = dates.pieces(device, epoch: row.epoch, in: clockEpoch)
    let isRising = pieces.allSatisfy { $0.line?.isRising ?? true }
    if isRising, BlockDates.span(row.start...max(row.start, row.end), pieces) != nil {
      return (pieces, false)
    }
    let range = try rangeRow(row.commits)
    guard let arrivalMs = range.header.arrivalsMs.last else { return (pieces, false) }
    let clock = CommitClock(
      arrival: NodeTime(clockEpoch: clockEpoch, bootUs: RangeTime.us(arrivalMs)),
      observation: range.clock.observation(
        range.header.arrivalsMs.count - 1, arrivalMs: arrivalMs))
    let line: DatingLine
    if let epoch = row.epoch {
      let date = timeline.date(
        ticksMs: row.end, of: device, epoch: epoch, lastMs: row.end, in: clock)
      line = DatingLine(ticksMs: row.end, utcUs: date.utc.utcUs)
    } else {
      let date = timeline.date(bootUs: row.end, in: clock)
      line = DatingLine(baseBootUs: row.end, baseUtcUs: date.utc.utcUs)
    }
    return ([DatingPiece(start: .min, end: .max, line: line)], true)
  }
}

extension QuarterSums {
  init(_ summary: QuarterSummary) {
    self.init(
      count: summary.count, numbers: summary.numbers, least: summary.min, most: summary.max,
      sum: summary.sum)
  }
}
