/// The answering side of an exchange on one channel: it knows the other's vector as that was told,
/// and which of its own the other may know (docs/sync-format.md, section 9).
///
/// Pure: a shell serves and stores batches and gives it this node's vector at each request.
public struct ExchangeResponder: Sendable {
  /// What a request comes to.
  public enum Action: Hashable, Sendable {
    /// This is the answer.
    case answer(ExchangeAnswer)
    /// Serve these, in their order, of so many bytes, after the answer `pulled`.
    case serve([LogPart], bytesMax: Int)
    /// Store the batch that follows, then call `pushed`.
    case store
    /// Answer when the digest of this node's vector is another, or so much later.
    case wait(seconds: UInt16)
    /// Hash these, keyed with the nonce, and answer `proven`.
    case prove(nonce: [UInt8], [ProofPart])
    /// Answer `question` with what the asker is to prove, where it is a keeper.
    case offered
    /// Look whether these prove what was asked, and answer `taken`.
    case judge(nonce: [UInt8], [[UInt8]?])
  }

  /// Which of the two vectors.
  public let channel: ExchangeChannel
  /// The other's vector, as it was told last.
  public private(set) var theirs: HaveVector?
  /// Vectors of this node that the other side may know, newest last.
  private var told: [(digest: [UInt8], vector: HaveVector)] = []

  /// Knows nothing of the other side yet.
  public init(_ channel: ExchangeChannel) { self.channel = channel }

  /// Answers a request; `mine` is this node's vector as it is on disk now.
  public mutating func handle(_ request: ExchangeRequest, mine: HaveVector) -> Action {
    switch request {
    case .compare(let theirDigest, let known): return compare(theirDigest, known, mine)
    case .tell(let message):
      guard let vector = message.applied(to: theirs) else { return .answer(.told(false)) }
      theirs = vector
      return .answer(.told(true))
    case .pull(let bytesMax, let parts):
      let ours = parts.filter { channel.lanes.contains($0.log.lane) }
      guard ours.count == parts.count else {
        return .answer(.refused(code: "channel", retrySeconds: 0))
      }
      return .serve(parts, bytesMax: bytesMax)
    case .push: return .store
    case .wait(_, let known, let seconds):
      return known == mine.digest ? .wait(seconds: seconds) : .answer(.waited(true))
    case .prove(let nonce, let parts):
      guard parts.allSatisfy({ channel.lanes.contains($0.log.lane) }) else {
        return .answer(.refused(code: "channel", retrySeconds: 0))
      }
      return .prove(nonce: nonce, parts)
    case .offer where channel == .telemetry: return .offered
    case .proof(let nonce, let hashes) where channel == .telemetry:
      return .judge(nonce: nonce, hashes)
    case .leave: return .answer(.left)
    // The channel of the wake-up, which has no vector, measures clocks; proofs are of telemetry.
    case .clock, .offer, .proof: return .answer(.refused(code: "channel", retrySeconds: 0))
    }
  }

  /// The answer to a push whose records are on disk.
  public mutating func pushed(
    mine: HaveVector, dropped: UInt64, refused: UInt64
  ) -> ExchangeAnswer {
    // Over what it was told last; where that answer was cut it asks for the whole.
    .pushed(message(since: told.last?.digest, mine), dropped: dropped, refused: refused)
  }

  private mutating func compare(
    _ theirDigest: [UInt8], _ known: [UInt8]?, _ mine: HaveVector
  ) -> Action {
    let isTheirsKnown = theirs?.digest == theirDigest
    if isTheirsKnown, known == mine.digest {
      remember(mine)
      return .answer(.same)
    }
    return .answer(.differs(message(since: known, mine), since: theirs?.digest))
  }

  /// This node's vector for somebody who knows the one of a digest.
  private mutating func message(since known: [UInt8]?, _ mine: HaveVector) -> VectorMessage {
    let base = told.last { $0.digest == known || SeededBug.deltaOnStaleBase.isOn }?.vector
    remember(mine)
    return base.map { .delta(VectorDelta(from: $0, to: mine)) } ?? .whole(mine)
  }

  private mutating func remember(_ mine: HaveVector) {
    let digest = mine.digest
    told.removeAll { $0.digest == digest }
    told.append((digest, mine))
    if told.count > Limits.exchangeVectorsKept { told.removeFirst() }
  }
}
