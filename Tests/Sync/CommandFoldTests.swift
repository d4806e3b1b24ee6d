import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Commands") struct CommandFoldTests {
  /// One record of a command's life.
  struct Written {
    var record: RecordId
    var entry: JournalEntry
  }

  private let epoch = ClockEpoch([UInt8](repeating: 1, count: 16))

  static func node(_ number: UInt8) -> NodeId {
    guard let node = NodeId([UInt8](repeating: number, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return node
  }

  private static func id(_ number: Int) -> CommandId {
    let bytes = (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    guard let id = CommandId(bytes) else { preconditionFailure("16 bytes") }
    return id
  }

  /// Node 1 executes; who writes is `by`, in which run and at which place of it.
  private static func written(
    _ content: JournalContent, by origin: UInt8 = 1, run: UInt64 = 1, _ seq: UInt64,
    wallUs: Int64 = 1
  ) -> Written {
    Written(
      record: RecordId(
        origin: node(origin), incarnation: Incarnation(run), lane: .control, seq: seq),
      entry: JournalEntry(
        stamp: Stamp(trusted: true, bootUs: 1, wallUs: wallUs, author: "local:0"),
        content: content))
  }

  private static func issue(_ number: Int = 1) -> JournalContent {
    .commandIssued(
      CommandIssued(
        id: id(number), node: node(1), identity: Samples.board(1), op: 1, name: "relay",
        arguments: [2], lifeMs: 1_000, leaseMs: 0))
  }

  private static func claim(_ number: UInt16 = 3, of command: Int = 1) -> JournalContent {
    .commandClaimed(CommandClaimed(id: id(command), epoch: 1, session: 2, number: number))
  }

  private static func end(
    _ state: CommandOutcome.State, _ reason: String = "", of command: Int = 1
  ) -> JournalContent {
    .commandOutcome(CommandOutcome(id: id(command), state: state, reason: reason, value: 0))
  }

  private func fold(_ records: [Written]) throws -> CommandFold {
    var fold = CommandFold()
    for written in records {
      fold.apply(written.entry, record: written.record, clockEpoch: try #require(epoch))
    }
    return fold
  }

  /// The fold of these records, which is the same in every order, and when each comes twice.
  private func everyFold(
    _ records: [Written], _ location: SourceLocation = #_sourceLocation
  ) throws -> CommandLife? {
    var prng = Prng(seed: 4)
    let expected = try fold(records)
    for _ in 0..<40 {
      let order = (records + records).shuffled(using: &prng)
      #expect(try fold(order) == expected, sourceLocation: location)
    }
    return expected.life(Self.id(1))
  }

  @Test("a claim without outcome is found; an outcome ends it") func life() throws {
    let issue = Self.written(Self.issue(), 1)
    var found = try fold([issue])
    #expect(found.open.count == 1 && found.claimedOpen.isEmpty)
    let claim = Self.written(Self.claim(), 2)
    found = try fold([issue, claim])
    #expect(found.claimedOpen.map(\.claimed?.number) == [3])
    let life = try #require(try everyFold([issue, claim, Self.written(Self.end(.acked), 3)]))
    #expect(!life.isOpen && life.outcome?.state == .acked && life.claimed?.number == 3)
  }

  @Test("a claim that was made anew is the one that counts") func claimedTwice() throws {
    let life = try everyFold([
      Self.written(Self.issue(), 1), Self.written(Self.claim(3), 2),
      Self.written(Self.claim(4), 3),
    ])
    #expect(life?.claimed?.number == 4)
  }

  @Test("within a run the first end stands; only an unknown one gives way") func unknown() throws {
    let life = try everyFold([
      Self.written(Self.issue(), 1), Self.written(Self.end(.unknown, "no-answer"), 2),
      Self.written(Self.end(.acked), 3), Self.written(Self.end(.failed), 4),
      Self.written(Self.end(.unknown), 5),
    ])
    #expect(life?.outcome?.state == .acked)
  }

  @Test("after a restart the board's own word ends what was unknown, a refusal too")
  func lateWord() throws {
    for word in [CommandOutcome.State.acked, .failed, .refused] {
      let life = try everyFold([
        Self.written(Self.issue(), 1), Self.written(Self.claim(), 2),
        Self.written(Self.end(.unknown, "daemon-restarted"), run: 9, 2),
        Self.written(Self.end(word, "busy"), run: 9, 3),
      ])
      #expect(life?.outcome?.state == word)
    }
  }

  @Test("what nobody issued is not made up, and waits for its order") func neverIssued() throws {
    let found = try fold([Self.written(Self.end(.acked), 3), Self.written(Self.claim(), 2)])
    #expect(found.all.isEmpty && found.life(Self.id(1)) == nil)
  }

  @Test("only the node that the order names has a say in how it ends") func otherNode() throws {
    let life = try everyFold([
      Self.written(Self.issue(), by: 2, 1), Self.written(Self.claim(), by: 2, 2),
      Self.written(Self.end(.acked), by: 3, 3), Self.written(Self.end(.refused), by: 2, 3),
    ])
    #expect(life?.isOpen == true && life?.claimed == nil)
  }

  @Test("the issuer's node may take back what nobody claimed, and no other") func cancelled() throws
  {
    let issue = Self.written(Self.issue(), by: 2, 1)
    let cancel = Self.written(Self.end(.cancelled), by: 2, 2)
    #expect(try everyFold([issue, cancel])?.outcome?.state == .cancelled)
    // The executing node knew nothing of that when it began: what it says counts.
    let claim = Self.written(Self.claim(), 7)
    #expect(try everyFold([issue, cancel, claim])?.isOpen == true)
    let acked = Self.written(Self.end(.acked), 8)
    #expect(try everyFold([issue, cancel, claim, acked])?.outcome?.state == .acked)
    #expect(try everyFold([issue, Self.written(Self.end(.cancelled), by: 3, 1)])?.isOpen == true)
  }

  @Test("a copied card that never sent it knows less than the one that did") func clones() throws {
    let issue = Self.written(Self.issue(), 1)
    let expired = Self.written(Self.end(.refused, "expired"), run: 2, 1)
    let claim = Self.written(Self.claim(), run: 3, 1)
    #expect(try everyFold([issue, expired])?.outcome?.state == .refused)
    #expect(try everyFold([issue, expired, claim])?.isOpen == true)
    let lost = Self.written(Self.end(.unknown, "no-answer"), run: 3, 2)
    #expect(try everyFold([issue, expired, claim, lost])?.outcome?.state == .unknown)
    let acked = Self.written(Self.end(.acked), run: 3, 3)
    #expect(try everyFold([issue, expired, claim, lost, acked])?.outcome?.state == .acked)
  }

  @Test("of two orders under one id that of the lower record counts") func twoOrders() throws {
    var other = Self.written(Self.issue(), by: 3, 1)
    other.entry.stamp.author = "user:eve"
    let life = try everyFold([other, Self.written(Self.issue(), by: 2, 1)])
    #expect(life?.issuedStamp.author == "local:0")
  }

  @Test("finished commands are forgotten beyond a number, open ones never, in any order")
  func bounded() throws {
    let count = Limits.finishedCommandsMax + 400
    var records = [Self.written(Self.issue(0), 1, wallUs: 0)]
    for number in 1...count {
      let seq = UInt64(number * 2)
      records.append(Self.written(Self.issue(number), seq, wallUs: Int64(number)))
      records.append(Self.written(Self.end(.acked, of: number), seq + 1))
    }
    let found = try fold(records)
    #expect(found.all.count == Limits.finishedCommandsMax + 1)
    #expect(found.open.map(\.issued.id) == [Self.id(0)])
    #expect(found.all.map(\.issuedStamp.wallUs) == [0] + (401...Int64(count)))
    var prng = Prng(seed: 11)
    let other = try fold(records.shuffled(using: &prng))
    #expect(other.all.map(\.issued.id) == found.all.map(\.issued.id))
  }
}
