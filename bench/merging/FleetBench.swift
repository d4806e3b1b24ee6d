import Glibc
import Model
import Reactor
import Storage
import Sync
import Web

/// Many gateways that tell a hub what they read, as they read it.
///
/// They are light: each keeps in memory what it has not been told to be on the hub's disk, and asks
/// for nothing of the others, as with `[sync] readings = "own"`. What goes over its line is what a
/// daemon sends: the machine, the seals, the signatures and the HTTP client are the ones that ship.
nonisolated enum FleetBench {
  static let channels = 10
  static let readingsPerChannel = 10
  private static let warmUpS = 8

  /// The key of a gateway.
  static func key(_ number: Int) -> NodeKey {
    let seed = (0..<32).map { UInt8(truncatingIfNeeded: number >> ($0 % 2 * 8)) }
    guard let key = NodeKey(seed: seed) else { preconditionFailure("a seed of 32 bytes") }
    return key
  }

  /// Makes so many gateways members of the site of a daemon that does not run.
  static func grant(_ count: Int, site: SiteId, state: String) async throws {
    let folder = try StateFolder.open(state)
    var options = BenchNode.options(folder.databasePath, run: .random(in: 1 ... .max))
    options.node = folder.key.id
    let (store, _) = try await Store.open(options)
    let stamp = Stamp(trusted: true, bootUs: 1, wallUs: BenchNode.beginUs, author: "local:bench")
    let grants = (0..<count).map { number in
      JournalEntry(
        stamp: stamp,
        content: .grant(
          Grant(
            site: site, node: key(number).id, label: "g\(number)", scopes: [.record, .serve])))
    }
    _ = try await store.append(grants, clock: BenchNode.clock(bootUs: 1))
    try await store.close()
    store.endThread()
  }

  /// Has them send for some seconds, and says when it begins to measure, when it ends, and what it
  /// was: commits, p50, p99 and the longest, in ms, and bytes sent.
  static func run(_ count: Int, site: SiteId, hub: NodeId, url: String, seconds: Int) async throws {
    EventLoop.shared.start()
    let told = await Task { @Loop in
      let gateways = (0..<count).map { LightGateway($0, count, site: site, hub: hub, url: url) }
      let tasks = gateways.map { gateway in
        Task { @Loop in await gateway.work(seconds: warmUpS + seconds) }
      }
      try? await Task.sleep(for: .seconds(warmUpS))
      for gateway in gateways { gateway.latenciesUs = [] }
      say("begin")
      try? await Task.sleep(for: .seconds(seconds))
      let latencies = gateways.flatMap(\.latenciesUs).sorted()
      let failures = gateways.reduce(0) { $0 + $1.failures }
      let oldest = gateways.compactMap(\.oldestUs).max() ?? 0
      let bytes = gateways.reduce(0) { $0 + $1.sentBytes }
      say("end")
      for task in tasks { await task.value }
      let readings = gateways.reduce(0) { $0 + $1.acknowledged } * channels * readingsPerChannel
      return (latencies, failures, oldest, bytes, readings)
    }.value
    let (all, failures, oldest, bytes, readings) = told
    func at(_ part: Double) -> Double {
      all.isEmpty ? 0 : Double(all[min(all.count - 1, Int(Double(all.count) * part))]) / 1_000
    }
    print(
      "\(all.count) \(at(0.5)) \(at(0.99)) \(at(1)) \(bytes) \(failures) \(Double(oldest) / 1_000)"
        + " \(readings)")
  }

  @Loop private static func say(_ word: String) {
    print(word)
    fflush(nil)
  }
}

/// One of them: it commits once a second and, half a second later, tells the hub.
@Loop final class LightGateway {
  private static let gatherUs = 500_000

  private let key: NodeKey
  private let log: LogId
  private let boot: ClockEpoch
  private let site: SiteId
  private let hub: NodeId
  private let client: HTTPClient
  private let offsetUs: Int
  private var machine: ExchangeMachine
  private var batch = ReadingBatch(cursors: CursorFold())
  private let board: DeviceIdentity
  private let table: [Channel]
  private var waiting: [UInt64: (body: [UInt8], atUs: Int64)] = [:]
  private var head: UInt64 = 0
  /// How long each commit took to be on the hub's disk, in µs.
  var latenciesUs: [Int64] = []
  private(set) var acknowledged = 0
  private(set) var sentBytes = 0
  private(set) var failures = 0

  /// How long the oldest that is not there waits by now.
  var oldestUs: Int64? { waiting.values.map(\.atUs).min().map { Clock.bootUs() - $0 } }

  init(_ number: Int, _ count: Int, site: SiteId, hub: NodeId, url: String) {
    key = FleetBench.key(number)
    machine = ExchangeMachine(.telemetry, origins: [key.id])
    log = LogId(
      RunId(origin: key.id, incarnation: Incarnation(.random(in: 1 ... .max))), .telemetry)
    boot = BenchNode.options("").clockEpoch
    self.site = site
    self.hub = hub
    client = HTTPClient(.url(url))
    offsetUs = 1_000_000 * number / count
    board = BenchNode.board(1_000 + 16 * number)
    table = (0..<FleetBench.channels).map { Channel(key: "c\($0)", unit: "Cel", exponent: -1) }
    _ = batch.open(Cursor(identity: board, epoch: 1, nonce: 1, ringCapacity: 65_536))
  }

