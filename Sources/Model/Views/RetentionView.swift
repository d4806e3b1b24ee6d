/// How long readings are kept, in the words of the configuration: `90d`, `forever`, `100MB`.
public struct RetentionRuleView: Codable, Sendable, Equatable {
  /// The age at which readings become sums of minutes; in a setting nil: as the default says.
  public var raw: String?
  /// The age at which those go too.
  public var minutes: String?
  /// What both may take of the disk.
  public var quota: String?

  /// Puts a rule together.
  public init(raw: String? = nil, minutes: String? = nil, quota: String? = nil) {
    self.raw = raw
    self.minutes = minutes
    self.quota = quota
  }
}

/// What a person said of a device or a channel.
public struct RetentionSettingView: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// The channel's key; nil for every channel that nothing else is said of.
  public var channel: String?
  /// What was said; what is missing follows the default.
  public var said: RetentionRuleView
  /// What holds.
  public var rule: RetentionRuleView

  /// Puts a setting together.
  public init(
    device: String, channel: String?, said: RetentionRuleView, rule: RetentionRuleView
  ) {
    self.device = device
    self.channel = channel
    self.said = said
    self.rule = rule
  }
}

/// The body of a request to set how long readings are kept. What is missing follows the default.
public struct RetentionRequest: Codable, Sendable, Equatable {
  /// The channel's key; the whole device when nil.
  public var channel: String?
  /// Ages and quota, as in the configuration.
  public var raw: String?, minutes: String?, quota: String?

  /// Puts a request together.
  public init(
    channel: String? = nil, raw: String? = nil, minutes: String? = nil, quota: String? = nil
  ) {
    self.channel = channel
    self.raw = raw
    self.minutes = minutes
    self.quota = quota
  }
}

/// The body of a person's word that what went was seen.
public struct AcknowledgeRequest: Codable, Sendable, Equatable {
  /// Which record, by its id or the beginning of it; nil for all.
  public var id: String?
  /// What the person says of it.
  public var note: String?

  /// Puts a request together.
  public init(id: String? = nil, note: String? = nil) {
    self.id = id
    self.note = note
  }
}

/// How much of a channel is stored in one form.
public struct HeldView: Codable, Sendable, Equatable {
  /// `raw`, `minutes` or `summaries`.
  public var level: String
  /// Readings, whether they are there one by one or were summed up.
  public var readings: Int64
  /// Stored bytes of them, sums of quarter hours left out.
  public var bytes: Int64
  /// The first and the last time, in microseconds since 1970 UTC; nil where nothing dates them.
  public var fromUs: Int64?, toUs: Int64?

  /// Puts it together.
  public init(level: String, readings: Int64, bytes: Int64, fromUs: Int64?, toUs: Int64?) {
    self.level = level
    self.readings = readings
    self.bytes = bytes
    self.fromUs = fromUs
    self.toUs = toUs
  }
}

/// How long one channel is kept, and what is stored of it.
public struct ChannelRetentionView: Codable, Sendable, Equatable {
  /// The channel's key.
  public var channel: String
  /// What a person said of it; nil for nothing.
  public var said: RetentionRuleView?
  /// What holds.
  public var rule: RetentionRuleView
  /// What is stored in blocks; what came in the last hours waits beside them.
  public var held: [HeldView]

  /// Puts it together.
  public init(
    channel: String, said: RetentionRuleView?, rule: RetentionRuleView, held: [HeldView]
  ) {
    self.channel = channel
    self.said = said
    self.rule = rule
    self.held = held
  }
}

/// How long the channels of a device are kept.
public struct DeviceRetentionView: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// What a person said of all of it; nil for nothing.
  public var said: RetentionRuleView?
  /// Its channels, by their keys.
  public var channels: [ChannelRetentionView]

  /// Puts it together.
  public init(device: String, said: RetentionRuleView?, channels: [ChannelRetentionView]) {
    self.device = device
    self.said = said
    self.channels = channels
  }
}

/// What went of one channel.
public struct TrimmedView: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// What is left: `minutes` or `summaries`.
  public var left: String
  /// Why: `quota` or `space`.
  public var reason: String
  /// Readings that it was.
  public var readings: Int64
  /// Stored bytes that went.
  public var bytes: Int64
  /// The first and the last time, in microseconds since 1970 UTC; nil where nothing dated them.
  public var fromUs: Int64?, toUs: Int64?
  /// Whether no keeper had said to have it, though there is one.
  public var isUnacknowledged: Bool

  /// Puts it together.
  public init(
    device: String, channel: String, left: String, reason: String, readings: Int64, bytes: Int64,
    fromUs: Int64?, toUs: Int64?, isUnacknowledged: Bool
  ) {
    self.device = device
    self.channel = channel
    self.left = left
    self.reason = reason
    self.readings = readings
    self.bytes = bytes
    self.fromUs = fromUs
    self.toUs = toUs
    self.isUnacknowledged = isUnacknowledged
  }
}

/// A record of what a quota or a full disk took.
public struct TrimmingView: Codable, Sendable, Equatable {
  /// Its id: 32 hexadecimal digits.
  public var id: String
  /// When it was written, by the wall clock of the node.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// Bytes that became free inside the database.
  public var freedBytes: Int64
  /// All readings that went or became sums of minutes.
  public var readings: Int64
  /// What went, by channel; of very many those that took the most room.
  public var went: [TrimmedView]
  /// How many more there were.
  public var more: Int64
  /// Who has seen it; nil while nobody has.
  public var seen: WithdrawalView?

  /// Puts it together.
  public init(
    id: String, atUs: Int64, trusted: Bool, freedBytes: Int64, readings: Int64,
    went: [TrimmedView], more: Int64, seen: WithdrawalView?
  ) {
    self.id = id
    self.atUs = atUs
    self.trusted = trusted
    self.freedBytes = freedBytes
    self.readings = readings
    self.went = went
    self.more = more
    self.seen = seen
  }
}

/// How long everything is kept, and what went.
public struct RetentionView: Codable, Sendable, Equatable {
  /// What holds where nobody said anything.
  public var standard: RetentionRuleView
  /// What the database may take of the disk, `8GB` or `80%`; nil for all but the reserve.
  public var databaseQuota: String?
  /// The same in bytes.
  public var databaseQuotaBytes: Int64?
  /// What is in use inside the database, what is free in it, and what is kept free in all.
  public var usedBytes: Int64?, freeBytes: Int64?, reserveBytes: Int64?
  /// Whether the clock has been trusted long enough for anything to go by its age.
  public var agesCount: Bool
  /// The nodes on whose proof readings may go by their age, as people call them; none: by this
  /// node's own word.
  public var keepers: [String] = []
  /// How long readings that have their age stay after that proof, `7d`.
  public var keepAfterAck = ""
  /// Readings that were as old as their rule says at the last look, and wait for that proof.
  public var waiting: Int64 = 0
  /// What people said, by device and channel.
  public var settings: [RetentionSettingView]
  /// What quotas and want of room took, newest first; of very many the newest.
  public var went: [TrimmingView]
  /// How many of these nobody has seen, those that are not shown included.
  public var unseen: Int

  /// Puts it together.
  public init(
    standard: RetentionRuleView, databaseQuota: String?, agesCount: Bool,
    settings: [RetentionSettingView], went: [TrimmingView], unseen: Int
  ) {
    self.standard = standard
    self.databaseQuota = databaseQuota
    self.agesCount = agesCount
    self.settings = settings
    self.went = went
    self.unseen = unseen
  }
}
