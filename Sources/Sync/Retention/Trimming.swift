public import Model

/// What went of one channel, in one way and for one reason.
public struct TrimmedSeries: Hashable, Sendable {
  /// What is left of it. Raw values are on disk: never renumber.
  public enum Level: UInt8, Sendable, CaseIterable {
    /// The sums of its minutes, and of its quarter hours.
    case minutes = 1
    /// The sums of its quarter hours alone; of texts their number.
    case gone = 2
  }

  /// Why it went. Raw values are on disk: never renumber.
  public enum Reason: UInt8, Sendable, CaseIterable {
    /// A quota was passed: the channel's, or that of the whole database.
    case quota = 1
    /// There was no room on the disk.
    case space = 2
    /// A quota was passed, and no keeper had said to have them.
    case quotaUnacknowledged = 3
    /// There was no room on the disk, and no keeper had said to have them.
    case spaceUnacknowledged = 4

    /// Whether a quota was passed, rather than that there was no room.
    public var isQuota: Bool { self == .quota || self == .quotaUnacknowledged }
    /// Whether no keeper had said to have what went.
    public var isUnacknowledged: Bool {
      self == .quotaUnacknowledged || self == .spaceUnacknowledged
    }
  }

  /// Whose.
  public var device: DeviceIdentity
  /// The channel's key.
  public var channel: String
  /// What is left.
  public var level: Level
  /// Why.
  public var reason: Reason
  /// Readings that were in the blocks.
  public var readings: Int64
  /// Blocks.
  public var blocks: Int64
  /// Stored bytes that they took, less what is left of them.
  public var bytes: Int64
  /// The first and the last time in them, in µs of UTC as they were dated; nil when nothing dates
  /// them.
  public var utc: ClosedRange<Int64>?

  /// Puts it together.
  public init(
    device: DeviceIdentity, channel: String, level: Level, reason: Reason, readings: Int64,
    blocks: Int64, bytes: Int64, utc: ClosedRange<Int64>?
  ) {
    self.device = device
    self.channel = channel
    self.level = level
    self.reason = reason
    self.readings = readings
    self.blocks = blocks
    self.bytes = bytes
    self.utc = utc
  }
}

/// Kind 12: what one run took from what was stored, because of a quota or for want of room. What
/// goes by age, as somebody wanted it, is not recorded.
public struct Trimming: Hashable, Sendable {
  /// What went beyond the channels that are named.
  public struct Rest: Hashable, Sendable {
    /// Entries, readings, blocks and bytes of them.
    public var series: Int64 = 0, readings: Int64 = 0, blocks: Int64 = 0, bytes: Int64 = 0

    /// Nothing.
    public init() {}
  }

  /// Its name.
  public var id: FactId
  /// Bytes that became free inside the database.
  public var freedBytes: Int64
  /// What went, at most `Limits.trimmedSeriesMax` entries.
  public private(set) var series: [TrimmedSeries]
  /// What else went.
  public private(set) var rest = Rest()

  /// Puts it together; where too much went to be named, what took the most room is.
  public init(id: FactId, freedBytes: Int64, series: [TrimmedSeries]) {
    self.id = id
    self.freedBytes = freedBytes
    guard series.count > Limits.trimmedSeriesMax else {
      self.series = series
      return
    }
    // What nobody else has first: of it the count is exact.
    let order = series.indices.sorted {
      let (left, right) = (series[$0], series[$1])
      guard left.reason.isUnacknowledged == right.reason.isUnacknowledged else {
        return left.reason.isUnacknowledged
      }
      return (right.bytes, $0) < (left.bytes, $1)
    }
    let named = Set(order.prefix(Limits.trimmedSeriesMax))
    self.series = series.indices.filter { named.contains($0) }.map { series[$0] }
    for index in series.indices where !named.contains(index) { rest.add(series[index]) }
  }

  /// Puts it together as it was written down.
  init(id: FactId, freedBytes: Int64, series: [TrimmedSeries], rest: Rest) {
    self.id = id
    self.freedBytes = freedBytes
    self.series = series
    self.rest = rest
  }

  /// All readings that went, or became minutes; those of one channel that did both count once.
  public var readings: Int64 { rest.readings &+ count { _ in true } }

  /// Those among them that no keeper had said to have, as far as they are named.
  public var unacknowledged: Int64 { count { $0.reason.isUnacknowledged } }

