public import Model

/// The fold of every command's records, whatever the order in which they come (DESIGN, merging).
///
/// Two parts are joined. The issuer's: queued, or taken back. The executing node's: nothing,
/// claimed, ended; only the node that the order names has a say in it, and where it says
/// anything it counts. Within a run of the executing node the first end stands, except that
/// *unknown* gives way to what the board itself said later.
///
/// Open commands are all kept; of the finished ones the newest `Limits.finishedCommandsMax`.
public struct CommandFold: Sendable {
  private struct Entry: Sendable {
    var issued: Issue?
    /// Who claimed or ended it; those who had no right to are left out when it is looked at.
    var parts: [RunId: ExecutorPart] = [:]
    /// The nodes that took it back, with the lowest record of each.
    var cancelled: [NodeId: (record: RecordId, outcome: CommandOutcome, stamp: Stamp)] = [:]
  }

  private struct Issue: Sendable {
    var record: RecordId
    var content: CommandIssued
    var stamp: Stamp
    var clockEpoch: ClockEpoch
  }

  private var entries: [CommandId: Entry] = [:]
  /// Commands that ended.
  private var finished: Set<CommandId> = []
  /// Records of commands whose order has not come.
  private var awaited = 0
  /// Records that were left out because too many such are there; the next fold from the journal
  /// finds them again.
  public private(set) var awaitedDropped = 0

  /// Begins with no command.
  public init() {}

  /// Takes one record; of other kinds nothing.
  public mutating func apply(_ entry: JournalEntry, record: RecordId, clockEpoch: ClockEpoch) {
    switch entry.content {
    case .commandIssued(let issued):
      issue(
        issued.id,
        Issue(record: record, content: issued, stamp: entry.stamp, clockEpoch: clockEpoch))
      settle(issued.id)
    case .commandClaimed(let claim):
      change(claim.id) {
        $0.parts[record.run, default: ExecutorPart()].take(claim, seq: record.seq)
      }
    case .commandOutcome(let outcome) where outcome.state == .cancelled:
      change(outcome.id) {
        if let known = $0.cancelled[record.origin], !record.precedes(known.record) { return }
        $0.cancelled[record.origin] = (record, outcome, entry.stamp)
      }
    case .commandOutcome(let outcome):
      change(outcome.id) {
        $0.parts[record.run, default: ExecutorPart()].take(
          outcome, stamp: entry.stamp, seq: record.seq)
      }
    default: return
    }
  }

  /// Of two orders under one id the one of the lower record counts, everywhere.
  private mutating func issue(_ id: CommandId, _ issue: Issue) {
    if entries[id] != nil, entries[id]?.issued == nil { awaited -= 1 }
    if let known = entries[id]?.issued, !issue.record.precedes(known.record) { return }
    entries[id, default: Entry()].issued = issue
  }

  private mutating func change(_ id: CommandId, _ body: (inout Entry) -> Void) {
    if entries[id] == nil {
      guard awaited < Limits.commandsAwaitedMax else {
        awaitedDropped += 1
        return
      }
      awaited += 1
    }
    body(&entries[id, default: Entry()])
    settle(id)
  }

  /// Notes whether a command ended, and forgets the oldest finished ones where there are too many.
  /// Some more than can be seen are kept, so that this comes seldom.
  private mutating func settle(_ id: CommandId) {
    guard let life = life(id) else { return }
    if life.isOpen {
      finished.remove(id)
    } else {
      finished.insert(id)
    }
    guard finished.count > Limits.finishedCommandsMax * 5 / 4 else { return }
    for old in finishedLives.dropLast(Limits.finishedCommandsMax) {
      finished.remove(old.issued.id)
      entries[old.issued.id] = nil
    }
  }

  /// Those that ended, oldest first.
  private var finishedLives: [CommandLife] {
    finished.compactMap { life($0) }.sorted { $0.isOlder(than: $1) }
  }

  /// One command; nil while its order has not come.
  public func life(_ id: CommandId) -> CommandLife? {
    guard let entry = entries[id], let issued = entry.issued else { return nil }
    var life = CommandLife(
      record: issued.record, issued: issued.content, issuedStamp: issued.stamp,
      clockEpoch: issued.clockEpoch)
    let parts = entry.parts.filter {
      $0.key.origin == issued.content.node || SeededBug.outcomeByRank.isOn
    }
    let knowing = parts.max { left, right in
      (left.value.knowledge, right.key.incarnation.number)
        < (right.value.knowledge, left.key.incarnation.number)
    }
    if let knowing {
      life.claimed = knowing.value.claimed
      life.outcome = knowing.value.end?.outcome
      life.outcomeStamp = knowing.value.end?.stamp
    } else if let cancelled = entry.cancelled[issued.record.origin] {
      life.outcome = cancelled.outcome
      life.outcomeStamp = cancelled.stamp
    }
    return life
  }

  /// Every command known, oldest first.
  public var all: [CommandLife] {
    (finishedLives.suffix(Limits.finishedCommandsMax) + open).sorted { $0.isOlder(than: $1) }
  }

  /// Commands that have not ended, oldest first.
  public var open: [CommandLife] {
    entries.keys.compactMap { finished.contains($0) ? nil : life($0) }
      .sorted { $0.isOlder(than: $1) }
  }

  /// Commands that were written to a device and have not ended: found at opening, they become
  /// *unknown*.
  public var claimedOpen: [CommandLife] { open.filter { $0.claimed != nil } }
}

extension CommandFold: Hashable {
  /// What can be seen of it counts, not what waits for its order.
  public static func == (left: CommandFold, right: CommandFold) -> Bool { left.all == right.all }

  /// The same.
  public func hash(into hasher: inout Hasher) { hasher.combine(all) }
}
