internal import Model
internal import Storage
internal import Sync

/// The network, and what both ends make of it.
extension SiteSimulation {
  /// How long an asker waits for an answer, in µs.
  private static let answerUs: Int64 = 30_000_000

  // MARK: The asking side

  /// The asker looks whether there is something to do.
  func look(_ index: Int, _ repeats: Bool) {
    if repeats { later(generator.within(4_000_000...9_000_000), .look(index, repeats: true)) }
    let asker = nodes[links[index].asker]
    guard asker.isUp, asker.hasJoined, nowUs >= links[index].pausedUntilUs else { return }
    switch links[index].phase {
    case .idle: greet(index)
    case .greeting, .proving: break
    case .exchanging:
      for channel in ExchangeChannel.allCases { wake(index, channel) }
    }
  }

  func wake(_ index: Int, _ channel: ExchangeChannel) {
    guard case .exchanging(let session, _) = links[index].phase,
      let mine = nodes[links[index].asker].running?.vector.part(of: channel)
    else { return }
    if links[index].isIdle(channel) { links[index].wokenAtUs[channel] = nowUs }
    handle(index, channel, .wake(mine: session.told(mine)), onlyIdle: true)
  }

  private func greet(_ index: Int) {
    let asker = nodes[links[index].asker]
    guard
      let expected = asker.running?.membership.successor(of: links[index].peer),
      let initiator = HelloInitiator(
        site: site, key: asker.key, expected: expected, newest: asker.helloVersion,
        secret: generator.bytes(32), nonce: generator.bytes(16))
    else { return }
    links[index].phase = .greeting(initiator)
    post(index, .hello, initiator.message1)
  }

  /// Lets one channel of a link take an event, and does what it says.
  func handle(
    _ index: Int, _ channel: ExchangeChannel, _ event: AskingChannel.Event, onlyIdle: Bool = false
  ) {
    var events = [event]
    var mayBeBusy = !onlyIdle
    while let event = events.popLast() {
      guard case .exchanging(let session, var channels) = links[index].phase,
        var asking = channels[channel], mayBeBusy || !asking.isBusy
      else { return }
      // What follows from it belongs to it.
      mayBeBusy = true
      let actions = asking.handle(event)
      channels[channel] = asking
      links[index].phase = .exchanging(session, channels)
      for action in actions {
        if let next = perform(action, index, channel, session) { events.append(next) }
      }
    }
  }

  private func perform(
    _ action: AskingChannel.Action, _ index: Int, _ channel: ExchangeChannel,
    _ session: NodeSession
  ) -> AskingChannel.Event? {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    switch action {
    case .send(let bytes):
      noteTold(asker, channel, in: session)
      post(index, .channel(session.id, channel), bytes)
    case .serve(let parts, let bytesMax):
      checkOrder(parts, index, channel)
      do throws(DatabaseError) {
        let served = try asker.run { (now) throws(DatabaseError) in
          try now.store.serve(parts, bytesMax: bytesMax, key: asker.key)
        }
        if served?.unreadableCount ?? 0 > 0 {
          foundUnreadable(asker)
          guard asker.isUp else { return nil }
        }
        return .served(given(served?.bytes ?? [], asker))
      } catch {
        failed(asker.index, error)
        return .lost
      }
    case .store(let batch):
      // What stands before a batch is a sealed word.
      if links[index].cameCount - batch.count > 160 { violate("a cut loses what came before it") }
      let result = store(batch, in: asker, from: other)
      guard let vector = asker.running?.vector.part(of: channel) else { return nil }
      let mine = session.told(vector)
      return result == nil ? .notStored(mine: mine) : .stored(mine: mine)
    case .rest(let stalled):
      note("\(asker.name) and \(other.name): rest on \(channel.rawValue), stalled \(stalled)")
      // What was written while the last answer was on its way was not compared.
      links[index].restedAtUs[channel] = links[index].wokenAtUs[channel]
      links[index].hasStalled = stalled > 0
      if channel == .telemetry { later(100_000, .proof(index)) }
    case .pause(let seconds, let code):
      note("\(asker.name) and \(other.name): pause \(seconds) \(code)")
      links[index].pausedUntilUs = nowUs + Int64(min(seconds, 60)) * 1_000_000
    case .cut: later(1_000_000, .look(index, repeats: false))
    case .proven(let hashes): proven(index, hashes)
    case .question(let question): return answer(question, index)
    case .taken(let isMore): taken(index, isMore: isMore)
    case .over:
      note("\(asker.name) and \(other.name): session over")
      links[index].endSession()
    }
    return nil
  }

