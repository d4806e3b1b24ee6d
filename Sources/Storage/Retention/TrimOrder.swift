public import Model
public import Sync

/// What is to go.
public struct TrimOrder: Hashable, Sendable {
  /// The rule of a channel that has none of its own.
  public var rule = RetentionRule.forever
  /// The rules of single channels: each counts whole, instead of its device's.
  public var rules: [SeriesName: RetentionRule] = [:]
  /// The rules of devices: each counts whole, instead of `rule`.
  public var deviceRules: [DeviceIdentity: RetentionRule] = [:]
  /// The time in µs of UTC that ages are counted to; nil to let nothing go by its age.
  public var nowUs: Int64?
  /// What the pages that are in use may take in all, in bytes; nil for no such limit.
  public var databaseBytesMax: Int64?
  /// Bytes of pages that are to be free inside the file afterwards: the next commits take them
  /// instead of making the file longer.
  public var freeBytesWanted: Int64 = 0
  /// The nodes on whose proof this node's own readings may go by their age; without any they go by
  /// its own word.
  public var keepers: [NodeId] = []
  /// How long they stay after the proof, in µs.
  public var keepAfterAckUs = RetentionRule.keepAfterAckUs
  /// What this node owes to others; nil where it is no keeper.
  public var duty: KeeperDuty?

  /// Asks for nothing.
  public init() {}

  /// The rule of a channel.
  public func rule(of series: SeriesName) -> RetentionRule {
    rules[series] ?? deviceRules[series.device] ?? rule
  }

  private var everyRule: [RetentionRule] {
    [rule] + Array(deviceRules.values) + Array(rules.values)
  }

  /// Whether another one has the same rules.
  func hasRules(of other: TrimOrder) -> Bool {
    rule == other.rule && rules == other.rules && deviceRules == other.deviceRules
  }

  /// Whether anything may go by its age.
  public var hasAges: Bool {
    nowUs != nil && everyRule.contains { $0.hasAges }
  }

  var hasQuotas: Bool {
    everyRule.contains { $0.quotaBytes != nil }
  }
}

/// What a keeper owes to the nodes whose readings it has.
public struct KeeperDuty: Hashable, Sendable {
  /// The keeper: this node.
  public var keeper: NodeId
  /// Nodes that may rest on it: their readings go by their age only after they have asked for proof
  /// of them, and twice `keepAfterAckUs` more. What other nodes made goes by its age alone.
  public var owners: Set<NodeId>

  /// Puts it together.
  public init(keeper: NodeId, owners: Set<NodeId>) {
    self.keeper = keeper
    self.owners = owners
  }

  /// The duty to every other member that has rights, for what it made under former keys too: these
  /// have no rights of their own any more, and whoever took their place still rests on the keeper.
  public init(keeper: NodeId, in membership: Membership) {
    self.keeper = keeper
    owners = Set(
      membership.members.filter { node in
        let now = membership.successor(of: node)
        return node != keeper && membership.standing(of: now)?.scopes.isEmpty == false
      })
  }
}

/// What went.
public struct TrimReport: Hashable, Sendable {
  /// Why.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// It was as old as its rule says.
    case age
    /// Its channel, or all together, took more room than they may.
    case quota
    /// There was no room left.
    case space
  }

  /// What went of one channel, for one reason, to one level.
  public struct Entry: Hashable, Sendable {
    /// The device.
    public var device: DeviceIdentity
    /// The channel's key.
    public var channel: String
    /// What is left: minutes, or only summaries.
    public var level: BlockLevel
    /// Why the rest went.
    public var reason: Reason
    /// Readings that it was made of.
    public var readings: Int64 = 0
    /// Blocks of them.
    public var blocks = 0
    /// By how much fewer bytes are stored.
    public var bytes: Int64 = 0
    /// None of them was dated before, in µs of UTC; nil where none is dated.
    public var fromUtcUs: Int64?
    /// None of them was dated after, in µs of UTC.
    public var toUtcUs: Int64?
  }

  /// What went, by device, channel, level and reason.
  public internal(set) var entries: [Entry] = []
  /// By how much fewer bytes are stored in all.
  public internal(set) var freedBytes: Int64 = 0
  /// Packs that were written anew or went.
  public internal(set) var packs = 0
  /// Readings that are as old as their rule says, and wait for the proof of a keeper.
  public internal(set) var waiting: Int64 = 0
  /// Whether everything went that the order let go; false when the run was stopped.
  public internal(set) var isComplete = false
  /// Bytes of pages in use, as of the last look.
  public internal(set) var usedBytes: Int64 = 0
  /// Bytes of pages that are free inside the file, as of the last look.
  public internal(set) var freeBytes: Int64 = 0
  /// What could not be trimmed because it is not as it was written: the first
  /// `Limits.damagesNamedMax` of it.
  public private(set) var damages: [Damage] = []
  /// How much of that there is.
  public private(set) var damageCount = 0

  /// Begins with nothing.
  public init() {}

  /// Readings that are no longer there one by one.
  public var readings: Int64 {
    entries.reduce(0) { $0 + $1.readings }
  }

  mutating func note(_ damage: Damage) {
    damageCount += 1
    if damages.count < Limits.damagesNamedMax { damages.append(damage) }
  }

  mutating func note(
    _ series: SeriesName, _ level: BlockLevel, _ reason: Reason, readings: Int64, bytes: Int64,
    utc: ClosedRange<Int64>?
  ) {
    freedBytes += bytes
    let known = entries.firstIndex {
      $0.device == series.device && $0.channel == series.channel && $0.level == level
        && $0.reason == reason
    }
    let place = known ?? entries.count
    if known == nil {
      entries.append(
        Entry(device: series.device, channel: series.channel, level: level, reason: reason))
    }
    entries[place].readings += readings
    entries[place].blocks += 1
    entries[place].bytes += bytes
    guard let utc else { return }
    entries[place].fromUtcUs = min(entries[place].fromUtcUs ?? .max, utc.lowerBound)
    entries[place].toUtcUs = max(entries[place].toUtcUs ?? .min, utc.upperBound)
  }
}
