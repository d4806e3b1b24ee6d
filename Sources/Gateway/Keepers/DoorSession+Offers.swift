internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Proofs that a keeper offers which calls this node (docs/sync-format.md, section 9).
extension DoorSession {
  /// What a caller is told that is no keeper here: its rights may come later.
  static let noKeeperCode = "no-keeper"
  private static let noKeeperSeconds: UInt32 = 600

  /// What the caller is to prove.
  func question(_ node: any MergingNode) async throws(DatabaseError) -> ExchangeAnswer {
    guard node.keepers.isKeeper(peer) else { return refused(Self.noKeeperCode, node) }
    guard let held = known(.telemetry),
      let parts = try await node.keepers.next(of: peer, held: held)
    else { return .question(nil) }
    let question = ProofQuestion(nonce: SyncDoor.random(RangeProof.nonceByteCount), parts)
    if open.ask(question, nowUs: Clock.bootUs()) { node.keepers.noteRefused(peer, "unanswered") }
    return .question(question)
  }

  /// Looks at what the caller gave: an answer to what it was asked, or nothing.
  func judge(
    nonce: [UInt8], _ hashes: [[UInt8]?], _ node: any MergingNode
  ) async throws(DatabaseError) -> ExchangeAnswer {
    guard node.keepers.isKeeper(peer) else { return refused(Self.noKeeperCode, node) }
    let question: ProofQuestion
    do throws(OpenQuestion.Refusal) {
      question = try open.take(nonce: nonce, count: hashes.count, nowUs: Clock.bootUs())
    } catch {
      return refused(error.rawValue, node)
    }
    try await node.keepers.judge(peer, question.parts, nonce: question.nonce, hashes)
    return .taken(isMore: node.keepers.hasMore(for: peer))
  }

  /// Whoever gives what nobody asked for may believe to have proven it.
  private func refused(_ code: String, _ node: any MergingNode) -> ExchangeAnswer {
    node.keepers.noteRefused(peer, code)
    return .refused(
      code: code, retrySeconds: code == Self.noKeeperCode ? Self.noKeeperSeconds : 0)
  }
}
