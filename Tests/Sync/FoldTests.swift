import Model
import Sync
import TestSupport
import Testing

@Suite("Registers") struct RegisterFoldTests {
  private let key = RegisterKey(.deviceName, Samples.board(1))

  private func record(_ seq: UInt64, origin: UInt8 = 1) -> RecordId {
    guard let node = NodeId([UInt8](repeating: origin, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return RecordId(origin: node, incarnation: Incarnation(1), lane: .state, seq: seq)
  }

  private func stamp(_ wallUs: Int64, trusted: Bool = true) -> Stamp {
    Stamp(trusted: trusted, bootUs: 0, wallUs: wallUs, author: "node")
  }

  private func write(_ text: String?, _ replaces: [RecordId] = []) -> RegisterWrite {
    RegisterWrite(key: key, value: text.map { Array($0.utf8) }, replaces: replaces)
  }

  @Test("a replaced write never wins again, whatever its clock said") func replaced() {
    var fold = RegisterFold()
    fold.apply(write("old"), record: record(1), stamp: stamp(9_000))
    fold.apply(write("new", fold.replaces(key)), record: record(2), stamp: stamp(1))
    #expect(fold.value(key) == Array("new".utf8))
    #expect(fold.siblings(key).count == 1)
  }

  @Test("a removal is a write, and can be replaced") func removal() {
    var fold = RegisterFold()
    fold.apply(write("x"), record: record(1), stamp: stamp(1))
    fold.apply(write(nil, [record(1)]), record: record(2), stamp: stamp(2))
    #expect(fold.value(key) == nil)
    #expect(fold.all(.deviceName).isEmpty)
    fold.apply(write("y", [record(2)]), record: record(3), stamp: stamp(3))
    #expect(fold.value(key) == Array("y".utf8))
  }

  @Test("a write that comes again while it stands is one, and goes once") func again() {
    var fold = RegisterFold()
    for _ in 0..<2 { fold.apply(write("x"), record: record(1), stamp: stamp(1)) }
    #expect(fold.siblings(key).count == 1)
    fold.apply(write("y", [record(1)]), record: record(2), stamp: stamp(2))
    #expect(fold.siblings(key).map(\.record) == [record(2)])
  }

  @Test("siblings are ranked by trust, then time, then origin") func ranking() {
    var fold = RegisterFold()
    fold.apply(write("late, untrusted"), record: record(1), stamp: stamp(99, trusted: false))
    fold.apply(write("early"), record: record(2), stamp: stamp(1))
    fold.apply(write("late"), record: record(3), stamp: stamp(5))
    fold.apply(write("late, other"), record: record(4, origin: 2), stamp: stamp(5))
    let order = fold.siblings(key).compactMap { $0.value }.map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(order == ["late, other", "late", "early", "late, untrusted"])
  }

  @Test("what several say differently is disputed, until one of them is chosen")
  func disputed() {
    var fold = RegisterFold()
    fold.apply(write("Serre"), record: record(1), stamp: stamp(1))
    #expect(fold.disputed.isEmpty)
    fold.apply(write("Serre"), record: record(1, origin: 2), stamp: stamp(2))
    #expect(fold.disputed.isEmpty)
    fold.apply(write("Verger"), record: record(1, origin: 3), stamp: stamp(3))
    #expect(fold.disputed == [key])
    fold.apply(write("Serre", fold.replaces(key)), record: record(2), stamp: stamp(4))
    #expect(fold.disputed.isEmpty)
  }

  @Test("every order of arrival gives the same fold") func orders() {
    for seed in 0..<100 as Range<UInt64> {
      var prng = Prng(seed: seed)
      var writes: [(RegisterWrite, RecordId, Stamp)] = []
      for number in 1...7 as ClosedRange<UInt64> {
        let replaces = writes.map(\.1).filter { _ in prng.chance(30) }
        writes.append(
          (
            write(prng.chance(20) ? nil : "v\(number)", replaces),
            record(number, origin: UInt8(prng.below(2))),
            stamp(Int64(prng.below(4)), trusted: prng.chance(50))
          ))
      }
      var folds: Set<RegisterFold> = []
      for _ in 0..<20 {
        var fold = RegisterFold()
        for (write, record, stamp) in writes.shuffled(using: &prng) {
          fold.apply(write, record: record, stamp: stamp)
        }
        folds.insert(fold)
      }
      #expect(folds.count == 1, "seed \(seed)")
    }
  }
}
