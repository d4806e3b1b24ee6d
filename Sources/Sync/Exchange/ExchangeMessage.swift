public import Model

/// One of the two vectors that two nodes compare: each has its own connection, and control and
/// state are never behind telemetry (docs/sync-format.md, section 9).
public enum ExchangeChannel: UInt8, Hashable, Sendable, CaseIterable {
  /// Lanes 0, 1 and 4.
  case state = 0
  /// Lanes 2 and 3.
  case telemetry = 1

  /// The lanes of which it carries records, those that go first in front.
  public var lanes: [Lane] {
    switch self {
    case .state: [.control, .state, .blobs]
    case .telemetry: [.telemetry, .rollups]
    }
  }
}

/// A vector, whole or as what changed since one that the other side knows.
public enum VectorMessage: Hashable, Sendable {
  /// What changed.
  case delta(VectorDelta)
  /// All of it.
  case whole(HaveVector)

  /// The vector it says, over the one that is known; nil where it is laid over another, or does not
  /// give what its maker had: then the whole is to be asked for.
  public func applied(to known: HaveVector?) -> HaveVector? {
    switch self {
    case .whole(let vector): return vector
    case .delta(let delta):
      guard let known else { return nil }
      if SeededBug.deltaOnStaleBase.isOn { return delta.laid(over: known) }
      do throws(VectorDelta.Failure) { return try delta.applied(to: known) } catch { return nil }
    }
  }
}

/// What is asked of a log, or said of it.
public struct LogPart: Hashable, Sendable {
  /// Which log.
  public var log: LogId
  /// Which of its records.
  public var seqs: Intervals
  /// Of lanes 2 and 3: ranges of which whoever wants them has the first blocks.
  public var begun: [BegunRange]

  /// Names a part of a log.
  public init(_ log: LogId, _ seqs: Intervals, begun: [BegunRange] = []) {
    self.log = log
    self.seqs = seqs
    self.begun = begun
  }
}

/// What an initiator asks (docs/sync-format.md, section 9).
public enum ExchangeRequest: Hashable, Sendable {
  /// Whether anything changed: the digest of the asker's vector, and that of the other's as the
  /// asker knows it (nil where it knows none).
  case compare(mine: [UInt8], yours: [UInt8]?)
  /// The asker's vector.
  case tell(VectorMessage)
  /// Records, in the order in which they are wanted, of so many bytes.
  case pull(bytesMax: Int, [LogPart])
  /// A batch follows.
  case push
  /// To be answered when something of lanes 0, 1 or 4 changed, or so much later.
  case wait(mine: [UInt8], yours: [UInt8], seconds: UInt16)
  /// Proof that these are here, keyed with a number that was not known before.
  case prove(nonce: [UInt8], [ProofPart])
  /// The session is over.
  case leave
  /// What the other's running clock says: the asker's own reading, and what the other said in the
  /// answer before, 0 for the first.
  case clock(ClockReading, echo: Int64)
  /// Whether the other side, whose keeper the asker is, wants something proven. From version 2 on.
  case offer
  /// What it wanted proven in the answer to `offer`: the number of that question, and a hash over
  /// each of its spans, nil for one that is not here as it was written.
  case proof(nonce: [UInt8], [[UInt8]?])
}

extension ExchangeRequest {
  /// Whether it is one of those by which a keeper offers proofs to whom it calls.
  var isOffer: Bool {
    switch self {
    case .offer, .proof: true
    default: false
    }
  }
}

/// What a responder answers.
public enum ExchangeAnswer: Hashable, Sendable {
  /// Both vectors are as the asker says, and known here by their digests.
  case same
  /// The responder's vector, and what it wants of the asker's: what changed since a digest, or all.
  case differs(VectorMessage, since: [UInt8]?)
  /// Whether a vector was understood; where not, the whole is wanted.
  case told(Bool)
  /// A batch follows.
  case pulled
  /// What came is on disk: what changed of the responder's vector, how many records had no
  /// identity, and how many were refused.
  case pushed(VectorMessage, dropped: UInt64, refused: UInt64)
  /// Whether something changed.
  case waited(Bool)
  /// A hash over each span that was asked for; nil for one that is not here as it was written.
  case proven([[UInt8]?])
  /// Good-bye.
  case left
  /// The responder's running clock.
  case clock(ClockReading)
  /// What the asker is to prove; nil for nothing now.
  case question(ProofQuestion?)
  /// A proof was looked at: whether there is more to be asked, of which nobody is told how it was.
  case taken(isMore: Bool)
  /// Not now, or not at all: an ASCII code, and when it may be asked again.
  case refused(code: String, retrySeconds: UInt32)
}

extension VectorDelta {
  /// What the delta gives over any vector, right or not: the seeded bug.
  func laid(over known: HaveVector) -> HaveVector {
    var next = known
    for (log, state) in logs { next[log] = state }
    return next
  }
}
