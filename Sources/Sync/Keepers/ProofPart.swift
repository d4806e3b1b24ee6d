internal import Model

/// A span of a log that somebody is to prove to have: the commits of one compacted range of its
/// origin (docs/sync-format.md, section 9).
public struct ProofPart: Hashable, Sendable {
  /// Which log.
  public let log: LogId
  /// Which of its records, at most `Limits.rangeCommitsMax`.
  public let seqs: ClosedRange<UInt64>

  /// Names a span.
  public init(_ log: LogId, _ seqs: ClosedRange<UInt64>) {
    self.log = log
    self.seqs = seqs
  }
}

extension FieldWriter {
  mutating func proofParts(_ parts: [ProofPart]) {
    precondition((1...Limits.proofPartsMax).contains(parts.count), "\(parts.count) spans")
    varint(parts.count)
    for part in parts {
      run(part.log.run)
      u8(part.log.lane.rawValue)
      varint(part.seqs.lowerBound)
      varint(part.seqs.upperBound)
    }
  }
}

extension FieldReader {
  mutating func proofParts() throws(DecodeError) -> [ProofPart] {
    let start = offset
    let count = try count(max: Limits.proofPartsMax)
    guard count > 0 else { throw DecodeError(.count, at: start) }
    var parts: [ProofPart] = []
    for _ in 0..<count {
      let run = try run()
      let at = offset
      guard let lane = Lane(rawValue: try u8()) else { throw DecodeError(.range, at: at) }
      let (first, last) = (try seq(lane), try seq(lane))
      guard first <= last, last - first < UInt64(Limits.rangeCommitsMax) else {
        throw DecodeError(.range, at: at)
      }
      parts.append(ProofPart(LogId(run, lane), first...last))
    }
    return parts
  }
}
