internal import Model
internal import Storage
internal import Sync

/// The answering side of a node.
extension SiteSimulation {
  /// What a node sends back; nil where it knows no such session.
  func reply(_ node: SimulatedNode, _ path: SimulatedLink.Path, _ bytes: [UInt8]) -> [UInt8]? {
    switch path {
    case .hello: return greeted(node, bytes)
    case .session: return proven(node, bytes)
    case .channel(let id, let channel): return exchanged(node, id, channel, bytes)
    }
  }

  /// What a node serves, or what a liar makes of it: entries that nobody signed.
  func lied(_ bytes: [UInt8], _ node: SimulatedNode) -> [UInt8] {
    guard node.isLiar, !isHealed else { return bytes }
    var items = BatchItems(bytes)
    var writer = BatchWriter()
    var run: RunId?
    while let item = items.next() {
      switch item {
      case .run(let next): run = next
      case .entry(let entry):
        guard let run else { continue }
        let isAltered =
          node.isStubborn ? (entry.signature.first ?? 0) % 4 == 0 : generator.chance(30)
        guard !entry.body.isEmpty, isAltered else {
          writer.add(entry, of: run)
          continue
        }
        var body = entry.body
        body[body.count - 1] ^= 1
        writer.add(
          SignedEntry(
            lane: entry.lane, seq: entry.seq, clockEpoch: entry.clockEpoch, kind: entry.kind,
            body: body, previousLink: entry.previousLink, signature: entry.signature), of: run)
      case .live(let live): if let run { writer.add(live, of: run) }
      default: continue
      }
    }
    writer.end()
    return writer.take()
  }

  /// As `DoorSession.keep`: of a push that was cut the records that came whole.
  func cutOff(_ node: SimulatedNode, _ path: SimulatedLink.Path, _ bytes: [UInt8]) {
    guard case .channel(let id, let channel) = path, let now = node.running,
      let session = now.sessions[id], now.admits(session.peer),
      let peer = nodes.first(where: { $0.key.id == session.peer }),
      var answering = session.channels[channel]
    else { return }
    let batch = answering.cut(bytes)
    node.change { $0.sessions[id]?.channels[channel] = answering }
    if let batch { _ = store(batch, in: node, from: peer) }
  }

  private func greeted(_ node: SimulatedNode, _ bytes: [UInt8]) -> [UInt8]? {
    guard let id = SessionId(generator.bytes(SessionId.byteCount)) else { return nil }
    let random = HelloResponder.Randomness(
      secret: generator.bytes(32), nonce: generator.bytes(16), session: id)
    do throws(HelloRefusal) {
      let responder = try HelloResponder(to: bytes, site: site, key: node.key, random)
      node.change { $0.greetings[id] = responder }
      return responder.message2
    } catch { return error.unsigned }
  }

  private func proven(_ node: SimulatedNode, _ bytes: [UInt8]) -> [UInt8]? {
    guard let now = node.running, let id = HelloResponder.session(in: bytes),
      let responder = now.greetings[id]
    else { return nil }
    node.change { $0.greetings[id] = nil }
    do throws(HelloRefusal) {
      let proven = try responder.proven(by: bytes)
      guard now.admits(proven.peer) else {
        note("\(node.name): does not know who asks")
        return proven.refused(.membership)
      }
      let (session, message4) = proven.accepted()
      var channels: [ExchangeChannel: AnsweringChannel] = [:]
      for channel in ExchangeChannel.allCases {
        channels[channel] = AnsweringChannel(session, channel)
      }
      node.change {
        $0.sessions[id] = SimulatedNode.AnsweringSession(peer: proven.peer, channels: channels)
      }
      return message4
    } catch { return nil }
  }

  private func exchanged(
    _ node: SimulatedNode, _ id: SessionId, _ channel: ExchangeChannel, _ bytes: [UInt8]
  ) -> [UInt8]? {
    guard let now = node.running, let session = now.sessions[id], now.admits(session.peer),
      var answering = session.channels[channel],
      let peer = nodes.first(where: { $0.key.id == session.peer })
    else { return nil }
    let action = answering.handle(bytes, mine: now.vector.part(of: channel))
    defer { node.change { $0.sessions[id]?.channels[channel] = answering } }
    switch action {
    case .answer(let answer):
      noteTold(node, channel)
      if let theirs = answering.theirs { checkBelieved(theirs, of: peer, by: node) }
      return answer
    case .serve(let parts, let bytesMax):
      do throws(DatabaseError) {
        let served = try node.run { (now) throws(DatabaseError) in
          try now.store.serve(parts, bytesMax: bytesMax, key: node.key)
        }
        if served?.unreadableCount ?? 0 > 0 {
          foundUnreadable(node)
          guard node.isUp else { return nil }
        }
        return answering.served(lied(served?.bytes ?? [], node))
      } catch {
        failed(node.index, error)
        return node.isUp
          ? answering.answered(.refused(code: "disk", retrySeconds: 3)) : nil
      }
    case .store(let batch):
      guard let result = store(batch, in: node, from: peer) else {
        return node.isUp
          ? answering.answered(.refused(code: "disk", retrySeconds: 3)) : nil
      }
      guard let mine = node.running?.vector.part(of: channel) else { return nil }
      noteTold(node, channel)
      return answering.stored(mine: mine, dropped: result.dropped, refused: result.refused)
    case .prove(let nonce, let parts):
      guard let hashes = prove(parts, nonce: nonce, by: node) else { return nil }
      return answering.answered(.proven(hashes))
    case .offered:
      let answer = offered(node, id, by: peer, held: answering.theirs)
      return node.isUp ? answering.answered(answer) : nil
    case .judge(let nonce, let hashes):
      let answer = judged(node, id, by: peer, nonce: nonce, hashes)
      return node.isUp ? answering.answered(answer) : nil
    case .wait: return answering.answered(.refused(code: "unsupported", retrySeconds: 60))
    case .over:
      note("\(node.name): ends the session with \(peer.name)")
      node.change { $0.sessions[id] = nil }
      return nil
    }
  }
}