  /// Control drains first: state goes only when no control is missing that may yet be moved.
  private func checkOrder(_ parts: [LogPart], _ index: Int, _ channel: ExchangeChannel) {
    guard channel == .state, parts.contains(where: { $0.log.lane == .state }),
      case .exchanging(_, let channels) = links[index].phase, let asking = channels[channel]
    else { return }
    // What a liar gave twice as forgeries is left alone, and the rest goes on.
    let isStalled = links[index].hasStalled || plan.hasLiar
    if !isStalled, asking.machine.missing.there.keys.contains(where: { $0.lane == .control }) {
      violate("state goes before control")
    }
  }

  /// What a node tells of itself it must have for ever.
  func noteTold(_ node: SimulatedNode, _ channel: ExchangeChannel, in session: NodeSession) {
    guard let vector = node.running?.vector else { return }
    node.told.join(seenOf: session.told(vector.part(of: channel)))
  }

  /// Has a node store what came; nil where its disk would not.
  func store(
    _ batch: [UInt8], in node: SimulatedNode, from peer: SimulatedNode
  ) -> (dropped: UInt64, refused: UInt64)? {
    let came = witness.see(batch, "from \(peer.name) to \(node.name)")
    let site = site
    do throws(DatabaseError) {
      let result = try node.run { (now) throws(DatabaseError) in
        try now.receive(batch, from: peer.key.id, site)
      }
      guard let result else { return nil }
      note("\(node.name) has \(result.kept) of \(batch.count) bytes from \(peer.name)")
      if result.dropped > 0, !peer.isLiar {
        violate("\(node.name) dropped records of \(peer.name)")
      }
      checkTaken(came, node)
      for report in result.reports {
        if let one = report.conflicts.first(where: { !witness.isForged($0) }) {
          violate("conflict over \(one.short)")
        }
        if let one = report.forks.first(where: { !witness.isForged($0) }) {
          violate("fork at \(one.short)")
        }
        if let run = report.ownBeyond.first(where: { !witness.isStolen($0) }), !node.mayBeBeyond {
          violate("\(node.name) was beyond itself in \(run)")
        }
        carriedCount += report.knownCount + report.entriesKept + report.commitsKept
        doubledCount += report.knownCount
      }
      if result.kept > 0 { changedAtUs = nowUs }
      takeNews(node.index)
      return (result.dropped, result.refused)
    } catch {
      failed(node.index, error)
      return nil
    }
  }

  /// Whatever came whole and was signed by a member is there, whatever came before it.
  private func checkTaken(_ came: Set<RecordId>, _ node: SimulatedNode) {
    guard let now = node.running else { return }
    // Sums are not taken where some of their readings are here.
    let isRaw = Set(
      came.filter { now.vector.hasSeen($0.run.record(.telemetry, $0.seq)) }.map(\.run))
    let lost = came.filter {
      !now.vector.hasSeen($0) && !node.owns($0.origin) && now.membership.isKnown($0.origin)
        && !($0.lane == .rollups && isRaw.contains($0.run))
        && !isUnderWiderSums($0, now.vector)
    }
    if let one = lost.min(by: { $0.short < $1.short }) {
      violate("\(node.name) leaves out \(lost.count) of a batch, as \(one.short)")
    }
  }

  // MARK: The network

  func post(_ index: Int, _ path: SimulatedLink.Path, _ bytes: [UInt8]) {
    letters += 1
    let letter = letters
    links[index].requestCount += 1
    if isHealed {
      links[index].healedCount += 1
      if links[index].healedCount == SimulatedLink.healedMax { violate("an exchange never rests") }
    }
    links[index].pending[path] = letter
    links[index].sentAtUs[letter] = nowUs
    let asker = nodes[links[index].asker]
    links[index].clockAt[letter] = (
      ClockReading(asker.clockEpoch, bootUs: asker.bootUs(nowUs)), links[index].echoUs
    )
    carriedByteCount += bytes.count
    later(Self.answerUs, .timeout(index, letter, path))
    let link = links[index]
    note("\(nodes[link.asker].name) to \(nodes[link.other].name): \(path.text), \(bytes.count)")
    guard link.isUp, !link.losesRequests, isHealed || !generator.chance(plan.lossPercent) else {
      return
    }
    later(link.travelUs(bytes.count), .request(index, letter, path, bytes))
    if !isHealed, generator.chance(plan.twicePercent) {
      later(
        link.travelUs(bytes.count) + generator.within(0...3_000_000),
        .request(index, letter, path, bytes))
    }
  }

