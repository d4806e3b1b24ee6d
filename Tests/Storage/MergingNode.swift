import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// A node with a store of its own that gives and takes records.
final class MergingNode {
  let number: UInt8
  private(set) var key: NodeKey
  private(set) var path: String
  private(set) var core: StoreCore
  /// Kept open: it folds on while records come.
  private(set) var history: HistoryCore
  private(set) var opening: StoreOpening
  private(set) var batch: ReadingBatch
  private(set) var run: UInt64
  private var bootUs: Int64 = 1_000_000
  private var seq: UInt32 = 0

  var board: DeviceIdentity { Fixture.companion(number) }

  /// Each run is one boot as well.
  init(_ number: UInt8, folder: String) throws {
    self.number = number
    let key = try #require(NodeKey(seed: [UInt8](repeating: number, count: 32)))
    self.key = key
    path = folder + "/node-\(number).db"
    run = 1
    (core, opening, batch, history) = try Self.open(Self.options(number, key, path, 1))
  }

  /// What the store of a run is opened with.
  func options(_ run: UInt64) -> StoreOptions { Self.options(number, key, path, run) }

  private static func options(
    _ number: UInt8, _ key: NodeKey, _ path: String, _ run: UInt64
  ) -> StoreOptions {
    StoreOptions(
      path: path, node: key.id, former: key.former.map(\.id),
      clockEpoch: Fixture.clockEpoch(number &* 16 &+ UInt8(truncatingIfNeeded: run)),
      incarnation: Incarnation(UInt64(number) << 32 + run))
  }

  private static func open(
    _ options: StoreOptions
  ) throws -> (StoreCore, StoreOpening, ReadingBatch, HistoryCore) {
    let core = try StoreCore(options)
    let opening = try core.open()
    let history = try HistoryCore(path: options.path, vfs: nil)
    return (core, opening, ReadingBatch(cursors: opening.cursors), history)
  }

  func restart() throws {
    run += 1
    seq = 0
    (core, opening, batch, history) = try Self.open(options(run))
    #expect(opening.damageCount == 0, "\(opening.damages)")
  }

  /// Begins a new run under another key.
  func changeKey(_ seed: UInt8) throws {
    var next = try #require(NodeKey(seed: [UInt8](repeating: seed, count: 32)))
    var before = key
    next.former = before.former
    before.former = []
    next.former.append(before)
    key = next
    try restart()
  }

  /// Keeps a copy of its disk.
  func backUp(_ copy: String) throws {
    try core.checkpoint()
    try core.database.execute("VACUUM INTO '\(copy)'")
  }

  /// Has a copy for its disk from now on, and begins a new run.
  func putBack(_ copy: String) throws {
    path = copy
    try restart()
  }

  /// The site as somebody sees it who opens the files now.
  func opened() throws -> StoreOpening { try StoreCore(options(run)).open() }

  private func stamp(_ prng: inout Prng) -> Stamp {
    // Ranges keep arrivals to the ms.
    bootUs += 1_000 * Int64(1 + prng.below(1_000))
    return Stamp(
      trusted: prng.chance(70), bootUs: bootUs, wallUs: Int64(prng.below(1_000)),
      author: "node \(number)")
  }

  /// Commits readings and an anchor, or some entry.
  func work(_ prng: inout Prng, _ nodes: [NodeId]) throws {
    if prng.chance(50) {
      _ = batch.open(Cursor(identity: board, epoch: UInt32(run), nonce: 7, ringCapacity: 64))
      let count = UInt32(1 + prng.below(9))
      for seq in seq..<(seq + count) {
        _ = batch.append(
          device: board, epoch: UInt32(run), seq: seq, ticksMs: Int64(seq) * 100,
          channel: Fixture.temperature, value: .decimal(Int64(prng.below(999)), exponent: -1))
      }
      seq += count
    }
    let stamp = stamp(&prng)
    let anchor = Anchor(
      bootUs: stamp.bootUs, utcUs: 1_700_000_000_000_000 + Int64(run) * 3_600_000_000 + bootUs,
      errorUs: 500, origin: .kernel)
    var journal = [JournalEntry(stamp: stamp, content: .anchor(anchor))]
    for _ in 0..<prng.below(3) { journal.append(try entry(&prng, nodes)) }
    let pending = PendingCommit(
      content: batch.take(arrivalUs: bootUs),
      clock: ClockObservation(bootUs: bootUs, wallUs: 0, trusted: false, errorUs: 0),
      journal: journal)
    _ = try core.commit(pending)
    try core.expectVectorOfDisk()
  }

