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
    case .succession:
      take(successions: bytes, by: node)
      return node.isUp ? ownSuccessions(node) : nil
    }
  }

  /// What a node serves: of the version before no frame that this did not know, and what a liar
  /// makes of it.
  func given(_ bytes: [UInt8], _ node: SimulatedNode) -> [UInt8] {
    lied(node.running?.isOld == true ? bytes.ofVersion1 : bytes, node)
  }

  /// What a liar makes of what it serves: entries that nobody signed, and what was said of another
  /// range.
  private func lied(_ bytes: [UInt8], _ node: SimulatedNode) -> [UInt8] {
    guard node.isLiar, !isHealed else { return bytes }
    var items = BatchItems(bytes)
    var writer = BatchWriter()
    var run: RunId?
    var description: SignedDescription?
    while let item = items.next() {
      switch item {
      case .run(let next): (run, description) = (next, nil)
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
      // In the place of what a range's blocks are, what those of the one before are.
      case .description(let next):
        let isAltered =
          node.isStubborn ? (next.signature.first ?? 0) % 4 == 0 : generator.chance(30)
        if let run { writer.add(isAltered ? description ?? next : next, of: run) }
        description = next
      case .continuation(let first, let header):
        if let run { writer.addContinuation(first: first, header: header, of: run) }
      default: writer.add(item, of: run)
      }
    }
    writer.end()
    return writer.take()
  }

  /// As `DoorSession.keep`: of a push that was cut the records that came whole.
  func cutOff(_ node: SimulatedNode, _ path: SimulatedLink.Path, _ bytes: [UInt8]) {
    guard case .channel(let id, let channel) = path, let now = node.running,
      let session = now.sessions[id], now.admits(session.peer),
      let peer = nodes.first(where: { $0.owns(session.peer) }),
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
      let responder = try HelloResponder(
        to: bytes, site: site, key: node.key, newest: node.helloVersion, random)
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
        $0.sessions[id] = SimulatedNode.AnsweringSession(session: session, channels: channels)
      }
      return message4
    } catch { return nil }
  }

  private func exchanged(
    _ node: SimulatedNode, _ id: SessionId, _ channel: ExchangeChannel, _ bytes: [UInt8]
  ) -> [UInt8]? {
    guard let now = node.running, let session = now.sessions[id], now.admits(session.peer),
      var answering = session.channels[channel],
      let peer = nodes.first(where: { $0.owns(session.peer) })
    else { return nil }
    let action = answering.handle(
      bytes, mine: session.session.told(now.vector.part(of: channel)))
    defer { node.change { $0.sessions[id]?.channels[channel] = answering } }
    switch action {
    case .answer(let answer):
      noteTold(node, channel, in: session.session)
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
        return answering.served(given(served?.bytes ?? [], node))
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
      noteTold(node, channel, in: session.session)
      return answering.stored(
        mine: session.session.told(mine), dropped: result.dropped, refused: result.refused)
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
