internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// The asking side towards one other node: greets it, exchanges on both channels until both know
/// the same, and again whenever either has more; and once more after whatever went wrong.
@Loop final class PeerLink {
  /// How long the other side may hold a question for news, in s.
  static let waitSeconds: UInt16 = 50
  /// How long a channel rests at most before both sides compare again, in µs.
  static let restUs: Int64 = 60_000_000
  /// How long telemetry gathers before it is sent, in µs.
  static let gatherUs: Int64 = 500_000

  /// Where it stands, for people.
  enum State: Equatable {
    case connecting
    case exchanging
    /// Both sides know the same.
    case even
    case unreachable(String)
  }

  let url: SyncUrl
  private let node: any MergingNode
  private let carriage: Carriage
  private let client: HTTPClient
  private let log: Log
  private var machines: [ExchangeChannel: ExchangeMachine] = [:]
  private var backoff = Backoff()
  private var task: Task<Void, Never>?
  /// Raised where a channel is to be looked at again at once.
  private let wake: [ExchangeChannel: Signal]
  /// Raised to try again at once.
  private let retry = Signal()
  private(set) var state = State.connecting
  /// Who answered last.
  private(set) var peer: NodeId?
  /// CLOCK_BOOTTIME in µs when it was heard last; nil for never.
  private(set) var heardUs: Int64?
  /// Since when it lacks something, in µs; nil while it lacks nothing.
  private(set) var behindUs: Int64?
  private(set) var sentBytes: UInt64 = 0, receivedBytes: UInt64 = 0
  private(set) var bytesPerSecond: Int64?

  init(url: SyncUrl, peer: NodeId?, node: any MergingNode, carriage: Carriage, log: Log) {
    self.url = url
    self.peer = peer
    self.node = node
    self.carriage = carriage
    self.log = log
    client = HTTPClient(.url(url.origin))
    wake = [.state: Signal(), .telemetry: Signal()]
    for channel in ExchangeChannel.allCases { machines[channel] = ExchangeMachine(channel) }
  }

  /// Begins; it goes on until `stop`.
  func start() {
    guard task == nil else { return }
    task = Task { @Loop [weak self] in
      while !Task.isCancelled {
        guard let ms = await self?.runOnce() else { return }
        guard let retry = self?.retry else { return }
        _ = await retry.wait(beyond: retry.count, forUs: ms * 1_000)
      }
    }
  }

  /// Ends it where it is: what was stored counts.
  func stop() async {
    task?.cancel()
    await task?.value
    task = nil
  }

  /// Tries, or compares, at once.
  func hurry() {
    retry.raise()
    for signal in wake.values { signal.raise() }
  }

  /// This node has more of a channel.
  func noteNews(_ channel: ExchangeChannel) { wake[channel]?.raise() }

  /// Whether there is a session.
  var isReached: Bool {
    switch state {
    case .exchanging, .even: true
    case .connecting, .unreachable: false
    }
  }

  /// What the peer has of a channel, as it said last.
  func known(_ channel: ExchangeChannel) -> HaveVector? { machines[channel]?.known }

  /// One session, until it fails; how long to wait before the next, in ms.
  private func runOnce() async -> Int64 {
    state = .connecting
    let failure: PeerFailure
    do throws(PeerFailure) {
      let session = try await greet()
      peer = session.peer
      backoff.succeeded()
      state = .exchanging
      failure = await run(session)
    } catch {
      failure = error
    }
    if state != .unreachable(failure.code), failure.code != "session" {
      log.write(.info, "peer.unreachable", ["url": "\(url)", "code": failure.code])
    }
    state = .unreachable(failure.code)
    return backoff.next(atLeastMs: Int64(failure.retrySeconds) * 1_000, random: Self.random8())
  }

  // MARK: Hello

  private func greet() async throws(PeerFailure) -> NodeSession {
    guard let site = node.siteId,
      let initiator = HelloInitiator(
        site: site, key: node.key, expected: peer, secret: SyncDoor.random(32),
        nonce: SyncDoor.random(16))
    else { throw PeerFailure(code: "no-site") }
    let message2 = try await post("hello", initiator.message1)
    let introduced = try Self.hello { () throws(HelloRefusal) in
      try initiator.introduced(by: message2)
    }
    guard node.admits(introduced.peer) else { throw PeerFailure(code: "membership") }
    let message4 = try await post("session", introduced.message3)
    return try Self.hello { () throws(HelloRefusal) in try introduced.finished(by: message4) }
  }

  private func post(_ step: String, _ body: [UInt8]) async throws(PeerFailure) -> [UInt8] {
    let (bytes, cut) = try await PeerLine.exchange(client, url.prefix + "/sync/1/" + step, body)
    if let cut { throw cut }
    return bytes
  }

  private static func hello<Result>(
    _ step: () throws(HelloRefusal) -> Result
  ) throws(PeerFailure) -> Result {
    do throws(HelloRefusal) { return try step() } catch { throw PeerFailure(code: error.rawValue) }
  }

