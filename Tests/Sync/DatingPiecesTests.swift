import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Dating by stretches") struct DatingPiecesTests {
  private static let device = Samples.board(1)

  private static func boot(_ number: Int) -> ClockEpoch {
    guard let epoch = ClockEpoch([UInt8](repeating: UInt8(number), count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return epoch
  }

  /// Anchors and fits of three boots; some of them say absurd things.
  static func timeline(_ prng: inout Prng) -> Timeline {
    var timeline = Timeline()
    for _ in 0..<prng.below(12) {
      let bootUs = Int64(prng.below(1_000)) * 1_000_000
      let wild = prng.chance(10)
      let utcUs =
        wild ? Int64(bitPattern: prng.next()) : 1_000_000_000 + bootUs + Int64(prng.below(5_000))
      let anchor = Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: 5, origin: .kernel)
      timeline.apply(.anchor(anchor), in: boot(prng.below(3)))
    }
    for _ in 0..<prng.below(12) {
      let ticks = Int64(prng.below(20)) * 50_000
      let wild = prng.chance(10)
      timeline.apply(
        .clockFit(
          ClockFit(
            identity: device, epoch: UInt32(prng.below(2)),
            segmentStartMs: Int64(prng.below(3)) * 200_000, referenceTicksMs: ticks,
            referenceBootUs: ticks * 1_000 + Int64(prng.below(90_000_000)),
            ratePpb: wild ? Int64(prng.below(4_000_000_000)) - 2_000_000_000 : 40_000,
            boundUs: 3, isGood: prng.chance(60))),
        in: boot(prng.below(3)))
    }
    return timeline
  }

  private static func checkOrder(_ pieces: [DatingPiece], _ seed: UInt64) {
    #expect(pieces.first?.start == 0 && pieces.last?.end == .max, "seed \(seed)")
    for (before, next) in zip(pieces, pieces.dropFirst()) {
      #expect(before.end == next.start && before.start < before.end, "seed \(seed)")
    }
  }

  @Test(
    "stretches date as the timeline does, reading by reading", arguments: 0..<200 as Range<UInt64>)
  func same(_ seed: UInt64) {
    var prng = Prng(seed: seed)
    let timeline = Self.timeline(&prng)
    let arrival = NodeTime(clockEpoch: Self.boot(0), bootUs: 2_000_000_000)
    let clock = CommitClock(
      arrival: arrival,
      observation: ClockObservation(
        bootUs: arrival.bootUs, wallUs: 77, trusted: false, errorUs: 0))
    let nodePieces = timeline.pieces(of: Self.boot(0))
    let boardPieces = timeline.pieces(of: Self.device, epoch: 1)
    Self.checkOrder(nodePieces, seed)
    Self.checkOrder(boardPieces, seed)
    for _ in 0..<200 {
      let bootUs = prng.chance(5) ? Int64(prng.next() >> 1) : Int64(prng.below(1_100_000_000))
      let found = nodePieces[nodePieces.piece(at: bootUs)].line?.utcUs(bootUs)
      #expect(
        found == timeline.node.date(NodeTime(clockEpoch: Self.boot(0), bootUs: bootUs))?.utcUs)
      let ticks = prng.chance(5) ? Int64(prng.next() >> 16) : Int64(prng.below(1_100_000))
      if let line = boardPieces[boardPieces.piece(at: ticks)].line {
        let date = timeline.date(ticksMs: ticks, of: Self.device, epoch: 1, lastMs: 0, in: clock)
        #expect(line.utcUs(ticks) == date.utc.utcUs, "seed \(seed), tick \(ticks)")
      }
    }
  }

  @Test(
    "a rule that rises never sets a later time before an earlier one",
    arguments: 0..<50 as Range<UInt64>)
  func rising(_ seed: UInt64) {
    var prng = Prng(seed: seed)
    let timeline = Self.timeline(&prng)
    for piece in timeline.pieces(of: Self.boot(0)) + timeline.pieces(of: Self.device, epoch: 0) {
      guard let line = piece.line, line.isRising else { continue }
      var before = line.utcUs(piece.start)
      let end = min(piece.end, piece.start + 3_000)
      for time in piece.start..<end {
        let utcUs = line.utcUs(time)
        #expect(before <= utcUs, "seed \(seed), \(time)")
        before = utcUs
      }
    }
  }

  @Test("what a new anchor or fit leaves alone is known", arguments: 0..<100 as Range<UInt64>)
  func changes(_ seed: UInt64) {
    var prng = Prng(seed: seed)
    let before = Self.timeline(&prng)
    var after = before
    let bootUs = Int64(prng.below(1_000)) * 1_000_000
    after.apply(
      .anchor(Anchor(bootUs: bootUs, utcUs: bootUs + 7, errorUs: 0, origin: .kernel)),
      in: Self.boot(0))
    let (old, new) = (before.pieces(of: Self.boot(0)), after.pieces(of: Self.boot(0)))
    let change = new.firstChange(from: old) ?? .max
    for _ in 0..<200 {
      let time = Int64(prng.below(1_100_000_000))
      guard time < change else { continue }
      #expect(
        old[old.piece(at: time)].line?.utcUs(time) == new[new.piece(at: time)].line?.utcUs(time),
        "seed \(seed), \(time)")
    }
    #expect(old.firstChange(from: old) == nil)
  }
}
