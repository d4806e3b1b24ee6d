internal import Model
internal import Protocol
internal import Storage
internal import Sync

/// A site in one thread of virtual time: nodes with the shipping store on disks that fail, boards,
/// and a network, all from one seed.
///
/// Things go wrong for a while; then all heals, and everybody must know the same.
public final class SiteSimulation {
  /// What came of it.
  public struct Outcome: Sendable {
    /// From which seed.
    public let seed: UInt64
    /// The promises that were broken; none when all is well.
    public let violations: [String]
    /// FNV-1a 64 of everything that happened: the same for the same seed, in every process.
    public let traceHash: UInt64
    /// The last of what happened.
    public let trace: [String]
    /// Records that were made, requests that were made, bytes that were carried.
    public let recordCount: Int
    /// The requests of all links.
    public let requestCount: Int
    /// The bytes of requests and answers.
    public let carriedByteCount: Int
  }

  enum Happening {
    case work(Int)
    case boards
    case look(Int, repeats: Bool)
    case request(Int, UInt64, SimulatedLink.Path, [UInt8])
    case answer(Int, UInt64, SimulatedLink.Path, [UInt8]?)
    case timeout(Int, UInt64, SimulatedLink.Path)
    case weather(Int)
    case trouble(Int)
    case start(Int)
    case tick(Int, run: Int)
    case frame(Int, CommandId, CommandKey, endsUs: Int64)
    case result(Int, CommandKey)
    case proof(Int)
    case rights
    case carry
    case join
    case room(Int)
    case forge
    case rotate
    case end(Int)
    case keyChange(Int)
    case theft(Int)
    case heal
  }

  static let traceMax = 20_000
  /// How long it may take to come to rest after all has healed, in µs.
  static let restUs: Int64 = 900_000_000

  let seed: UInt64
  var generator: Generator
  let plan: SitePlan
  var agenda = Agenda<Happening>()
  var nowUs: Int64 = 0
  var nodes: [SimulatedNode] = []
  var links: [SimulatedLink] = []
  var boards: [SimulatedBoard] = []
  var witness = Witness()
  /// What each node may that was ever given or taken something, by what was said last.
  var rights: [NodeId: Scopes] = [:]
  let siteKey: NodeKey
  let site: SiteId
  var isHealed = false
  /// Whether somebody who changed its key had less of what it wrote than others.
  var hasDisowned = false
  /// Two contents under one identity, if somebody signed such.
  var forgery: Forgery?
  /// When anything was last written anywhere.
  var changedAtUs: Int64 = 0
  var letters: UInt64 = 0
  var carriedByteCount = 0
  /// Records that came anywhere, and those that were there.
  var carriedCount = 0
  var doubledCount = 0
  /// Requests that were answered: they come to nothing when they come again.
  var answeredLetters: Set<UInt64> = []
  private(set) var trace: [String] = []
  private(set) var traceHash: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Runs the site of a seed from its founding to its rest.
  public static func run(seed: UInt64) -> Outcome {
    let simulation = SiteSimulation(seed: seed)
    simulation.run()
    return simulation.outcome
  }

  private init(seed: UInt64) {
    self.seed = seed
    generator = Generator(seed: seed)
    plan = SitePlan(&generator)
    siteKey = Self.key(&generator)
    site = SiteId(siteKey)
  }

  private var outcome: Outcome {
    Outcome(
      seed: seed, violations: witness.violations, traceHash: traceHash, trace: trace,
      recordCount: witness.promised.count, requestCount: links.reduce(0) { $0 + $1.requestCount },
      carriedByteCount: carriedByteCount)
  }

  static func key(_ generator: inout Generator) -> NodeKey {
    guard let key = NodeKey(seed: generator.bytes(NodeKey.seedByteCount)) else {
      preconditionFailure("a seed of a key")
    }
    return key
  }

