public import Model

/// A board's ticks to the node's CLOCK_BOOTTIME, by the fits on record.
///
/// A fit holds for its segment: from the tick at which it began to the next segment that has a fit.
/// A good fit goes before a provisional one, then the nearest one counts.
public struct DeviceTimeline: Hashable, Sendable {
  /// How fast the bound grows with the distance from a provisional fit, in parts per million.
  public static let provisionalDriftPpm: Int64 = 5_000
  /// How fast it grows with the distance from a good one.
  public static let goodDriftPpm: Int64 = 100

  private struct Clock: Hashable, Sendable {
    let identity: DeviceIdentity
    let epoch: UInt32
  }

  private struct Point: Hashable, Sendable {
    let fit: ClockFit
    let clockEpoch: ClockEpoch
  }

  private struct Segment: Hashable, Sendable {
    let startMs: Int64
    var good: [Point] = []
    var provisional: [Point] = []
  }

  /// By start.
  private var clocks: [Clock: [Segment]] = [:]
  /// The epochs of each device that have a fit, ascending.
  private var epochs: [DeviceIdentity: [UInt32]] = [:]

  /// Begins without fits.
  public init() {}

  /// Takes a fit made in a clock epoch of the node.
  public mutating func apply(_ fit: ClockFit, in clockEpoch: ClockEpoch) {
    let clock = Clock(identity: fit.identity, epoch: fit.epoch)
    guard clocks[clock] != nil || clocks.count < Limits.timelineClocksMax else { return }
    if clocks[clock] == nil {
      var list = epochs[fit.identity] ?? []
      list.insert(fit.epoch, at: list.partition { $0 >= fit.epoch })
      epochs[fit.identity] = list
    }
    var segments = clocks[clock] ?? []
    var place = segments.partition { $0.startMs >= fit.segmentStartMs }
    if place == segments.count || segments[place].startMs != fit.segmentStartMs {
      if segments.count >= Limits.timelinePointsMax {
        segments.removeFirst()
        place = max(0, place - 1)
      }
      segments.insert(Segment(startMs: fit.segmentStartMs), at: place)
    }
    let point = Point(fit: fit, clockEpoch: clockEpoch)
    if fit.isGood {
      Self.insert(point, into: &segments[place].good)
    } else {
      Self.insert(point, into: &segments[place].provisional)
    }
    clocks[clock] = segments
  }

  private static func insert(_ point: Point, into points: inout [Point]) {
    let place = points.partition { $0.fit.referenceTicksMs > point.fit.referenceTicksMs }
    points.insert(point, at: place)
    points = Thinning.thinned(points)
  }

  /// The node's time of a tick; nil when its segment, or the whole epoch, was never probed.
  public func time(
    of identity: DeviceIdentity, epoch: UInt32, ticksMs: Int64
  ) -> (time: NodeTime, boundUs: Int64, isGood: Bool)? {
    guard let segments = clocks[Clock(identity: identity, epoch: epoch)] else { return nil }
    let after = segments.partition { $0.startMs > ticksMs }
    guard after > 0 else { return nil }
    let segment = segments[after - 1]
    guard
      let point = Self.nearest(ticksMs, segment.good)
        ?? Self.nearest(ticksMs, segment.provisional)
    else { return nil }
    let fit = point.fit
    let elapsedMs = ticksMs - fit.referenceTicksMs
    let gained = Saturating.integer(Double(elapsedMs) * Double(fit.ratePpb) / 1_000_000)
    let bootUs = Saturating.sum(
      Saturating.sum(fit.referenceBootUs, elapsedMs * 1_000), gained)
    let driftPpm = fit.isGood ? Self.goodDriftPpm : Self.provisionalDriftPpm
    let drift = Saturating.share(elapsedMs.magnitude * 1_000, perMillion: driftPpm)
    return (
      NodeTime(clockEpoch: point.clockEpoch, bootUs: bootUs),
      Saturating.sum(fit.boundUs, drift), fit.isGood
    )
  }

  private static func nearest(_ ticksMs: Int64, _ points: [Point]) -> Point? {
    let after = points.partition { $0.fit.referenceTicksMs > ticksMs }
    guard after > 0 else { return points.first }
    guard after < points.count else { return points[after - 1] }
    let (before, next) = (points[after - 1], points[after])
    let closer = ticksMs - before.fit.referenceTicksMs <= next.fit.referenceTicksMs - ticksMs
    return closer ? before : next
  }

  /// The fitted epochs of a device next below and next above one.
  func neighbours(
    of identity: DeviceIdentity, epoch: UInt32
  ) -> (below: UInt32?, above: UInt32?) {
    let list = epochs[identity] ?? []
    let place = list.partition { $0 >= epoch }
    let above = list[place...].first { $0 > epoch }
    return (place > 0 ? list[place - 1] : nil, above)
  }
}
