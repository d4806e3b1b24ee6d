/// Somebody whom alarms are told to: what is shown, and what is sent to write one.
public struct RecipientContent: Codable, Sendable, Equatable {
  /// What a person calls it; 1 to 128 bytes.
  public var name: String
  /// `webhook`, `mail` or `output`.
  public var way: String
  /// A web address, `https://host/path`, or a mail address; at most 1,024 bytes. Nil for an output.
  public var address: String?
  /// The device of an output; nil for the others.
  public var device: String?
  /// The command of that device which switches it, a signal; nil for the others.
  public var command: String?
  /// Only alarms of these rules are told; of any where nil or empty. At most 32.
  public var rules: [String]?
  /// `en` or `fr`; `en` when nil.
  public var language: String?
  /// Less is not told: `notice`, `warning` or `alarm`; `warning` when nil.
  public var severity: String?
  /// Whether it is told anything; true when nil.
  public var enabled: Bool?
  /// Whether it is also told that an alarm is over; true when nil.
  public var end: Bool?

  /// Puts it together.
  public init(name: String, way: String, address: String?) {
    self.name = name
    self.way = way
    self.address = address
  }
}

/// Somebody whom alarms are told to, as the API shows it.
public struct RecipientView: Codable, Sendable, Equatable {
  /// Its id: 16 hexadecimal digits.
  public var id: String
  /// What is written of it.
  public var recipient: RecipientContent
  /// Who wrote it last, such as `user:ada`.
  public var author: String
  /// When, by the wall clock of the node, in microseconds since 1970.
  public var atUs: Int64
  /// Whether that clock was trusted.
  public var trusted: Bool
  /// Whether two people have written it without knowing of each other; the one shown counts.
  public var conflict: Bool
  /// What waits to be told on this node.
  public var waiting: Int
  /// Attempts that failed since one did not.
  public var failures: Int
  /// Why the last one failed; nil when it did not.
  public var reason: String?
  /// Of an output: `off`, `on`, `waiting` while its board has not said that it is as it should be,
  /// or `elsewhere` where another gateway has the device. Nil for the others.
  public var state: String?

  /// Puts it together.
  public init(
    id: String, recipient: RecipientContent, author: String, atUs: Int64, trusted: Bool,
    conflict: Bool, waiting: Int = 0, failures: Int = 0, reason: String? = nil
  ) {
    self.id = id
    self.recipient = recipient
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
    self.conflict = conflict
    self.waiting = waiting
    self.failures = failures
    self.reason = reason
  }
}

/// Whom alarms are told to, by name.
public struct RecipientsList: Codable, Sendable, Equatable {
  /// The recipients.
  public var recipients: [RecipientView]
  /// Those that are kept and cannot be read: a later version wrote them.
  public var unreadable: Int

  /// Puts it together.
  public init(recipients: [RecipientView], unreadable: Int) {
    self.recipients = recipients
    self.unreadable = unreadable
  }
}

/// What a webhook is sent: that an alarm began, that it is over, or that the way works.
public struct AlarmNotice: Codable, Sendable, Equatable {
  /// `alarm.raised`, `alarm.cleared` or `alarm.test`.
  public var type: String
  /// The same whenever this is told again, as after a power cut: what came already is known by it.
  public var key: String
  /// The node that tells it.
  public var node: String
  /// The recipient's id.
  public var recipient: String
  /// The sentence that a mail has as its subject.
  public var text: String
  /// The alarm as it is now; nil in a test.
  public var alarm: AlarmView?

  /// Puts it together.
  public init(
    type: String, key: String, node: String, recipient: String, text: String, alarm: AlarmView?
  ) {
    self.type = type
    self.key = key
    self.node = node
    self.recipient = recipient
    self.text = text
    self.alarm = alarm
  }
}
