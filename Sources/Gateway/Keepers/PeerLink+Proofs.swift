internal import Model
internal import Storage
internal import Sync

/// Asking a keeper to prove what its vector says (docs/sync-format.md, section 9).
extension PeerLink {
  /// Asks for one proof, where one is due; whether it did. Between two of them the channel turns to
  /// what is to be exchanged.
  func prove(
    _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) -> Bool {
    guard asking.machine.channel == .telemetry, let held = asking.machine.known else {
      return false
    }
    let parts: [ProofPart]?
    do throws(DatabaseError) {
      parts = try await node.keepers.next(of: session.peer, held: held)
    } catch {
      throw PeerFailure(code: "storage", retrySeconds: 30)
    }
    guard let parts else { return false }
    let nonce = SyncDoor.random(RangeProof.nonceByteCount)
    let hashes = try await hashes(of: parts, nonce, &asking, session)
    do throws(DatabaseError) {
      try await node.keepers.judge(session.peer, parts, nonce: nonce, hashes)
    } catch {
      throw PeerFailure(code: "storage", retrySeconds: 30)
    }
    return true
  }

  private func hashes(
    of parts: [ProofPart], _ nonce: [UInt8], _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) -> [[UInt8]?] {
    var cut = PeerFailure(code: "cut")
    var actions = asking.handle(.prove(nonce: nonce, parts))
    while let action = actions.first {
      switch action {
      case .send(let bytes):
        let (came, why) = try await post(bytes, &asking, session)
        if let why { cut = why }
        actions = asking.handle(.came(came))
      case .proven(let hashes): return hashes
      case .over: throw PeerFailure(code: "seal")
      case .cut, .pause, .rest, .serve, .store: throw cut
      }
    }
    throw cut
  }
}
