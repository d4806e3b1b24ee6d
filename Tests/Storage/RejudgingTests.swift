import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// Records are judged again when the rules change; the model is a store that gets all of them under
/// the last rules.
@Suite("Judging again") struct RejudgingTests {
  /// Rules that differ by a number: what one forbids another allows.
  private static func rules(_ salt: UInt64) -> ReceiveRules {
    ReceiveRules(
      isMember: { _ in true },
      unapplied: { record, _ in
        (record.seq &* 7 &+ salt &+ UInt64(record.lane.rawValue)) % 3 == 0 ? .right : nil
      })
  }

  private static func rejudge(_ node: MergingNode, _ rules: ReceiveRules) throws {
    var progress = Rejudging()
    for _ in 0..<100 where !progress.isComplete {
      _ = try node.core.rejudge(&progress, rules)
    }
    #expect(progress.isComplete)
  }

  private static func aside(_ node: MergingNode) throws -> [String] {
    var rows = try node.core.database.prepare(
      "SELECT hex(number) || lane || '.' || (aside.id & (1 << 36) - 1) || ':' || reason "
        + "FROM aside JOIN incarnation ON incarnation.id = aside.id >> 40 ORDER BY 1")
    var found: [String] = []
    while try rows.step() { found.append(rows.text(0)) }
    return found
  }

  private static func bytes(_ node: MergingNode) throws -> [UInt8] {
    let asked = try node.core.vector().logs.mapValues(\.held)
    return try node.core.serve(asked, bytesMax: 1 << 20, key: node.key).bytes
  }

  /// What was applied bit by bit under changing rules, and from zero under the last ones.
  private static func both(seed: UInt64) throws -> (left: [String], right: [String]) {
    let folder = TemporaryFolder()
    let other = TemporaryFolder()
    var prng = Prng(seed: seed)
    let giver = try MergingNode(1, folder: folder.path)
    let (taker, fresh) = (
      try MergingNode(2, folder: folder.path), try MergingNode(2, folder: other.path)
    )
    for _ in 0..<8 {
      try giver.work(&prng, [giver.key.id])
      if prng.chance(30) { try giver.restart() }
      let salt = UInt64(prng.below(3))
      _ = try taker.core.receive(
        try Carrying.batch(bytes(giver)), from: giver.key.id, rules(salt))
      if prng.chance(60) { try rejudge(taker, rules(UInt64(prng.below(3)))) }
      if prng.chance(30) { _ = try taker.readings(taker.history) }
      if prng.chance(20) { try taker.restart() }
    }
    let last = rules(UInt64(prng.below(3)))
    try rejudge(taker, last)
    _ = try fresh.core.receive(try Carrying.batch(bytes(giver)), from: giver.key.id, last)
    #expect(try taker.core.vector() == fresh.core.vector(), "seed \(seed)")
    #expect(try taker.opened().damageCount == 0, "seed \(seed)")
    return (
      try aside(taker) + taker.state() + taker.readings(taker.history),
      try aside(fresh) + fresh.state() + fresh.readings(fresh.history)
    )
  }

  @Test(
    "what is applied hangs on the rules alone, not on when records came",
    arguments: 0..<20 as Range<UInt64>)
  func fromZero(seed: UInt64) throws {
    let (left, right) = try Self.both(seed: seed)
    #expect(left == right, "seed \(seed)")
  }

  @Test("the same test notices where what was put aside is not tried again")
  func notRetried() throws {
    defer { unsafe SeededBug.current = nil }
    unsafe SeededBug.current = .unappliedNotRetried
    var isNoticed = false
    for seed in 0..<20 as Range<UInt64> where !isNoticed {
      let (left, right) = try Self.both(seed: seed)
      isNoticed = left != right
    }
    #expect(isNoticed)
  }

  @Test("what is put aside and comes back is given on with its signature")
  func signatures() throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 5)
    let giver = try MergingNode(1, folder: folder.path)
    let taker = try MergingNode(2, folder: folder.path)
    for _ in 0..<6 { try giver.work(&prng, [giver.key.id]) }
    let bytes = try Self.bytes(giver)
    _ = try taker.core.receive(try Carrying.batch(bytes), from: giver.key.id, Carrying.rules)
    try Self.rejudge(taker, ReceiveRules(isMember: { _ in true }, unapplied: { _, _ in .right }))
    #expect(
      try taker.core.database.number(
        "SELECT count(*) FROM journal WHERE id >= \(RowId.ownEnd)") == 0)
    try Self.rejudge(taker, Carrying.rules)
    let given = try Carrying.batch(Self.bytes(taker))
    #expect(given.forgedCount == 0)
    #expect(given.records.count == (try Carrying.batch(bytes)).records.count)
  }
}
