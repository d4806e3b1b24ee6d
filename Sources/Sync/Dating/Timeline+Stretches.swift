public import Model

extension Timeline {
  /// The stretches of the node's clock in one of its epochs; one without a rule when no anchor is
  /// on record.
  public func pieces(of clockEpoch: ClockEpoch) -> [DatingPiece] { node.pieces(of: clockEpoch) }

  /// The same from `Int64.min` on: a board's fit may say that a tick was before the node's boot.
  public func rules(of clockEpoch: ClockEpoch) -> [DatingPiece] { node.rules(of: clockEpoch) }

  /// The stretches of a board's clock in one of its epochs.
  ///
  /// They have no rule where only the commit can say when: before the first segment with a fit,
  /// and where that fit was made in a boot of the node that has no anchor.
  public func pieces(of identity: DeviceIdentity, epoch: UInt32) -> [DatingPiece] {
    var pieces: [DatingPiece] = []
    for stretch in devices.stretches(of: identity, epoch: epoch) {
      guard let fit = stretch.line, let clockEpoch = stretch.clockEpoch else {
        pieces.append(DatingPiece(start: stretch.start, end: stretch.end, line: nil))
        continue
      }
      let rules = node.rules(of: clockEpoch)
      let isRising = fit.ratePpb >= DatingLine.slowestShare * 1e9
      guard isRising, node.isAnchored(clockEpoch) else {
        pieces.append(DatingPiece(start: stretch.start, end: stretch.end, line: nil))
        continue
      }
      var start = stretch.start
      for rule in rules where start < stretch.end && fit.bootUs(start) < rule.end {
        // The first tick that the node's clock has at or after the end of this rule.
        let top = max(start, min(stretch.end, Limits.ticksMsEnd))
        var end = Self.first(in: start..<top) { fit.bootUs($0) >= rule.end }
        if end == top || rule.end == .max { end = stretch.end }
        guard end > start else { continue }
        var line = rule.line
        line?.fit = fit
        var bound = rule.bound
        bound?.share = stretch.share
        pieces.append(DatingPiece(start: start, end: end, line: line, bound: bound))
        start = end
      }
    }
    return pieces
  }

  /// The largest uncertainty in a stretch of a clock, in µs; nil when nobody can say.
  ///
  /// Between two anchors it is largest where the nearer one changes.
  public func boundUs(of clockEpoch: ClockEpoch, _ times: ClosedRange<Int64>) -> Int64? {
    var largest: Int64 = 0
    for time in [times.lowerBound, times.upperBound] + node.summits(of: clockEpoch, in: times) {
      let time = NodeTime(clockEpoch: clockEpoch, bootUs: time)
      guard let bound = node.date(time)?.boundUs else { return nil }
      largest = max(largest, bound)
    }
    return largest
  }

  /// The first number of a range from which on the predicate holds; its end when it never does.
  static func first(in range: Range<Int64>, _ holds: (Int64) -> Bool) -> Int64 {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
