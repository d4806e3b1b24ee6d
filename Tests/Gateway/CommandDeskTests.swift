import Model
import Protocol
import Sync
import TestSupport
import Testing

@testable import Gateway

@Suite("Command desk") struct CommandDeskTests {
  private let device = DeviceIdentity(kind: .companion, bytes: Array(1...8))
  private let node = NodeId(Array(repeating: 7, count: 32))

  private func order(_ number: UInt8, lifeMs: UInt64 = 30_000) throws -> CommandOrder {
    let id = try #require(CommandId(Array(repeating: number, count: 16)))
    let issued = CommandIssued(
      id: id, node: try #require(node), identity: try #require(device), op: 1, name: "led",
      arguments: [2], lifeMs: lifeMs, leaseMs: 0)
    return CommandOrder(issued: issued, arguments: ["1"], issuer: "test", issuedUs: 0)
  }

  private func key(_ session: UInt32, _ id: UInt16, epoch: UInt32 = 3) -> CommandKey {
    CommandKey(epoch: epoch, session: session, id: id)
  }

  private func claims(_ actions: [CommandDesk.Action]) -> [CommandClaimed] {
    actions.compactMap { if case .claim(let claim) = $0 { claim } else { nil } }
  }

  private func sent(_ actions: [CommandDesk.Action]) -> [UInt16] {
    actions.compactMap { if case .transmit(_, let key) = $0 { key.id } else { nil } }
  }

  private func ends(_ actions: [CommandDesk.Action]) -> [String] {
    actions.compactMap {
      if case .finish(let end) = $0 { "\(end.state) \(end.reason)" } else { nil }
    }
  }

  /// A desk with one command claimed and sent in session 5 of epoch 3.
  private func begun() throws -> (CommandDesk, DeviceIdentity) {
    var desk = CommandDesk()
    let device = try #require(device)
    _ = desk.handle(.ready(device, key(5, 1)), nowUs: 0)
    let claim = try #require(claims(desk.handle(.issued(try order(1)), nowUs: 1)).first)
    #expect(sent(desk.handle(.claimed(claim), nowUs: 2)) == [1])
    return (desk, device)
  }

