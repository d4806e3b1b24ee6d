/// What is left of a block. Raw values are on disk: never renumber.
public enum BlockLevel: UInt8, Hashable, Sendable, Comparable, CaseIterable {
  /// Its readings.
  case raw = 0
  /// What they came to minute by minute.
  case minutes = 1
  /// Its summary by quarters of an hour, and how many readings there were.
  case gone = 2

  /// Whether less is left at one level than at another.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How long the readings of a channel are kept, and how much room they may take.
public struct RetentionRule: Hashable, Sendable {
  /// Keeps everything for ever.
  public static let forever = RetentionRule()
  /// How long readings that have their age stay after a keeper has proven to have them, unless the
  /// configuration says otherwise, in µs: seven days.
  public static let keepAfterAckUs: Int64 = 7 * 86_400_000_000

  /// The age in µs at which readings become minutes; nil for never.
  public var rawUs: Int64?
  /// The age in µs at which minutes go, and readings that have none; nil for never. One below
  /// `rawUs` counts as `rawUs`.
  public var minutesUs: Int64?
  /// What the channel's readings and minutes may take on the disk, in bytes; nil for no such limit.
  public var quotaBytes: Int64?

  /// Makes a rule.
  public init(rawUs: Int64? = nil, minutesUs: Int64? = nil, quotaBytes: Int64? = nil) {
    self.rawUs = rawUs
    self.minutesUs = minutesUs
    self.quotaBytes = quotaBytes
  }

  /// Whether age changes anything.
  public var hasAges: Bool { rawUs != nil || minutesUs != nil }

  /// The level that a block of an age comes to.
  ///
  /// Readings without a rollup stay as they are until minutes would go.
  public func level(ageUs: Int64, hasRollup: Bool) -> BlockLevel {
    if let minutesUs, ageUs >= Swift.max(minutesUs, rawUs ?? 0) { return .gone }
    if hasRollup, let rawUs, ageUs >= rawUs { return .minutes }
    return .raw
  }
}

/// What goes first where room is wanted; what is not named here never goes for want of room.
///
/// Blobs will go before all of these.
public enum Sacrifice: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Readings that a keeper said to have, and whose minutes stay; none where there is no keeper.
  case acknowledged
  /// Readings whose minutes stay.
  case raw
  /// The minutes, and readings whose minutes would take no less.
  case minutes

  /// Whether one goes before another.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// What of a block could go; nil where nothing may.
  ///
  /// Readings that have no rollup, texts among them, go by their age only.
  public static func next(
    of level: BlockLevel, hasRollup: Bool, rollupIsSmaller: Bool = true
  ) -> Sacrifice? {
    switch level {
    case .raw: return hasRollup ? (rollupIsSmaller ? .raw : .minutes) : nil
    case .minutes: return .minutes
    case .gone: return nil
    }
  }

  /// What goes when nothing of this is left; nil for nothing.
  public var next: Sacrifice? {
    switch self {
    case .acknowledged: .raw
    case .raw: .minutes
    case .minutes: nil
    }
  }

  /// The level of a block afterwards.
  public var reached: BlockLevel {
    switch self {
    case .acknowledged, .raw: .minutes
    case .minutes: .gone
    }
  }
}
