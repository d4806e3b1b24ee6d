internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// One session of another node that asks: its seals, and what it was told on each channel.
@Loop final class DoorSession {
  /// How long news of telemetry gather before whoever waits is woken by them, in µs.
  static let gatherUs: Int64 = 500_000

  private let session: NodeSession
  private let beganUs: Int64
  private(set) var usedUs: Int64
  private var seals: [UInt8: SessionSeal] = [:]
  private var responders: [ExchangeChannel: ExchangeResponder] = [:]
  private var busy: Set<UInt8> = []
  /// How much news there had been of each channel when its vector was last told.
  private var told: [ExchangeChannel: UInt64] = [:]
  /// Bytes of batches that came and went.
  private(set) var receivedBytes: UInt64 = 0, sentBytes: UInt64 = 0

  init(_ session: NodeSession, nowUs: Int64) {
    self.session = session
    beganUs = nowUs
    usedUs = nowUs
    for channel in 0...2 as ClosedRange<UInt8> { seals[channel] = session.seal(channel: channel) }
    for channel in ExchangeChannel.allCases { responders[channel] = ExchangeResponder(channel) }
  }

  /// Who asks.
  var peer: NodeId { session.peer }

  /// What it has of a channel, as it said last; nil before it did.
  func known(_ channel: ExchangeChannel) -> HaveVector? { responders[channel]?.theirs }

  func isOver(nowMs: Int64) -> Bool {
    NodeSession.isOver(beganMs: beganUs / 1_000, usedMs: usedUs / 1_000, nowMs: nowMs)
  }

  /// The answer to a sealed request, sealed, with the batch that goes along.
  func answer(
    _ bytes: [UInt8], _ channel: UInt8, _ node: any MergingNode, _ carriage: Carriage
  ) async throws(DoorFailure) -> [UInt8] {
    guard busy.insert(channel).inserted else { throw .busy }
    defer { busy.remove(channel) }
    usedUs = Clock.bootUs()
    let (request, batch) = try open(bytes, channel)
    do throws(DatabaseError) {
      let (answer, served) = try await perform(request, batch, channel, node, carriage)
      usedUs = Clock.bootUs()
      return sealed(answer, served, channel)
    } catch {
      // Why is this node's own affair, and in its status.
      return sealed(.refused(code: "storage", retrySeconds: 30), nil, channel)
    }
  }

  private func open(
    _ bytes: [UInt8], _ channel: UInt8
  ) throws(DoorFailure) -> (ExchangeRequest, [UInt8]) {
    guard let opened = openRequest(bytes, channel) else { throw .over }
    do throws(DecodeError) {
      return (
        try ExchangeRequest(decoding: opened.body), Array(bytes.dropFirst(opened.byteCount))
      )
    } catch {
      throw .over
    }
  }

  private func openRequest(_ bytes: [UInt8], _ channel: UInt8) -> SessionSeal.Opened? {
    do throws(SealFailure) {
      return try seals[channel]?.openRequest(bytes)
    } catch {
      return nil
    }
  }

  private func sealed(
    _ answer: ExchangeAnswer, _ served: ServedBatch?, _ channel: UInt8
  ) -> [UInt8] {
    guard var bytes = seals[channel]?.sealAnswer(answer.encoded()) else { return [] }
    guard let served, let seal = seals[channel] else { return bytes }
    sentBytes &+= UInt64(served.bytes.count)
    bytes += served.bytes
    bytes += BatchWriter.sealFrame(seal.sealBatch(hash: Blake2b.hash256(served.bytes)))
    return bytes
  }

  private func perform(
    _ request: ExchangeRequest, _ batch: [UInt8], _ channel: UInt8, _ node: any MergingNode,
    _ carriage: Carriage
  ) async throws(DatabaseError) -> (ExchangeAnswer, ServedBatch?) {
    // What wakes speaks of the first channel's vector.
    let about = ExchangeChannel(rawValue: channel) ?? .state
    if case .wait(_, let known, let seconds) = request {
      return (.waited(await news(of: node, known, Int64(seconds))), nil)
    }
    let count = node.newsCount(about)
    let mine = try await node.vector(about)
    told[about] = count
    switch responders[about]?.handle(request, mine: mine) {
    case .answer(let answer): return (answer, nil)
    case .serve(let parts, let bytesMax):
      let served = try await node.store.serve(
        parts.asked, bytesMax: min(bytesMax, SyncDoor.servedBytesMax), key: node.key)
      return (.pulled, served)
    case .store: return (try await store(batch, about, node, carriage), nil)
    case .wait, .prove, nil: return (.refused(code: "unsupported", retrySeconds: 0), nil)
    }
  }

  /// Waits until this node has more than the other was told of; whether it has.
  private func news(
    of node: any MergingNode, _ known: [UInt8], _ seconds: Int64
  ) async -> Bool {
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

  private func store(
    _ batch: [UInt8], _ about: ExchangeChannel, _ node: any MergingNode, _ carriage: Carriage
  ) async throws(DatabaseError) -> ExchangeAnswer {
    receivedBytes &+= UInt64(batch.count)
    let outcome = await carriage.receive(
      batch, from: peer, rules: node.receiveRules(), into: node.store)
    await node.absorb(outcome, from: peer)
    if let failure = outcome.failure { throw failure }
    let count = node.newsCount(about)
    let mine = try await node.vector(about)
    told[about] = count
    let answer = responders[about]?.pushed(
      mine: mine, dropped: UInt64(outcome.droppedCount), refused: UInt64(outcome.refusedCount))
    return answer ?? .refused(code: "unsupported", retrySeconds: 0)
  }
}
