/// What one node wants another to prove, once: spans, and a number that nobody could know before.
public struct ProofQuestion: Hashable, Sendable {
  /// What the hashes are to be keyed with, `RangeProof.nonceByteCount` bytes.
  public let nonce: [UInt8]
  /// The spans, 1 to `Limits.proofPartsMax`.
  public let parts: [ProofPart]

  /// Puts a question together.
  public init(nonce: [UInt8], _ parts: [ProofPart]) {
    precondition(nonce.count == RangeProof.nonceByteCount, "a nonce of \(nonce.count) bytes")
    precondition((1...Limits.proofPartsMax).contains(parts.count), "\(parts.count) spans")
    self.nonce = nonce
    self.parts = parts
  }
}

/// The question that the called side of a session has asked its caller, until that has answered it
/// (docs/sync-format.md, section 9).
///
/// One is open at a time, it is answered once, and only for so long: what a caller says of any
/// other is no proof. Times are µs of the running clock.
public struct OpenQuestion: Sendable {
  /// Why what a caller gave is no answer. The raw value is what it is told.
  public enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
    /// It was asked nothing, or has answered already.
    case none = "no-question"
    /// It is the answer to another question, or to a part of one.
    case other = "other-question"
    /// It took too long.
    case late
  }

  /// How long an answer may take: what a caller waits at most for an answer of the called side, for
  /// the question and for the proof, and as long again to read the contents.
  public static let answerUs: Int64 = 120_000_000

  private var waiting: (question: ProofQuestion, askedUs: Int64)?

  /// Has asked nothing yet.
  public init() {}

  /// Asks; whether the question before was never answered, which then counts no more.
  public mutating func ask(_ question: ProofQuestion, nowUs: Int64) -> Bool {
    defer { waiting = (question, nowUs) }
    return waiting != nil
  }

  /// Takes an answer: what was asked for, whose hashes these are. Right or not, the question is
  /// closed by it.
  public mutating func take(
    nonce: [UInt8], count: Int, nowUs: Int64
  ) throws(Refusal) -> ProofQuestion {
    guard let (question, askedUs) = waiting else { throw .none }
    waiting = nil
    guard question.nonce == nonce, question.parts.count == count else { throw .other }
    guard nowUs - askedUs <= Self.answerUs else { throw .late }
    return question
  }
}
