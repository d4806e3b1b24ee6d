public import Model

/// Which buckets of one series are wanted, and what is to be told of each.
public struct WindowsRequest: Sendable, Equatable {
  /// What can be told of the readings of a bucket.
  public enum Function: String, Sendable, CaseIterable {
    /// The mean, the smallest, the largest, the sum, how many, the earliest, the latest, and the
    /// mean over time.
    case avg, min, max, sum, count, first, last, twa
  }

  /// The device.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// Bounds in microseconds of UTC, the end not included; nil for all there is.
  public var fromUs: Int64?, toUs: Int64?
  /// How long each bucket is; nil for one bucket that is the whole span.
  public var length: BucketLength?
  /// What is to be told of each.
  public var functions: Set<Function> = [.avg, .min, .max, .count]
  /// The name of the zone whose midnights and clocks count; nil for UTC.
  public var zone: String?
  /// ISO weekdays that count; nil for all.
  public var weekdays: Set<Int>?
  /// The part of each day that counts; nil for all.
  public var daytime: CalendarFilter.Daytime?
  /// Whether summaries may be used where they cross a border.
  public var isQuick = false
  /// Buckets in a page, 1 to 10 000.
  public var limit = 1_000
  /// Where the page before ended: the first microsecond of the next bucket.
  public var cursor: Int64?

  /// Asks for all buckets of a length.
  public init(device: String, channel: String, length: BucketLength?) {
    self.device = device
    self.channel = channel
    self.length = length
  }
}

/// Which series are wanted, each at so many points.
public struct PointsRequest: Sendable, Equatable {
  /// The device.
  public var device: String
  /// The channels' keys, one at least.
  public var channels: [String]
  /// Bounds in microseconds of UTC, the end not included; nil for all there is.
  public var fromUs: Int64?, toUs: Int64?
  /// Slots of time, 1 to 10 000.
  public var points: Int

  /// Asks for all of the time there is.
  public init(device: String, channels: [String], points: Int) {
    self.device = device
    self.channels = channels
    self.points = points
  }
}
