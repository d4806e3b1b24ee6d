import Model
import Sync
import TestSupport
import Testing

@Suite("Facts") struct FactTests {
  private let board = Samples.board(1)

  private func id(_ number: UInt8) -> FactId {
    guard let id = FactId([UInt8](repeating: number, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return id
  }

  private func record(_ seq: UInt64, origin: UInt8 = 1) -> RecordId {
    guard let node = NodeId([UInt8](repeating: origin, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return RecordId(origin: node, incarnation: Incarnation(1), lane: .state, seq: seq)
  }

  private let stamp = Stamp(trusted: true, bootUs: 0, wallUs: 5, author: "local:1000")

  @Test("a withdrawal holds even when it comes before what it names") func withdrawnFirst() {
    var fold = FactFold<String>()
    fold.withdraw(Withdrawal(target: id(1), reason: "no"), record: record(2), stamp: stamp)
    #expect(fold.known(id(1)) == nil)
    fold.state("hidden", id: id(1), record: record(1), stamp: stamp)
    fold.state("shown", id: id(2), record: record(3), stamp: stamp)
    #expect(fold.standing.map(\.fact) == ["shown"])
    #expect(fold.known(id(1))?.withdrawn?.fact.reason == "no")
    #expect(fold.all.count == 2)
    #expect(fold.standingCount == 1)
  }

  @Test("every order of arrival, with repeats, gives the same fold", arguments: 0..<200)
  func orders(seed: Int) {
    var prng = Prng(seed: UInt64(seed))
    let steps: [(inout FactFold<Int>) -> Void] = (0..<12).map { number in
      // Few ids, so that two facts, or two withdrawals, often meet under one.
      let id = id(UInt8(prng.below(4)))
      let record = record(
        UInt64(prng.below(100)) * 16 + UInt64(number), origin: UInt8(prng.below(3)))
      let stamp = Stamp(
        trusted: prng.chance(50), bootUs: 0, wallUs: Int64(prng.below(3)), author: "")
      guard prng.chance(40) else {
        return { $0.state(number, id: id, record: record, stamp: stamp) }
      }
      let withdrawal = Withdrawal(target: id, reason: "\(number)")
      return { $0.withdraw(withdrawal, record: record, stamp: stamp) }
    }
    var first = FactFold<Int>()
    for step in steps { step(&first) }
    for round in 0..<20 {
      var order = steps + steps.prefix(4)
      for index in order.indices { order.swapAt(index, prng.below(order.count)) }
      var fold = FactFold<Int>()
      for step in order { step(&fold) }
      #expect(fold == first, "seed \(seed), round \(round)")
      #expect(fold.all.map(\.stated) == first.all.map(\.stated), "seed \(seed), round \(round)")
    }
  }
}

@Suite("Hidden spans") struct HiddenSpansTests {
  private let board = Samples.board(1)

  private func epoch(_ number: UInt8) -> ClockEpoch {
    guard let epoch = ClockEpoch([UInt8](repeating: number, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return epoch
  }

  private func deletion(
    _ scope: SeriesScope, _ utc: Range<Int64>, _ pieces: [Deletion.Piece] = []
  ) -> Deletion {
    guard let id = FactId([UInt8](repeating: 7, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return Deletion(id: id, scope: scope, utc: utc, pieces: pieces, reason: "")
  }

  @Test("spans are half open, and only of what the deletion names") func scope() {
    let hidden = HiddenSpans(
      [
        deletion(SeriesScope(board, "temp"), 10..<20),
        deletion(SeriesScope(Samples.board(2)), 5..<6),
      ], dated: Timeline())
    #expect(hidden.hides(board, "temp", utcUs: 10))
    #expect(hidden.hides(board, "temp", utcUs: 19))
    #expect(!hidden.hides(board, "temp", utcUs: 9))
    #expect(!hidden.hides(board, "temp", utcUs: 20))
    #expect(!hidden.hides(board, "hum", utcUs: 15))
    #expect(hidden.hides(Samples.board(2), "any", utcUs: 5))
    #expect(!hidden.hides(Samples.board(3), "temp", utcUs: 15))
    #expect(hidden.intersects(board, "temp", utc: 0..<11))
    #expect(!hidden.intersects(board, "temp", utc: 0..<10))
    #expect(!hidden.intersects(board, "temp", utc: 20..<30))
    #expect(!HiddenSpans().hides(board, "temp", utcUs: 15))
  }

  @Test("merged spans answer as the naive look at every one", arguments: 0..<100)
  func merged(seed: Int) {
    var prng = Prng(seed: UInt64(seed))
    let spans = (0..<prng.below(8)).map { _ in
      let from = Int64(prng.below(50))
      return from..<(from + Int64(prng.below(9)))
    }
    let series = HiddenSeries(spans)
    for time in 0..<60 as Range<Int64> {
      #expect(series.hides(time) == spans.contains { $0.contains(time) }, "seed \(seed) \(time)")
      for length in 0..<9 as Range<Int64> {
        let asked = time..<(time + length)
        let hits = asked.filter { time in spans.contains { $0.contains(time) } }.count
        #expect(series.intersects(asked) == (hits > 0), "seed \(seed) \(asked)")
        if length > 0 {
          #expect(series.covers(asked) == (hits == asked.count), "seed \(seed) \(asked)")
        }
      }
    }
  }

  @Test("what was hidden stays hidden when an anchor dates it anew") func moved() {
    let piece = Deletion.Piece(clock: .node(epoch(1)), times: 1_000..<2_000)
    let gone = deletion(SeriesScope(board, "temp"), 51_000..<52_000, [piece])
    var timeline = Timeline()
    timeline.apply(
      .anchor(Anchor(bootUs: 0, utcUs: 50_000, errorUs: 1, origin: .kernel)), in: epoch(1))
    var hidden = HiddenSpans([gone], dated: timeline)
    #expect(hidden.series(board, "temp").spans == [51_000..<52_000])
    timeline.apply(
      .anchor(Anchor(bootUs: 0, utcUs: 90_000, errorUs: 1, origin: .kernel)), in: epoch(1))
    hidden = HiddenSpans([gone], dated: timeline)
    #expect(hidden.hides(board, "temp", utcUs: 91_000))
    #expect(hidden.hides(board, "temp", utcUs: 91_999))
    #expect(!hidden.hides(board, "temp", utcUs: 92_000))
    #expect(hidden.hides(board, "temp", utcUs: 51_500))
  }

  @Test("a piece in a board's ticks follows its fit") func ticks() {
    let piece = Deletion.Piece(clock: .device(epoch: 3), times: 10..<20)
    let gone = deletion(SeriesScope(board), 0..<1, [piece])
    var timeline = Timeline()
    #expect(HiddenSpans([gone], dated: timeline).series(board, "x").spans == [0..<1])
    timeline.apply(
      .anchor(Anchor(bootUs: 0, utcUs: 1_000_000, errorUs: 1, origin: .kernel)), in: epoch(1))
    timeline.apply(
      .clockFit(
        ClockFit(
          identity: board, epoch: 3, segmentStartMs: 0, referenceTicksMs: 0,
          referenceBootUs: 500, ratePpb: 0, boundUs: 1, isGood: true)), in: epoch(1))
    let hidden = HiddenSpans([gone], dated: timeline)
    #expect(hidden.hides(board, "x", utcUs: 1_010_500))
    #expect(hidden.hides(board, "x", utcUs: 1_019_500))
    #expect(!hidden.hides(board, "x", utcUs: 1_020_500))
  }
}
