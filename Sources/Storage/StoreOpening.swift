public import Model
public import Sync

/// What the disk knew when the store was opened.
public struct StoreOpening: Sendable {
  /// Where every device's numbering stands.
  public var cursors = CursorFold()
  /// Names, kinds, settings, answers.
  public var registers = RegisterFold()
  /// Commands; those claimed and open were cut off by the end of the last run: their outcome is
  /// *unknown*, and the node says so in its journal.
  public var commands = CommandFold()
  /// Commands of the whole site, whoever gave and whoever carries them out: to be shown. What this
  /// node is to do, and what it left open, is in `commands`.
  public var siteCommands = CommandFold()
  /// The newest descriptor of every device.
  public var descriptors: [DeviceIdentity: DescriptorSeen] = [:]
  /// What a quota or a full disk took away, and what of it a person has seen.
  public var trimmings = TrimmingFold()
  /// Episodes of alarms.
  public var alarms = AlarmFold()
  /// Manifests of snapshots.
  public var snapshots = SnapshotFold()
  /// Who was told to count no more.
  public var access = AccessFold()
  /// Who is signed in.
  public var sessions: [Session] = []
  /// How long the daemon has run on this database, in s, as far as it was noted.
  public var runningS: Int64 = 0
  /// The newest time of UTC that an earlier boot was anchored to, in µs; nil for none.
  public var earlierAnchorUs: Int64?
  /// Whether the present clock epoch has an anchor already.
  public var isAnchored = false
  /// Series that were ever compacted.
  public var seriesCount = 0
  /// Commits on the disk.
  public var commitCount: Int64 = 0
  /// Journal entries that could not be read: kept, shown, not applied.
  public var unappliedCount = 0
  /// What is not as it was written, the first `Limits.damagesNamedMax` of it by name.
  public private(set) var damages: [Damage] = []
  /// How much of that there is.
  public private(set) var damageCount = 0

  mutating func note(_ damage: Damage) {
    damageCount += 1
    if damages.count < Limits.damagesNamedMax { damages.append(damage) }
  }
}

/// A commit that is asked for.
public struct PendingCommit: Hashable, Sendable {
  /// Readings and cursors; nil when only the journal is written.
  public var content: CommitContent?
  /// What the clocks said.
  public var clock: ClockObservation
  /// Entries that become durable in the same transaction.
  public var journal: [JournalEntry]

  /// Puts a commit together.
  public init(content: CommitContent?, clock: ClockObservation, journal: [JournalEntry] = []) {
    self.content = content
    self.clock = clock
    self.journal = journal
  }
}

/// What a commit became; when it is handed out everything is on the disk.
public struct CommitReceipt: Hashable, Sendable {
  /// The commit's identity; nil when it held no readings and no cursors.
  public var record: RecordId?
  /// The identities of the journal entries, in their order.
  public var journal: [RecordId]
  /// Bytes of the commit's body.
  public var bodyBytes: Int
}
