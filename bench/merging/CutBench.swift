import Model
import Storage
import Sync
import TestSupport

/// A transfer that is cut again and again, at any byte of any message: what of what was carried
/// came to nothing. The stores, the machines and the seals are those that ship; the line is an
/// array.
enum CutBench {
  /// Readings that are carried until there were enough cuts, each time to another node.
  private static let readings = 1_000_000
  private static let cuts = 1_000
  /// Bytes between two cuts, at most; as many come at a time in half as many on average.
  private static let gapMax = 40_000
  /// What a cut may cost beside the block that it cuts, in bytes.
  private static let limit = 1_536
  private static let requestsMax = 100_000

  /// Prints what a cut costs where the side that asks pushes, and where it pulls.
  static func run(folder: String) async throws {
    let seed = UInt64.random(in: 0...0xFFFF_FFFF)
    print("  seed \(seed)")
    try await SiteBacklog.readings(
      readings, of: try SensorSet(named: "temperature-jitter"),
      state: folder + "/full", isQuiet: true)
    for isPush in [true, false] {
      let name = isPush ? "push" : "pull"
      var whole = CutSite(folder, name + "-whole", CutLine(seed: seed, gapMax: nil))
      try await whole.carryAll(isPush: isPush, requestsMax: requestsMax)
      let needed = whole.line.carriedBytes
      var line = CutLine(seed: seed, gapMax: gapMax)
      var rounds = 0
      while line.cutCount < cuts {
        rounds += 1
        var site = CutSite(folder, "\(name)-\(rounds)", line)
        try await site.carryAll(isPush: isPush, requestsMax: requestsMax)
        line = site.line
      }
      let lost = Double(line.carriedBytes - rounds * needed) / Double(line.cutCount)
      let unfinished = Double(line.unfinishedBytes) / Double(line.cutCount)
      print(
        "  \(line.cutCount) cuts, \(name): \(fixed(lost, 0)) bytes wasted each, of which the frame"
          + " that was cut \(fixed(unfinished, 0)), beside it \(fixed(lost - unfinished, 0)); limit"
          + " \(limit) beside it: \(lost - unfinished <= Double(limit) ? "ok" : "MISSED")")
    }
  }
}

/// A line that delivers bytes until it is cut, and counts them.
struct CutLine {
  private var prng: Prng
  private let gapMax: Int?
  private var left = Int.max
  private(set) var carriedBytes = 0
  private(set) var cutCount = 0
  /// Bytes of frames that did not come whole.
  var unfinishedBytes = 0

  init(seed: UInt64, gapMax: Int?) {
    prng = Prng(seed: seed)
    self.gapMax = gapMax
    draw()
  }

  private mutating func draw() { left = gapMax.map { 1 + prng.below($0) } ?? .max }

  /// As much of a message as arrives; less than all of it is a cut.
  mutating func carry(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > left else {
      left -= bytes.count
      carriedBytes += bytes.count
      return bytes
    }
    let came = Array(bytes.prefix(left))
    carriedBytes += left
    cutCount += 1
    draw()
    return came
  }
}

/// A node with readings and one without, and a line between them.
struct CutSite {
  private struct Cut: Error {}
  private struct Stuck: Error {}

  private let full: Side
  private let empty: Side
  private(set) var line: CutLine

  private struct Side {
    let state: String
  }

  init(_ folder: String, _ name: String, _ line: CutLine) {
    full = Side(state: folder + "/full")
    empty = Side(state: folder + "/" + name)
    self.line = line
  }

  /// Carries everything from the one to the other, in as many sessions as it takes.
  mutating func carryAll(isPush: Bool, requestsMax: Int) async throws {
    let giver = try await CutNode(full.state)
    let taker = try await CutNode(empty.state)
    let (asker, answerer) = isPush ? (giver, taker) : (taker, giver)
    var machine = ExchangeMachine(.telemetry)
    var requests = 0
    while try await taker.vector() != giver.vector() {
      do {
        let (asks, answers) = try greet(asker, answerer)
        var asking = AskingChannel(asks, machine: machine)
        var answering = AnsweringChannel(answers, .telemetry)
        defer { machine = asking.machine }
        var actions = asking.handle(.wake(mine: try await asker.vector()))
        while let action = actions.first {
          requests += 1
          guard requests < requestsMax else { throw Stuck() }
          switch action {
          case .rest: actions = []
          case .pause, .over, .proven, .question, .taken: throw Stuck()
          case .cut: throw Cut()
          case .serve(let parts, let bytesMax):
            actions = asking.handle(.served(try await asker.serve(parts, bytesMax)))
          case .store(let batch):
            let waiting = try await asker.receive(batch)
            line.unfinishedBytes += waiting
            actions = asking.handle(.stored(mine: try await asker.vector()))
          case .send(let bytes):
            guard let answer = try await answer(bytes, &answering, answerer) else {
              _ = asking.handle(.lost)
              throw Cut()
            }
            let came = line.carry(answer)
            actions = came.isEmpty ? asking.handle(.lost) : asking.handle(.came(came))
          }
        }
      } catch is Cut {
        continue
      }
    }
    try await giver.close()
    try await taker.close()
  }

