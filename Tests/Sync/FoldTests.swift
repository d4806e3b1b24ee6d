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

@Suite("Commands") struct CommandFoldTests {
  private let epoch = ClockEpoch([UInt8](repeating: 1, count: 16))

  private func id(_ number: Int) -> CommandId {
    let bytes = (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    guard let id = CommandId(bytes) else { preconditionFailure("16 bytes") }
    return id
  }

  private func apply(_ fold: inout CommandFold, _ content: JournalContent) throws {
    let stamp = Stamp(trusted: true, bootUs: 1, wallUs: 1, author: "local:0")
    fold.apply(
      JournalEntry(stamp: stamp, content: content), clockEpoch: try #require(epoch))
  }

  private func issue(_ fold: inout CommandFold, _ number: Int) throws {
    let node = try #require(NodeId([UInt8](repeating: 1, count: 32)))
    try apply(
      &fold,
      .commandIssued(
        CommandIssued(
          id: id(number), node: node, identity: Samples.board(1), op: 1, name: "relay",
          arguments: [2], lifeMs: 1_000, leaseMs: 0)))
  }

  private func outcome(_ number: Int, _ state: CommandOutcome.State) -> JournalContent {
    .commandOutcome(CommandOutcome(id: id(number), state: state, reason: "", value: 0))
  }

  @Test("a claim without outcome is found; an outcome ends it") func life() throws {
    var fold = CommandFold()
    try issue(&fold, 1)
    #expect(fold.open.count == 1 && fold.claimedOpen.isEmpty)
    let claim = CommandClaimed(id: id(1), epoch: 1, session: 2, number: 3)
    try apply(&fold, .commandClaimed(claim))
    #expect(fold.claimedOpen.map(\.claimed) == [claim])
    try apply(&fold, outcome(1, .acked))
    #expect(fold.open.isEmpty && fold.life(id(1))?.outcome?.state == .acked)
  }

  @Test("only an unknown outcome gives way to a later one") func unknown() throws {
    var fold = CommandFold()
    try issue(&fold, 1)
    try apply(&fold, outcome(1, .unknown))
    try apply(&fold, outcome(1, .acked))
    #expect(fold.life(id(1))?.outcome?.state == .acked)
    try apply(&fold, outcome(1, .failed))
    try apply(&fold, outcome(1, .unknown))
    #expect(fold.life(id(1))?.outcome?.state == .acked)
  }

  @Test("what was never issued is not made up") func neverIssued() throws {
    var fold = CommandFold()
    try apply(&fold, outcome(1, .acked))
    try apply(
      &fold, .commandClaimed(CommandClaimed(id: id(1), epoch: 1, session: 1, number: 1)))
    #expect(fold.all.isEmpty)
  }

  @Test("finished commands are forgotten beyond a number, open ones never") func bounded() throws {
    var fold = CommandFold()
    try issue(&fold, 0)
    for number in 1...(Limits.finishedCommandsMax + 50) {
      try issue(&fold, number)
      try apply(&fold, outcome(number, .acked))
    }
    #expect(fold.all.count == Limits.finishedCommandsMax + 1)
    #expect(fold.open.map(\.issued.id) == [id(0)])
    #expect(fold.life(id(50)) == nil && fold.life(id(51)) != nil)
  }
}
