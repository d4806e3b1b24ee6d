internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// One session of another node that asks: its seals, and what it was told on each channel.
@Loop final class DoorSession {
  /// How long news of telemetry gather before whoever waits is woken by them, in µs.
  static let gatherUs: Int64 = 500_000
  /// The channel on which the other waits for news.
  static let newsChannel: UInt8 = 2

  private let session: NodeSession
  private let readAhead: ReadAhead
  private let beganUs: Int64
  private(set) var usedUs: Int64
  private var channels: [ExchangeChannel: AnsweringChannel] = [:]
  /// Of the question that waits, which has a channel of its own.
  private var news: SessionSeal
  private var meter = PeerClockMeter()
  /// What the other side is to prove, whose calls are the only way to ask it.
  var open = OpenQuestion()
  private var busy: Set<UInt8> = []
  /// How much news there had been of each channel when its vector was last told.
  private var told: [ExchangeChannel: UInt64] = [:]
  /// Bytes of batches that came and went.
  private(set) var receivedBytes: UInt64 = 0, sentBytes: UInt64 = 0

  init(_ session: NodeSession, readAhead: ReadAhead, nowUs: Int64) {
    self.session = session
    self.readAhead = readAhead
    beganUs = nowUs
    usedUs = nowUs
    news = session.seal(channel: Self.newsChannel)
    for channel in ExchangeChannel.allCases {
      channels[channel] = AnsweringChannel(session, channel)
    }
  }

  /// Who asks.
  var peer: NodeId { session.peer }

  /// What it has of a channel, as it said last; nil before it did.
  func known(_ channel: ExchangeChannel) -> HaveVector? { channels[channel]?.theirs }

  func isOver(nowMs: Int64) -> Bool {
    NodeSession.isOver(beganMs: beganUs / 1_000, usedMs: usedUs / 1_000, nowMs: nowMs)
  }

  /// The answer to a sealed request, sealed, with the batch that goes along.
  func answer(
    _ bytes: [UInt8], _ channel: UInt8, _ node: any MergingNode, _ carriage: Carriage
  ) async throws(DoorFailure) -> [UInt8] {
    guard busy.insert(channel).inserted else { throw .busy }
    defer {
      busy.remove(channel)
      usedUs = Clock.bootUs()
    }
    usedUs = Clock.bootUs()
    let answer: [UInt8]?
    if let about = ExchangeChannel(rawValue: channel) {
      answer = await answerExchange(bytes, about, node, carriage)
    } else {
      answer = await answerNews(bytes, node)
    }
    guard let answer else { throw .over }
    return answer
  }

  /// Nil where the session is over: what came was not the other side's.
  private func answerExchange(
    _ bytes: [UInt8], _ about: ExchangeChannel, _ node: any MergingNode, _ carriage: Carriage
  ) async -> [UInt8]? {
    var action = AnsweringChannel.Action.over
    do throws(DatabaseError) {
      let mine = try await vector(about, node)
      action = channels[about]?.handle(bytes, mine: mine) ?? .over
      return try await perform(action, about, node, carriage)
    } catch {
      // Why is this node's own affair, and in its status. A request that was not opened yet has no
      // answer: the other side asks again in another session.
      if case .over = action { return nil }
      return channels[about]?.answered(.refused(code: "disk", retrySeconds: 30))
    }
  }

  private func perform(
    _ action: AnsweringChannel.Action, _ about: ExchangeChannel, _ node: any MergingNode,
    _ carriage: Carriage
  ) async throws(DatabaseError) -> [UInt8]? {
    switch action {
    case .answer(let bytes): return bytes
    case .serve(let parts, let bytesMax):
      let served = try await serve(parts, min(bytesMax, SyncDoor.servedBytesMax), node)
      sentBytes &+= UInt64(served.bytes.count)
      return channels[about]?.served(served.bytes)
    case .store(let batch):
      receivedBytes &+= UInt64(batch.count)
      let outcome = await carriage.receive(
        batch, from: peer, rules: node.receiveRules(), into: node.store)
      await node.absorb(outcome, from: peer)
      if let failure = outcome.failure { throw failure }
      let mine = try await vector(about, node)
      return channels[about]?.stored(
        mine: mine, dropped: UInt64(outcome.droppedCount), refused: UInt64(outcome.refusedCount))
    case .prove(let nonce, let parts):
      let hashes = try await node.keepers.prove(parts, nonce: nonce, to: peer)
      return channels[about]?.answered(.proven(hashes))
    case .offered:
      let answer = try await question(node)
      return channels[about]?.answered(answer)
    case .judge(let nonce, let hashes):
      let answer = try await judge(nonce: nonce, hashes, node)
      return channels[about]?.answered(answer)
    case .wait:
      return channels[about]?.answered(.refused(code: "unsupported", retrySeconds: 0))
    case .over: return nil
    }
  }

