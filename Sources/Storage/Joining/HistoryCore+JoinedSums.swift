internal import Codec
internal import Model
internal import Sync

/// Sums of readings that are no longer there, of which another run may hold copies.
extension HistoryCore {
  /// What of a trimmed block counts by its copies; nil where it has none.
  ///
  /// Which samples it had is known by the ticks between which it lies, without what its range says
  /// that the board had lost by then: a run of a node takes numbers without gaps.
  func countedElsewhere(
    _ row: BlockRow, _ device: DeviceIdentity, copies: [BlockRow]? = nil
  ) throws(DatabaseError) -> CountedElsewhere? {
    guard isJoined, !SeededBug.rawAndRollupCounted.isOn, let epoch = row.epoch else { return nil }
    let clock = HotNumbers.Clock(device: device, epoch: epoch)
    let run = RowId.incarnationId(row.commits)
    let ticks = row.start...max(row.start, row.end)
    var copies = copies
    if copies == nil { copies = try self.copies(row.series, clock, ticks, not: run) }
    let hot = joining.hot.runs(clock).filter {
      $0.incarnation != run && $0.ticks.overlaps(ticks)
    }
    guard !(copies ?? []).isEmpty || !hot.isEmpty else { return nil }
    let range = try rangeRow(row.commits)
    var taken = Intervals()
    for loss in range.header.losses where loss.identity == device && loss.epoch == epoch {
      let first = UInt64(loss.firstSeq) + 1
      taken.insert(first...(first + UInt64(loss.count) - 1))
    }
    var readings: [CountedElsewhere.Reading] = []
    func take(_ seq: Int64, _ time: Int64, _ value: Int64) {
      guard ticks.contains(time), !taken.contains(sample: seq) else { return }
      taken.insert(UInt64(clamping: seq) + 1...UInt64(clamping: seq) + 1)
      readings.append(CountedElsewhere.Reading(ticks: time, value: value))
    }
    var sums: [CountedElsewhere.Sums] = []
    for copy in copies ?? [] where copy.form == row.form {
      if copy.level == .raw {
        let content = try blocks.content(copy)
        joining.decodedCount += 1
        for index in content.seqs.indices {
          let value = content.values.isEmpty ? 0 : content.values[index]
          take(content.seqs[index], content.times[index], value)
        }
      } else if try precedes(RowId.incarnationId(copy.commits), run) {
        sums.append(try self.sums(copy))
      }
    }
    if !hot.isEmpty, let channel = try blocks.series(row.series)?.channel {
      for run in hot { try hotReadings(of: run, clock, channel, row.form, take) }
    }
    readings.sort { $0.ticks < $1.ticks }
    return readings.isEmpty && sums.isEmpty
      ? nil : CountedElsewhere(form: row.form, readings: readings, sums: sums)
  }

  private func sums(_ row: BlockRow) throws(DatabaseError) -> CountedElsewhere.Sums {
    var counts: [Int64: Int64] = [:]
    if !row.summary.isEmpty {
      for quarter in try blocks.summaries(row) { counts[quarter.quarter] = quarter.count }
    }
    return CountedElsewhere.Sums(
      ticks: row.start...max(row.start, row.end), counts: counts, count: row.count)
  }

  /// Hands out number, ticks and value of one channel's samples that a run has in rows of `hot`.
  private func hotReadings(
    of run: HotNumbers.Run, _ clock: HotNumbers.Clock, _ channel: String, _ form: ValueForm,
    _ body: (Int64, Int64, Int64) -> Void
  ) throws(DatabaseError) {
    for rows in joining.hot.rows
    where RowId.incarnationId(rows.lowerBound) == run.incarnation {
      rowsUp.bind(1, rows.lowerBound)
      rowsUp.bind(2, rows.upperBound)
      defer { rowsUp.reset() }
      while try rowsUp.step() {
        guard try blocks.range(holding: rowsUp.int64(0)) == nil else { continue }
        for source in try commit(rowsUp).body.sources where source.identity == clock.device {
          guard case .device(clock.epoch, _, _) = source.clock else { continue }
          for (sample, seq) in zip(source.samples, source.numbers) {
            let entry = source.channels[Int(sample.channel)]
            guard entry.key == channel, entry.form == form else { continue }
            body(seq, sample.time, sample.value.bits)
          }
        }
      }
    }
  }
}

extension SampleValue {
  /// A mantissa, or the bits of a float64; 0 for a text.
  fileprivate var bits: Int64 {
    switch self {
    case .decimal(let mantissa): mantissa
    case .float(let bits): Int64(bitPattern: bits)
    case .text: 0
    }
  }
}
