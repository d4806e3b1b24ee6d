import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// Gateways of one site, and boards that go from one to another before they are acknowledged;
/// beside them what each commit holds, in plain sets.
final class MovingWorld {
  /// A sample as its board names it.
  struct Sample: Hashable {
    let board: DeviceIdentity
    let epoch: UInt32
    let seq: UInt32

    var channel: String { MovingWorld.channel(seq).key }
    /// The same in every copy, as the ring has it.
    var ticksMs: Int64 { Int64(seq) * 700 + Int64(seq % 5) * 90 }
  }

  /// Where it was stored; the value says by whom.
  struct Copy {
    let run: RunId
    let commit: UInt64
    let value: Value
  }

  final class Board {
    let identity: DeviceIdentity
    var gateway = 0
    var epoch: UInt32 = 1
    var made: UInt32 = 0
    var oldest: UInt32 = 0

    init(_ identity: DeviceIdentity) { self.identity = identity }
  }

  static let beginUs: Int64 = 1_700_000_000_000_000
  private(set) var nodes: [MergingNode] = []
  private(set) var boards: [Board] = []
  private(set) var copies: [Sample: [Copy]] = [:]
  private var batches: [ReadingBatch] = []
  private var bootUs: [Int64] = []
  private let isDated: Bool

  init(_ folder: String, nodes: Int, boards: Int, isDated: Bool) throws {
    self.isDated = isDated
    for number in 1...nodes {
      let node = try MergingNode(UInt8(number), folder: folder)
      self.nodes.append(node)
      batches.append(ReadingBatch(cursors: node.opening.cursors))
      bootUs.append(1_000_000)
    }
    for number in 0..<boards { self.boards.append(Board(Fixture.companion(UInt8(40 + number)))) }
  }

  static func channel(_ seq: UInt32) -> Channel {
    switch seq % 7 {
    case 3: Channel(key: "note")
    case 1, 5: Channel(key: "pH")
    default: Fixture.temperature
    }
  }

  /// Node and number, so that it shows which copy was told.
  private static func value(_ seq: UInt32, _ node: Int) -> Value {
    switch channel(seq).key {
    case "note": .text("\(seq) at \(node)")
    case "pH": .float(Double(seq) + Double(node) / 8)
    default: .decimal(Int64(seq) * 10 + Int64(node), exponent: -1)
    }
  }

  // MARK: What happens

  /// A board makes samples; its ring drops the oldest.
  func make(_ board: Board, _ count: Int) {
    board.made += UInt32(count)
    if board.made > 64 { board.oldest = max(board.oldest, board.made - 64) }
  }

  /// The gateway stores what it lacks of a board; whether it is told so or not.
  func store(_ board: Board, isAcknowledged: Bool) throws {
    let node = board.gateway
    _ = batches[node].open(
      Cursor(identity: board.identity, epoch: board.epoch, nonce: 7, ringCapacity: 64))
    let cursor = batches[node].cursor(of: board.identity, epoch: board.epoch)
    var next = try #require(cursor).next
    if next < board.oldest {
      _ = batches[node].gap(
        device: board.identity, epoch: board.epoch, first: next, count: board.oldest - next)
      next = board.oldest
    }
    var samples: [Sample] = []
    for seq in next..<max(next, board.made) {
      let sample = Sample(board: board.identity, epoch: board.epoch, seq: seq)
      let outcome = batches[node].append(
        device: board.identity, epoch: board.epoch, seq: seq, ticksMs: sample.ticksMs,
        channel: Self.channel(seq), value: Self.value(seq, node))
      #expect(outcome == .taken)
      samples.append(sample)
    }
    if let record = try commit(node, journal: []) {
      for sample in samples {
        copies[sample, default: []].append(
          Copy(
            run: RunId(origin: record.origin, incarnation: record.incarnation),
            commit: record.seq, value: Self.value(sample.seq, node)))
      }
    }
    if isAcknowledged { board.oldest = board.made }
  }

  @discardableResult func commit(
    _ node: Int, journal contents: [JournalContent]
  ) throws -> RecordId? {
    bootUs[node] += 1_000_000
    let now = bootUs[node]
    let clock = ClockObservation(
      bootUs: now, wallUs: Self.beginUs + now, trusted: false, errorUs: 0)
    let stamp = Stamp(trusted: false, bootUs: now, wallUs: Self.beginUs + now, author: "node")
    let content = batches[node].take(arrivalUs: now)
    guard content != nil || !contents.isEmpty else { return nil }
    return try nodes[node].core.commit(
      PendingCommit(
        content: content, clock: clock,
        journal: contents.map { JournalEntry(stamp: stamp, content: $0) })
    ).record
  }

  /// A gateway dates its boot, and the clocks of its boards.
  func date(_ node: Int) throws {
    var contents: [JournalContent] = [
      .anchor(
        Anchor(
          bootUs: bootUs[node], utcUs: Self.beginUs + bootUs[node], errorUs: 500, origin: .kernel))
    ]
    for board in boards where board.gateway == node {
      contents.append(
        .clockFit(
          ClockFit(
            identity: board.identity, epoch: board.epoch, segmentStartMs: 0,
            referenceTicksMs: Int64(board.made) * 700, referenceBootUs: bootUs[node], ratePpb: 0,
            boundUs: 9, isGood: true)))
    }
    try commit(node, journal: contents)
  }

  func restart(_ node: Int) throws {
    try nodes[node].core.checkpoint()
    try nodes[node].restart()
    batches[node] = ReadingBatch(cursors: nodes[node].opening.cursors)
  }

  func compact(_ node: Int, _ prng: inout Prng) throws {
    try nodes[node].compact(1 + prng.below(9), contentBytes: prng.chance(50) ? 60 : 1 << 16)
    if prng.chance(70) { while try nodes[node].core.dateBlocks() {} }
  }

  func step(_ prng: inout Prng) throws {
    let board = boards[prng.below(boards.count)]
    let node = prng.below(nodes.count)
    switch prng.below(20) {
    case 0...8:
      make(board, prng.below(20))
      try store(board, isAcknowledged: prng.chance(40))
    case 9...11: board.gateway = node
    case 12:
      board.epoch += 1
      (board.made, board.oldest) = (0, 0)
    case 13: if prng.chance(30) { try restart(node) }
    case 14, 15: try compact(node, &prng)
    case 16: if isDated { try date(node) }
    default:
      try Carrying.some(from: nodes[node], to: nodes[prng.below(nodes.count)], &prng)
    }
  }

  /// Everybody gets everything, whatever is still in rows of `hot`.
  func meet() throws {
    for _ in 0..<2 {
      for taker in nodes {
        for giver in nodes where giver !== taker { try Carrying.all(from: giver, to: taker) }
      }
    }
  }

  // MARK: What is seen

  /// What a node must show of each sample: the copy of the lowest identity of those that it has.
  func expected(_ node: MergingNode) throws -> [Sample: Value] {
    let vector = try node.core.vector()
    return copies.compactMapValues { copies in
      copies.filter { vector[LogId($0.run, .telemetry)].held.contains($0.commit) }
        .min { ($0.run, $0.commit) < ($1.run, $1.commit) }?.value
    }
  }

  static func readings(
    _ history: HistoryCore, _ query: ReadingQuery = ReadingQuery()
  ) throws -> [StoredReading] {
    var query = query
    var found: [StoredReading] = []
    repeat {
      let page = try history.page(query)
      found += page.readings
      query.cursor = page.next
    } while query.cursor != nil
    return found
  }
}
