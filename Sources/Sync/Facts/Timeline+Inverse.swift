public import Model

extension Timeline {
  /// A span of UTC on the clocks that date a device's readings now, for a deletion to hold on to.
  ///
  /// `clockEpochs` are the boots of nodes in their order: each lasts until the next one began. Of
  /// more than `Limits.deletionPiecesMax` pieces the last ones are kept: what is beyond is hidden
  /// by its date alone.
  public func pieces(
    of utc: Range<Int64>, _ device: DeviceIdentity, clockEpochs: [ClockEpoch]
  ) -> [Deletion.Piece] {
    var pieces: [Deletion.Piece] = []
    var endUs = Int64.max
    for clockEpoch in clockEpochs.reversed() {
      guard let beginUs = node.date(NodeTime(clockEpoch: clockEpoch, bootUs: 0))?.utcUs else {
        continue
      }
      let times = Self.times(of: utc, from: beginUs, to: endUs, below: 1 << 62) {
        node.date(NodeTime(clockEpoch: clockEpoch, bootUs: $0))?.utcUs ?? 0
      }
      if let times { pieces.append(Deletion.Piece(clock: .node(clockEpoch), times: times)) }
      endUs = beginUs
    }
    endUs = .max
    for epoch in devices.epochs(of: device).reversed() {
      let date = { (ticksMs: Int64) -> Int64 in
        devices.time(of: device, epoch: epoch, ticksMs: ticksMs)
          .flatMap { node.date($0.time) }?.utcUs ?? .min
      }
      let beginUs = date(0)
      let times = Self.times(of: utc, from: beginUs, to: endUs, below: Limits.ticksMsEnd, date)
      if let times {
        pieces.append(Deletion.Piece(clock: .device(epoch: epoch), times: times))
      }
      if beginUs != .min { endUs = beginUs }
    }
    return Array(pieces.prefix(Limits.deletionPiecesMax))
  }

  /// The times of a clock whose dates lie in a span, by bisection; nil for none. The clock begins
  /// and ends at the dates given, and has times from 0 to `timeEnd`.
  private static func times(
    of utc: Range<Int64>, from beginUs: Int64, to endUs: Int64, below timeEnd: Int64,
    _ date: (Int64) -> Int64
  ) -> Range<Int64>? {
    guard utc.upperBound > beginUs, utc.lowerBound < endUs else { return nil }
    let first = bisect(below: timeEnd) { date($0) >= utc.lowerBound }
    let end = bisect(below: timeEnd) { date($0) >= min(utc.upperBound, endUs) }
    return first < end ? first..<end : nil
  }

  private static func bisect(below end: Int64, _ holds: (Int64) -> Bool) -> Int64 {
    var (low, high) = (Int64(0), end)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
