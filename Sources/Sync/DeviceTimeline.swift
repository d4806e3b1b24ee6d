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

  private struct Point: Hashable, Sendable {
    let fit: ClockFit
    let clockEpoch: ClockEpoch
  }

  private struct Segment: Hashable, Sendable {
    let startMs: Int64
    var good: [Point] = []
    var provisional: [Point] = []
  }

  /// One epoch of a device.
  private struct Clock: Hashable, Sendable {
    let epoch: UInt32
    /// By start.
    var segments: [Segment] = []
  }

  private struct Device: Hashable, Sendable {
    let identity: DeviceIdentity
    /// Those that have a fit, by epoch.
    var clocks: [Clock] = []

    mutating func apply(_ point: Point) {
      let epoch = point.fit.epoch
      let place = clocks.partition { $0.epoch >= epoch }
      if place == clocks.count || clocks[place].epoch != epoch {
        clocks.insert(Clock(epoch: epoch), at: place)
      }
      DeviceTimeline.insert(point, into: &clocks[place].segments)
    }
  }

  private var devices = KeyTable<Device>()
  /// Those of all devices.
  private var clockCount = 0

  /// Begins without fits.
  public init() {}

  /// Takes a fit made in a clock epoch of the node.
  public mutating func apply(_ fit: ClockFit, in clockEpoch: ClockEpoch) {
    if clock(of: fit.identity, epoch: fit.epoch) == nil {
      guard clockCount < Limits.timelineClocksMax else { return }
      clockCount += 1
    }
    let place = devices.place(fit.identity.tableKey, orAdding: Device(identity: fit.identity))
    devices[place: place].apply(Point(fit: fit, clockEpoch: clockEpoch))
  }

  /// What dates an epoch of a device; nil when it has no fit.
  private func clock(of identity: DeviceIdentity, epoch: UInt32) -> [Segment]? {
    guard let device = devices[identity.tableKey] else { return nil }
    let place = device.clocks.partition { $0.epoch >= epoch }
    guard place < device.clocks.count, device.clocks[place].epoch == epoch else { return nil }
    return device.clocks[place].segments
  }

  private static func insert(_ point: Point, into segments: inout [Segment]) {
    let fit = point.fit
    var place = segments.partition { $0.startMs >= fit.segmentStartMs }
    if place == segments.count || segments[place].startMs != fit.segmentStartMs {
      if segments.count >= Limits.timelinePointsMax {
        segments.remove(at: 0)
        place = max(0, place - 1)
      }
      segments.insert(Segment(startMs: fit.segmentStartMs), at: place)
    }
    if fit.isGood {
      insert(point, into: &segments[place].good)
    } else {
      insert(point, into: &segments[place].provisional)
    }
  }

  private static func insert(_ point: Point, into points: inout [Point]) {
    let place = points.partition { $0.fit.referenceTicksMs > point.fit.referenceTicksMs }
    points.insert(point, at: place)
    Thinning.thin(&points)
  }

  /// The node's time of a tick; nil when its segment, or the whole epoch, was never probed.
  public func time(
    of identity: DeviceIdentity, epoch: UInt32, ticksMs: Int64
  ) -> (time: NodeTime, boundUs: Int64, isGood: Bool)? {
    guard let segments = clock(of: identity, epoch: epoch) else { return nil }
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

  /// A stretch of a board's clock that one fit dates; without one where none holds.
  struct Stretch {
    var start: Int64
    var end: Int64
    var line: DatingLine.Fit?
    var share: DatingBound.Share?
    var clockEpoch: ClockEpoch?
  }

  /// The same as `time`, fit by fit: from tick 0 to `Int64.max`.
  func stretches(of identity: DeviceIdentity, epoch: UInt32) -> [Stretch] {
    let segments = clock(of: identity, epoch: epoch) ?? []
    var found: [Stretch] = []
    let begin = segments.first.map { max(0, $0.startMs) } ?? .max
    if begin > 0 { found.append(Stretch(start: 0, end: begin)) }
    for (index, segment) in segments.enumerated() {
      let end = index + 1 < segments.count ? segments[index + 1].startMs : .max
      guard end > 0 else { continue }
      let points = segment.good.isEmpty ? segment.provisional : segment.good
      Self.divide(max(0, segment.startMs)..<end, points, into: &found)
    }
    return found
  }

  /// Where which of a segment's points is the nearest. Of points at one tick the first counts
  /// before it and the last from it on, as in `nearest`.
  private static func divide(
    _ range: Range<Int64>, _ points: [Point], into found: inout [Stretch]
  ) {
    var start = range.lowerBound
    func extend(to end: Int64, _ point: Point) {
      let end = min(end, range.upperBound)
      guard end > start else { return }
      let fit = point.fit
      let line = DatingLine.Fit(
        referenceTicksMs: fit.referenceTicksMs, referenceBootUs: fit.referenceBootUs,
        ratePpb: Double(fit.ratePpb))
      let share = DatingBound.Share(
        referenceTicksMs: fit.referenceTicksMs, boundUs: fit.boundUs,
        driftPpm: fit.isGood ? goodDriftPpm : provisionalDriftPpm)
      found.append(
        Stretch(start: start, end: end, line: line, share: share, clockEpoch: point.clockEpoch))
      start = end
    }
    for (index, point) in points.enumerated() {
      let ticks = point.fit.referenceTicksMs
      if index == 0 || points[index - 1].fit.referenceTicksMs != ticks { extend(to: ticks, point) }
      guard index + 1 < points.count else { return extend(to: .max, point) }
      let next = points[index + 1].fit.referenceTicksMs
      if next != ticks { extend(to: ticks + (next - ticks) / 2 + 1, point) }
    }
  }

  private static func nearest(_ ticksMs: Int64, _ points: [Point]) -> Point? {
    let after = points.partition { $0.fit.referenceTicksMs > ticksMs }
    guard after > 0 else { return points.first }
    guard after < points.count else { return points[after - 1] }
    let (before, next) = (points[after - 1], points[after])
    let closer = ticksMs - before.fit.referenceTicksMs <= next.fit.referenceTicksMs - ticksMs
    return closer ? before : next
  }

  /// The boards' clocks that have a fit made in a clock epoch of the node.
  public func clocks(
    fittedIn clockEpoch: ClockEpoch
  ) -> [(identity: DeviceIdentity, epoch: UInt32)] {
    devices.values.flatMap { device in
      device.clocks.filter { clock in
        clock.segments.contains { segment in
          (segment.good + segment.provisional).contains { $0.clockEpoch == clockEpoch }
        }
      }.map { (device.identity, $0.epoch) }
    }
  }

  /// The fitted epochs of a device, ascending.
  func epochs(of identity: DeviceIdentity) -> [UInt32] {
    (devices[identity.tableKey]?.clocks ?? []).map { $0.epoch }
  }

  /// The fitted epochs of a device next below and next above one.
  func neighbours(
    of identity: DeviceIdentity, epoch: UInt32
  ) -> (below: UInt32?, above: UInt32?) {
    let list = epochs(of: identity)
    let place = list.partition { $0 >= epoch }
    let above = list[place...].first { $0 > epoch }
    return (place > 0 ? list[place - 1] : nil, above)
  }
}

extension DeviceIdentity {
  var tableKey: TableKey { TableKey(number: UInt64(kind.rawValue), bytes: bytes) }
}
