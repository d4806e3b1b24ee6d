/// How far off the dates of a stretch of a clock can be: what `Timeline` says of one time, as a
/// rule, so that the largest one of many readings is found without asking for each.
public struct DatingBound: Hashable, Sendable {
  /// Nobody can say how far off.
  public static let unknownUs = Int64.max

  /// An anchor beside the stretch.
  struct End: Hashable, Sendable {
    var bootUs: Int64
    var errorUs: Int64

    init(_ anchor: Anchor) { (bootUs, errorUs) = (anchor.bootUs, anchor.errorUs) }

    func boundUs(_ bootUs: Int64, _ driftPpm: Int64) -> Int64 {
      let distance = Saturating.difference(bootUs, self.bootUs).magnitude
      return Saturating.sum(errorUs, Saturating.share(distance, perMillion: driftPpm))
    }
  }

  /// What a board's clock adds to that of its node.
  struct Share: Hashable, Sendable {
    var referenceTicksMs: Int64
    var boundUs: Int64
    var driftPpm: Int64

    func us(_ ticksMs: Int64) -> Int64 {
      let elapsed = (ticksMs - referenceTicksMs).magnitude * 1_000
      return Saturating.sum(boundUs, Saturating.share(elapsed, perMillion: driftPpm))
    }
  }

  /// The anchors before and after the stretch, those that there are.
  private var before: End?
  private var after: End?
  private var driftPpm: Int64 = 0
  private var constantUs: Int64 = 0
  /// Nil on the node's own clock.
  var share: Share?

  /// The same everywhere.
  public init(constantUs: Int64) { self.constantUs = constantUs }

  init(before: End?, after: End?, driftPpm: Int64) {
    (self.before, self.after, self.driftPpm) = (before, after, driftPpm)
  }

  /// Up to which time of the node's clock the anchor before the stretch is the nearest one.
  private var summitUs: Int64? {
    guard let before, let after else { return nil }
    return before.bootUs + (after.bootUs - before.bootUs) / 2
  }

  /// How far off a time of the clock can be, in µs.
  func us(_ time: Int64, _ line: DatingLine) -> Int64 {
    let bootUs = line.fit?.bootUs(time) ?? time
    var nearest = before ?? after
    if let summitUs, bootUs > summitUs { nearest = after }
    let ofNode = nearest?.boundUs(bootUs, driftPpm) ?? constantUs
    guard let share else { return ofNode }
    return Saturating.sum(ofNode, share.us(time))
  }

  /// What the worst of some times may be further off than any that was looked at, in µs: where two
  /// roundings add up, one may be up where the other is down.
  func roundingUs(_ times: ClosedRange<Int64>) -> Int64 {
    share == nil || times.lowerBound == times.upperBound ? 0 : 1
  }

  /// The last time of the clock that is nearer to the anchor before; nil when none of them is.
  ///
  /// To either side of it the bound has no maximum but at the ends: it grows away from an anchor,
  /// and away from the tick at which a board's clock was looked at.
  func summit(in times: ClosedRange<Int64>, _ line: DatingLine) -> Int64? {
    guard let summitUs else { return nil }
    guard let fit = line.fit else { return times.contains(summitUs) ? summitUs : nil }
    let next = Timeline.first(in: times.lowerBound..<times.upperBound) {
      fit.bootUs($0) > summitUs
    }
    return next > times.lowerBound ? next - 1 : nil
  }
}

extension DatingPiece {
  /// How far off a time of the stretch can be, in µs; `DatingBound.unknownUs` when nobody can say.
  public func boundUs(_ time: Int64) -> Int64 {
    guard let line, let bound else { return DatingBound.unknownUs }
    return bound.us(time, line)
  }

  /// The same for the worst of some times of the stretch.
  public func boundUs(in times: ClosedRange<Int64>) -> Int64 {
    guard let line, let bound else { return DatingBound.unknownUs }
    var largest = max(bound.us(times.lowerBound, line), bound.us(times.upperBound, line))
    if let summit = bound.summit(in: times, line) {
      let next = min(summit + 1, times.upperBound)
      largest = max(largest, bound.us(summit, line), bound.us(next, line))
    }
    return Saturating.sum(largest, bound.roundingUs(times))
  }

  /// The same for the worst of some readings in the order of their times, not only for any that
  /// there might have been between them.
  func boundUs(_ times: Span<Int64>, _ range: Range<Int>) -> Int64 {
    guard let line, let bound else { return DatingBound.unknownUs }
    let (first, last) = (times[range.lowerBound], times[range.upperBound - 1])
    let ends = max(bound.us(first, line), bound.us(last, line))
    let rounding = bound.roundingUs(first...last)
    guard let summit = bound.summit(in: first...last, line) else {
      return Saturating.sum(ends, rounding)
    }
    var (low, high) = (range.lowerBound, range.upperBound - 1)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] > summit { high = middle } else { low = middle + 1 }
    }
    let before = bound.us(times[max(range.lowerBound, low - 1)], line)
    return Saturating.sum(max(ends, before, bound.us(times[low], line)), rounding)
  }
}

extension [DatingPiece] {
  /// How far off the worst of some times of a clock can be, in µs; `DatingBound.unknownUs` when
  /// nobody can say.
  public func boundUs(in times: ClosedRange<Int64>) -> Int64 {
    var largest: Int64 = 0
    var index = piece(at: times.lowerBound)
    while index < count, self[index].start <= times.upperBound {
      let piece = self[index]
      let first = Swift.max(piece.start, times.lowerBound)
      let last = Swift.min(piece.end == .max ? .max : piece.end - 1, times.upperBound)
      if first <= last { largest = Swift.max(largest, piece.boundUs(in: first...last)) }
      index += 1
    }
    return largest
  }
}