  /// A request is there, if its link still is.
  func arrived(_ index: Int, _ letter: UInt64, _ path: SimulatedLink.Path, _ bytes: [UInt8]) {
    let link = links[index]
    let other = nodes[link.other]
    guard link.isUp, other.isUp, other.hasJoined else { return }
    // Of a request that was cut on its way what came whole of a push is kept.
    if !isHealed, generator.chance(plan.cutPercent / 3) {
      return cutOff(other, path, Array(bytes.prefix(generator.below(bytes.count + 1))))
    }
    let answer = reply(other, path, bytes)
    if case .channel = path, answer != nil, !answeredLetters.insert(letter).inserted {
      violate("\(other.name) has answered a request again")
    }
    carriedByteCount += answer?.count ?? 0
    if answer != nil { measure(index, letter) }
    guard !link.losesAnswers, isHealed || !generator.chance(plan.lossPercent) else { return }
    var sent = answer
    if let whole = answer, !isHealed, generator.chance(plan.cutPercent) {
      sent = Array(whole.prefix(generator.below(whole.count + 1)))
    }
    later(link.travelUs(sent?.count ?? 40), .answer(index, letter, path, sent))
  }

  func timedOut(_ index: Int, _ letter: UInt64, _ path: SimulatedLink.Path) {
    links[index].sentAtUs[letter] = nil
    guard links[index].pending[path] == letter else { return }
    links[index].pending[path] = nil
    switch path {
    case .channel(_, let channel): handle(index, channel, .lost)
    case .hello, .session: links[index].endSession()
    case .succession: break
    }
  }

  /// An answer is there, or as much of it as came; nil where the other side knows no such session.
  func answered(
    _ index: Int, _ letter: UInt64, _ path: SimulatedLink.Path, _ bytes: [UInt8]?
  ) {
    let link = links[index]
    guard link.isUp, link.pending[path] == letter, nodes[link.asker].isUp else { return }
    links[index].pending[path] = nil
    let askedUs = links[index].sentAtUs.removeValue(forKey: letter) ?? nowUs
    guard let bytes else { return links[index].endSession() }
    learnClock(index, letter, askedUs)
    switch (path, link.phase) {
    case (.hello, .greeting(let initiator)): introduced(index, initiator, bytes)
    case (.session, .proving(let introduced)): begun(index, introduced, bytes)
    case (.succession, _):
      take(successions: bytes, by: nodes[link.asker])
      later(1_000, .look(index, repeats: false))
    case (.channel(let asked, let channel), .exchanging(let session, var channels))
    where asked == session.id:
      channels[channel]?.note(bytes: bytes.count, us: nowUs - askedUs)
      links[index].phase = .exchanging(session, channels)
      links[index].cameCount = bytes.count
      handle(index, channel, .came(bytes))
    default: break
    }
  }

  /// What the network does to a link next.
  func changeWeather(_ index: Int) {
    guard !isHealed else { return }
    later(
      plan.hasWindows ? plan.windowUs : generator.within(10_000_000...60_000_000), .weather(index))
    links[index].latencyUs = generator.within(5_000...600_000)
    links[index].bitsPerSecond = generator.within(plan.bitsPerSecond)
    let isBad = plan.hasWindows || plan.lossPercent > 0
    links[index].isUp = !plan.hasWindows || generator.chance(50)
    links[index].losesRequests = isBad && generator.chance(10)
    links[index].losesAnswers = isBad && generator.chance(10)
    note("link \(index): \(links[index].isUp ? "up" : "down")")
  }
}

extension [LogPart] {
  /// What is asked for, log by log.
  var asked: [LogId: Intervals] {
    reduce(into: [:]) { asked, part in
      asked[part.log] = asked[part.log]?.union(part.seqs) ?? part.seqs
    }
  }
}

extension HaveVector {
  /// Of the logs, those that a channel carries.
  func part(of channel: ExchangeChannel) -> HaveVector {
    var vector = HaveVector()
    for (log, state) in logs where channel.lanes.contains(log.lane) { vector[log] = state }
    return vector
  }
}
