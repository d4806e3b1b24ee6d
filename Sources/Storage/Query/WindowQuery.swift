public import Model
public import Sync

/// What is wanted of every window.
public struct WindowFunctions: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: Int
  /// From bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Count, sum, mean, smallest, largest: whatever summaries can say.
  public static let sums = WindowFunctions(rawValue: 1)
  /// The earliest and the latest reading.
  public static let ends = WindowFunctions(rawValue: 2)
  /// The mean over time.
  public static let held = WindowFunctions(rawValue: 4)
}

/// Asks for the readings of one series, window by window, one page at a time.
public struct WindowQuery: Hashable, Sendable {
  /// What happens with a quarter hour of a block's own clock that lies across a border.
  public enum Precision: Hashable, Sendable {
    /// Its readings are looked at.
    case exact
    /// It goes by its beginning, and every bucket that it touches is marked.
    case quick
  }

  /// The device, and others whose readings a person filed under it.
  public var devices: [DeviceIdentity]
  /// The channel's key.
  public var channel: String
  /// Only readings dated in this span, in µs of UTC.
  public var span: Range<Int64>
  /// The buckets.
  public var grid: BucketGrid
  /// Only these hours and days; nil for all.
  public var filter: CalendarFilter?
  /// What is wanted of every bucket.
  public var functions = WindowFunctions.sums
  /// How borders are dealt with.
  public var precision = Precision.exact
  /// How long a value holds at most where no reading follows, in µs, for the mean over time.
  public var longestHoldUs = Limits.holdUs
  /// Buckets in the page; at most `Limits.windowsMax`.
  public var limit = Limits.windowsMax

  /// Asks for sums.
  public init(devices: [DeviceIdentity], channel: String, span: Range<Int64>, grid: BucketGrid) {
    self.devices = devices
    self.channel = channel
    self.span = span
    self.grid = grid
  }
}

/// One bucket of an answer.
public struct WindowBucket: Hashable, Sendable {
  /// What it rests upon.
  public enum Basis: String, Hashable, Sendable {
    /// On readings.
    case raw
    /// On sums of quarter hours.
    case summary
    /// On both.
    case mixed
    /// Also on sums by minutes and quarter hours of readings that are no longer there: nobody can
    /// look closer.
    case rollup
  }

  /// Its first µs of UTC; a bucket that the query's span cuts keeps its own borders.
  public var fromUs: Int64
  /// The first µs after it.
  public var toUs: Int64
  /// What it has seen.
  public var tally: WindowTally

  /// What it rests upon.
  public var basis: Basis {
    if tally.isTrimmed { return .rollup }
    guard tally.isFromSummaries else { return .raw }
    return tally.isFromReadings ? .mixed : .summary
  }
}

/// What an answer cost.
public struct QueryCost: Hashable, Sendable {
  /// Rows of the directory of blocks that were read.
  public internal(set) var blocksSeen = 0
  /// Blocks whose readings were unpacked.
  public internal(set) var blocksDecoded = 0
  /// Rows of `hot` that were read.
  public internal(set) var commitsRead = 0
}

/// A page of windows.
public struct WindowPage: Sendable {
  /// Those with readings, ascending.
  public internal(set) var buckets: [WindowBucket] = []
  /// The unit of the newest readings; nil without any.
  public internal(set) var unit: String?
  /// What the channel's values mean; nil without readings.
  public internal(set) var kind: Channel.Kind?
  /// Where the next page begins, to be made the lower end of the query's span; nil at the end.
  public internal(set) var nextUs: Int64?
  /// What it cost.
  public internal(set) var cost = QueryCost()
}