  @Test("a node that is to have another key ends what is open, and begins nothing")
  func retiring() throws {
    var (desk, device) = try begun()
    _ = desk.handle(.issued(try order(2)), nowUs: 3)
    let ended = ends(desk.handle(.retiring(true), nowUs: 4))
    #expect(ended == ["unknown key-changed", "refused key-changed"])
    _ = desk.handle(.issued(try order(3)), nowUs: 5)
    #expect(claims(desk.handle(.ready(device, key(5, 2)), nowUs: 6)).isEmpty)
    // The board's own word on what was sent still counts.
    let said = desk.handle(.result(device, key(5, 1), .done, value: 1), nowUs: 7)
    #expect(ends(said) == ["acked "])
    _ = desk.handle(.retiring(false), nowUs: 8)
    #expect(
      claims(desk.handle(.ready(device, key(5, 2)), nowUs: 9)).map(\.id) == [
        try order(3).issued.id
      ])
  }

  @Test("nothing is sent before the claim is on disk") func claimFirst() throws {
    var desk = CommandDesk()
    _ = desk.handle(.ready(try #require(device), key(5, 1)), nowUs: 0)
    let issued = desk.handle(.issued(try order(1)), nowUs: 1)
    #expect(sent(issued).isEmpty)
    #expect(claims(issued).map(\.number) == [1])
  }

  @Test("one command is in flight; the next follows when the board is ready") func oneInFlight()
    throws
  {
    var (desk, device) = try begun()
    #expect(claims(desk.handle(.issued(try order(2)), nowUs: 3)).isEmpty)
    let answered = desk.handle(.result(device, key(5, 1), .done, value: 7), nowUs: 4)
    #expect(ends(answered) == ["acked "])
    #expect(claims(answered).isEmpty)
    #expect(claims(desk.handle(.ready(device, key(5, 2)), nowUs: 5)).map(\.number) == [2])
  }

  @Test("what an earlier run wrote and others gave back is not done again, and is believed")
  func regained() throws {
    var desk = CommandDesk()
    let queued = try order(1)
    let origin = try #require(node)
    let boot = try #require(ClockEpoch(Array(repeating: 1, count: 16)))
    let id = queued.issued.id
    var fold = CommandFold()
    var seq: UInt64 = 0
    func life(_ content: JournalContent) throws -> CommandDesk.Event {
      seq += 1
      let stamp = Stamp(trusted: true, bootUs: 0, wallUs: 0, author: "")
      fold.apply(
        JournalEntry(stamp: stamp, content: content),
        record: RecordId(origin: origin, incarnation: Incarnation(3), lane: .control, seq: seq),
        clockEpoch: boot)
      return .regained(try #require(fold.life(id)))
    }
    _ = desk.handle(.issued(queued), nowUs: 1)
    let issued = try life(.commandIssued(queued.issued))
    #expect(ends(desk.handle(issued, nowUs: 2)).isEmpty)
    #expect(desk.order(id)?.state == .queued)
    let claimed = try life(
      .commandClaimed(CommandClaimed(id: id, epoch: 3, session: 5, number: 1)))
    #expect(ends(desk.handle(claimed, nowUs: 3)) == ["unknown daemon-restarted"])
    #expect(claims(desk.handle(.ready(try #require(device), key(6, 1)), nowUs: 4)).isEmpty)
    // It is on disk already, in the words of the run that saw it.
    let acked = try life(
      .commandOutcome(CommandOutcome(id: id, state: .acked, reason: "", value: 7)))
    #expect(ends(desk.handle(acked, nowUs: 5)).isEmpty)
    #expect(desk.order(id)?.state == .acked && desk.order(id)?.value == 7)
  }

  @Test("an answer that comes again changes nothing") func answeredOnce() throws {
    var (desk, device) = try begun()
    let answer = CommandDesk.Event.result(device, key(5, 1), .done, value: 0)
    #expect(ends(desk.handle(answer, nowUs: 4)) == ["acked "])
    #expect(ends(desk.handle(answer, nowUs: 5)).isEmpty)
    #expect(ends(desk.handle(.lost(device, key(5, 1)), nowUs: 6)).isEmpty)
  }

  @Test("what a board never received is claimed anew, under another key") func neverReceived()
    throws
  {
    var (desk, device) = try begun()
    _ = desk.handle(.detached(device), nowUs: 5)
    #expect(desk.carried(for: device) == key(5, 1))
    #expect(claims(desk.handle(.notReceived(device, key(5, 1)), nowUs: 6)).isEmpty)
    #expect(desk.carried(for: device) == nil)
    #expect(claims(desk.handle(.ready(device, key(6, 1)), nowUs: 7)).map(\.session) == [6])
  }

  @Test("a key that a claim holds names no second command") func oneClaimPerKey() throws {
    var desk = CommandDesk()
    let device = try #require(device)
    _ = desk.handle(.ready(device, key(5, 1)), nowUs: 0)
    #expect(claims(desk.handle(.issued(try order(1)), nowUs: 1)).count == 1)
    _ = desk.handle(.issued(try order(2)), nowUs: 2)
    // The line is still free: the first claim is on its way to the disk.
    #expect(claims(desk.handle(.ready(device, key(5, 1)), nowUs: 3)).isEmpty)
    #expect(claims(desk.handle(.ready(device, key(5, 2)), nowUs: 4)).map(\.number) == [2])
  }

  @Test("what a board never received is refused when its life is over") func neverReceivedLate()
    throws
  {
    var (desk, device) = try begun()
    let late = desk.handle(.notReceived(device, key(5, 1)), nowUs: 30_000_000)
    #expect(ends(late) == ["refused expired"])
  }

  @Test("a board that restarted leaves its command unknown, and it is not sent again")
  func restarted() throws {
    var (desk, device) = try begun()
    #expect(ends(desk.handle(.lost(device, key(5, 1)), nowUs: 6)) == ["unknown board-restarted"])
    #expect(claims(desk.handle(.ready(device, key(6, 1, epoch: 4)), nowUs: 7)).isEmpty)
  }

  @Test("a command never runs after its life, however slow the disk is") func lateClaim() throws {
    var desk = CommandDesk()
    _ = desk.handle(.ready(try #require(device), key(5, 1)), nowUs: 0)
    let issued = desk.handle(.issued(try order(1, lifeMs: 100)), nowUs: 1)
    let claim = try #require(claims(issued).first)
    let late = desk.handle(.claimed(claim), nowUs: 100_000)
    #expect(sent(late).isEmpty)
    #expect(ends(late) == ["refused expired"])
  }

  @Test("a claim that could not be written leaves the command waiting") func claimFailed() throws {
    var desk = CommandDesk()
    let device = try #require(device)
    _ = desk.handle(.ready(device, key(5, 1)), nowUs: 0)
    let claim = try #require(claims(desk.handle(.issued(try order(1)), nowUs: 1)).first)
    _ = desk.handle(.claimFailed(claim), nowUs: 2)
    #expect(desk.order(claim.id)?.state == .queued)
    #expect(claims(desk.handle(.ready(device, key(5, 1)), nowUs: 3)) == [claim])
  }

  @Test("a command for an absent device is refused when its life ends") func absent() throws {
    var desk = CommandDesk()
    let issued = desk.handle(.issued(try order(1, lifeMs: 100)), nowUs: 1)
    #expect(issued.contains(.wake(atUs: 100_000)))
    #expect(ends(desk.handle(.tick, nowUs: 99_999)).isEmpty)
    #expect(ends(desk.handle(.tick, nowUs: 100_000)) == ["refused absent"])
  }

  @Test("a claim found at start is unknown, until the board's own result says otherwise")
  func restoredClaim() throws {
    var desk = CommandDesk()
    let device = try #require(device)
    var order = try order(1)
    order.claim = CommandClaimed(id: order.issued.id, epoch: 3, session: 5, number: 1)
    order.state = .claimed
    let restored = desk.restore([order], issuedInThisEpoch: { _ in true }, nowUs: 1)
    #expect(ends(restored) == ["unknown daemon-restarted"])
    #expect(desk.carried(for: device) == key(5, 1))
    #expect(ends(desk.handle(.notReceived(device, key(5, 1)), nowUs: 2)).isEmpty)
    let told = desk.handle(.result(device, key(5, 1), .done, value: 0), nowUs: 3)
    #expect(ends(told) == ["acked "])
  }

  @Test("a new session asks for what is under way before what was given up") func carriedFirst()
    throws
  {
    var (desk, device) = try begun()
    _ = desk.handle(.notReceived(device, key(5, 1)), nowUs: 4)
    var later = try order(3, lifeMs: 1000)
    later.claim = CommandClaimed(id: later.issued.id, epoch: 3, session: 4, number: 9)
    later.state = .unknown
    _ = desk.restore([later], issuedInThisEpoch: { _ in true }, nowUs: 5)
    let claim = try #require(claims(desk.handle(.ready(device, key(5, 3)), nowUs: 6)).first)
    _ = desk.handle(.claimed(claim), nowUs: 7)
    #expect(desk.carried(for: device) == key(5, 3))
  }

  @Test("a command issued in another boot of the node is refused at start") func otherBoot() throws
  {
    var desk = CommandDesk()
    let restored = desk.restore([try order(1)], issuedInThisEpoch: { _ in false }, nowUs: 1)
    #expect(ends(restored) == ["refused expired"])
  }

  @Test("no command is sent twice, whatever happens", arguments: 0..<200 as Range<UInt64>)
  func atMostOnce(seed: UInt64) throws {
    var random = Prng(seed: seed)
    let device = try #require(device)
    var desk = CommandDesk()
    var board = ModelBoard()
    var pending: [CommandClaimed] = []
    var nowUs: Int64 = 0
    for step in 0..<300 {
      nowUs += Int64(random.next() % 2_000_000)
      var actions: [CommandDesk.Action]
      switch random.next() % 8 {
      case 0, 1:
        let number = UInt8(truncatingIfNeeded: step)
        var fresh = try order(number, lifeMs: 500 + random.next() % 20_000)
        fresh.issuedUs = nowUs
        actions =
          desk.order(fresh.issued.id) == nil ? desk.handle(.issued(fresh), nowUs: nowUs) : []
      case 2: actions = desk.handle(.detached(device), nowUs: nowUs)
      case 3:
        if random.next() % 3 == 0 { board.restart() }
        board.session = UInt32(step + 1)
        board.number = 0
        actions = []
        if let carried = desk.carried(for: device) {
          actions = desk.handle(board.word(on: carried, device), nowUs: nowUs)
        }
        actions += desk.handle(.ready(device, board.nextKey()), nowUs: nowUs)
      case 4, 5:
        let claim = pending.popLast()
        actions = claim.map { desk.handle(.claimed($0), nowUs: nowUs) } ?? []
      case 6:
        let carried = desk.carried(for: device)
        let isHeard = carried?.session == board.session
        actions =
          carried.flatMap { key in
            isHeard ? desk.handle(board.word(on: key, device), nowUs: nowUs) : nil
          } ?? []
        if isHeard { actions += desk.handle(.ready(device, board.nextKey()), nowUs: nowUs) }
      default: actions = desk.handle(.tick, nowUs: nowUs)
      }
      for action in actions {
        if case .claim(let claim) = action { pending.append(claim) }
        guard case .transmit(let order, let key) = action else { continue }
        #expect(nowUs < order.deadlineUs, "seed \(seed): sent after its life")
        // The link may lose it, deliver it, or deliver it twice; of an old session nothing is sent.
        guard key.session == board.session, key.epoch == board.epoch else { continue }
        for _ in 0..<(random.next() % 3) { board.receive(order.issued.id, key) }
      }
    }
    #expect(board.runs.values.allSatisfy { $0 == 1 }, "seed \(seed): \(board.runs)")
  }
}

/// A board and its link session, as PROTOCOL.md section 5 has them.
private struct ModelBoard {
  var epoch: UInt32 = 1
  var session: UInt32 = 0
  var number: UInt16 = 0
  var last: CommandKey?
  var runs: [CommandId: Int] = [:]

  mutating func restart() {
    epoch += 1
    last = nil
  }

  mutating func nextKey() -> CommandKey {
    number += 1
    return CommandKey(epoch: epoch, session: session, id: number)
  }

  mutating func receive(_ id: CommandId, _ key: CommandKey) {
    if let last, last.session == key.session, key.id <= last.id { return }
    last = key
    runs[id, default: 0] += 1
  }

  func word(on key: CommandKey, _ device: DeviceIdentity) -> CommandDesk.Event {
    if key.epoch != epoch { return .lost(device, key) }
    return key == last ? .result(device, key, .done, value: 0) : .notReceived(device, key)
  }
}
