internal import Model
internal import Storage
internal import Sync

/// What keepers prove: asked by whoever calls them, or offered to whom they call.
extension SiteSimulation {
  /// Between two offers of a session, in µs.
  static let offerPauseUs: Int64 = 15_000_000

  /// Once the telemetry of a link rests, whoever asks has the other prove what it has of it, or
  /// offers to do so itself.
  func askProof(_ index: Int) {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    guard plan.hasRetention, asker.isUp,
      case .exchanging(_, let channels) = links[index].phase,
      let held = channels[.telemetry]?.machine.known, channels[.telemetry]?.isBusy == false
    else { return }
    if other.isKeeper, let asked = wanted(of: other, by: asker, held: held) {
      let nonce = generator.bytes(RangeProof.nonceByteCount)
      links[index].proof = (nonce, asked)
      return handle(index, .telemetry, .prove(nonce: nonce, asked.map(\.part)))
    }
    guard asker.isKeeper, links[index].offers.isDue(nowUs: nowUs) else { return }
    handle(index, .telemetry, .offer)
  }

  /// What a node wants a keeper to prove now that says to have `held`; nil for nothing.
  private func wanted(
    of keeper: SimulatedNode, by owner: SimulatedNode, held: HaveVector
  ) -> [KeptRange]? {
    let bootUs = owner.bootUs(nowUs)
    let words = (0..<KeeperWatch.wordCount).map { _ in generator.next() }
    do throws(DatabaseError) {
      let asked = try owner.run { (now) throws(DatabaseError) -> [KeptRange] in
        var watch = now.watches[keeper.key.id] ?? KeeperWatch()
        guard watch.isDue(nowUs: bootUs) else { return [] }
        let ledger = try now.store.ledger(of: keeper.key.id, held: held)
        try now.store.forgetKept(ledger.lost, by: keeper.key.id)
        try now.store.noteKept(ledger.unnoted, by: keeper.key.id, .acknowledged)
        let requests = watch.requests(
          fresh: ledger.fresh.map(\.part), proven: ledger.proven.map(\.part), words: words,
          nowUs: bootUs)
        now.watches[keeper.key.id] = watch
        let parts = Set(requests.first ?? [])
        return (ledger.fresh + ledger.proven).filter { parts.contains($0.part) }
      }
      return asked?.isEmpty == false ? asked : nil
    } catch {
      failed(owner.index, error)
      return nil
    }
  }

  /// What a keeper gave that was asked is compared with what is here.
  func proven(_ index: Int, _ hashes: [[UInt8]?]) {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    guard let (nonce, asked) = links[index].proof else { return }
    links[index].proof = nil
    guard hashes.count == asked.count else { return }
    judge(asked, nonce, hashes, of: other, by: asker)
  }

  /// Compares, and keeps what came of it. The witness compares for itself.
  private func judge(
    _ asked: [KeptRange], _ nonce: [UInt8], _ hashes: [[UInt8]?], of keeper: SimulatedNode,
    by owner: SimulatedNode
  ) {
    let wallUs = owner.isTrusted ? owner.wallUs(nowUs) : 0
    do throws(DatabaseError) {
      let judged = try owner.run { (now) throws(DatabaseError) -> ([KeptRange], [KeptRange]) in
        let mine = try now.store.proof(of: asked.map(\.part), nonce: nonce).hashes
        let proven = asked.indices.filter { place in
          mine[place].map { KeeperWatch.outcome(of: hashes[place], own: $0) } == .proven
        }
        try now.store.noteKept(
          proven.map { asked[$0] }, by: keeper.key.id, .proven, at: wallUs)
        let isTrue = asked.indices.filter { mine[$0] != nil && mine[$0] == hashes[$0] }
        return (proven.map { asked[$0] }, isTrue.map { asked[$0] })
      }
      for range in judged?.1 ?? [] { witness.prove(range.part, atUs: nowUs) }
      note("\(keeper.name) proves \(judged?.0.count ?? 0) of \(asked.count) to \(owner.name)")
    } catch { failed(owner.index, error) }
  }

  /// What a keeper answers; what it owes from now on it notes.
  func prove(
    _ parts: [ProofPart], nonce: [UInt8], by node: SimulatedNode
  ) -> [[UInt8]?]? {
    let wallUs = node.isTrusted ? node.wallUs(nowUs) : 0
    do throws(DatabaseError) {
      let hashes = try node.run { (now) throws(DatabaseError) in
        let (hashes, ranges) = try now.store.proof(of: parts, nonce: nonce)
        try now.store.noteKept(ranges, by: node.key.id, .proven, at: wallUs)
        return hashes
      }
      guard node.isFalseKeeper else { return hashes }
      return hashes?.map { hash in
        generator.chance(40) ? generator.bytes(RangeProof.byteCount) : hash
      }
    } catch {
      failed(node.index, error)
      return nil
    }
  }

  // MARK: Offers

  /// What a keeper that calls gives to a question; nil where it was asked nothing.
  func answer(_ question: ProofQuestion?, _ index: Int) -> AskingChannel.Event? {
    guard let question else {
      links[index].offers.noteNothing(nowUs: nowUs)
      return nil
    }
    let keeper = nodes[links[index].asker]
    return prove(question.parts, nonce: question.nonce, by: keeper).map {
      .give(nonce: question.nonce, $0)
    }
  }

  /// What was given was looked at.
  func taken(_ index: Int, isMore: Bool) {
    links[index].offers.noteAnswered(isMore: isMore, nowUs: nowUs)
    if isMore { later(100_000, .proof(index)) }
  }

  /// As `DoorSession.question`: what a node wants of a keeper that calls it.
  func offered(
    _ node: SimulatedNode, _ id: SessionId, by peer: SimulatedNode, held: HaveVector?
  ) -> ExchangeAnswer {
    guard peer.isKeeper else {
      return .refused(code: "no-keeper", retrySeconds: 600)
    }
    guard plan.hasRetention, let held, let asked = wanted(of: peer, by: node, held: held) else {
      return .question(nil)
    }
    let question = ProofQuestion(
      nonce: generator.bytes(RangeProof.nonceByteCount), asked.map(\.part))
    let bootUs = node.bootUs(nowUs)
    node.change {
      _ = $0.sessions[id]?.open.ask(question, nowUs: bootUs)
      $0.sessions[id]?.asked = asked
    }
    return .question(question)
  }

  /// As `DoorSession.judge`: whether what a keeper gave that calls is what it was asked for.
  func judged(
    _ node: SimulatedNode, _ id: SessionId, by peer: SimulatedNode, nonce: [UInt8],
    _ hashes: [[UInt8]?]
  ) -> ExchangeAnswer {
    guard peer.isKeeper, let session = node.running?.sessions[id] else {
      return .refused(code: "no-keeper", retrySeconds: 600)
    }
    var open = session.open
    let bootUs = node.bootUs(nowUs)
    defer { node.change { $0.sessions[id]?.open = open } }
    do throws(OpenQuestion.Refusal) {
      let question = try open.take(nonce: nonce, count: hashes.count, nowUs: bootUs)
      judge(session.asked, question.nonce, hashes, of: peer, by: node)
      return .taken(isMore: node.running?.watches[peer.key.id]?.wouldLook(nowUs: bootUs) ?? false)
    } catch {
      note("\(node.name) does not take a proof of \(peer.name): \(error)")
      return .refused(code: error.rawValue, retrySeconds: 0)
    }
  }
}
