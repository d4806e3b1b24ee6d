/// Something that somebody changed.
public struct AuditEntryView: Codable, Sendable, Equatable {
  /// Its place in the journal, for as long as this database lives.
  public var id: String
  /// Who: `user:ada`, `token:Grafana`, `local:1000`.
  public var author: String
  /// When, by the wall clock then, in microseconds since 1970.
  public var atUs: Int64
  /// Whether that clock was synchronised.
  public var trusted: Bool
  /// What was done, as a stable code such as `user.added`.
  public var what: String
  /// The values that its sentence needs.
  public var parameters: [String: String]
  /// True where it wrote a setting, whose value can be given back by this id; nil else.
  public var restorable: Bool?
  /// Of what can be given back, what a rule of alarms said; nil else.
  public var rule: AlarmRuleContent?
  /// Of what can be given back, how long readings were kept; nil else.
  public var keeps: RetentionRuleView?
  /// Of what can be given back, whom alarms were told to, without the address; nil else.
  public var recipient: RecipientContent?
  /// True where what can be given back is that there was nothing; nil else.
  public var removed: Bool?

  /// Puts an entry together.
  public init(
    id: String, author: String, atUs: Int64, trusted: Bool, what: String,
    parameters: [String: String]
  ) {
    self.id = id
    self.author = author
    self.atUs = atUs
    self.trusted = trusted
    self.what = what
    self.parameters = parameters
  }
}

/// A page of what was changed.
public struct AuditList: Codable, Sendable, Equatable {
  /// Newest first; a page may hold few, or none, and not be the last.
  public var entries: [AuditEntryView]
  /// What to pass as cursor for more; nil at the end.
  public var next: String?

  /// Puts a page together.
  public init(entries: [AuditEntryView], next: String?) {
    self.entries = entries
    self.next = next
  }
}
