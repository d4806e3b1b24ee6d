internal import Model

/// Which records to move next, of those that one side has and the other lacks.
///
/// Control goes before state. Of telemetry the newest goes first, in slices over all logs, so that
/// what is live is never behind what was missed while the link was away; of what was missed, sums
/// whose readings are gone go before readings.
struct ExchangePlan: Hashable, Sendable {
  let channel: ExchangeChannel
  /// What was asked for once, and then again, and did not come: left alone in this session.
  private var tried: [LogId: Intervals] = [:]
  private var stalled: [LogId: Intervals] = [:]
  /// Requests so far: each begins with another log, since one with much to say fills it alone.
  private var turn = 0

  init(_ channel: ExchangeChannel) { self.channel = channel }

  /// How many records are left alone.
  var stalledCount: UInt64 { stalled.values.reduce(0) { $0 + $1.count } }

  /// What goes next to somebody who has `taker`; empty where nothing is left to move.
  func next(_ missing: [LogId: Intervals], to taker: HaveVector) -> [LogPart] {
    if channel == .telemetry { return nextTelemetry(missing, to: taker) }
    let lanes = SeededBug.telemetryFirst.isOn ? channel.lanes.reversed() : channel.lanes
    for lane in lanes {
      let parts = parts(missing, lane, to: taker) { _, left in left }
      // A lane begins when those before it are through.
      if !parts.isEmpty { return parts }
    }
    return []
  }

  /// What is live, then lane 3, then what was missed: that begins when lane 3 is through.
  private func nextTelemetry(
    _ missing: [LogId: Intervals], to taker: HaveVector
  ) -> [LogPart] {
    func slice(_ left: Intervals) -> Intervals { left.newest(Limits.exchangeSliceSeqs) }
    let rollups = parts(missing, .rollups, to: taker) { _, left in slice(left) }
    guard !rollups.isEmpty else {
      return inTurn(parts(missing, .telemetry, to: taker) { _, left in slice(left) })
    }
    // Of a log that is not here at all the newest slice is live, or nobody knows what is.
    let live = parts(missing, .telemetry, to: taker) { log, left in
      let behind = taker[log].seen.last.map { Intervals(1...$0) } ?? Intervals()
      return slice(left.subtracting(behind))
    }
    return Array((inTurn(live) + inTurn(rollups)).prefix(Limits.exchangePartsMax))
  }

  /// Parts of a lane's logs, each as much as `slice` takes of what is left of it.
  private func parts(
    _ missing: [LogId: Intervals], _ lane: Lane, to taker: HaveVector,
    _ slice: (LogId, Intervals) -> Intervals
  ) -> [LogPart] {
    var parts: [LogPart] = []
    for log in missing.keys.sorted() where log.lane == lane {
      guard parts.count < Limits.exchangePartsMax else { return parts }
      let left = (missing[log] ?? Intervals()).subtracting(stalled[log] ?? Intervals())
      let part = slice(log, left)
      if !part.isEmpty { parts.append(LogPart(log, part, begun: taker[log].begun)) }
    }
    return parts
  }

  private func inTurn(_ parts: [LogPart]) -> [LogPart] {
    guard !parts.isEmpty else { return [] }
    let first = turn % parts.count
    return Array(parts[first...] + parts[..<first])
  }

  /// Notes that nothing came of what was asked for.
  mutating func failed(_ parts: [LogPart]) {
    turn &+= 1
    for part in parts {
      let before = tried[part.log] ?? Intervals()
      stalled[part.log, default: Intervals()].join(before.intersection(part.seqs))
      tried[part.log, default: Intervals()].join(part.seqs)
    }
  }

  /// Notes that something came: what was slow once is not held against it.
  mutating func moved(_ parts: [LogPart]) {
    turn &+= 1
    for part in parts { tried[part.log] = tried[part.log]?.subtracting(part.seqs) }
  }
}

extension Intervals {
  /// The greatest numbers, at most so many.
  public func newest(_ count: UInt64) -> Intervals {
    var left = count
    var found: [ClosedRange<UInt64>] = []
    for range in ranges.reversed() {
      guard left > 0 else { break }
      let length = range.upperBound - range.lowerBound + 1
      found.append(length <= left ? range : (range.upperBound - left + 1)...range.upperBound)
      left -= min(left, length)
    }
    return Intervals(found)
  }
}
