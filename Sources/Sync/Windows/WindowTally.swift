public import Model

/// A reading as a window's first or last one.
public struct WindowPoint: Hashable, Sendable {
  /// When, in µs since 1970.
  public var utcUs: Int64
  /// What.
  public var value: Value
  /// Of two at one time the one that was written first is the earlier one: the key of its commit
  /// (or range of commits), and its index there.
  var place: Int64
  var index: Int

  func precedes(_ other: WindowPoint) -> Bool {
    (utcUs, place, index) < (other.utcUs, other.place, other.index)
  }
}

/// What one bucket of a window query has seen.
public struct WindowTally: Hashable, Sendable {
  /// Readings, texts and NaN among them.
  public internal(set) var count: Int64 = 0
  /// No reading that was counted is dated before this, and none after `toUs`.
  public private(set) var fromUs: Int64 = .max
  /// See `fromUs`.
  public private(set) var toUs: Int64 = .min
  /// The earliest, where asked for; nil where some of the readings are no longer there.
  public var first: WindowPoint? { isTrimmed ? nil : earliest }
  /// The latest, where asked for.
  public var last: WindowPoint? { isTrimmed ? nil : latest }
  /// How far off the date of any of them can be at most, in µs; nil when nobody can say, or
  /// there is none.
  ///
  /// Of sums of quarter hours it is that of the whole quarter, as far as its block reaches.
  public var boundUs: Int64? {
    count == 0 || largestBoundUs == DatingBound.unknownUs ? nil : largestBoundUs
  }
  private var largestBoundUs: Int64 = 0
  private var earliest: WindowPoint?
  private var latest: WindowPoint?
  /// Whether readings were looked at one by one.
  public internal(set) var isFromReadings = false
  /// Whether sums of quarter hours were used.
  public internal(set) var isFromSummaries = false
  /// Whether a quarter hour that crosses its border went by its beginning.
  public internal(set) var isApproximate = false
  /// Whether some of it is known only by sums of readings that are no longer there.
  public internal(set) var isTrimmed = false
  /// Whether a value may have been held that is no longer there.
  public var isHeldLost = false
  var held = HeldTally()
  /// Of the first exponent met; a channel seldom changes it.
  private var decimals: DecimalTally?
  private var others: [DecimalTally] = []
  var floats = FloatTally()

  /// Begins with nothing.
  public init() {}

  @inline(__always)
  mutating func extend(_ fromUs: Int64, _ toUs: Int64, boundUs: Int64) {
    self.fromUs = min(self.fromUs, fromUs)
    self.toUs = max(self.toUs, toUs)
    largestBoundUs = max(largestBoundUs, boundUs)
  }

  mutating func note(first point: WindowPoint) {
    if earliest.map({ point.precedes($0) }) ?? true { earliest = point }
  }

  mutating func note(last point: WindowPoint) {
    if latest.map({ $0.precedes(point) }) ?? true { latest = point }
  }

  /// Lends the sums of one exponent.
  @inline(__always)
  mutating func withDecimals(_ exponent: Int8, _ body: (inout DecimalTally) -> Void) {
    if decimals?.exponent ?? exponent == exponent {
      // Taken out and put back: no copy, and no second test of the optional.
      var tally = decimals ?? DecimalTally(exponent: exponent)
      body(&tally)
      decimals = tally
    } else if let place = others.firstIndex(where: { $0.exponent == exponent }) {
      body(&others[place])
    } else {
      var tally = DecimalTally(exponent: exponent)
      body(&tally)
      others.append(tally)
    }
  }

  private var allDecimals: [DecimalTally] { (decimals.map { [$0] } ?? []) + others }

  /// Readings that are numbers: neither text nor NaN.
  public var numbers: Int64 { allDecimals.reduce(floats.count) { $0 + $1.count } }

  /// Their sum, as the float64 nearest to it for decimals; nil without any.
  public var sum: Double? {
    guard numbers > 0 else { return nil }
    let exact = allDecimals.map { DecimalNumber.nearest($0.sum, $0.exponent) }
    return exact.reduce(floats.count > 0 ? floats.sum : 0, +)
  }

  /// Their mean.
  public var average: Double? { sum.map { $0 / Double(numbers) } }

  /// The smallest: exact as long as the channel has kept its exponent.
  public var least: Value? {
    choose(decimal: \.least, float: floats.least) { $0 < $1 }
  }

  /// The largest.
  public var most: Value? {
    choose(decimal: \.most, float: floats.most) { $0 > $1 }
  }

  private func choose(
    decimal: KeyPath<DecimalTally, Int64>, float: Double, _ isBetter: (Double, Double) -> Bool
  ) -> Value? {
    var best: (number: Double, value: Value)?
    for tally in allDecimals where tally.count > 0 {
      let mantissa = tally[keyPath: decimal]
      let number = DecimalNumber.nearest(Int128(mantissa), tally.exponent)
      if best.map({ isBetter(number, $0.number) }) ?? true {
        best = (number, .decimal(mantissa, exponent: tally.exponent))
      }
    }
    if floats.count > 0, best.map({ isBetter(float, $0.number) }) ?? true {
      best = (float, .float(float))
    }
    return best?.value
  }

  /// The mean over time, each value held until the next reading; nil where none was held, and
  /// where some that may have been are no longer there.
  public var heldAverage: Double? { isTrimmed || isHeldLost ? nil : held.average }

  /// How long values were held, in µs.
  public var heldUs: Int64 { held.heldUs }
}

/// Decimals as float64.
enum DecimalNumber {
  /// 10^0 to 10^22: the powers of ten that float64 holds exactly.
  private static let powers: [Double] = (0...22).reduce(into: []) { powers, _ in
    powers.append(powers.last.map { $0 * 10 } ?? 1)
  }

  /// The float64 nearest to `mantissa * 10^exponent`.
  static func nearest(_ mantissa: Int128, _ exponent: Int8) -> Double {
    if mantissa.magnitude <= 1 << 53, exponent.magnitude < powers.count {
      // Both sides are exact, so the one operation rounds once.
      let power = powers[Int(exponent.magnitude)]
      return exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
    }
    return Double("\(mantissa)e\(exponent)") ?? .nan
  }
}

/// A mean over time under way.
struct HeldTally: Hashable, Sendable {
  var heldUs: Int64 = 0
  private var weight = FloatTally()

  var average: Double? { heldUs > 0 ? weight.sum / Double(heldUs) : nil }

  mutating func add(_ number: Double, for durationUs: Int64) {
    heldUs += durationUs
    weight.add(number * Double(durationUs))
  }
}
