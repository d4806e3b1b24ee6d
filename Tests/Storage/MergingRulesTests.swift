import Model
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("What becomes of records that came") struct MergingRulesTests {
  private let run = 7 as UInt64

  private func signed(
    _ seq: UInt64, _ content: JournalContent, after link: [UInt8] = EntryChain.start,
    wallUs: Int64 = 5, key: NodeKey
  ) -> SignedEntry {
    let stamp = Stamp(trusted: true, bootUs: 1, wallUs: wallUs, author: "node")
    return SignedEntry(
      lane: content.lane, seq: seq, clockEpoch: Fixture.clockEpoch(99), kind: content.kind,
      body: JournalEncoder.encode(JournalEntry(stamp: stamp, content: content)),
      previousLink: link, incarnation: Incarnation(run), key: key)
  }

  private func named(_ text: String) -> JournalContent {
    .registerWrite(
      RegisterWrite(
        key: RegisterKey(.deviceName, Fixture.board), value: Array(text.utf8), replaces: []))
  }

  private func name(_ node: MergingNode) throws -> String? {
    try node.opened().registers.value(RegisterKey(.deviceName, Fixture.board))
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func batch(_ entries: [SignedEntry], of run: RunId) -> CarriedBatch {
    var batch = CarriedBatch()
    batch.take(.run(run))
    for entry in entries { batch.take(.entry(entry)) }
    return batch
  }

  private func key() throws -> NodeKey {
    try #require(NodeKey(seed: [UInt8](repeating: 9, count: 32)))
  }

  @Test(
    "two contents under one identity: both are kept and given on, and the lower counts everywhere")
  func conflict() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    let (one, two) = (signed(1, named("one"), key: key), signed(1, named("two"), key: key))
    let (left, right) = (
      try MergingNode(1, folder: folder.path), try MergingNode(2, folder: folder.path)
    )
    let isOneLower = one.contentHash(of: run).lexicographicallyPrecedes(two.contentHash(of: run))
    for (node, order) in [(left, [one, two]), (right, [two, one])] {
      var conflicts = 0
      for entry in order + order {
        let report = try node.core.receive(batch([entry], of: run), from: key.id, Carrying.rules)
        conflicts += report.conflicts.count
      }
      #expect(conflicts == 1)
      #expect(try name(node) == (isOneLower ? "one" : "two"))
      let log = LogId(run, .state)
      let served = try node.core.serve([log: Intervals(1...1)], bytesMax: 9_999, key: node.key)
      let given = try Carrying.items(served.bytes).compactMap { item in
        if case .entry(let entry) = item { return entry } else { return nil }
      }
      #expect(Set(given) == [one, two])
    }
    // A third one has both of whoever it asks.
    let third = try MergingNode(3, folder: folder.path)
    try Carrying.all(from: left, to: third)
    #expect(try name(third) == name(left))
    #expect(try third.core.database.number("SELECT count(*) FROM other_content") == 1)
  }

  @Test("a rewritten past is an alarm, whichever end came first, and nothing else follows from it")
  func fork() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    let one = signed(1, named("a"), key: key)
    let other = signed(1, named("b"), key: key)
    let two = signed(2, named("c"), after: other.link(of: run), wallUs: 9, key: key)
    for (number, order) in [(1, [one, two]), (2, [two, one])] as [(UInt8, [SignedEntry])] {
      let node = try MergingNode(number, folder: folder.path)
      let report = try node.core.receive(batch(order, of: run), from: key.id, Carrying.rules)
      #expect(report.forks.count == 1 && report.entriesKept == 2)
      #expect(try name(node) == "c")
    }
    let whole = try MergingNode(3, folder: folder.path)
    let report = try whole.core.receive(
      batch([two, other], of: run), from: key.id, Carrying.rules)
    #expect(report.forks.isEmpty)
  }

  @Test("what cannot be applied is kept, seen and given on as it came, and changes nothing")
  func aside() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let node = try MergingNode(1, folder: folder.path)
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    let unknown = SignedEntry(
      lane: .state, seq: 1, clockEpoch: Fixture.clockEpoch(99), kind: 999,
      body: signed(1, named("later"), key: key).body,
      previousLink: EntryChain.start, incarnation: Incarnation(self.run), key: key)
    let refused = signed(2, named("no"), after: unknown.link(of: run), key: key)
    let broken = SignedEntry(
      lane: .state, seq: 3, clockEpoch: Fixture.clockEpoch(99), kind: 2, body: [1],
      previousLink: refused.link(of: run), incarnation: Incarnation(self.run), key: key)
    // An anchor for a boot of the receiver's own.
    let stolen = SignedEntry(
      lane: .state, seq: 4, clockEpoch: node.options(1).clockEpoch, kind: 4,
      body: JournalEncoder.encode(
        JournalEntry(
          stamp: Fixture.stamp(),
          content: .anchor(Anchor(bootUs: 0, utcUs: 0, errorUs: 1, origin: .kernel)))),
      previousLink: broken.link(of: run), incarnation: Incarnation(self.run), key: key)
    let rules = ReceiveRules(isMember: { _ in true }, unapplied: { _, _ in .right })
    _ = try node.core.commit(
      PendingCommit(content: nil, clock: Fixture.clock(), journal: [Fixture.name("mine")]))
    let entries = [unknown, refused, broken, stolen]
    let report = try node.core.receive(batch(entries, of: run), from: key.id, rules)
    #expect(report.unapplied == [.kind: 1, .right: 1, .rule: 2] && report.applied.isEmpty)
    #expect(report.forks.isEmpty && report.entriesKept == 4)
    #expect(try name(node) == "mine")
    let log = LogId(run, .state)
    #expect(try node.core.vector()[log] == HaveLog(held: Intervals(1...4)))
    let served = try node.core.serve([log: Intervals(1...9)], bytesMax: 9_999, key: node.key)
    #expect(try Carrying.items(served.bytes).dropLast() == [.run(run)] + entries.map { .entry($0) })
    #expect(try node.opened().damageCount == 0)
    #expect(try node.opened().unappliedCount == 4)
  }

  @Test("commits of a later version are kept, given on, and shown to nobody")
  func laterCommits() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let node = try MergingNode(1, folder: folder.path)
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    let empty = CommitEncoder.encode(CommitBody(arrivalUs: 5, sources: []))
    let live = SignedLive(
      first: 3, clockEpoch: Fixture.clockEpoch(99), bodies: [empty, [2, 9], empty],
      incarnation: Incarnation(self.run), key: key)
    var batch = CarriedBatch()
    batch.take(.run(run))
    batch.take(.live(live))
    let report = try node.core.receive(batch, from: key.id, Carrying.rules)
    #expect(report.commitsKept == 3 && report.unapplied == [.kind: 1])
    #expect(try node.readings(node.history).isEmpty)
    let log = LogId(run, .telemetry)
    let served = try node.core.serve([log: Intervals(4...4)], bytesMax: 9_999, key: node.key)
    #expect(try Carrying.items(served.bytes) == [.run(run), .live(live), .end])
    // Half of it is new.
    let next = SignedLive(
      first: 5, clockEpoch: Fixture.clockEpoch(99), bodies: [empty, empty],
      incarnation: Incarnation(self.run), key: key)
    batch.removeAll()
    batch.take(.live(next))
    let second = try node.core.receive(batch, from: key.id, Carrying.rules)
    #expect(second.commitsKept == 1 && second.knownCount == 1)
    let both = try node.core.serve([log: Intervals(1...9)], bytesMax: 9_999, key: node.key)
    #expect(try Carrying.items(both.bytes) == [.run(run), .live(live), .live(next), .end])
  }

  @Test("two signed contents of commits: those that came first are shown, both are given on")
  func commitConflict() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let node = try MergingNode(1, folder: folder.path)
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    let lives = [5, 6].map { arrivalUs in
      SignedLive(
        first: 1, clockEpoch: Fixture.clockEpoch(99),
        bodies: [CommitEncoder.encode(CommitBody(arrivalUs: arrivalUs, sources: []))],
        incarnation: Incarnation(self.run), key: key)
    }
    var batch = CarriedBatch()
    batch.take(.run(run))
    for live in lives + lives { batch.take(.live(live)) }
    let report = try node.core.receive(batch, from: key.id, Carrying.rules)
    #expect(report.conflicts == [run.record(.telemetry, 1)] && report.commitsKept == 1)
    let served = try node.core.serve(
      [LogId(run, .telemetry): Intervals(1...1)], bytesMax: 9_999, key: node.key)
    #expect(
      try Carrying.items(served.bytes) == [.run(run)] + lives.map { .live($0) } + [.end])
  }

  @Test("what a node hears of itself beyond its own disk is an alarm, and is not taken")
  func rolledBack() throws {
    let folder = TemporaryFolder()
    let node = try MergingNode(1, folder: folder.path)
    var prng = Prng(seed: 4)
    try node.work(&prng, [node.key.id])
    let run = RunId(origin: node.key.id, incarnation: node.options(1).incarnation)
    let beyond = SignedEntry(
      lane: .state, seq: 999, clockEpoch: Fixture.clockEpoch(99), kind: 2, body: [],
      previousLink: EntryChain.start, incarnation: run.incarnation, key: node.key)
    let before = try node.core.vector()
    let report = try node.core.receive(
      batch([beyond], of: run), from: Fixture.otherNode, Carrying.rules)
    #expect(report.ownBeyond == [run] && report.entriesKept == 0)
    #expect(try node.core.vector() == before)
  }

  @Test("too many pieces of a log are refused, and the smallest hole is asked for")
  func pieces() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let node = try MergingNode(1, folder: folder.path)
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    func entry(_ seq: UInt64) -> SignedEntry { signed(seq, named("\(seq)"), key: key) }
    for slice in 0..<4 as Range<UInt64> {
      let seqs = (slice * 256)..<((slice + 1) * 256)
      let report = try node.core.receive(
        batch(seqs.map { entry(2 * $0 + 2) }, of: run), from: key.id, Carrying.rules)
      #expect(report.refused.isEmpty)
    }
    let far = try node.core.receive(
      batch([entry(9_999)], of: run), from: key.id, Carrying.rules)
    #expect(far.refused == [LogId(run, .state): 1...1] && far.entriesKept == 0)
    let near = try node.core.receive(
      batch([entry(3), entry(9_999)], of: run), from: key.id, Carrying.rules)
    #expect(near.refused.isEmpty && near.entriesKept == 2)
  }

  @Test("an altered entry is named at the opening, not applied, and not given on")
  func altered() throws {
    let folder = TemporaryFolder()
    let key = try key()
    let node = try MergingNode(1, folder: folder.path)
    let run = RunId(origin: key.id, incarnation: Incarnation(run))
    let one = signed(1, named("one"), key: key)
    let two = signed(2, named("two"), after: one.link(of: run), key: key)
    _ = try node.core.receive(batch([one, two], of: run), from: key.id, Carrying.rules)
    try node.core.database.execute("UPDATE journal SET body = zeroblob(4) WHERE id & 255 = 2")
    let opening = try node.opened()
    #expect(opening.damageCount == 1 && "\(opening.damages)".contains("altered"))
    let served = try node.core.serve(
      [LogId(run, .state): Intervals(1...2)], bytesMax: 9_999, key: node.key)
    #expect(served.unreadableCount == 1)
    try node.core.database.execute("DELETE FROM journal WHERE id & 255 = 2")
    #expect(try "\(node.opened().damages)".contains("missing"))
  }
}