  func note(_ text: String) {
    let line = "\(nowUs / 1_000) \(text)"
    for byte in line.utf8 { traceHash = (traceHash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    if trace.count >= Self.traceMax { trace.removeFirst(Self.traceMax / 2) }
    trace.append(line)
  }

  func violate(_ text: String) {
    note("VIOLATION \(text)")
    witness.violate("at \(nowUs / 1_000) ms: \(text)")
  }

  func later(_ afterUs: Int64, _ happening: Happening) {
    agenda.note(happening, atUs: nowUs + afterUs)
  }

  // MARK: The course of it

  private func run() {
    note("seed \(seed): \(plan.text)")
    found()
    while witness.violations.count < 3, let (atUs, happening) = agenda.next() {
      nowUs = atUs
      perform(happening)
      if isHealed { writeWhatWaits() }
      if isHealed, isAtRest { break }
      guard nowUs < plan.stormUs + Self.restUs else {
        violate("the site never comes to rest")
        break
      }
    }
    if witness.violations.isEmpty { inspect() }
    for node in nodes { node.stop() }
  }

  private func perform(_ happening: Happening) {
    switch happening {
    case .work(let node): work(node)
    case .boards: playBoards()
    case .look(let link, let repeats): look(link, repeats)
    case .request(let link, let letter, let path, let bytes): arrived(link, letter, path, bytes)
    case .answer(let link, let letter, let path, let bytes): answered(link, letter, path, bytes)
    case .timeout(let link, let letter, let path): timedOut(link, letter, path)
    case .weather(let link): changeWeather(link)
    case .trouble(let node): trouble(node)
    case .start(let node): start(node)
    case .tick(let node, let run): tick(node, run)
    case .frame(let board, let id, let key, let endsUs): framed(board, id, key, endsUs)
    case .result(let board, let key): resulted(board, key)
    case .proof(let link): askProof(link)
    case .rights: changeRights()
    case .carry: carry()
    case .join: join()
    case .room(let node): makeRoom(node)
    case .forge: forge()
    case .rotate: rotate()
    case .end(let node): takeKey(node)
    case .keyChange(let node): sayKeyChange(node)
    case .theft(let node): steal(node)
    case .heal: heal()
    }
  }

  /// Whether nothing has changed anywhere since everybody compared with everybody.
  private var isAtRest: Bool {
    // What a node has still to write changes it.
    guard nodes.allSatisfy({ $0.isOut || $0.running?.isWritten ?? true }) else { return false }
    return links.allSatisfy { link in
      nodes[link.asker].isOut || nodes[link.other].isOut
        || ExchangeChannel.allCases.allSatisfy { (link.restedAtUs[$0] ?? -1) > changedAtUs }
    }
  }

  /// Everything works from now on, and nobody does anything new.
  private func heal() {
    note("heals")
    isHealed = true
    for index in links.indices {
      links[index].isUp = true
      (links[index].losesRequests, links[index].losesAnswers) = (false, false)
      (links[index].latencyUs, links[index].bitsPerSecond) = (20_000, 10_000_000)
      links[index].pausedUntilUs = 0
      // What nobody gave in a session is asked for again in the next.
      links[index].endSession()
    }
    for node in nodes {
      node.disk.heal()
      node.disk.lie(false)
      (node.isDiskLying, node.isCutArmed) = (false, false)
      uncrowd(node)
      // Everybody has the newest version in the end.
      if node.isOld, node.isUp { end(node) }
      node.isOld = false
      if !node.isUp { start(node.index) }
    }
    pairAgain()
    join()
    playBoards()
    for node in nodes {
      deliverForgery(to: node)
      write(node.index, [])
    }
    changedAtUs = nowUs
  }

  // MARK: Power and disks

  /// Something goes wrong with a node.
  private func trouble(_ index: Int) {
    guard !isHealed else { return }
    later(generator.within(5_000_000...40_000_000), .trouble(index))
    let node = nodes[index]
    guard node.isUp, !node.isCutArmed else { return }
    if plan.hasLies, !node.isDiskLying, generator.chance(25) { return lie(node) }
    if plan.hasCrowds, !node.isCrowded, generator.chance(25) { return crowd(node) }
    if plan.hasBadClocks, generator.chance(20) { return leap(node) }
    if plan.hasCommands, generator.chance(20) { return kill(index) }
    let operations = 1 + generator.below(60)
    if plan.hasPowerCuts, generator.chance(60) {
      if plan.hasRestores, generator.chance(50) { return restart(index) }
      if generator.chance(30) { return crash(index) }
      note("\(node.name): power goes after \(operations) operations")
      node.isCutArmed = true
      return node.disk.cut(after: operations)
    }
    if plan.hasDiskFaults {
      let sort = generator.below(4)
      note("\(node.name): disk trouble \(sort) after \(operations)")
      switch sort {
      case 0: node.disk.fail(after: operations)
      case 1: node.disk.failRead(after: operations)
      case 2: node.disk.fill(after: operations)
      default: node.disk.heal()
      }
    } else if generator.chance(plan.hasRestores ? 90 : 30) {
      restart(index)
    }
  }

  /// The power is gone.
  func crash(_ index: Int) {
    let node = nodes[index]
    guard node.isUp else { return }
    note("\(node.name): power goes")
    node.disk.cut()
    end(node)
    node.isCutArmed = false
    // Another boot: no clock of before counts.
    node.clockEpoch = Self.clockEpoch(&generator)
    if plan.hasBadClocks { changeClock(node) }
    node.bootedAtUs = nowUs
    later(generator.within(500_000...15_000_000), .start(index))
    node.disk.restore()
    unmask(node)
  }

  /// A daemon that ends in order and begins again.
  private func restart(_ index: Int) {
    let node = nodes[index]
    do throws(DatabaseError) {
      _ = try node.run { (now) throws(DatabaseError) in try now.store.finish() }
    } catch { return failed(index, error) }
    note("\(node.name): restarts")
    end(node)
    if plan.hasOldVersions { node.isOld = node.isOld && generator.chance(50) }
    copyCard(node)
    if plan.hasRestores {
      if generator.chance(50) { node.disk.backUp() } else if node.disk.putBack() { putBack(node) }
    }
    start(index)
  }

  func putBack(_ node: SimulatedNode) {
    note("\(node.name): its disk is as it was")
    (node.wasRestored, node.hasForgotten) = (true, true)
    node.foldsBefore = nil
    node.told = HaveVector()
  }

  /// What a disk forgot when a copy was put back, unless somebody else has it, is forgotten.
  private func forgive(_ node: SimulatedNode) {
    guard node.hasForgotten, let now = node.running else { return }
    node.hasForgotten = false
    // It may have been put back to before it was taken in.
    if node.hasJoined, !now.admits(nodes[0]) {
      node.hasJoined = false
      later(2_000_000, .join)
    }
    let vectors = nodes.compactMap { $0.running?.vector }
    witness.forgive { record in
      let log = LogId(
        RunId(origin: record.origin, incarnation: record.incarnation), record.lane)
      return !vectors.contains { $0[log].seen.contains(record.seq) }
    }
  }

  func start(_ index: Int) {
    let node = nodes[index]
    guard !node.isUp else { return }
    do throws(DatabaseError) {
      try node.start(site: site, incarnation: Incarnation(generator.next() | 1))
      note("\(node.name): up, run \(node.runs), \(node.running?.vector.logs.count ?? 0) logs")
      noteOpening(node)
      compareFolds(node)
      node.fullSinceUs = nil
      restoreBallast(node)
      forgive(node)
      restoreCommands(index)
      if node.isMeddler { witness.meddlers.insert(node.key.id) }
      sayKeyChange(index)
      if isHealed {
        // A founder that comes back with a new card knows nobody.
        if index == 0 {
          pairAgain()
          join()
        }
        deliverForgery(to: node)
        playBoards()
        write(index, [])
      }
    } catch {
      note("\(node.name): does not start: \(error.kind)")
      if node.isUnsound {
        replaceDisk(node)
      } else if error.kind == .damaged {
        violate("\(node.name) is damaged: \(error)")
      }
      node.disk.heal()
      if error.kind == .full {
        releaseBallast(node)
        foundNoRoom(index)
      }
      later(1_000_000, .start(index))
    }
  }

  /// What a start must find.
  private func noteOpening(_ node: SimulatedNode) {
    guard let now = node.running else { return }
    changedAtUs = nowUs
    if now.store.opening.damageCount > 0, node.isUnsound { return }
    if now.store.opening.damageCount > 0 {
      violate("\(node.name) found damage: \(now.store.opening.damages.prefix(2))")
    }
    for (log, state) in node.told.logs {
      var lost = state.seen.subtracting(now.vector[log].seen)
      // Sums give way to their readings.
      if log.lane == .rollups {
        lost = lost.subtracting(now.vector[LogId(log.run, .telemetry)].seen)
      }
      if !lost.isEmpty { violate("\(node.name) has told of \(log) \(lost), and lost it") }
    }
  }

  /// A store that failed: the power, or a disk that may do better the next time.
  func failed(_ index: Int, _ error: DatabaseError) {
    let node = nodes[index]
    note("\(node.name): \(error.kind)")
    node.change { $0.hasFailed = true }
    if error.kind == .damaged { violate("\(node.name) is damaged: \(error)") }
    if node.isCutArmed, node.disk.hasStruck { return crash(index) }
    if error.kind == .full { foundNoRoom(index) }
    if error.kind == .full, generator.chance(50) { node.disk.heal() }
  }

  func changeClock(_ node: SimulatedNode) {
    let year: Int64 = 31_557_600_000_000
    switch generator.below(4) {
    case 0: (node.wallOffsetUs, node.isTrusted) = (-1_700_000_000_000_000 - nowUs, false)
    case 1: (node.wallOffsetUs, node.isTrusted) = (50 * year, generator.chance(30))
    case 2: (node.wallOffsetUs, node.isTrusted) = (-25 * year, generator.chance(30))
    default: (node.wallOffsetUs, node.isTrusted) = (0, true)
    }
    if node.wallOffsetUs != 0, node.isTrusted { node.hasFalseTime = true }
  }

  static func clockEpoch(_ generator: inout Generator) -> ClockEpoch {
    guard let epoch = ClockEpoch(generator.bytes(16)) else { preconditionFailure("16 bytes") }
    return epoch
  }
}
