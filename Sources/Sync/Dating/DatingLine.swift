/// One rule from a clock's own time to UTC: what `Timeline` computes, for a stretch on which the
/// same anchors and the same fit count.
///
/// The arithmetic is that of `NodeTimeline.date` and `DeviceTimeline.time` to the last bit: a
/// reading's date must not depend on whether it was asked for alone or with a million others.
public struct DatingLine: Hashable, Sendable {
  /// A board's ticks to the node's clock.
  struct Fit: Hashable, Sendable {
    var referenceTicksMs: Int64
    var referenceBootUs: Int64
    var ratePpb: Double

    func bootUs(_ ticksMs: Int64) -> Int64 {
      let elapsedMs = ticksMs - referenceTicksMs
      let gained = Saturating.integer(Double(elapsedMs) * ratePpb / 1_000_000)
      return Saturating.sum(Saturating.sum(referenceBootUs, elapsedMs * 1_000), gained)
    }
  }

  /// How much slower than real time a rule may run and still be called rising: far more than any
  /// clock, and with room for what rounding does.
  static let slowestShare = -0.5

  /// Nil on the node's own clock.
  var fit: Fit?
  var baseBootUs: Int64
  var baseUtcUs: Int64
  /// What UTC gained on the node's clock from this anchor to the next, in µs.
  var gainedUs = 0.0
  /// The node's time between these anchors, in µs; 0 beyond the first and the last one.
  var spanUs = 0.0

  /// Goes on from one time at the clock's own rate.
  public init(baseBootUs: Int64, baseUtcUs: Int64) {
    self.baseBootUs = baseBootUs
    self.baseUtcUs = baseUtcUs
  }

  /// Goes on from one time of a board's clock at real time's rate.
  public init(ticksMs: Int64, utcUs: Int64) {
    fit = Fit(referenceTicksMs: ticksMs, referenceBootUs: 0, ratePpb: 0)
    baseBootUs = 0
    baseUtcUs = utcUs
  }

  /// Whether a later time of the clock never has an earlier date.
  public var isRising: Bool {
    if let fit, fit.ratePpb < Self.slowestShare * 1e9 { return false }
    return gainedUs >= Self.slowestShare * spanUs
  }

  /// UTC of a time of the clock, in µs.
  @inline(__always)
  public func utcUs(_ time: Int64) -> Int64 {
    let bootUs = fit.map { $0.bootUs(time) } ?? time
    let elapsed = Saturating.difference(bootUs, baseBootUs)
    let utcUs = Saturating.sum(baseUtcUs, elapsed)
    guard spanUs > 0 else { return utcUs }
    return Saturating.sum(utcUs, Saturating.integer(Double(elapsed) * gainedUs / spanUs))
  }
}

/// A stretch of a clock that one rule dates.
public struct DatingPiece: Hashable, Sendable {
  /// Its first time, on the clock itself.
  public var start: Int64
  /// The first time after it; `Int64.max` for none.
  public var end: Int64
  /// Nil where each commit's own clocks must say it: no anchor, no fit.
  public var line: DatingLine?
  /// How far off that can be; nil where nobody can say.
  public var bound: DatingBound?

  /// Makes a stretch.
  public init(start: Int64, end: Int64, line: DatingLine?, bound: DatingBound? = nil) {
    self.start = start
    self.end = end
    self.line = line
    self.bound = bound
  }
}

extension [DatingPiece] {
  /// The index of the stretch that holds a time; the stretches of a clock follow each other from 0
  /// to `Int64.max`.
  public func piece(at time: Int64) -> Int {
    // Mostly there are few, and the last one is asked for.
    if let last, time >= last.start { return count - 1 }
    return Swift.max(0, partition { $0.start > time } - 1)
  }

  /// The first time from which on the dating may be another one under other pieces of the same
  /// clock; nil when all is alike.
  public func firstChange(from other: [DatingPiece]) -> Int64? {
    var index = 0
    while index < count, index < other.count {
      let (left, right) = (self[index], other[index])
      // How far off it can be moves nothing.
      let isAlike = left.start == right.start && left.line == right.line
      if !isAlike || left.end != right.end {
        // The same rule, only longer here or there: it changes where the shorter one ends.
        return isAlike && left.line != nil
          ? Swift.min(left.end, right.end) : Swift.min(left.start, right.start)
      }
      index += 1
    }
    return count == other.count ? nil : (index < count ? self[index] : other[index]).start
  }
}
