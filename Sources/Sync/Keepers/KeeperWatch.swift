/// What is asked of one keeper, and when: every range once before it counts as proven, and some
/// of those that do again each day, so that a keeper that lost something later is noticed.
///
/// Pure: the choice is made by random words that the caller gives, so that nobody can know it
/// before. Times are µs of the running clock.
public struct KeeperWatch: Sendable {
  /// What became of a span.
  public enum Outcome: Hashable, Sendable {
    /// The keeper has what is here.
    case proven
    /// It says that it has it not, or not as it was written.
    case notHere
    /// It has something else.
    case differs
  }

  /// Ranges that are asked for again in a day. In the seven days of the usual `keep_after_ack` a
  /// keeper that lost 1 % of what it has is noticed with a probability of 1 - 0.99^448, 98.9 %.
  public static let againPerDay = 64
  /// Ranges that are asked for in one look.
  public static let freshPerLook = 64
  /// So many random words are needed for one look.
  public static let wordCount = freshPerLook + againPerDay
  /// Between two looks while nothing is due.
  static let lookUs: Int64 = 30_000_000
  /// What was not proven is asked for again so much later.
  static let failedUs: Int64 = 600_000_000
  private static let dayUs: Int64 = 86_400_000_000
  /// What failed and is remembered; beyond, all is asked for again.
  private static let failedMax = 4_096

  private var lookAtUs: Int64 = 0
  private var againAtUs: Int64 = 0
  /// What failed, and when it may be asked for again.
  private var failed: [ProofPart: Int64] = [:]

  /// Begins with everything due.
  public init() {}

  /// Spans that the keeper did not prove when it was asked last.
  public var failedCount: Int { failed.count }

  /// Whether another look would be worth it now.
  public func wouldLook(nowUs: Int64) -> Bool { nowUs >= lookAtUs }

  /// What an answer is worth, nil for a span that the keeper has not; `own` is the hash over what
  /// is here under the same number.
  public static func outcome(of theirs: [UInt8]?, own: [UInt8]) -> Outcome {
    guard let theirs else { return .notHere }
    if SeededBug.proofNotCompared.isOn { return .proven }
    return theirs == own ? .proven : .differs
  }

  /// Whether it is time to look what there is to be proven; then the next look is due later.
  public mutating func isDue(nowUs: Int64) -> Bool {
    guard nowUs >= lookAtUs else { return false }
    lookAtUs = nowUs + Self.lookUs
    return true
  }

  /// What to ask for now, request by request; `fresh` is what is not proven yet, `proven` what is.
  public mutating func requests(
    fresh: [ProofPart], proven: [ProofPart], words: [UInt64], nowUs: Int64
  ) -> [[ProofPart]] {
    precondition(words.count >= Self.wordCount, "\(words.count) random words")
    if !failed.isEmpty {
      // What the keeper no longer says to have is not asked for.
      let known = Set(fresh + proven)
      failed = failed.filter { known.contains($0.key) }
    }
    let open = fresh.filter { failed[$0].map { nowUs >= $0 } ?? true }
    var parts = Self.choose(open, Self.freshPerLook, words)
    // What is left of them is due at once.
    if open.count > parts.count { lookAtUs = nowUs }
    if nowUs >= againAtUs, !proven.isEmpty {
      againAtUs = nowUs + Self.dayUs
      parts += Self.choose(
        proven, Self.againPerDay, Array(words[Self.freshPerLook...]))
    }
    return stride(from: 0, to: parts.count, by: Limits.proofPartsMax).map {
      Array(parts[$0..<min(parts.count, $0 + Limits.proofPartsMax)])
    }
  }

  /// Notes what came of one.
  public mutating func note(_ part: ProofPart, _ outcome: Outcome, nowUs: Int64) {
    guard outcome != .proven else {
      failed[part] = nil
      return
    }
    if failed.count >= Self.failedMax { failed.removeAll() }
    failed[part] = nowUs + Self.failedUs
  }

  /// So many of some, each at most once, every choice as likely as any other.
  static func choose(_ parts: [ProofPart], _ count: Int, _ words: [UInt64]) -> [ProofPart] {
    var left = parts
    let count = min(count, parts.count)
    for place in 0..<count {
      left.swapAt(place, place + Int(words[place] % UInt64(left.count - place)))
    }
    return Array(left.prefix(count))
  }
}
