/// Something that was set in two places at once, and that nobody has decided since.
public struct ConflictView: Codable, Sendable, Equatable {
  /// Its name, as long as it stands.
  public var id: String
  /// Every value that nothing has replaced; the first one holds meanwhile.
  public var values: [ConflictValueView]

  /// Puts a conflict together.
  public init(id: String, values: [ConflictValueView]) {
    self.id = id
    self.values = values
  }
}

/// One of the values of a conflict.
public struct ConflictValueView: Codable, Sendable, Equatable {
  /// The record that wrote it, to choose it by.
  public var record: String
  /// What it says, as the audit does: a stable code such as `device.name`.
  public var what: String
  /// The values that its sentence needs.
  public var parameters: [String: String]
  /// What a rule of alarms says; nil for other settings.
  public var rule: AlarmRuleContent?
  /// How long readings are kept; nil for other settings.
  public var keeps: RetentionRuleView?
  /// Whom alarms are told to, without the address, which may be a secret; nil for other settings.
  public var recipient: RecipientContent?
  /// Whether it took the setting away.
  public var removed = false
  /// Who wrote it.
  public var author: String
  /// On which node: its label, or else its id.
  public var node: String
  /// When, by the wall clock there, in microseconds since 1970.
  public var atUs: Int64
  /// Whether that clock was synchronised.
  public var trusted: Bool

  /// Puts a value together.
  public init(
    record: String, what: String, parameters: [String: String], author: String, node: String,
    atUs: Int64, trusted: Bool
  ) {
    self.record = record
    self.what = what
    self.parameters = parameters
    self.author = author
    self.node = node
    self.atUs = atUs
    self.trusted = trusted
  }
}

/// Every conflict that stands.
public struct ConflictsList: Codable, Sendable, Equatable {
  /// By name.
  public var conflicts: [ConflictView]

  /// Puts a list together.
  public init(conflicts: [ConflictView]) { self.conflicts = conflicts }
}

/// Decides a conflict.
public struct ConflictDecision: Codable, Sendable, Equatable {
  /// The record whose value is to hold.
  public var record: String

  /// Chooses a record.
  public init(record: String) { self.record = record }
}
