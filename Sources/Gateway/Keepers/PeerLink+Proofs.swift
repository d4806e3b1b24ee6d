internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Proofs of what a vector says, in either direction: a keeper that is called is asked for them,
/// one that calls offers them (docs/sync-format.md, section 9).
extension PeerLink {
  /// Asks for one proof, where one is due; whether it did. Between two of them the channel turns to
  /// what is to be exchanged.
  func prove(
    _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) -> Bool {
    guard asking.machine.channel == .telemetry, let held = asking.machine.known else {
      return false
    }
    let keepers = node.keepers
    let parts = try await stored { () async throws(DatabaseError) in
      try await keepers.next(of: session.peer, held: held)
    }
    guard let parts else { return false }
    let nonce = SyncDoor.random(RangeProof.nonceByteCount)
    guard
      case .proven(let hashes) = try await ask(
        .prove(nonce: nonce, parts), &asking, session)
    else { return false }
    try await stored { () async throws(DatabaseError) in
      try await keepers.judge(session.peer, parts, nonce: nonce, hashes)
    }
    return true
  }

  /// Offers to prove what this node has as a keeper of the other side, where that is due; whether
  /// it answered a question. Between two of them the channel turns to what is to be exchanged.
  func offer(
    _ offers: inout ProofOffers, _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) -> Bool {
    guard asking.machine.channel == .telemetry, session.hasOffers,
      node.keepers.isKeeper(node.key.id), offers.isDue(nowUs: Clock.bootUs())
    else { return false }
    guard case .question(let question?) = try await ask(.offer, &asking, session) else {
      offers.noteNothing(nowUs: Clock.bootUs())
      return false
    }
    let keepers = node.keepers
    let hashes = try await stored { () async throws(DatabaseError) in
      try await keepers.prove(question.parts, nonce: question.nonce, to: session.peer)
    }
    guard
      case .taken(let isMore) = try await ask(
        .give(nonce: question.nonce, hashes), &asking, session)
    else { return false }
    offers.noteAnswered(isMore: isMore, nowUs: Clock.bootUs())
    return true
  }

  private func stored<Result>(
    _ body: () async throws(DatabaseError) -> Result
  ) async throws(PeerFailure) -> Result {
    do throws(DatabaseError) { return try await body() } catch {
      throw PeerFailure(code: "storage", retrySeconds: 30)
    }
  }

  /// One question beside the exchange, and what came back.
  private func ask(
    _ event: AskingChannel.Event, _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) -> AskingChannel.Action {
    var cut = PeerFailure(code: "cut")
    var actions = asking.handle(event)
    while let action = actions.first {
      switch action {
      case .send(let bytes):
        let (came, why) = try await post(bytes, &asking, session)
        if let why { cut = why }
        actions = asking.handle(.came(came))
      case .proven, .question, .taken: return action
      case .over: throw PeerFailure(code: "seal")
      case .cut, .pause, .rest, .serve, .store: throw cut
      }
    }
    throw cut
  }
}
