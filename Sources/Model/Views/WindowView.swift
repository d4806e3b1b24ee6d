/// What the readings of one bucket of time come to. Only what was asked for is there.
public struct BucketView: Codable, Sendable, Equatable {
  /// Where it begins, in microseconds since 1970 UTC.
  public var fromUs: Int64
  /// Where the next one begins.
  public var toUs: Int64
  /// Readings, texts and NaN among them.
  public var count: Int64?
  /// The mean, the smallest, the largest and the sum of those that are numbers.
  public var avg: Double?, min: Double?, max: Double?, sum: Double?
  /// The earliest and the latest, of a channel of numbers.
  public var first: Double?, last: Double?
  /// The same, of a channel of words.
  public var firstText: String?, lastText: String?
  /// The mean over time: each value holds until the next one.
  public var twa: Double?
  /// What it was made of: raw, summary (quarter hours), mixed, or rollup where some of the readings
  /// are no longer there.
  public var basis: Basis
  /// Whether a quarter hour across its border went by its beginning.
  public var approximate: Bool
  /// How far off the times of its readings are at most, in microseconds; nil when nobody can say.
  public var boundUs: Int64?

  private enum CodingKeys: String, CodingKey {
    case count, avg, min, max, sum, first, last, twa, basis, approximate
    case boundUs = "bound_us"
    case fromUs = "from_us", toUs = "to_us", firstText = "first_text", lastText = "last_text"
  }

  /// What an answer is made of.
  public enum Basis: String, Codable, Sendable, CaseIterable {
    /// The readings themselves.
    case raw
    /// Summaries of quarter hours.
    case summary
    /// Both.
    case mixed
    /// Also on sums of readings that are no longer there.
    case rollup
  }

  /// A bucket of which nothing is told yet.
  public init(fromUs: Int64, toUs: Int64, basis: Basis, approximate: Bool) {
    self.fromUs = fromUs
    self.toUs = toUs
    self.basis = basis
    self.approximate = approximate
  }
}

extension BucketView {
  /// The heading of the CSV form: stable, English, times in UTC.
  public static let csvHeading =
    "from,to,count,avg,min,max,sum,first,last,twa,basis,approximate,bound_us"

  /// This bucket as a line of CSV without its end; what was not asked for is empty.
  public var csv: String {
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return CsvText.line([
      UtcText.rfc3339(us: fromUs), UtcText.rfc3339(us: toUs), count.map { "\($0)" } ?? "",
      number(avg), number(min), number(max), number(sum), firstText ?? number(first),
      lastText ?? number(last), number(twa), basis.rawValue, approximate ? "1" : "0",
      boundUs.map { "\($0)" } ?? "",
    ])
  }
}

/// The buckets of one series; those without readings are left out.
public struct BucketsPage: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// Its SenML unit; empty when there is none.
  public var unit: String
  /// How long the buckets are, as it was asked for.
  public var window: String
  /// Whose midnights count.
  public var zone: String
  /// In the order of time.
  public var buckets: [BucketView]
  /// What to pass as `cursor` for the next page; nil at the end.
  public var next: String?

  /// A page without buckets.
  public init(device: String, channel: String, unit: String, window: String, zone: String) {
    self.device = device
    self.channel = channel
    self.unit = unit
    self.window = window
    self.zone = zone
    buckets = []
  }
}

/// One series at so many points that keep its extremes: columns, an entry for each slot of time
/// that has readings.
public struct PointsView: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// Its SenML unit; empty when there is none.
  public var unit: String
  /// The span that was asked for, in microseconds since 1970 UTC.
  public var fromUs: Int64, toUs: Int64
  /// What it was made of.
  public var basis: BucketView.Basis
  /// When each slot begins; the time of the reading itself where there are fewer than slots.
  public var timeUs: [Int64]
  /// The smallest, largest and mean value in each slot.
  public var min: [Double], max: [Double], avg: [Double]
  /// Readings in each slot.
  public var count: [Int64]
  /// How far off the times of each slot's readings are at most, in microseconds; nil in a slot of
  /// which nobody can say.
  public var boundsUs: [Int64?]
  /// The largest of these; nil when it is unknown of one.
  public var boundUs: Int64?

  private enum CodingKeys: String, CodingKey {
    case device, channel, unit, basis, min, max, avg, count
    case fromUs = "from_us", toUs = "to_us", timeUs = "time_us", boundUs = "bound_us"
    case boundsUs = "bounds_us"
  }

  /// A series without points.
  public init(
    device: String, channel: String, unit: String, fromUs: Int64, toUs: Int64,
    basis: BucketView.Basis
  ) {
    self.device = device
    self.channel = channel
    self.unit = unit
    self.fromUs = fromUs
    self.toUs = toUs
    self.basis = basis
    (timeUs, min, max, avg, count, boundsUs) = ([], [], [], [], [], [])
  }
}

extension PointsView {
  /// The heading of the CSV form: stable, English, times in UTC.
  public static let csvHeading = "channel,time,count,avg,min,max,bound_us"

  /// A line of CSV for each point, without its end.
  public var csv: [String] { points.map(\.csv) }

  /// The columns as points; what has no partner in every column is left out.
  public var points: [PointView] {
    let length =
      [timeUs.count, count.count, avg.count, min.count, max.count, boundsUs.count].min() ?? 0
    return (0..<length).map {
      PointView(
        channel: channel, timeUs: timeUs[$0], count: count[$0], avg: avg[$0], min: min[$0],
        max: max[$0], boundUs: boundsUs[$0])
    }
  }
}

/// One point of a series, as a program reads it line by line.
public struct PointView: Encodable, Sendable, Equatable {
  /// The channel's key.
  public var channel: String
  /// When its slot begins, in microseconds since 1970 UTC.
  public var timeUs: Int64
  /// Readings in it.
  public var count: Int64
  /// Their mean, the smallest and the largest.
  public var avg: Double, min: Double, max: Double
  /// How far off their times are at most, in microseconds; nil when nobody can say.
  public var boundUs: Int64?

  private enum CodingKeys: String, CodingKey {
    case channel, count, avg, min, max
    case timeUs = "time_us", boundUs = "bound_us"
  }

  /// This point as a line of CSV without its end.
  public var csv: String {
    CsvText.line([
      channel, UtcText.rfc3339(us: timeUs), "\(count)", "\(avg)", "\(min)", "\(max)",
      boundUs.map { "\($0)" } ?? "",
    ])
  }
}

/// One channel of one device that has readings.
public struct SeriesView: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// Its SenML unit, as of its newest reading; empty when there is none.
  public var unit: String
  /// measurement, state, counter, event or text.
  public var kind: String
  /// Readings.
  public var count: Int64
  /// The earliest and the latest, in microseconds since 1970 UTC; nil when no time is known.
  public var fromUs: Int64?, toUs: Int64?
  /// Whether only a program made them.
  public var simulated: Bool

  private enum CodingKeys: String, CodingKey {
    case device, channel, unit, kind, count, simulated
    case fromUs = "from_us", toUs = "to_us"
  }

  /// Puts the required parts together.
  public init(
    device: String, channel: String, unit: String, kind: String, count: Int64, simulated: Bool
  ) {
    self.device = device
    self.channel = channel
    self.unit = unit
    self.kind = kind
    self.count = count
    self.simulated = simulated
  }
}

/// A page of the list of series.
public struct SeriesList: Codable, Sendable, Equatable {
  /// By identity of the device, then channel.
  public var series: [SeriesView]
  /// Where the next page begins; nil after the last one.
  public var next: String?

  /// Lists some.
  public init(series: [SeriesView]) { self.series = series }
}