  /// The answer to a request as far as that came; nil where none goes back.
  private mutating func answer(
    _ bytes: [UInt8], _ answering: inout AnsweringChannel, _ node: CutNode
  ) async throws -> [UInt8]? {
    let came = line.carry(bytes)
    guard came.count == bytes.count else {
      if let batch = answering.cut(came) { line.unfinishedBytes += try await node.receive(batch) }
      return nil
    }
    switch answering.handle(came, mine: try await node.vector()) {
    case .answer(let answer): return answer
    case .serve(let parts, let bytesMax):
      return answering.served(try await node.serve(parts, bytesMax))
    case .store(let batch):
      _ = try await node.receive(batch)
      return answering.stored(mine: try await node.vector(), dropped: 0, refused: 0)
    case .prove, .offered, .judge, .wait, .over: throw Stuck()
    }
  }

  /// Four messages, each of which may be cut.
  private mutating func greet(
    _ asker: CutNode, _ answerer: CutNode
  ) throws -> (NodeSession, NodeSession) {
    guard let site = SiteId(Array(repeating: 9, count: 32)),
      let id = SessionId(CutNode.random(SessionId.byteCount)),
      let initiator = HelloInitiator(
        site: site, key: asker.key, expected: answerer.key.id, secret: CutNode.random(32),
        nonce: CutNode.random(16))
    else { throw Stuck() }
    let responder = try HelloResponder(
      to: try whole(initiator.message1), site: site, key: answerer.key,
      HelloResponder.Randomness(
        secret: CutNode.random(32), nonce: CutNode.random(16), session: id))
    let introduced = try initiator.introduced(by: try whole(responder.message2))
    let proven = try responder.proven(by: try whole(introduced.message3))
    let (session, message4) = proven.accepted()
    return (try introduced.finished(by: try whole(message4)), session)
  }

  private mutating func whole(_ message: [UInt8]) throws -> [UInt8] {
    let came = line.carry(message)
    guard came.count == message.count else { throw Cut() }
    return came
  }
}

/// A store with its key, as an exchange needs it.
struct CutNode {
  let key: NodeKey
  private let store: Store
  private let folder: StateHold

  /// Keeps the folder locked.
  private final class StateHold {
    let folder: StateFolder

    init(_ folder: consuming StateFolder) { self.folder = folder }
  }

  init(_ state: String) async throws {
    folder = StateHold(try StateFolder.open(state))
    key = folder.folder.key
    var options = BenchNode.options(folder.folder.databasePath, run: .random(in: 1 ... .max))
    options.node = key.id
    store = try await Store.open(options).store
  }

  func close() async throws {
    try await store.close()
    store.endThread()
  }

  /// What it has of telemetry.
  func vector() async throws -> HaveVector {
    var part = HaveVector()
    for (log, state) in try await store.vector().logs
    where ExchangeChannel.telemetry.lanes.contains(log.lane) { part[log] = state }
    return part
  }

  func serve(_ parts: [LogPart], _ bytesMax: Int) async throws -> [UInt8] {
    try await store.serve(parts, bytesMax: bytesMax, key: key).bytes
  }

  /// Stores what came whole; how many bytes of a frame did not.
  func receive(_ bytes: [UInt8]) async throws -> Int {
    var (reader, batch) = (BatchReader(), CarriedBatch())
    for start in stride(from: 0, to: bytes.count, by: Sync.Limits.frameBytesMax) {
      reader.push(Array(bytes[start..<min(bytes.count, start + Sync.Limits.frameBytesMax)]))
      while let item = try reader.next() {
        batch.take(item)
        if batch.isFull {
          try await keep(batch)
          batch.removeAll()
        }
      }
    }
    try await keep(batch)
    return reader.waitingByteCount
  }

  private func keep(_ batch: CarriedBatch) async throws {
    let rules = ReceiveRules(isMember: { _ in true }, unapplied: { _, _ in nil })
    _ = try await store.receive(batch, from: key.id, rules: rules)
  }

  static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }
}
