public import Model

extension Timeline {
  /// What a deletion hides now: the span that was meant, and where its pieces lie.
  @inline(never)
  func spans(of deletion: Deletion) -> [Range<Int64>] {
    var spans = [deletion.utc]
    for piece in deletion.pieces {
      if let span = span(of: piece, deletion.scope.device) { spans.append(span) }
    }
    return spans
  }

  /// Where a piece of a deletion lies in UTC now: everything between its ends and whatever anchor
  /// lies inside; nil while nothing dates its clock.
  public func span(of piece: Deletion.Piece, _ device: DeviceIdentity) -> Range<Int64>? {
    switch piece.clock {
    case .node(let clockEpoch):
      return node.span(of: piece.times, in: clockEpoch)
    case .device(let epoch):
      let first = devices.time(of: device, epoch: epoch, ticksMs: piece.times.lowerBound)
      let last = devices.time(of: device, epoch: epoch, ticksMs: piece.times.upperBound - 1)
      guard let first, let last, let from = node.date(first.time)?.utcUs,
        let to = node.date(last.time)?.utcUs
      else { return nil }
      return min(from, to)..<Saturating.sum(max(from, to), 1)
    }
  }
}

extension NodeTimeline {
  /// Everything between the ends of a span of CLOCK_BOOTTIME in UTC, anchors inside included: a
  /// clock that was set back goes through some times twice.
  func span(of times: Range<Int64>, in clockEpoch: ClockEpoch) -> Range<Int64>? {
    guard
      let from = date(NodeTime(clockEpoch: clockEpoch, bootUs: times.lowerBound))?.utcUs,
      let to = date(NodeTime(clockEpoch: clockEpoch, bootUs: times.upperBound - 1))?.utcUs
    else { return nil }
    var (earliest, latest) = (min(from, to), max(from, to))
    for anchor in anchors(within: times, in: clockEpoch) {
      earliest = min(earliest, anchor.utcUs)
      latest = max(latest, anchor.utcUs)
    }
    return earliest..<Saturating.sum(latest, 1)
  }
}