  /// Turns what it has written so far into ranges of some commits.
  func compact(_ commits: Int = 3, contentBytes: Int = 40) throws {
    try core.checkpoint()
    var bounds = RangeBounds()
    (bounds.commits, bounds.contentBytes) = (commits, contentBytes)
    _ = try core.compact(options(run), bounds)
  }

  private func entry(_ prng: inout Prng, _ nodes: [NodeId]) throws -> JournalEntry {
    let device = Fixture.companion(UInt8(prng.below(3)))
    let id = [UInt8](repeating: UInt8(prng.below(6)), count: 16)
    let content: JournalContent
    switch prng.below(6) {
    case 0, 1:
      let name = RegisterKey(.deviceName, device)
      content = .registerWrite(
        RegisterWrite(
          key: name, value: [UInt8(0x41 + prng.below(20))],
          replaces: prng.chance(70) ? try opened().registers.replaces(name) : []))
    case 2:
      content = .descriptor(
        DescriptorSeen(identity: device, hash: prng.next(), bytes: [UInt8(prng.below(9))]))
    case 3:
      content = .annotation(
        Annotation(
          id: try #require(FactId(id)), subject: .node(key.id), fromUs: 0, toUs: 5,
          text: "t\(prng.below(9))"))
    case 4:
      content = .annotationRemoved(Withdrawal(target: try #require(FactId(id)), reason: ""))
    default:
      content = .commandIssued(
        CommandIssued(
          id: try #require(CommandId(id)), node: nodes[prng.below(nodes.count)], identity: device,
          op: 1, name: "valve", arguments: [], lifeMs: 60_000, leaseMs: 0))
    }
    return JournalEntry(stamp: stamp(&prng), content: content)
  }

  // MARK: What is seen of the site

  /// Every reading with its date, in no order.
  func readings(_ history: HistoryCore, limit: Int = 7) throws -> [String] {
    var query = ReadingQuery()
    query.limit = limit
    var found: [String] = []
    repeat {
      let page = try history.page(query)
      found += page.readings.map {
        "\($0.device) \($0.channel) \($0.value) \(String(describing: $0.numbering)) "
          + "\($0.date.utc.utcUs) \($0.date.utc.quality)"
      }
      query.cursor = page.next
    } while query.cursor != nil
    return found.sorted()
  }

  /// All that counts, in words.
  func state() throws -> [String] {
    let opening = try opened()
    var words: [String] = []
    for device in (0..<3).map({ Fixture.companion(UInt8($0)) }) {
      let siblings = opening.registers.siblings(RegisterKey(.deviceName, device))
      words.append("\(device): \(siblings.map { "\($0.record.seq) \($0.value ?? [])" })")
    }
    for (device, seen) in opening.descriptors { words.append("\(device) \(seen.hash)") }
    for life in opening.siteCommands.all { words.append("\(life.issued) \(life.isOpen)") }
    return words.sorted() + facts(try HistoryCore(path: options(run).path, vfs: nil))
  }

  func facts(_ history: HistoryCore) -> [String] {
    do throws(DatabaseError) {
      return try history.reading {
        history.facts.annotations.all.map {
          "\($0.stated.fact.text) \($0.stated.record.seq) \($0.withdrawn != nil)"
        }
      }
    } catch {
      return ["\(error)"]
    }
  }
}

/// How records go from one node to another.
enum Carrying {
  static let rules = ReceiveRules(isMember: { _ in true }, unapplied: { _, _ in nil })

  static func items(_ bytes: [UInt8]) throws -> [BatchItem] {
    var reader = BatchReader()
    reader.push(bytes)
    var items: [BatchItem] = []
    while let item = try reader.next() { items.append(item) }
    return items
  }

  /// The header that an item brings; nil for anything else.
  static func header(of item: BatchItem) -> [UInt8]? {
    if case .range(let signed, _) = item { signed.header } else { nil }
  }

  static func isDescription(_ item: BatchItem) -> Bool {
    if case .description = item { true } else { false }
  }

  /// Everything of a batch, in its order.
  static func batch(_ bytes: [UInt8]) throws -> CarriedBatch {
    var batch = CarriedBatch()
    for item in try items(bytes) { batch.take(item) }
    return batch
  }

  /// Some of what one has and the other lacks, cut anywhere, in any order; whether any was asked.
  @discardableResult static func some(
    from giver: MergingNode, to taker: MergingNode, _ prng: inout Prng
  ) throws -> Bool {
    var asked = try taker.core.vector().wanted(from: giver.core.vector())
    guard !asked.isEmpty else { return false }
    if prng.chance(50) {
      for log in asked.keys where prng.chance(50) {
        let low = UInt64(1 + prng.below(20))
        asked[log] = asked[log]?.intersection(Intervals(low...(low + UInt64(prng.below(8)))))
      }
    }
    let bytesMax = 1 + prng.below(4_000)
    let served: ServedBatch
    if prng.chance(50) {
      let vector = try taker.core.vector()
      let parts = asked.map { LogPart($0.key, $0.value, begun: vector[$0.key].begun) }
      served = try giver.core.serve(parts, bytesMax: bytesMax, key: giver.key)
    } else {
      served = try giver.core.serve(asked, bytesMax: bytesMax, key: giver.key)
    }
    #expect(served.unreadableCount == 0)
    let end = prng.chance(50) ? served.bytes.count : prng.below(served.bytes.count + 1)
    // A range and its blocks stay together.
    var run: RunId?
    var records: [[BatchItem]] = []
    for item in try items(Array(served.bytes[..<end])) {
      switch item {
      case .run(let next): run = next
      case .block, .endOfRange: records[records.count - 1].append(item)
      case .range where records.last?.last.map({ Carrying.isDescription($0) }) ?? false:
        records[records.count - 1].append(item)
      default: records.append((run.map { [.run($0)] } ?? []) + [item])
      }
    }
    records.shuffle(using: &prng)
    var batch = CarriedBatch()
    for item in records.joined() {
      batch.take(item)
      if prng.chance(20) {
        _ = try taker.core.receive(batch, from: giver.key.id, rules)
        batch.removeAll()
      }
    }
    _ = try taker.core.receive(batch, from: giver.key.id, rules)
    try taker.core.expectVectorOfDisk()
    #expect(batch.forgedCount == 0 && batch.malformedCount == 0)
    return true
  }

  /// Everything that one has and the other lacks.
  static func all(from giver: MergingNode, to taker: MergingNode) throws {
    for _ in 0..<1_000 {
      let asked = try taker.core.vector().wanted(from: giver.core.vector())
      guard !asked.isEmpty else { return }
      let served = try giver.core.serve(asked, bytesMax: 64 << 10, key: giver.key)
      let report = try taker.core.receive(try batch(served.bytes), from: giver.key.id, rules)
      #expect(report.entriesKept + report.commitsKept + report.blocksKept > 0)
    }
    Issue.record("it never ends")
  }
}

extension StoreCore {
  /// What it keeps of its vector is what the disk says, and was not read from it again.
  func expectVectorOfDisk() throws {
    let (kept, read) = (try vector(), try readVector().vector)
    #expect(kept == read)
    #expect(merging.vector?.vector == read && merging.changed.isEmpty)
  }
}