  /// Commits once a second for so long, however late the hub is, and tells it half a second after
  /// each, or when it has answered; ends when all is there, or as long again has gone by.
  func work(seconds: Int) async {
    try? await Task.sleep(for: .microseconds(offsetUs))
    let fromUs = Clock.bootUs()
    let commits = Task { @Loop in
      for second in 0..<seconds {
        await rest(untilUs: fromUs + Int64(second * 1_000_000))
        commit(second)
      }
    }
    var session: NodeSession?
    var asking: AskingChannel?
    var second = 0
    while second < seconds || (!waiting.isEmpty && second < 2 * seconds) {
      await rest(untilUs: fromUs + Int64(second * 1_000_000 + Self.gatherUs))
      do {
        if session == nil { session = try await greet() }
        guard let session else { continue }
        if asking == nil { asking = AskingChannel(session, machine: machine) }
        try await settle(&asking, session)
      } catch {
        failures += 1
        (session, asking) = (nil, nil)
      }
      // Those that fell into the time that this took go with the next.
      second = max(second + 1, Int((Clock.bootUs() - fromUs - Int64(Self.gatherUs)) / 1_000_000))
    }
    await commits.value
  }

  private func rest(untilUs: Int64) async {
    let leftUs = untilUs - Clock.bootUs()
    if leftUs > 0 { try? await Task.sleep(for: .microseconds(leftUs)) }
  }

  private func commit(_ second: Int) {
    for sample in 0..<FleetBench.readingsPerChannel {
      var run = SampleRun()
      let scan = second * FleetBench.readingsPerChannel + sample
      for channel in table.indices {
        run.append(
          seq: UInt32(scan * table.count + channel), ticksMs: UInt64(scan) * 100,
          channel: UInt8(channel), value: .decimal(Int64(200 + (scan * 7 + channel * 13) % 11)))
      }
      let outcome = batch.append(device: board, epoch: 1, run: run, channels: table)
      precondition(outcome.taken == table.count, "\(outcome)")
    }
    let nowUs = Clock.bootUs()
    head += 1
    guard let content = batch.take(arrivalUs: nowUs) else { preconditionFailure("readings") }
    waiting[head] = (CommitEncoder.encode(content.body), nowUs)
  }

  private func vector() -> HaveVector {
    var mine = HaveVector()
    if head > 0 { mine[log] = HaveLog(held: Intervals(1...head)) }
    return mine
  }

  private func settle(_ asking: inout AskingChannel?, _ session: NodeSession) async throws {
    guard var channel = asking else { return }
    var actions = channel.handle(.wake(mine: vector()))
    while let action = actions.first {
      machine = channel.machine
      note()
      switch action {
      case .rest: actions = []
      case .pause, .cut, .over, .proven, .question, .taken: throw HTTPClientError.cancelled
      case .send(let bytes):
        let fromUs = Clock.bootUs()
        let came = try await post("\(session.id)/1", bytes)
        channel.note(bytes: max(came.count, bytes.count), us: Clock.bootUs() - fromUs)
        actions = channel.handle(.came(came))
      case .serve(let parts, _): actions = channel.handle(.served(serve(parts)))
      case .store: actions = channel.handle(.stored(mine: vector()))
      }
    }
    machine = channel.machine
    note()
    asking = channel
  }

  /// What the hub says to have on its disk.
  private func note() {
    guard let seen = machine.known?[log].seen else { return }
    let nowUs = Clock.bootUs()
    for (seq, commit) in waiting where seen.contains(seq) {
      latenciesUs.append(nowUs - commit.atUs)
      acknowledged += 1
      waiting[seq] = nil
    }
  }

  private func serve(_ parts: [LogPart]) -> [UInt8] {
    var writer = BatchWriter()
    for part in parts where part.log == log {
      for seq in part.seqs.ranges.joined() {
        guard let commit = waiting[seq] else { continue }
        writer.add(
          SignedLive(
            first: seq, clockEpoch: boot, bodies: [commit.body], incarnation: log.run.incarnation,
            key: key), of: log.run)
      }
    }
    writer.end()
    return writer.take()
  }

  private func greet() async throws -> NodeSession {
    guard
      let initiator = HelloInitiator(
        site: site, key: key, expected: hub, secret: random(32), nonce: random(16))
    else { throw HTTPClientError.cancelled }
    let introduced = try initiator.introduced(by: try await post("hello", initiator.message1))
    return try introduced.finished(by: try await post("session", introduced.message3))
  }

  private func post(_ path: String, _ body: [UInt8]) async throws -> [UInt8] {
    var request = ClientRequest(.post, "/sync/1/" + path)
    request.headers["Content-Type"] = "application/octet-stream"
    request.body = body
    sentBytes += body.count
    let response = try await client.send(request)
    guard response.status == 200 else { throw HTTPClientError.cancelled }
    return response.body
  }

  private func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }
}
