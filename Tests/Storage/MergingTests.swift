import Model
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Merging") struct MergingTests {
  @Test(
    "nodes that exchange in random cuts and orders end with equal state and equal readings",
    arguments: 0..<12 as Range<UInt64>)
  func convergence(seed: UInt64) throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: seed)
    let nodes = try (1...3).map { try MergingNode($0, folder: folder.path) }
    let ids = nodes.map(\.key.id)
    for _ in 0..<60 {
      let node = nodes[prng.below(3)]
      switch prng.below(10) {
      case 0...3: try node.work(&prng, ids)
      case 4: try node.restart()
      case 5: _ = try node.readings(node.history)
      case 6:
        if prng.chance(50) { try node.compact(1 + prng.below(4)) }
        while try node.core.dateBlocks() {}
      default: try Carrying.some(from: node, to: nodes[prng.below(3)], &prng)
      }
    }
    // The third never speaks with the first: what it has goes by the second.
    try Carrying.all(from: nodes[0], to: nodes[1])
    try Carrying.all(from: nodes[2], to: nodes[1])
    try Carrying.all(from: nodes[1], to: nodes[0])
    try Carrying.all(from: nodes[1], to: nodes[2])
    let seen = try nodes.map { try $0.core.vector().logs.mapValues(\.seen) }
    let state = try nodes.map { try $0.state() }
    let readings = try nodes.map { try $0.readings($0.history) }
    for index in 1..<3 {
      #expect(seen[index] == seen[0], "seed \(seed)")
      #expect(state[index] == state[0], "seed \(seed)")
      #expect(readings[index] == readings[0], "seed \(seed)")
    }
    for node in nodes {
      // Folded on while records came, and from zero.
      let fresh = try HistoryCore(path: node.options(node.run).path, vfs: nil)
      #expect(try node.readings(fresh) == node.readings(node.history), "seed \(seed)")
      #expect(node.facts(fresh) == node.facts(node.history), "seed \(seed)")
      #expect(try node.opened().damageCount == 0, "seed \(seed)")
      var inspection = Inspection()
      while !inspection.isComplete { inspection = try fresh.inspect(inspection) }
      #expect(inspection.damageCount == 0, "seed \(seed): \(inspection.damages)")
    }
  }

  /// One node that has worked, and one that has not.
  private func two(
    _ folder: String, _ prng: inout Prng
  ) throws -> (worked: MergingNode, other: MergingNode) {
    let worked = try MergingNode(1, folder: folder)
    let other = try MergingNode(2, folder: folder)
    for _ in 0..<8 { try worked.work(&prng, [worked.key.id]) }
    return (worked, other)
  }

  private func everything(_ node: MergingNode) throws -> CarriedBatch {
    let asked = try node.core.vector().logs.mapValues(\.held)
    return try Carrying.batch(
      node.core.serve(asked, bytesMax: 1 << 20, key: node.key).bytes)
  }

  @Test("what is left behind a full batch of entries is what is asked for next")
  func rest() throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 4)
    let (worked, other) = try two(folder.path, &prng)
    func parts() throws -> [LogPart] {
      let wanted = try other.core.vector().wanted(from: worked.core.vector())
      return wanted.keys.filter { $0.lane == .state }.sorted()
        .map { LogPart($0, wanted[$0] ?? Intervals()) }
    }
    var expected: [LogPart]?
    var batches = 0
    while case let parts = try parts(), !parts.isEmpty, batches < 1_000 {
      #expect(expected == nil || parts == expected, "batch \(batches)")
      let served = try worked.core.serve(parts, bytesMax: 400, key: worked.key)
      #expect(served.isFull == !served.rest.isEmpty)
      expected = served.isFull ? served.rest : []
      _ = try other.core.receive(
        try Carrying.batch(served.bytes), from: worked.key.id, Carrying.rules)
      batches += 1
    }
    #expect(batches > 3 && expected == [])
  }

  @Test("what is received twice changes nothing the second time")
  func twice() throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 1)
    let (worked, other) = try two(folder.path, &prng)
    let batch = try everything(worked)
    let first = try other.core.receive(batch, from: worked.key.id, Carrying.rules)
    let vector = try other.core.vector()
    let second = try other.core.receive(batch, from: worked.key.id, Carrying.rules)
    #expect(first.entriesKept > 8 && first.commitsKept > 0 && first.knownCount == 0)
    #expect(second.entriesKept + second.commitsKept == 0 && second.applied.isEmpty)
    #expect(second.knownCount == first.entriesKept + first.commitsKept)
    #expect(try other.core.vector() == vector)
    // Its own records come back to their origin: known, and nothing else.
    let back = try worked.core.receive(try everything(other), from: other.key.id, Carrying.rules)
    #expect(back.knownCount == second.knownCount && back.ownBeyond.isEmpty)
    #expect(back.entriesKept + back.commitsKept == 0 && back.conflicts.isEmpty)
  }

  @Test("foreign rows are nobody's own: cursors, parents, boots and compaction are as without them")
  func ownStaysOwn() throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 2)
    let (worked, other) = try two(folder.path, &prng)
    _ = try other.core.receive(try everything(worked), from: worked.key.id, Carrying.rules)
    // Taken before the first commit of its own.
    #expect(try other.core.compactionBounds().openIncarnation == nil)
    try other.work(&prng, [other.key.id])
    try other.core.checkpoint()
    #expect(try other.core.compactionBounds().openIncarnation == 1)
    #expect(try other.core.compactionBounds().folded < RowId.ownEnd)
    try other.restart()
    #expect(other.opening.cursors.all.allSatisfy { $0.identity == other.board })
    for _ in 0..<6 { try other.work(&prng, [other.key.id]) }
    let parents = try other.core.parents().filter { $0.key.origin == other.key.id }
    #expect(parents.count == 1 && parents.first?.value.incarnation == Incarnation(2 << 32 + 1))
    let clocks = try other.history.reading { () throws(DatabaseError) in
      try other.history.clocks()
    }
    #expect(clocks.boots.map(\.number) == [1, 2])
    #expect(other.opening.commands.all.isEmpty)
    try other.core.checkpoint()
    let compacted = try other.core.compact(other.options(9), RangeBounds())
    let own = try other.core.database.number(
      "SELECT count(*) FROM commit_range WHERE id >= 1 << 62")
    #expect(compacted.reduce(0) { $0 + $1.commits } <= 7 && own == 0)
    #expect(try other.readings(other.history).count > worked.readings(worked.history).count)
  }

  @Test("records of nobody known wait, are not seen, and are taken when their origin is a member")
  func spool() throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 3)
    let (worked, other) = try two(folder.path, &prng)
    let strangers = ReceiveRules(isMember: { _ in false }, unapplied: { _, _ in nil })
    let batch = try everything(worked)
    let waiting = try other.core.receive(batch, from: worked.key.id, strangers)
    #expect(waiting.waitingCount == batch.records.count && waiting.entriesKept == 0)
    #expect(try other.core.vector() == HaveVector())
    _ = try other.core.receive(batch, from: worked.key.id, strangers)
    let rows = try other.core.database.number("SELECT count(*) FROM spool")
    #expect(rows == Int64(batch.records.count), "the same record waits once")
    #expect(try other.core.receiveSpool(strangers).entriesKept == 0)
    let taken = try other.core.receiveSpool(Carrying.rules)
    #expect(taken.entriesKept > 8 && taken.commitsKept > 0)
    #expect(
      try other.core.vector().logs.mapValues(\.seen)
        == worked.core.vector().logs.mapValues(\.seen))
    #expect(try other.core.database.number("SELECT count(*) FROM spool") == 0)
  }

  @Test(
    "what makes its own origin known does not wait for somebody who names that",
    arguments: [false, true])
  func introduction(isSpooledBefore: Bool) throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 3)
    let (worked, other) = try two(folder.path, &prng)
    let site = try #require(NodeKey(seed: [UInt8](repeating: 200, count: 32)))
    let old = try #require(NodeKey(seed: [UInt8](repeating: 201, count: 32)))
    let succession = Succession(site: SiteId(site), from: old, to: worked.key.id)
    let receipt = try worked.core.commit(
      PendingCommit(
        content: nil,
        clock: ClockObservation(bootUs: 9_000_000, wallUs: 9, trusted: true, errorUs: 1),
        journal: [
          JournalEntry(
            stamp: Stamp(trusted: true, bootUs: 9_000_000, wallUs: 9, author: "node"),
            content: .succession(succession))
        ]))
    let said = try #require(receipt.journal.first)
    let strangers = ReceiveRules(isMember: { _ in false }, unapplied: { _, _ in nil })
    let rules = ReceiveRules(
      isMember: { _ in false }, introduces: { $0 == said && $1 == .succession(succession) },
      unapplied: { _, _ in nil })
    let batch = try everything(worked)
    var kept = ReceiveReport()
    if isSpooledBefore {
      _ = try other.core.receive(batch, from: worked.key.id, strangers)
      #expect(try other.core.vector() == HaveVector())
      kept = try other.core.receiveSpool(rules)
    } else {
      kept = try other.core.receive(batch, from: worked.key.id, rules)
      #expect(kept.waitingCount == batch.records.count - 1)
    }
    #expect(kept.entriesKept == 1 && kept.applied.map(\.record) == [said])
    #expect(try other.core.vector().logs.count == 1)
    // The rest waits on, and comes once the origin is a member.
    #expect(try other.core.receiveSpool(Carrying.rules).entriesKept > 8)
    #expect(
      try other.core.vector().logs.mapValues(\.seen)
        == worked.core.vector().logs.mapValues(\.seen))
  }

  @Test("the spool of a carrier has an end: the oldest go", .timeLimit(.minutes(1)))
  func spoolBound() throws {
    let folder = TemporaryFolder()
    let other = try MergingNode(2, folder: folder.path)
    let strangers = ReceiveRules(isMember: { _ in false }, unapplied: { _, _ in nil })
    let run = RunId(origin: Fixture.otherNode, incarnation: Incarnation(7))
    var receiving = Receiving(rules: strangers, carrier: Fixture.node)
    // Each of 60 KiB: the bytes bound it before the count does.
    try other.core.database.transaction { () throws(DatabaseError) in
      for seq in 1...300 as ClosedRange<UInt64> {
        let entry = SignedEntry(
          lane: .state, seq: seq, clockEpoch: Fixture.clockEpoch(), kind: 2,
          body: [UInt8](repeating: UInt8(truncatingIfNeeded: seq), count: 60 << 10),
          previousLink: EntryChain.start, signature: [UInt8](repeating: 0, count: 64))
        try other.core.spool(.entry(entry), of: run, &receiving)
      }
    }
    let size = try other.core.database.number("SELECT sum(length(record)) FROM spool") ?? 0
    #expect(size <= Limits.spoolBytesMax && size > Limits.spoolBytesMax - (64 << 10))
    let newest = try other.core.database.number("SELECT max(id) FROM spool")
    #expect(newest == 300)
  }
}
