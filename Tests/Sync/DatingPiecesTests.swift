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
      let errorUs = Int64(prng.below(90_000))
      let anchor = Anchor(bootUs: bootUs, utcUs: utcUs, errorUs: errorUs, origin: .kernel)
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
    "stretches are as uncertain as the timeline says, reading by reading and for the worst of many",
    arguments: 0..<200 as Range<UInt64>)
  func bounds(_ seed: UInt64) {
    var prng = Prng(seed: seed)
    var timeline = Self.timeline(&prng)
    if prng.chance(20) {
      let guess = Anchor(bootUs: 0, utcUs: 9, errorUs: 7_000_000_000, origin: .unknown)
      timeline.apply(.anchor(guess), in: Self.boot(0))
    }
    let clock = CommitClock(
      arrival: NodeTime(clockEpoch: Self.boot(2), bootUs: 2_000_000_000),
      observation: ClockObservation(bootUs: 0, wallUs: 77, trusted: false, errorUs: 0))
    let ofNode = { (time: Int64) in
      timeline.node.date(NodeTime(clockEpoch: Self.boot(0), bootUs: time))?.boundUs
    }
    let ofBoard = { (time: Int64) in
      timeline.date(ticksMs: time, of: Self.device, epoch: 1, lastMs: 0, in: clock).utc.boundUs
    }
    let clocks: [([DatingPiece], Int, (Int64) -> Int64?)] = [
      (timeline.pieces(of: Self.boot(0)), 1_100_000_000, ofNode),
      (timeline.pieces(of: Self.device, epoch: 1), 1_100_000, ofBoard),
    ]
    for (pieces, length, boundUs) in clocks {
      for _ in 0..<60 {
        var times = (0...prng.below(6)).map { _ in Int64(prng.below(length)) }.sorted()
        if prng.chance(30) { times = Array(times[0]...(times[0] + Int64(prng.below(9)))) }
        var known: [Int64] = []
        for time in times {
          let piece = pieces[pieces.piece(at: time)]
          guard piece.line != nil else { continue }
          #expect(piece.boundUs(time) == boundUs(time), "seed \(seed), \(time)")
          known.append(piece.boundUs(time))
        }
        guard known.count == times.count, let worst = known.max() else { continue }
        #expect(pieces.boundUs(in: times[0]...times[times.count - 1]) >= worst, "seed \(seed)")
        let (first, last) = (pieces.piece(at: times[0]), pieces.piece(at: times[times.count - 1]))
        guard first == last else { continue }
        // On a board's clock two roundings add up.
        let found = pieces[first].boundUs(times.span, times.indices)
        #expect((worst...(worst + 1)).contains(found), "seed \(seed), \(times)")
        // No gap between neighbours is so wide that anything else could be meant.
        if times.count > 1, times.count == Int(times[times.count - 1] - times[0]) + 1 {
          let found = pieces.boundUs(in: times[0]...times[times.count - 1])
          #expect((worst...(worst + 1)).contains(found), "seed \(seed)")
        }
      }
    }
  }

  @Test("where nothing dates a clock, nobody can say how far off a time is") func unbound() {
    let pieces = Timeline().pieces(of: Self.boot(0))
    #expect(pieces.boundUs(in: 0...9) == DatingBound.unknownUs)
    #expect(pieces[0].boundUs(5) == DatingBound.unknownUs)
  }

  @Test("an anchor that only makes a boot more uncertain moves nothing") func uncertain() {
    var before = Timeline()
    let anchor = Anchor(bootUs: 5, utcUs: 1_005, errorUs: 1, origin: .kernel)
    before.apply(.anchor(anchor), in: Self.boot(0))
    var after = before
    let worse = Anchor(bootUs: 5, utcUs: 1_005, errorUs: 900, origin: .kernel)
    after.apply(.anchor(worse), in: Self.boot(0))
    let (old, new) = (before.pieces(of: Self.boot(0)), after.pieces(of: Self.boot(0)))
    #expect(new.boundUs(in: 5...5) == 900 && old.boundUs(in: 5...5) == 1)
    #expect(new.firstChange(from: old) == nil)
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