  private static func random8() -> UInt64 {
    SyncDoor.random(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  // MARK: A session

  private func run(_ session: NodeSession) async -> PeerFailure {
    for channel in ExchangeChannel.allCases { machines[channel]?.beginSession() }
    let ended = Signal()
    var first: PeerFailure?
    func end(_ failure: PeerFailure) {
      if first == nil { first = failure }
      ended.raise()
    }
    var tasks = ExchangeChannel.allCases.map { channel in
      Task { @Loop in end(await self.exchange(session, channel)) }
    }
    tasks.append(Task { @Loop in end(await self.waitForNews(session)) })
    // Ended by the first of the three, or together with this task.
    while first == nil, !Task.isCancelled {
      _ = await ended.wait(beyond: 0, forUs: Self.restUs)
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    return first ?? PeerFailure(code: "ended")
  }

  private func line(_ session: NodeSession, _ channel: UInt8) -> PeerLine {
    PeerLine(
      path: url.prefix + "/sync/1/\(session.id)/\(channel)", seal: session.seal(channel: channel),
      client: client)
  }

  /// One channel: exchanges until both sides know the same, waits until one may not, and so on.
  private func exchange(_ session: NodeSession, _ channel: ExchangeChannel) async -> PeerFailure {
    guard let signal = wake[channel] else { return PeerFailure(code: "ended") }
    var line = line(session, channel.rawValue)
    do throws(PeerFailure) {
      while !Task.isCancelled {
        let count = signal.count
        try await settle(&line, session.peer, channel)
        if channel == .state { state = .even }
        noteBacklog()
        _ = await signal.wait(beyond: count, forUs: Self.restUs)
        guard node.admits(session.peer) else { throw PeerFailure(code: "membership") }
        if channel == .telemetry {
          // What is a second old is worth fewer round trips.
          try? await Task.sleep(for: .microseconds(Self.gatherUs))
        }
      }
    } catch {
      return error
    }
    return PeerFailure(code: "ended")
  }

  /// Asks to be told of news, and looks at both channels when there are some.
  private func waitForNews(_ session: NodeSession) async -> PeerFailure {
    var line = line(session, 2)
    do throws(PeerFailure) {
      while !Task.isCancelled {
        guard let theirs = machines[.state]?.known, state == .even else {
          try? await Task.sleep(for: .milliseconds(50))
          continue
        }
        let mine = try await vector(.state)
        let answered = try await line.ask(
          .wait(mine: mine.digest, yours: theirs.digest, seconds: Self.waitSeconds))
        heardUs = Clock.bootUs()
        guard case .waited(let isChanged) = answered.answer else {
          throw PeerFailure(code: "confused")
        }
        guard isChanged else { continue }
        state = .exchanging
        for signal in wake.values { signal.raise() }
      }
    } catch {
      return error
    }
    return PeerFailure(code: "ended")
  }

  /// Exchanges until there is nothing to do.
  private func settle(
    _ line: inout PeerLine, _ peer: NodeId, _ channel: ExchangeChannel
  ) async throws(PeerFailure) {
    var actions = machines[channel]?.handle(.wake(mine: try await vector(channel))) ?? []
    defer { _ = machines[channel]?.handle(.cut) }
    while let action = actions.first {
      switch action {
      case .rest: return
      case .pause(let seconds, let code): throw PeerFailure(code: code, retrySeconds: seconds)
      case .request(let request):
        let answered = try await ask(request, nil, &line, channel)
        actions = machines[channel]?.handle(.answered(answered.answer)) ?? []
        guard case .pulled = answered.answer else { break }
        let isWhole = await take(answered, from: peer, &line)
        actions += machines[channel]?.handle(.stored(mine: try await vector(channel))) ?? []
        // What came counts; what was cut off is asked for in the next session.
        if let cut = answered.cut { throw cut }
        guard isWhole else { throw PeerFailure(code: "seal") }
      case .push(let parts, let bytesMax):
        noteBacklog()
        let served = try await serve(parts, bytesMax)
        let answered = try await ask(.push, served, &line, channel)
        if let cut = answered.cut { throw cut }
        actions = machines[channel]?.handle(.answered(answered.answer)) ?? []
      }
    }
  }

  private func ask(
    _ request: ExchangeRequest, _ served: [UInt8]?, _ line: inout PeerLine,
    _ channel: ExchangeChannel
  ) async throws(PeerFailure) -> PeerLine.Answered {
    let answered = try await line.ask(request, with: served)
    heardUs = Clock.bootUs()
    sentBytes &+= UInt64(served?.count ?? 0)
    receivedBytes &+= UInt64(answered.batch.count)
    machines[channel]?.window.note(bytes: answered.byteCount, us: answered.us)
    if answered.byteCount >= 4_096, answered.us > 0 {
      bytesPerSecond = Int64(answered.byteCount) * 1_000_000 / answered.us
    }
    return answered
  }

  /// Stores a batch as far as it came; whether its seal says that it is all.
  private func take(
    _ answered: PeerLine.Answered, from peer: NodeId, _ line: inout PeerLine
  ) async -> Bool {
    let outcome = await carriage.receive(
      answered.batch, from: peer, rules: node.receiveRules(), into: node.store)
    await node.absorb(outcome, from: peer)
    guard outcome.failure == nil else { return false }
    return answered.cut != nil || line.isWhole(outcome.seal)
  }

  private func vector(_ channel: ExchangeChannel) async throws(PeerFailure) -> HaveVector {
    do throws(DatabaseError) {
      return try await node.vector(channel)
    } catch {
      throw PeerFailure(code: "storage", retrySeconds: 30)
    }
  }

  private func serve(_ parts: [LogPart], _ bytesMax: Int) async throws(PeerFailure) -> [UInt8] {
    do throws(DatabaseError) {
      return try await node.store.serve(
        parts.asked, bytesMax: min(bytesMax, SyncDoor.servedBytesMax), key: node.key
      ).bytes
    } catch {
      throw PeerFailure(code: "storage", retrySeconds: 30)
    }
  }

  private func noteBacklog() {
    let isEven = state == .even
    behindUs = isEven ? nil : behindUs ?? Clock.bootUs()
  }
}
