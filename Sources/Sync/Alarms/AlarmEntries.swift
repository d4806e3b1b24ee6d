public import Model

/// What a channel said when an episode began or ended, in the channel's unit.
public struct AlarmValue: Hashable, Sendable {
  /// What it said.
  public var value: Value
  /// The unit, as a channel has it.
  public var unit: String

  /// Puts it together.
  public init(_ value: Value, unit: String) {
    self.value = value
    self.unit = unit
  }
}

/// Kind 24: an episode of an alarm begins.
public struct AlarmRaised: Hashable, Sendable {
  /// The episode's name.
  public var episode: FactId
  /// The rule's name.
  public var rule: AlarmKey
  /// The rule as it was then, in the bytes of its register, which may be of a later version;
  /// 1 to `Limits.alarmRuleBytesMax`.
  public var ruleBytes: [UInt8]
  /// When what began it did, in µs of CLOCK_BOOTTIME of the entry's boot.
  public var sinceUs: Int64
  /// What was said; nil where nothing was.
  public var value: AlarmValue?

  /// Puts it together.
  public init(
    episode: FactId, rule: AlarmKey, ruleBytes: [UInt8], sinceUs: Int64, value: AlarmValue?
  ) {
    self.episode = episode
    self.rule = rule
    self.ruleBytes = ruleBytes
    self.sinceUs = sinceUs
    self.value = value
  }
}

/// Kind 25: it is over.
public struct AlarmCleared: Hashable, Sendable {
  /// Why. Raw values are on disk: never renumber.
  public enum Reason: UInt8, Sendable, CaseIterable {
    /// What the rule names is over.
    case normal = 1
    /// The rule says something else now, or is off.
    case ruleChanged = 2
    /// There is no such rule any more.
    case ruleRemoved = 3
  }

  /// Which.
  public var episode: FactId
  /// Why.
  public var reason: Reason
  /// What was said; nil where nothing was.
  public var value: AlarmValue?

  /// Puts it together.
  public init(episode: FactId, reason: Reason, value: AlarmValue?) {
    self.episode = episode
    self.reason = reason
    self.value = value
  }
}

/// Kind 26: a person has seen it; the stamp names the person.
public struct AlarmAcknowledged: Hashable, Sendable {
  /// Which.
  public var episode: FactId
  /// What the person says of it; at most `Limits.reasonBytesMax` bytes of UTF-8.
  public var comment: String

  /// Puts it together.
  public init(episode: FactId, comment: String) {
    self.episode = episode
    self.comment = comment
  }
}

/// Kind 27: somebody was told, or could not be.
public struct AlarmDelivered: Hashable, Sendable {
  /// What was told. Raw values are on disk: never renumber.
  public enum Moment: UInt8, Sendable, CaseIterable {
    /// That it began.
    case raised = 1
    /// That it is over.
    case cleared = 2
    /// That the way works; the episode is none.
    case test = 3
  }

  /// What became of it. Raw values are on disk: never renumber.
  public enum Outcome: UInt8, Sendable, CaseIterable {
    /// The recipient's side took it.
    case delivered = 1
    /// It was given up.
    case givenUp = 2
  }

  /// Of which.
  public var episode: FactId
  /// Whom.
  public var recipient: AlarmKey
  /// What.
  public var moment: Moment
  /// With what success.
  public var outcome: Outcome
  /// Why not, as an ASCII code; at most 255 bytes.
  public var reason: String

  /// Puts it together.
  public init(
    episode: FactId, recipient: AlarmKey, moment: Moment, outcome: Outcome, reason: String
  ) {
    self.episode = episode
    self.recipient = recipient
    self.moment = moment
    self.outcome = outcome
    self.reason = reason
  }
}
