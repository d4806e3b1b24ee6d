public import Model

/// The life of one command, as far as the records tell.
public struct CommandLife: Hashable, Sendable {
  /// The record that gave the order: its origin is the issuer's node.
  public var record: RecordId
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

  /// Older first: by the time of the order, then by its record.
  func isOlder(than other: CommandLife) -> Bool {
    if issuedStamp.wallUs != other.issuedStamp.wallUs {
      return issuedStamp.wallUs < other.issuedStamp.wallUs
    }
    return record.precedes(other.record)
  }
}

/// What one run of the executing node wrote of a command, whatever the order in which it came.
struct ExecutorPart: Hashable, Sendable {
  private struct Numbered<Content: Hashable & Sendable>: Hashable, Sendable {
    var seq: UInt64
    var content: Content
  }

  private struct Ended: Hashable, Sendable {
    var outcome: CommandOutcome
    var stamp: Stamp
  }

  /// The last claim: a board that never received the one before was offered it anew.
  private var claim: Numbered<CommandClaimed>?
  /// The first word that it was written to the device: a claim, or that nobody knows.
  private var touchedSeq: UInt64?
  /// The first *unknown*, and the first end that is none. An end stands.
  private var unknown: Numbered<Ended>?, ended: Numbered<Ended>?

  /// Takes a claim.
  mutating func take(_ claimed: CommandClaimed, seq: UInt64) {
    touch(seq)
    if seq > claim?.seq ?? 0 { claim = Numbered(seq: seq, content: claimed) }
  }

  /// Takes an outcome.
  mutating func take(_ outcome: CommandOutcome, stamp: Stamp, seq: UInt64) {
    let end = Numbered(seq: seq, content: Ended(outcome: outcome, stamp: stamp))
    if outcome.state == .unknown {
      touch(seq)
      if seq < unknown?.seq ?? .max { unknown = end }
    } else if SeededBug.outcomeByArrival.isOn ? ended == nil : seq < ended?.seq ?? .max {
      ended = end
    }
  }

  private mutating func touch(_ seq: UInt64) { touchedSeq = min(touchedSeq ?? .max, seq) }

  /// The claim.
  var claimed: CommandClaimed? { claim?.content }

  /// How it ended, as this run has it.
  var end: (outcome: CommandOutcome, stamp: Stamp)? {
    (ended ?? unknown).map { ($0.content.outcome, $0.content.stamp) }
  }

  /// How much this run knows of the device's end of it: the most knowing run counts.
  ///
  /// Runs of one node contradict each other only where a card was copied or restored: then a run
  /// that never wrote the command to the device, and so calls it expired, knows less than one
  /// that did and cannot say what became of it.
  var knowledge: Int {
    if SeededBug.outcomeByRank.isOn, let ended { return Int(ended.content.outcome.state.rawValue) }
    guard let ended else { return unknown == nil ? (touchedSeq == nil ? 0 : 2) : 3 }
    switch ended.content.outcome.state {
    case .acked, .failed: return 5
    // The board's own word, or that of a run which knows that the board never received it.
    case .refused, .cancelled, .unknown: return touchedSeq ?? .max < ended.seq ? 4 : 1
    }
  }
}
