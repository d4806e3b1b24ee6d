/// A rule of alarms, as the API shows it.
public struct AlarmRuleView: Codable, Sendable, Equatable {
  /// Its id: 16 hexadecimal digits.
  public var id: String
  /// What the rule says.
  public var rule: AlarmRuleContent
  /// Who wrote it last, such as `user:ada`.
  public var author: String
  /// When, by the wall clock of the node, in microseconds since 1970.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// Whether two people have written it without knowing of each other; the one shown counts.
  public var conflict: Bool

  /// Puts it together.
  public init(
    id: String, rule: AlarmRuleContent, author: String, atUs: Int64, trusted: Bool, conflict: Bool
  ) {
    self.id = id
    self.rule = rule
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
    self.conflict = conflict
  }
}

/// What a rule of alarms says: what is shown, and what is sent to write one.
public struct AlarmRuleContent: Codable, Sendable, Equatable {
  /// What a person calls it; 1 to 128 bytes.
  public var name: String
  /// The device, by id; when written also by its name.
  public var device: String
  /// The channel's key; nil for the whole device (`silent`, `gone`).
  public var channel: String?
  /// `above`, `below`, `rises`, `falls`, `silent`, `frozen` or `gone`; of what a hub raised for a
  /// node that it does not hear `unheard`, where `name` is the node and `device` empty.
  public var condition: String
  /// The limit as a decimal, `21.5`; nil where no value is compared.
  public var limit: String?
  /// How far a value must come back from the limit; none when nil.
  public var hysteresis: String?
  /// Within which time a value rises or falls; how long it is silent, frozen or gone, in ms.
  public var durationMs: Int64?
  /// How long it must hold before it is an alarm, in ms; 0 when nil.
  public var delayMs: Int64?
  /// How long it must be over before the alarm is, in ms; 0 when nil.
  public var clearDelayMs: Int64?
  /// `notice`, `warning` or `alarm`; `warning` when nil.
  public var severity: String?
  /// Whether it is judged; true when nil.
  public var enabled: Bool?
  /// Whether who acknowledges has to say something; false when nil.
  public var commentRequired: Bool?

  /// Puts it together.
  public init(name: String, device: String, channel: String? = nil, condition: String) {
    self.name = name
    self.device = device
    self.channel = channel
    self.condition = condition
  }
}

/// The rules of alarms, by name.
public struct AlarmRulesList: Codable, Sendable, Equatable {
  /// The rules.
  public var rules: [AlarmRuleView]
  /// Rules that are kept and cannot be read: a later version wrote them.
  public var unreadable: Int

  /// Puts it together.
  public init(rules: [AlarmRuleView], unreadable: Int) {
    self.rules = rules
    self.unreadable = unreadable
  }
}

/// One time that a rule was broken, as the API shows it.
public struct AlarmView: Codable, Sendable, Equatable {
  /// Its id: 32 hexadecimal digits.
  public var id: String
  /// The rule's id.
  public var rule: String
  /// What the rule said then; nil where a later version wrote it.
  public var content: AlarmRuleContent?
  /// When what began it did, in microseconds since 1970 by the wall clock of the node then.
  public var sinceUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// When that was, in microseconds of CLOCK_BOOTTIME of the node that answers; nil where it began
  /// on another node, or before this boot.
  public var sinceBootUs: Int64?
  /// The other node that judged it: its label, or else its id; nil for the node that answers.
  public var node: String?
  /// The node that is not heard: its label, or else its id; nil where a rule of a device began it.
  public var gateway: String?
  /// What was said; nil where nothing was.
  public var value: String?
  /// Its unit; empty when it has none.
  public var unit: String?
  /// Whether it goes on.
  public var open: Bool
  /// Whether its beginning is on disk.
  public var recorded: Bool
  /// When it ended, by the wall clock of the node then; nil while it goes on.
  public var clearedUs: Int64?
  /// Whether that clock was trusted.
  public var clearedTrusted: Bool?
  /// When that was, in microseconds of CLOCK_BOOTTIME, as `sinceBootUs` has it.
  public var clearedBootUs: Int64?
  /// Why it ended: `normal`, `rule-changed` or `rule-removed`.
  public var cleared: String?
  /// What was said then.
  public var clearedValue: String?
  /// Who has seen it; nil while nobody has.
  public var acknowledged: WithdrawalView?

  /// Puts together one that goes on.
  public init(id: String, rule: String, sinceUs: Int64, trusted: Bool, recorded: Bool) {
    self.id = id
    self.rule = rule
    self.sinceUs = sinceUs
    self.trusted = trusted
    self.recorded = recorded
    self.open = true
  }
}

/// Alarms, newest first.
public struct AlarmsPage: Codable, Sendable, Equatable {
  /// The alarms.
  public var alarms: [AlarmView]
  /// How many go on.
  public var open: Int
  /// How many nobody has seen.
  public var unacknowledged: Int
  /// How many go on that nobody has seen.
  public var unseen: Int
  /// What to pass as cursor for more; nil at the end.
  public var next: String?

  /// Puts a page together.
  public init(
    alarms: [AlarmView], open: Int, unacknowledged: Int, unseen: Int, next: String? = nil
  ) {
    self.alarms = alarms
    self.open = open
    self.unacknowledged = unacknowledged
    self.unseen = unseen
    self.next = next
  }
}

/// That a person has seen an alarm.
public struct AlarmAcknowledgeRequest: Codable, Sendable, Equatable {
  /// What the person says of it; at most 512 bytes.
  public var comment: String?

  /// Puts it together.
  public init(comment: String?) {
    self.comment = comment
  }
}

/// After which time a hub raises an alarm for a node of its site that it does not hear.
public struct SilenceView: Codable, Sendable, Equatable {
  /// That time in ms; 0 for never.
  public var ms: Int64
  /// Whether the node that answers is a hub and judges it.
  public var judged: Bool

  /// Puts it together.
  public init(ms: Int64, judged: Bool) {
    self.ms = ms
    self.judged = judged
  }
}

/// The body of a request to set it, for the whole site.
public struct SilenceRequest: Codable, Sendable, Equatable {
  /// The time in ms, from 1,000 to 400 days; 0 for never.
  public var ms: Int64

  /// Puts it together.
  public init(ms: Int64) { self.ms = ms }
}

/// How many alarms there are.
public struct AlarmTallyView: Codable, Sendable, Equatable {
  /// Rules that are judged on this node.
  public var rules: Int
  /// How many alarms go on.
  public var open: Int
  /// How many nobody has acknowledged, over or not.
  public var unacknowledged: Int
  /// How many go on that nobody has acknowledged.
  public var unseen: Int

  /// Puts it together.
  public init(rules: Int, open: Int, unacknowledged: Int, unseen: Int) {
    self.rules = rules
    self.open = open
    self.unacknowledged = unacknowledged
    self.unseen = unseen
  }
}