  private func serve(
    _ parts: [LogPart], _ bytesMax: Int, _ node: any MergingNode
  ) async throws(DatabaseError) -> ServedBatch {
    let ahead = await readAhead.take(session.id, parts, bytesMax: bytesMax)
    let served: ServedBatch
    if let ahead {
      served = ahead
    } else {
      served = try await node.store.serve(parts, bytesMax: bytesMax, key: node.key)
    }
    let (store, key) = (node.store, node.key)
    readAhead.begin(session.id, served.rest, bytesMax: bytesMax) { () throws(DatabaseError) in
      try await store.serve(served.rest, bytesMax: bytesMax, key: key)
    }
    return served
  }

  /// Stores what came whole of a push that was cut. The session is of no more use on this channel:
  /// whoever asks has lost its connection, and begins another.
  func keep(
    _ bytes: [UInt8], _ channel: UInt8, _ node: any MergingNode, _ carriage: Carriage
  ) async {
    guard let about = ExchangeChannel(rawValue: channel), busy.insert(channel).inserted else {
      return
    }
    defer { busy.remove(channel) }
    guard let batch = channels[about]?.cut(bytes) else { return }
    receivedBytes &+= UInt64(batch.count)
    // Where it cannot be stored it comes again.
    let outcome = await carriage.receive(
      batch, from: peer, rules: node.receiveRules(), into: node.store)
    await node.absorb(outcome, from: peer)
  }

  /// This node's vector, and from when on there is more than it tells.
  private func vector(
    _ about: ExchangeChannel, _ node: any MergingNode
  ) async throws(DatabaseError) -> HaveVector {
    let count = node.newsCount(about)
    let mine = session.told(try await node.vector(about))
    told[about] = count
    return mine
  }

  // MARK: News

  private func answerNews(_ bytes: [UInt8], _ node: any MergingNode) async -> [UInt8]? {
    let opened: SessionSeal.Opened
    do throws(SealFailure) { opened = try news.openRequest(bytes) } catch { return nil }
    do throws(DecodeError) {
      switch try ExchangeRequest(decoding: opened.body) {
      case .wait(_, _, let seconds):
        let isChanged = await hasNews(node, Int64(seconds))
        return news.sealAnswer(ExchangeAnswer.waited(isChanged).encoded())
      case .clock(let theirs, let echo):
        let mine = node.clockReading()
        if let clock = meter.take(theirs, echo: echo, nowUs: mine.bootUs) {
          node.note(clock, of: peer)
        }
        return news.sealAnswer(ExchangeAnswer.clock(mine).encoded())
      default: return nil
      }
    } catch {
      return nil
    }
  }

  /// Waits until this node has more than the other was told of; whether it has.
  private func hasNews(_ node: any MergingNode, _ seconds: Int64) async -> Bool {
    let untilUs = Clock.bootUs() + seconds * 1_000_000
    while !Task.isCancelled {
      let count = node.news.count
      if node.newsCount(.state) != told[.state] ?? 0 { return true }
      if node.newsCount(.telemetry) != told[.telemetry] ?? 0 {
        // More of it is to come within the second; what is state goes at once.
        let state = node.newsCount(.state)
        let gatheredUs = Clock.bootUs() + Self.gatherUs
        while node.newsCount(.state) == state, Clock.bootUs() < gatheredUs, !Task.isCancelled {
          _ = await node.news.wait(
            beyond: node.news.count, forUs: gatheredUs - Clock.bootUs())
        }
        return true
      }
      let leftUs = untilUs - Clock.bootUs()
      guard leftUs > 0 else { return false }
      _ = await node.news.wait(beyond: count, forUs: leftUs)
    }
    return false
  }
}
