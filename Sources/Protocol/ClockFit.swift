/// Fits a board's ticks to the host's clock, from probes (PROTOCOL.md section 6).
///
/// One for each epoch. It keeps the last 32 probes of the present segment; a longer history would
/// follow the drift of a crystal with the day's warmth less well, not better.
public struct ClockFit: Sendable {
  /// Probes kept; the oldest makes room.
  static let probesMax = 32
  /// Probes that a good line needs.
  static let goodProbesMin = 4
  /// The span that a good line needs, in ticks.
  static let goodSpanTicks: UInt64 = 60_000
  /// Residuals of a good line are below this.
  static let residualUsMax = 5_000.0
  /// How far a rate may be off, in parts per 1000 million.
  static let ratePpbMax = 5_000_000.0

  private struct Point {
    var ticks: UInt64 = 0
    var middleUs: Int64 = 0
    var tripUs: Int64 = 0
    var isUsed = false
    /// Against the anchor.
    var x = 0.0
    /// The host's µs against the anchor, less 1000 for each tick: small, so that nothing is lost.
    var y = 0.0
  }

  private var points = InlineArray<32, Point>(repeating: Point())
  private var count = 0
  private var segment: UInt64 = 0

  /// The best line so far; nil before the first probe.
  public private(set) var line: ClockLine?

  /// Begins an epoch.
  public init() {}

  /// Takes a probe; true when `line` changed.
  ///
  /// A probe of another segment starts anew. One that cannot be (heard before it was sent, ticks
  /// that ran backwards) is ignored.
  @discardableResult
  public mutating func add(_ probe: ClockProbe) -> Bool {
    guard probe.receivedUs >= probe.sentUs, probe.ticks < Limits.ticksEnd else { return false }
    if count > 0 {
      guard probe.segment >= segment, probe.ticks >= points[count - 1].ticks else { return false }
      if probe.segment != segment { count = 0 }
    }
    segment = probe.segment
    if count == Self.probesMax {
      for index in 1..<count { points[index - 1] = points[index] }
      count -= 1
    }
    var point = Point()
    point.ticks = probe.ticks
    point.tripUs = probe.receivedUs - probe.sentUs
    point.middleUs = probe.sentUs + point.tripUs / 2
    points[count] = point
    count += 1
    let before = line
    line = goodLine() ?? provisionalLine()
    return line != before
  }

  /// The probe with the lowest round trip.
  private var best: Int {
    var best = 0
    for index in 1..<max(count, 1) where points[index].tripUs < points[best].tripUs {
      best = index
    }
    return best
  }

  private func provisionalLine() -> ClockLine {
    let point = points[best]
    return ClockLine(
      quality: .provisional, segment: segment, ticks: point.ticks, bootUs: point.middleUs,
      ratePpb: 0, boundUs: (point.tripUs + 1) / 2, firstTicks: point.ticks,
      lastTicks: point.ticks)
  }

  private mutating func goodLine() -> ClockLine? {
    let anchor = points[best]
    for index in 0..<count {
      let distance =
        Int64(bitPattern: points[index].ticks) - Int64(bitPattern: anchor.ticks)
      points[index].isUsed = points[index].tripUs <= 2 * anchor.tripUs + 2000
      points[index].x = Double(distance)
      points[index].y = Double(points[index].middleUs - anchor.middleUs - distance * 1000)
    }
    // Each turn gives up at least one probe.
    for _ in 0..<Self.probesMax {
      guard let (first, last) = usedSpan(), let (offset, slope) = leastSquares() else {
        return nil
      }
      guard let worst = worstUsed(offset: offset, slope: slope) else { return nil }
      guard worst.residual < Self.residualUsMax else {
        points[worst.index].isUsed = false
        continue
      }
      // µs per ms, in parts per 1000 million.
      let ratePpb = slope * 1_000_000
      guard ratePpb >= -Self.ratePpbMax, ratePpb <= Self.ratePpbMax else { return nil }
      return ClockLine(
        quality: .good, segment: segment, ticks: anchor.ticks,
        bootUs: anchor.middleUs + Int64(offset.rounded()), ratePpb: Int64(ratePpb.rounded()),
        boundUs: Int64(worst.residual.rounded(.up)) + (anchor.tripUs + 1) / 2,
        firstTicks: first, lastTicks: last)
    }
    return nil
  }

  /// The ticks of the first and the last probe in use, when they are enough for a good line.
  private func usedSpan() -> (first: UInt64, last: UInt64)? {
    var used = 0
    var first: UInt64 = 0
    var last: UInt64 = 0
    for index in 0..<count where points[index].isUsed {
      if used == 0 { first = points[index].ticks }
      last = points[index].ticks
      used += 1
    }
    guard used >= Self.goodProbesMin, last - first >= Self.goodSpanTicks else { return nil }
    return (first, last)
  }

  /// `y = offset + slope * x` with the least sum of squares; about the mean, for precision.
  private func leastSquares() -> (offset: Double, slope: Double)? {
    var used = 0.0
    var sumX = 0.0
    var sumY = 0.0
    for index in 0..<count where points[index].isUsed {
      used += 1
      sumX += points[index].x
      sumY += points[index].y
    }
    let (meanX, meanY) = (sumX / used, sumY / used)
    var squares = 0.0
    var products = 0.0
    for index in 0..<count where points[index].isUsed {
      let x = points[index].x - meanX
      squares += x * x
      products += x * (points[index].y - meanY)
    }
    guard squares > 0 else { return nil }
    let slope = products / squares
    return (meanY - slope * meanX, slope)
  }

  private func worstUsed(offset: Double, slope: Double) -> (index: Int, residual: Double)? {
    var worst: (index: Int, residual: Double)?
    for index in 0..<count where points[index].isUsed {
      let residual = (points[index].y - offset - slope * points[index].x).magnitude
      if residual >= worst?.residual ?? 0 { worst = (index, residual) }
    }
    return worst
  }
}
