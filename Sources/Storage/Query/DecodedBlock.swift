internal import Codec
internal import Model
internal import Sync

/// Readings of one series on one clock with what dates them: from a block, or from rows of `hot`.
struct DecodedReadings {
  var columns = ReadingColumns()
  var pieces: [DatingPiece] = []
  /// The date of every reading, where not every stretch of the clock has a rule; else empty.
  var utcs: [Int64] = []
  /// How far off each of these can be, in µs; `DatingBound.unknownUs` when nobody can say.
  var bounds: [Int64] = []
  var isInOrder = true

  func utcUs(_ index: Int) -> Int64 {
    guard utcs.isEmpty else { return utcs[index] }
    let time = columns.times[index]
    return pieces[pieces.piece(at: time)].line?.utcUs(time) ?? .min
  }

  mutating func note(_ date: Dating) {
    utcs.append(date.utcUs)
    bounds.append(date.boundUs ?? DatingBound.unknownUs)
  }

  /// Where one can be dated only as a whole, `add` asks for it.
  func add(_ range: Range<Int>, to windows: inout WindowAccumulator) {
    windows.add(columns, range, isInOrder: isInOrder, pieces) { (utcs[$0], bounds[$0]) }
  }
}

extension HistoryCore {
  /// Unpacks a block, into buffers that are used again and again.
  func decode(
    _ row: BlockRow, _ device: DeviceIdentity, into decoded: inout DecodedReadings
  ) throws(DatabaseError) {
    let clockEpoch = try clockEpoch(of: row.commits)
    decoded.pieces = dates.pieces(device, epoch: row.epoch, in: clockEpoch)
    decoded.utcs.removeAll(keepingCapacity: true)
    decoded.bounds.removeAll(keepingCapacity: true)
    let isDated = BlockDates.span(row.start...max(row.start, row.end), decoded.pieces) != nil
    decoded.columns.form = row.form
    decoded.columns.place = row.commits
    decoded.columns.base = Int(row.part) << 32
    if isDated, row.form != .text {
      let description = try blocks.numbers(
        row, times: &decoded.columns.times, values: &decoded.columns.values)
      guard BlockRow.about(description) == row.about,
        decoded.columns.times.count == Int(row.count)
      else { throw row.damage(.altered, "content").error(database.path) }
    } else {
      let content = try blocks.content(row)
      decoded.columns.times = content.times
      decoded.columns.values = content.values
      decoded.columns.texts = content.texts
      if !isDated { try date(content, row, device, into: &decoded) }
    }
    decoded.isInOrder = decoded.columns.isInOrder
  }

  /// The dates of a block's readings where not every one has a rule: commit by commit.
  private func date(
    _ content: BlockContent, _ row: BlockRow, _ device: DeviceIdentity,
    into decoded: inout DecodedReadings
  ) throws(DatabaseError) {
    let range = try rangeRow(row.commits)
    let clockEpoch = try clockEpoch(of: row.commits)
    let lasts = try row.epoch.map { (epoch) throws(DatabaseError) in
      try lastTicks(range, device, epoch: epoch)
    }
    decoded.utcs.reserveCapacity(content.count)
    decoded.bounds.reserveCapacity(content.count)
    for (offset, count) in content.commits.enumerated() where count > 0 {
      let commit = Int(content.firstCommit) + offset
      guard commit < range.header.arrivalsMs.count else {
        throw row.damage(.altered, "commits").error(database.path)
      }
      let arrivalMs = range.header.arrivalsMs[commit]
      let clock = CommitClock(
        arrival: NodeTime(clockEpoch: clockEpoch, bootUs: RangeTime.us(arrivalMs)),
        observation: range.clock.observation(commit, arrivalMs: arrivalMs))
      let first = decoded.utcs.count
      for index in first..<(first + Int(count)) {
        let time = content.times[index]
        if let epoch = row.epoch {
          let date = timeline.date(
            ticksMs: time, of: device, epoch: epoch, lastMs: lasts?[commit] ?? time, in: clock)
          decoded.note(date.utc)
        } else {
          decoded.note(timeline.date(bootUs: time, in: clock).utc)
        }
      }
    }
  }

  /// The ticks of the last sample of one run of a device in every commit of a range: where nothing
  /// else dates the others, it does. All of its blocks say it together.
  private func lastTicks(
    _ range: RangeRow, _ device: DeviceIdentity, epoch: UInt32
  ) throws(DatabaseError) -> [Int: Int64] {
    if let kept = lastTicksKept, kept.range == range.id, kept.device == device,
      kept.epoch == epoch
    {
      return kept.ticks
    }
    var found: [Int: (seq: Int64, ticks: Int64)] = [:]
    var before: String?
    for named in range.header.blocks where named.identity == device && named.channel != before {
      before = named.channel
      guard let series = try blocks.seriesId(device, named.channel) else { continue }
      for block in try blocks.blocks(series: series, range: range.id)
      where block.epoch == epoch && block.level == .raw {
        let content = try blocks.content(block)
        var end = 0
        for (offset, count) in content.commits.enumerated() where count > 0 {
          end += Int(count)
          let commit = Int(content.firstCommit) + offset
          let last = (content.seqs[end - 1], content.times[end - 1])
          if found[commit].map({ $0.seq < last.0 }) ?? true { found[commit] = last }
        }
      }
    }
    let ticks = found.mapValues(\.ticks)
    lastTicksKept = (range.id, device, epoch, ticks)
    return ticks
  }
}