  private func count(_ isCounted: (TrimmedSeries) -> Bool) -> Int64 {
    var most: [SeriesScope: Int64] = [:]
    for level in TrimmedSeries.Level.allCases {
      var sums: [SeriesScope: Int64] = [:]
      for one in series where one.level == level && isCounted(one) {
        sums[SeriesScope(one.device, one.channel), default: 0] &+= one.readings
      }
      // `merge` needs what Embedded Swift, which the SQLite extension is, does not have.
      for (scope, sum) in sums { most[scope] = max(most[scope] ?? sum, sum) }
    }
    return most.values.reduce(0) { $0 &+ $1 }
  }
}

extension Trimming.Rest {
  fileprivate mutating func add(_ trimmed: TrimmedSeries) {
    series += 1
    readings &+= trimmed.readings
    blocks &+= trimmed.blocks
    bytes &+= trimmed.bytes
  }
}

/// Kind 13: a person has seen what went.
public struct TrimmingSeen: Hashable, Sendable {
  /// What was seen; nil for everything that the same node recorded before this entry.
  public var target: FactId?
  /// What the person says of it; at most `Limits.reasonBytesMax` bytes of UTF-8.
  public var note: String

  /// Puts it together.
  public init(target: FactId?, note: String) {
    self.target = target
    self.note = note
  }
}

extension FieldWriter {
  mutating func trimming(_ trimming: Trimming) {
    let rest = trimming.rest
    raw(trimming.id.bytes)
    count(trimming.freedBytes)
    varint(trimming.series.count)
    for trimmed in trimming.series {
      precondition(SeriesScope(trimmed.device, trimmed.channel).isValid, trimmed.channel)
      identity(trimmed.device)
      bytes8(trimmed.channel.utf8)
      u8(trimmed.level.rawValue)
      u8(trimmed.reason.rawValue)
      for number in [trimmed.readings, trimmed.blocks, trimmed.bytes] { count(number) }
      u8(trimmed.utc == nil ? 0 : 1)
      guard let utc = trimmed.utc else { continue }
      zigzag(utc.lowerBound)
      zigzag(utc.upperBound)
    }
    for number in [rest.series, rest.readings, rest.blocks, rest.bytes] { count(number) }
  }

  private mutating func count(_ number: Int64) {
    precondition(number >= 0, "a count of \(number)")
    varint(UInt64(number))
  }

  mutating func trimmingSeen(_ seen: TrimmingSeen) {
    u8(seen.target == nil ? 1 : 0)
    if let target = seen.target { raw(target.bytes) }
    text(seen.note, max: Limits.reasonBytesMax)
  }
}

extension FieldReader {
  mutating func trimming() throws(DecodeError) -> Trimming {
    let id = try factId()
    let freedBytes = try time()
    let count = try count(max: Limits.trimmedSeriesMax)
    var series: [TrimmedSeries] = []
    for _ in 0..<count { series.append(try trimmedSeries()) }
    var rest = Trimming.Rest()
    rest.series = try time()
    rest.readings = try time()
    rest.blocks = try time()
    rest.bytes = try time()
    return Trimming(id: id, freedBytes: freedBytes, series: series, rest: rest)
  }

  private mutating func trimmedSeries() throws(DecodeError) -> TrimmedSeries {
    let scopeAt = offset
    let scope = try scope()
    guard let channel = scope.channel else { throw DecodeError(.channel, at: scopeAt) }
    let start = offset
    guard let level = TrimmedSeries.Level(rawValue: try u8()),
      let reason = TrimmedSeries.Reason(rawValue: try u8())
    else { throw DecodeError(.range, at: start) }
    var trimmed = TrimmedSeries(
      device: scope.device, channel: channel, level: level, reason: reason,
      readings: try time(), blocks: try time(), bytes: try time(), utc: nil)
    let datedAt = offset
    switch try u8() {
    case 0: return trimmed
    case 1: break
    default: throw DecodeError(.range, at: datedAt)
    }
    let (from, to) = (try zigzag(), try zigzag())
    guard from <= to else { throw DecodeError(.range, at: datedAt) }
    trimmed.utc = from...to
    return trimmed
  }

  mutating func trimmingSeen() throws(DecodeError) -> TrimmingSeen {
    let start = offset
    let target: FactId?
    switch try u8() {
    case 0: target = try factId()
    case 1: target = nil
    default: throw DecodeError(.range, at: start)
    }
    return TrimmingSeen(target: target, note: try textV(max: Limits.reasonBytesMax))
  }
}
