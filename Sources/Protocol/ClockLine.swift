/// A line that puts a board's ticks on the host's clock, within a bound (PROTOCOL.md section 6).
public struct ClockLine: Equatable, Sendable {
  /// How the line was found. Raw values may be stored.
  public enum Quality: UInt8, Sendable {
    /// One probe, and the rate unknown within 5000 ppm.
    case provisional = 1
    /// Probes over at least 60 s that agree within 5 ms.
    case good = 2
  }

  /// How it was found.
  public var quality: Quality
  /// The tick at which the segment began; the line says nothing of others.
  public var segment: UInt64
  /// The tick of the anchor.
  public var ticks: UInt64
  /// The host's time at the anchor, in µs.
  public var bootUs: Int64
  /// How much slower the board counts than it says, in parts per 1000 million: a tick lasts
  /// `1000 µs * (1 + ratePpb / 10^9)`. Within 5,000,000 of 0.
  public var ratePpb: Int64
  /// Half the width of the band at the anchor, in µs.
  public var boundUs: Int64
  /// The ticks over which `boundUs` holds: of the first and the last probe.
  public var firstTicks: UInt64
  /// See `firstTicks`.
  public var lastTicks: UInt64

  /// States a line.
  public init(
    quality: Quality, segment: UInt64, ticks: UInt64, bootUs: Int64, ratePpb: Int64,
    boundUs: Int64, firstTicks: UInt64, lastTicks: UInt64
  ) {
    self.quality = quality
    self.segment = segment
    self.ticks = ticks
    self.bootUs = bootUs
    self.ratePpb = ratePpb
    self.boundUs = boundUs
    self.firstTicks = firstTicks
    self.lastTicks = lastTicks
  }

  /// The host's time at some ticks of the segment, in µs; ticks are below 2^48.
  public func bootUs(atTicks ticks: UInt64) -> Int64 {
    let distance = Int64(bitPattern: ticks) - Int64(bitPattern: self.ticks)
    // distance * ratePpb / 10^6 in two parts, since the product alone may exceed 64 bits.
    let drift =
      distance / 1_000_000 * ratePpb + distance % 1_000_000 * ratePpb / 1_000_000
    return bootUs + distance * 1000 + drift
  }

  /// Half the width of the band at some ticks, in µs: it grows away from the probes.
  public func boundUs(atTicks ticks: UInt64) -> Int64 {
    var outside: Int64 = 0
    if ticks < firstTicks { outside = Int64(bitPattern: firstTicks - ticks) }
    if ticks > lastTicks { outside = Int64(bitPattern: ticks - lastTicks) }
    switch quality {
    case .provisional: return boundUs + outside * 5
    case .good:
      // Twice the bound over the span is what the slope may be off by.
      let span = Double(Int64(bitPattern: lastTicks - firstTicks))
      return boundUs + Int64(Double(2 * boundUs) * Double(outside) / max(span, 1))
    }
  }
}
