public import Model
public import Sync

/// Which readings are asked for, one page at a time.
public struct ReadingQuery: Hashable, Sendable {
  /// In which order commits are gone through.
  public enum Order: Hashable, Sendable {
    /// As they were written. Within a commit: by device, then as the device made them.
    case oldestFirst
    /// The exact reverse: for "the last N".
    case newestFirst
  }

  /// Which times count.
  public enum Span: Hashable, Sendable {
    /// All of them.
    case all
    /// CLOCK_BOOTTIME of one boot of the node, in µs.
    case node(ClockEpoch, Range<Int64>)
    /// UTC as the records now tell it, in µs since 1970.
    case utc(Range<Int64>)
  }

  /// Only this device; nil for every one.
  public var device: DeviceIdentity?
  /// Only channels with this key; nil for every one.
  public var channel: String?
  /// Only these times.
  public var span = Span.all
  /// In which order.
  public var order = Order.oldestFirst
  /// Readings in the page; at most `Limits.pageReadingsMax`.
  public var limit = 1_000
  /// In one page, at most so many readings of each (device, channel): 1 for the present state of
  /// everything. Nil for no such limit.
  public var perSeriesMax: Int?
  /// Where the page before ended; nil for the first page.
  public var cursor: QueryCursor?

  /// Asks for everything, oldest first.
  public init() {}
}

/// Where a page of a query ended.
public struct QueryCursor: Hashable, Sendable {
  let hotId: Int64
  /// Of the samples of that commit, in the order of its body: the first one of the next page
  /// (oldest first), or the one after it (newest first).
  let sample: Int
  /// Whether the page ended among late values: then `hotId` is their row of the journal, and
  /// `sample` the first of them, counted in the query's order, that was not given.
  let isLate: Bool
  /// From where on the commits of a range, or of `hot`, were gone through up to here, and how many
  /// readings of the query they had: should they be trimmed meanwhile, these were told already.
  let passed: Passed?

  struct Passed: Hashable, Sendable {
    var since: Int64
    var count: Int64
  }

  /// The stable text form, for URLs.
  public var text: String {
    let place = "\(isLate ? "late" : "")\(hotId).\(sample)"
    return passed.map { "\(place).\($0.since).\($0.count)" } ?? place
  }

  init(hotId: Int64, sample: Int, isLate: Bool = false, passed: Passed? = nil) {
    self.hotId = hotId
    self.sample = sample
    self.isLate = isLate
    self.passed = passed.flatMap { $0.count > 0 ? $0 : nil }
  }

  /// Reads the form that `text` writes; nil when it is not one.
  public init?(text: String) {
    let isLate = text.hasPrefix("late")
    let parts = text.dropFirst(isLate ? 4 : 0)
      .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 4 && !isLate, let hotId = Int64(parts[0]),
      let sample = Int(parts[1]), hotId >= 0, sample >= 0
    else { return nil }
    var passed: Passed?
    if parts.count == 4 {
      guard let since = Int64(parts[2]), let count = Int64(parts[3]), since >= 0, count > 0 else {
        return nil
      }
      passed = Passed(since: since, count: count)
    }
    self.init(hotId: hotId, sample: sample, isLate: isLate, passed: passed)
  }
}

/// A reading as it is stored, with every time that is known of it.
public struct StoredReading: Hashable, Sendable {
  /// Whose.
  public var device: DeviceIdentity
  /// Of which channel.
  public var channel: String
  /// In which unit, as of that commit.
  public var unit: String
  /// What the channel's values mean.
  public var kind: Channel.Kind
  /// What.
  public var value: Value
  /// The board's epoch, seq and ticks; nil on the node's own clock.
  public var numbering: Numbering?
  /// When its commit was closed.
  public var arrival: NodeTime
  /// When it was taken, on the node's clock and in UTC.
  public var date: ReadingDate
  /// That a person added it, and not the device; nil for what the device said.
  public var late: Late?

  /// What a person said with a late value. Its `arrival` and its node time are when it was written
  /// down; only its time in UTC is when it was so.
  public struct Late: Hashable, Sendable {
    /// The entry that it came in.
    public var id: FactId
    /// Who added it.
    public var author: String
    /// Where it comes from.
    public var note: String
  }

  /// What a board said of its own sample.
  public struct Numbering: Hashable, Sendable {
    /// One run of the board between boots.
    public var epoch: UInt32
    /// The sample's number in it.
    public var seq: UInt32
    /// Milliseconds since that boot.
    public var ticksMs: Int64
  }

  /// Whether only a program plays the device.
  public var isSimulated: Bool { device.isSimulated }
}

/// A page of readings.
public struct ReadingPage: Sendable {
  /// In the order asked for.
  public var readings: [StoredReading] = []
  /// Where to go on; nil at the end. A page may be empty and still not be the last one: it also
  /// ends after `Limits.pageCommitsMax` commits.
  public var next: QueryCursor?
  /// Commits looked at.
  public var commitsRead = 0
  /// What it cost: `blocksSeen` counts ranges of commits whose dates were looked at.
  public internal(set) var cost = QueryCost()
  /// Readings asked for that are no longer there one by one: those of the ranges of commits that
  /// this page has come to the end of, so that all pages together name each once.
  public internal(set) var trimmed: [TrimmedSpan] = []
}

/// Readings of one channel that are no longer there one by one.
public struct TrimmedSpan: Hashable, Sendable {
  /// The device.
  public var device: DeviceIdentity
  /// The channel's key.
  public var channel: String
  /// What is left of them: minutes, or only quarters of an hour.
  public var level: BlockLevel
  /// None of them was dated before, in µs of UTC; nil where nobody can say.
  public var fromUs: Int64?
  /// The first µs of UTC after them; nil where nobody can say.
  public var toUs: Int64?
  /// Readings; where a query's span cuts a quarter of an hour, all of that quarter's.
  public var count: Int64
}
