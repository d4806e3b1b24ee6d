public import Model

/// The life of one command, as far as the records tell.
public struct CommandLife: Hashable, Sendable {
  /// The order itself.
  public var issued: CommandIssued
  /// When and by whom it was given.
  public var issuedStamp: Stamp
  /// The boot of the node in which it was given: its life counts only there.
  public var clockEpoch: ClockEpoch
  /// Under which numbers it was written to the device.
  public var claimed: CommandClaimed?
  /// How it ended.
  public var outcome: CommandOutcome?
  /// When the outcome was written.
  public var outcomeStamp: Stamp?

  /// Whether it has not ended.
  public var isOpen: Bool { outcome == nil }
}

/// The fold of every command's records, in the order of the executing node's log.
///
/// An outcome stands, except that *unknown* gives way to what the board itself said later. Open
/// commands are all kept; of the finished ones the newest `Limits.finishedCommandsMax`.
public struct CommandFold: Hashable, Sendable {
  private var lives: [CommandId: CommandLife] = [:]
  /// Ids in the order of issue.
  private var order: [CommandId] = []
  private var finished = 0

  /// Begins with no command.
  public init() {}

  /// Takes one entry; entries of other kinds, and those of a command never issued, change nothing.
  public mutating func apply(_ entry: JournalEntry, clockEpoch: ClockEpoch) {
    switch entry.content {
    case .commandIssued(let issued):
      guard lives[issued.id] == nil else { return }
      lives[issued.id] = CommandLife(
        issued: issued, issuedStamp: entry.stamp, clockEpoch: clockEpoch)
      order.append(issued.id)
    case .commandClaimed(let claim):
      guard lives[claim.id]?.isOpen == true else { return }
      lives[claim.id]?.claimed = claim
    case .commandOutcome(let outcome): finish(outcome, stamp: entry.stamp)
    default: return
    }
  }

  private mutating func finish(_ outcome: CommandOutcome, stamp: Stamp) {
    guard var life = lives[outcome.id] else { return }
    if let before = life.outcome {
      guard before.state == .unknown, outcome.state != .unknown else { return }
    } else {
      finished += 1
    }
    life.outcome = outcome
    life.outcomeStamp = stamp
    lives[outcome.id] = life
    guard finished > Limits.finishedCommandsMax,
      let oldest = order.firstIndex(where: { lives[$0]?.isOpen == false })
    else { return }
    lives[order.remove(at: oldest)] = nil
    finished -= 1
  }

  /// One command.
  public func life(_ id: CommandId) -> CommandLife? { lives[id] }

  /// Every command known, oldest first.
  public var all: [CommandLife] { order.compactMap { lives[$0] } }

  /// Commands that have not ended, oldest first.
  public var open: [CommandLife] { all.filter(\.isOpen) }

  /// Commands that were written to a device and have not ended: found at opening, they become
  /// *unknown*.
  public var claimedOpen: [CommandLife] { all.filter { $0.isOpen && $0.claimed != nil } }
}
