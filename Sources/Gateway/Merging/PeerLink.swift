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
  let node: any MergingNode
  private let carriage: Carriage
  private let client: HTTPClient
  private let log: Log
  private var machines: [ExchangeChannel: ExchangeMachine] = [:]
  private var backoff = Backoff()
  /// Why the last session failed; said once, until both sides knew the same again.
  private var lastFailure: String?
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
  /// CLOCK_BOOTTIME in µs when both running clocks were compared last.
  private var measuredUs: Int64 = 0
  /// Since when it lacks something, in µs; nil while it lacks nothing.
  private(set) var behindUs: Int64?
  private(set) var sentBytes: UInt64 = 0, receivedBytes: UInt64 = 0
  private(set) var bytesPerSecond: Int64?

  /// A link to whoever answers there, or to one node alone; with `origins` it asks for the
  /// readings of these nodes only.
  init(
    url: SyncUrl, trust: ServerTrust, peer: NodeId?, node: any MergingNode, carriage: Carriage,
    origins: Set<NodeId>?, log: Log
  ) {
    self.url = url
    self.peer = peer
    self.node = node
    self.carriage = carriage
    self.log = log
    client = HTTPClient(.url(url.origin), trust: trust)
    wake = [.state: Signal(), .telemetry: Signal()]
    machines[.state] = ExchangeMachine(.state)
    machines[.telemetry] = ExchangeMachine(.telemetry, origins: origins)
  }

  /// Begins; it goes on until `stop`.
  func start() {
    guard task == nil else { return }
    task = Task { @Loop [weak self] in
      while !Task.isCancelled {
        guard let retry = self?.retry else { return }
        // Whoever asks while a session is failing asks for the next one.
        let asked = retry.count
        guard let ms = await self?.runOnce() else { return }
        _ = await retry.wait(beyond: asked, forUs: ms * 1_000)
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
  func noteNews(_ channel: ExchangeChannel) {
    // Also while nobody is reached: from then on something waits.
    behindUs = behindUs ?? Clock.bootUs()
    wake[channel]?.raise()
  }

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
      state = .exchanging
      failure = await run(session)
    } catch {
      failure = error
    }
    if lastFailure != failure.code, failure.code != "session" {
      lastFailure = failure.code
      log.write(.info, "peer.unreachable", ["url": "\(url)", "code": failure.code])
    }
    state = .unreachable(failure.code)
    return backoff.next(atLeastMs: Int64(failure.retrySeconds) * 1_000, random: Self.random8())
  }

  // MARK: Hello

  private func greet() async throws(PeerFailure) -> NodeSession {
    do throws(PeerFailure) {
      return try await greetOnce()
    } catch {
      // One of both may have another key, and the other not have heard of it.
      guard Self.mayBeSucceeded.contains(error.code) else { throw error }
      let said = try await post("succession", await node.ownSuccessions())
      let isNews = await node.take(successions: said)
      // What it said there may have been news to the other side instead.
      guard isNews || !node.key.former.isEmpty else { throw error }
    }
    return try await greetOnce()
  }

  /// Refusals behind which a change of keys may be.
  private static let mayBeSucceeded: Set<String> = [
    HelloRefusal.peer.rawValue, HelloRefusal.membership.rawValue,
  ]

  private func greetOnce() async throws(PeerFailure) -> NodeSession {
    guard let site = node.siteId,
      let initiator = HelloInitiator(
        site: site, key: node.key, expected: peer.map { node.successor(of: $0) },
        secret: SyncDoor.random(32), nonce: SyncDoor.random(16))
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
    let ended = Signal()
    var first: PeerFailure?
    func end(_ failure: PeerFailure) {
      if first == nil { first = failure }
      ended.raise()
    }
    var news = session.seal(channel: DoorSession.newsChannel)
    // First: a command that comes with the first records has its age from this.
    do throws(PeerFailure) { try await measureClock(session, &news) } catch { return error }
    var tasks = ExchangeChannel.allCases.map { channel in
      Task { @Loop in end(await self.exchange(session, channel)) }
    }
    tasks.append(Task { @Loop [news] in end(await self.waitForNews(session, news)) })
    // Ended by the first of the three, or together with this task.
    while first == nil, !Task.isCancelled {
      _ = await ended.wait(beyond: 0, forUs: Self.restUs)
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    return first ?? PeerFailure(code: "ended")
  }

  private func path(_ session: NodeSession, _ channel: UInt8) -> String {
    url.prefix + "/sync/1/\(session.id)/\(channel)"
  }

  /// One channel: exchanges until both sides know the same, waits until one may not, and so on.
  private func exchange(_ session: NodeSession, _ channel: ExchangeChannel) async -> PeerFailure {
    guard let signal = wake[channel], let machine = machines[channel] else {
      return PeerFailure(code: "ended")
    }
    var asking = AskingChannel(session, machine: machine)
    var offers = ProofOffers()
    do throws(PeerFailure) {
      while !Task.isCancelled {
        let count = signal.count
        try await settle(&asking, session)
        // A greeting alone is no success: who greets and then fails would be called for ever.
        backoff.succeeded()
        lastFailure = nil
        if channel == .state { state = .even }
        noteBacklog()
        if try await prove(&asking, session) { continue }
        if try await offer(&offers, &asking, session) { continue }
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
  private func waitForNews(_ session: NodeSession, _ begun: SessionSeal) async -> PeerFailure {
    var seal = begun
    do throws(PeerFailure) {
      while !Task.isCancelled {
        guard let theirs = machines[.state]?.known, state == .even else {
          try? await Task.sleep(for: .milliseconds(50))
          continue
        }
        if Clock.bootUs() - measuredUs > PeerClock.servesUs / 3 {
          try await measureClock(session, &seal)
        }
        let mine = try await vector(.state)
        let answer = try await ask(
          .wait(mine: mine.digest, yours: theirs.digest, seconds: Self.waitSeconds), session,
          &seal)
        guard case .waited(let isChanged) = answer else { throw PeerFailure(code: "confused") }
        guard isChanged else { continue }
        state = .exchanging
        for signal in wake.values { signal.raise() }
      }
    } catch {
      return error
    }
    return PeerFailure(code: "ended")
  }

  /// Has both sides know how the other's running clock goes: ages of commands rest on it.
  private func measureClock(
    _ session: NodeSession, _ seal: inout SessionSeal
  ) async throws(PeerFailure) {
    var echo: Int64 = 0
    // The second question has the other side know when the first answer had been read.
    for _ in 0..<2 {
      let mine = node.clockReading()
      let answer = try await ask(.clock(mine, echo: echo), session, &seal)
      guard case .clock(let theirs) = answer else { throw PeerFailure(code: "confused") }
      node.note(PeerClock(theirs, sinceUs: mine.bootUs), of: session.peer)
      echo = theirs.bootUs
    }
    measuredUs = Clock.bootUs()
  }

  /// One question on the channel of the wake-up.
  private func ask(
    _ request: ExchangeRequest, _ session: NodeSession, _ seal: inout SessionSeal
  ) async throws(PeerFailure) -> ExchangeAnswer {
    let (bytes, cut) = try await PeerLine.exchange(
      client, path(session, DoorSession.newsChannel), seal.sealRequest(request.encoded()),
      silenceMs: PeerLine.newsSilenceMs)
    let body: [UInt8]
    do throws(SealFailure) { body = try seal.openAnswer(bytes).body } catch {
      throw cut ?? PeerFailure(code: "seal")
    }
    heardUs = Clock.bootUs()
    do throws(DecodeError) { return try ExchangeAnswer(decoding: body, to: request) } catch {
      throw PeerFailure(code: "malformed")
    }
  }

  /// Exchanges until there is nothing to do.
  private func settle(
    _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) {
    let channel = asking.machine.channel
    var actions = asking.handle(.wake(mine: session.told(try await vector(channel))))
    var why = PeerFailure(code: "cut")
    while let action = actions.first {
      machines[channel] = asking.machine
      switch action {
      case .rest, .proven, .question, .taken: return
      case .pause(let seconds, let code): throw PeerFailure(code: code, retrySeconds: seconds)
      case .cut: throw why
      case .over: throw PeerFailure(code: "seal")
      case .send(let bytes):
        let (came, cut) = try await post(bytes, &asking, session)
        if let cut { why = cut }
        actions = asking.handle(.came(came))
      case .serve(let parts, let bytesMax):
        noteBacklog()
        let batch = try await serve(parts, bytesMax)
        sentBytes &+= UInt64(batch.count)
        actions = asking.handle(.served(batch))
      case .store(let batch):
        receivedBytes &+= UInt64(batch.count)
        let outcome = await carriage.receive(
          batch, from: session.peer, rules: node.receiveRules(), into: node.store)
        await node.absorb(outcome, from: session.peer)
        let mine = session.told(try await vector(channel))
        if outcome.failure != nil { why = PeerFailure(code: "storage", retrySeconds: 30) }
        actions = asking.handle(
          outcome.failure == nil ? .stored(mine: mine) : .notStored(mine: mine))
      }
    }
  }

  /// One request on a channel: what came back, and why it did not all come.
  func post(
    _ bytes: [UInt8], _ asking: inout AskingChannel, _ session: NodeSession
  ) async throws(PeerFailure) -> ([UInt8], PeerFailure?) {
    let channel = asking.machine.channel
    let fromUs = Clock.bootUs()
    do throws(PeerFailure) {
      let (came, cut) = try await PeerLine.exchange(
        client, path(session, channel.rawValue), bytes)
      heardUs = Clock.bootUs()
      let (count, us) = (max(came.count, bytes.count), Clock.bootUs() - fromUs)
      asking.note(bytes: count, us: us)
      if count >= 4_096, us > 0 { bytesPerSecond = Int64(count) * 1_000_000 / us }
      return (came, cut)
    } catch {
      _ = asking.handle(.lost)
      machines[channel] = asking.machine
      throw error
    }
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
        parts, bytesMax: min(bytesMax, SyncDoor.servedBytesMax), key: node.key
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
