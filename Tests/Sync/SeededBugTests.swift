import Model
import TestSupport
import Testing

@testable import Sync

/// Each bug that the folds have is put in, and a small random world must notice it: else the
/// tests that say that no order matters would pass over anything.
@Suite("Seeded bugs of the folds", .serialized) struct SeededBugTests {
  private static let folds: [SeededBug] = [
    .registerLastWriterWins, .registerForgetsAwaited, .registerRankedByArrival,
    .registerRemovalForgets, .factWithdrawalForgotten, .factSlotPerOrigin,
    .factFirstArrivalCounts, .outcomeByRank, .outcomeByArrival,
  ]

  /// What a world without faults says of the same records.
  private struct Verdict: Hashable {
    var value: [UInt8]?
    var standing: Set<RecordId>
    var outcome: CommandOutcome?
  }

  private struct Record {
    var id: RecordId
    var stamp: Stamp
    var content: JournalContent
  }

  @Test("each is noticed within 200 worlds", arguments: folds) func noticed(bug: SeededBug) throws {
    unsafe SeededBug.current = nil
    defer { unsafe SeededBug.current = nil }
    var noticed: [UInt64] = []
    for seed in 0..<200 as Range<UInt64> {
      var prng = Prng(seed: seed)
      let world = try Self.world(&prng)
      unsafe SeededBug.current = nil
      let expected = Self.fold(world)
      for _ in 0..<3 {
        let order = world.shuffled(using: &prng)
        unsafe SeededBug.current = nil
        #expect(Self.fold(order) == expected, "seed \(seed), without a bug")
        unsafe SeededBug.current = bug
        if Self.fold(order) != expected { noticed.append(seed) }
      }
    }
    #expect(!noticed.isEmpty)
  }

  private static let key = RegisterKey(.deviceName, Samples.board(1))

  private static func fold(_ world: [Record]) -> Verdict {
    var registers = RegisterFold()
    var facts = FactFold<Annotation>()
    var commands = CommandFold()
    let epoch = ClockEpoch([UInt8](repeating: 1, count: 16))
    for record in world {
      switch record.content {
      case .registerWrite(let write):
        registers.apply(write, record: record.id, stamp: record.stamp)
      case .annotation(let note):
        facts.state(note, id: note.id, record: record.id, stamp: record.stamp)
      case .annotationRemoved(let removed):
        facts.withdraw(removed, record: record.id, stamp: record.stamp)
      default:
        if let epoch {
          commands.apply(
            JournalEntry(stamp: record.stamp, content: record.content), record: record.id,
            clockEpoch: epoch)
        }
      }
    }
    return Verdict(
      value: registers.value(key), standing: Set(facts.standing.map(\.record)),
      outcome: commands.all.first?.outcome)
  }

  /// Some records of three nodes: writes of one register, annotations, one command.
  private static func world(_ prng: inout Prng) throws -> [Record] {
    var world: [Record] = []
    var seqs = [UInt64](repeating: 0, count: 3)
    func add(_ node: Int, _ content: JournalContent) {
      seqs[node] += 1
      world.append(
        Record(
          id: RecordId(
            origin: CommandFoldTests.node(UInt8(node + 1)), incarnation: Incarnation(1),
            lane: .state, seq: seqs[node]),
          stamp: Stamp(
            trusted: prng.chance(50), bootUs: 1, wallUs: Int64(prng.below(3)), author: "a"),
          content: content))
    }
    for number in 0..<5 {
      let known = world.map(\.id).filter { _ in prng.chance(40) }
      add(
        prng.below(3),
        .registerWrite(
          RegisterWrite(key: key, value: prng.chance(25) ? nil : [UInt8(number)], replaces: known)))
    }
    for number in 0..<4 as Range<UInt8> {
      let id = try #require(FactId([UInt8](repeating: number / 2, count: 16)))
      let node = CommandFoldTests.node(1)
      add(
        prng.below(3),
        .annotation(Annotation(id: id, subject: .node(node), fromUs: 0, toUs: 0, text: "x")))
      if prng.chance(30) {
        add(prng.below(3), .annotationRemoved(Withdrawal(target: id, reason: "")))
      }
    }
    let id = try #require(CommandId([UInt8](repeating: 7, count: 16)))
    add(
      prng.below(3),
      .commandIssued(
        CommandIssued(
          id: id, node: CommandFoldTests.node(1), identity: Samples.board(1), op: 1, name: "x",
          arguments: [], lifeMs: 1, leaseMs: 0)))
    for _ in 0..<3 {
      let state = CommandOutcome.State.allCases[prng.below(CommandOutcome.State.allCases.count)]
      add(
        prng.below(3),
        .commandOutcome(CommandOutcome(id: id, state: state, reason: "", value: 0)))
    }
    return world
  }
}
