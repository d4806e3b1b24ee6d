/// How long the buckets of a grid are: `15m`, `1h`, `1d`, `1w`, `1mo`, `1y`, `90s`.
public struct BucketLength: Hashable, Sendable {
  /// What is counted.
  public enum Unit: String, Sendable, CaseIterable {
    /// Seconds of UTC.
    case seconds = "s"
    /// Minutes of UTC.
    case minutes = "m"
    /// Hours of UTC.
    case hours = "h"
    /// Days of the calendar: 23 to 25 hours where clocks change.
    case days = "d"
    /// ISO weeks: from Monday on.
    case weeks = "w"
    /// Months of the calendar.
    case months = "mo"
    /// Years of the calendar.
    case years = "y"
  }

  /// How many.
  public let count: Int64
  /// Of what.
  public let unit: Unit

  /// Makes a length; nil unless it lies between a second and a hundred years.
  public init?(_ count: Int64, _ unit: Unit) {
    guard count >= 1, count <= Self.countMax(unit) else { return nil }
    self.count = count
    self.unit = unit
  }

  /// The longest there is, in years.
  init(years: Int) {
    precondition((1...ModelLimits.bucketYearsMax).contains(years), "\(years) years")
    count = Int64(years)
    unit = .years
  }

  /// Reads a count without sign followed by the unit; nil when it is not one.
  public init?(text: String) {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    let word = text.utf8.dropFirst(digits.count)
    guard digits.count <= 12, let count = Int64(String(Substring(digits))),
      let unit = Unit(rawValue: String(Substring(word)))
    else { return nil }
    self.init(count, unit)
  }

  /// The form that `init(text:)` reads.
  public var text: String { "\(count)\(unit.rawValue)" }

  /// Its seconds, for the units that always have the same number.
  public var seconds: Int64? {
    switch unit {
    case .seconds: count
    case .minutes: count * 60
    case .hours: count * 3_600
    case .days, .weeks, .months, .years: nil
    }
  }

  /// Its length in seconds where no clock changes and every year is a common one.
  public var nominalSeconds: Int64 { count * Self.nominalSeconds(unit) }

  private static func nominalSeconds(_ unit: Unit) -> Int64 {
    switch unit {
    case .seconds: 1
    case .minutes: 60
    case .hours: 3_600
    case .days: CivilDate.secondsPerDay
    case .weeks: 7 * CivilDate.secondsPerDay
    case .months: 30 * CivilDate.secondsPerDay
    case .years: 365 * CivilDate.secondsPerDay
    }
  }

  private static func countMax(_ unit: Unit) -> Int64 {
    let years = Int64(ModelLimits.bucketYearsMax)
    return switch unit {
    case .months: years * 12
    case .years: years
    default: years * nominalSeconds(.years) / nominalSeconds(unit)
    }
  }
}
