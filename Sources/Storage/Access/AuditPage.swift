public import Sync

/// An entry of the journal that somebody caused, for the audit.
public struct AuditRecord: Hashable, Sendable {
  /// Its row, for as long as this database lives.
  public var id: Int64
  /// What it says.
  public var entry: JournalEntry
  /// The write that it replaced, where it is one of a register and the first of these is here.
  public var before: RegisterWrite?
}

/// Some of the audit, newest first.
public struct AuditPage: Hashable, Sendable {
  /// What people and programs did.
  public var records: [AuditRecord] = []
  /// Where to go on; nil at the end.
  public var next: AuditCursor?
}

/// A place in the audit: an incarnation, and how far each of its two lanes was told.
public struct AuditCursor: Hashable, Sendable, CustomStringConvertible {
  /// The local number of the incarnation.
  var incarnation: Int64
  /// Rows of the control lane, and of the state lane, below these seqs are next.
  var control: Int64, state: Int64

  init(incarnation: Int64, control: Int64 = .max, state: Int64 = .max) {
    self.incarnation = incarnation
    self.control = control
    self.state = state
  }

  /// Reads the form that `description` writes.
  public init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int64($0) }
    guard parts.count == 3, numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }),
      numbers[0] < Limits.incarnationsMax
    else { return nil }
    self.init(incarnation: numbers[0], control: numbers[1], state: numbers[2])
  }

  /// Three numbers.
  public var description: String { "\(incarnation)-\(control)-\(state)" }
}
