import Model
import Protocol
import Sync
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

  private func last(session: UInt32 = 0, id: UInt16 = 0, status: CommandStatus = .done)
    -> CommandResult
  {
    CommandResult(attached: 9, session: session, id: id, status: status, value: 0)
  }

  private func claims(_ actions: [CommandDesk.Action]) -> [CommandClaimed] {
    actions.compactMap { if case .claim(let claim) = $0 { claim } else { nil } }
  }

  private func sent(_ actions: [CommandDesk.Action]) -> [UInt16] {
    actions.compactMap { if case .transmit(_, let number) = $0 { number } else { nil } }
  }

  private func ends(_ actions: [CommandDesk.Action]) -> [String] {
    actions.compactMap {
      if case .finish(let end) = $0 { "\(end.state) \(end.reason)" } else { nil }
    }
  }

  /// A desk with one command claimed and sent in session 5 of epoch 3.
  private func begun() throws -> (CommandDesk, CommandOrder) {
    var desk = CommandDesk()
    let device = try #require(device)
    let order = try order(1)
    _ = desk.handle(.attached(device, epoch: 3, session: 5, last: last()), nowUs: 0)
    let claim = try #require(claims(desk.handle(.issued(order), nowUs: 1)).first)
    #expect(sent(desk.handle(.claimed(claim), nowUs: 2)) == [1])
    return (desk, order)
  }

  @Test("nothing is sent before the claim is on disk") func claimFirst() throws {
    var desk = CommandDesk()
    let device = try #require(device)
    _ = desk.handle(.attached(device, epoch: 3, session: 5, last: last()), nowUs: 0)
    let issued = desk.handle(.issued(try order(1)), nowUs: 1)
    #expect(sent(issued).isEmpty)
    #expect(claims(issued).map(\.number) == [1])
  }

  @Test("one command is in flight; the next follows its answer") func oneInFlight() throws {
    var (desk, first) = try begun()
    #expect(claims(desk.handle(.issued(try order(2)), nowUs: 3)).isEmpty)
    let answered = desk.handle(.result(first.issued.identity, last(session: 5, id: 1)), nowUs: 4)
    #expect(ends(answered) == ["acked "])
    #expect(claims(answered).map(\.number) == [2])
  }

  @Test("an answer that comes again changes nothing") func answeredOnce() throws {
    var (desk, first) = try begun()
    let answer = CommandDesk.Event.result(first.issued.identity, last(session: 5, id: 1))
    #expect(ends(desk.handle(answer, nowUs: 4)) == ["acked "])
    #expect(ends(desk.handle(answer, nowUs: 5)).isEmpty)
  }

  @Test("in the same epoch a board that names another command never received this one")
  func neverReceived() throws {
    var (desk, first) = try begun()
    let device = first.issued.identity
    _ = desk.handle(.detached(device), nowUs: 5)
    let again = desk.handle(.attached(device, epoch: 3, session: 6, last: last()), nowUs: 6)
    #expect(ends(again).isEmpty)
    #expect(claims(again).map(\.session) == [6])
  }

  @Test("after a reconnection the board's own result settles the command") func settled() throws {
    var (desk, first) = try begun()
    let device = first.issued.identity
    _ = desk.handle(.detached(device), nowUs: 5)
    let again = desk.handle(
      .attached(device, epoch: 3, session: 6, last: last(session: 5, id: 1)), nowUs: 6)
    #expect(ends(again) == ["acked "])
    #expect(claims(again).isEmpty)
  }

  @Test("a board that restarted leaves its command unknown, and it is not sent again")
  func restarted() throws {
    var (desk, first) = try begun()
    let again = desk.handle(
      .attached(first.issued.identity, epoch: 4, session: 6, last: last()), nowUs: 6)
    #expect(ends(again) == ["unknown board-restarted"])
    #expect(claims(again).isEmpty)
  }

  @Test("a late claim of an old session is not used for the new one") func staleClaim() throws {
    var desk = CommandDesk()
    let device = try #require(device)
    _ = desk.handle(.attached(device, epoch: 3, session: 5, last: last()), nowUs: 0)
    let old = try #require(claims(desk.handle(.issued(try order(1)), nowUs: 1)).first)
    let attached = desk.handle(.attached(device, epoch: 3, session: 6, last: last()), nowUs: 2)
    let new = try #require(claims(attached).first)
    #expect(sent(desk.handle(.claimed(old), nowUs: 3)).isEmpty)
    #expect(sent(desk.handle(.claimed(new), nowUs: 4)) == [1])
  }

  @Test("a command never runs after its life, however slow the disk is") func lateClaim() throws {
    var desk = CommandDesk()
    let device = try #require(device)
    _ = desk.handle(.attached(device, epoch: 3, session: 5, last: last()), nowUs: 0)
    let issued = desk.handle(.issued(try order(1, lifeMs: 100)), nowUs: 1)
    let claim = try #require(claims(issued).first)
    let late = desk.handle(.claimed(claim), nowUs: 100_000)
    #expect(sent(late).isEmpty)
    #expect(ends(late) == ["refused expired"])
  }

  @Test("a command for an absent device is refused when its life ends") func absent() throws {
    var desk = CommandDesk()
    let order = try order(1, lifeMs: 100)
    let issued = desk.handle(.issued(order), nowUs: 1)
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
    let other = desk.handle(.attached(device, epoch: 3, session: 6, last: last()), nowUs: 2)
    #expect(ends(other).isEmpty && claims(other).isEmpty)
    let told = desk.handle(.result(device, last(session: 5, id: 1)), nowUs: 3)
    #expect(ends(told) == ["acked "])
  }

  @Test("a command issued in another boot of the node is refused at start") func otherBoot() throws {
    var desk = CommandDesk()
    let restored = desk.restore([try order(1)], issuedInThisEpoch: { _ in false }, nowUs: 1)
    #expect(ends(restored) == ["refused expired"])
  }

  @Test("no command is sent twice, whatever happens", arguments: 0..<200 as Range<UInt64>)
  func atMostOnce(seed: UInt64) throws {
    var random = SplitMix(state: seed)
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
        actions = desk.order(fresh.issued.id) == nil ? desk.handle(.issued(fresh), nowUs: nowUs) : []
      case 2: actions = desk.handle(.detached(device), nowUs: nowUs)
      case 3:
        if random.next() % 3 == 0 { board.restart() }
        board.session = UInt32(step + 1)
        actions = desk.handle(
          .attached(device, epoch: board.epoch, session: board.session, last: board.result()),
          nowUs: nowUs)
      case 4, 5:
        let claim = pending.popLast()
        actions = claim.map { desk.handle(.claimed($0), nowUs: nowUs) } ?? []
      case 6: actions = desk.handle(.result(device, board.result()), nowUs: nowUs)
      default: actions = desk.handle(.tick, nowUs: nowUs)
      }
      for action in actions {
        if case .claim(let claim) = action { pending.append(claim) }
        guard case .transmit(let order, let number) = action else { continue }
        #expect(nowUs < order.deadlineUs, "seed \(seed): sent after its life")
        // The link may lose it, deliver it, or deliver it twice.
        for _ in 0..<(random.next() % 3) {
          board.receive(order.issued.id, session: order.claim?.session ?? 0, number: number)
        }
      }
    }
    #expect(board.runs.values.allSatisfy { $0 == 1 }, "seed \(seed): \(board.runs)")
  }
}

/// A board that runs what it gets once a number, as PROTOCOL.md section 5 says.
private struct ModelBoard {
  var epoch: UInt32 = 1
  var session: UInt32 = 0
  var last: (session: UInt32, number: UInt16) = (0, 0)
  var runs: [CommandId: Int] = [:]

  mutating func restart() {
    epoch += 1
    last = (0, 0)
  }

  mutating func receive(_ id: CommandId, session: UInt32, number: UInt16) {
    guard session == self.session, (session, number) != last else { return }
    let expected = last.session == session ? last.number + 1 : 1
    guard number == expected else { return }
    last = (session, number)
    runs[id, default: 0] += 1
  }

  func result() -> CommandResult {
    CommandResult(attached: session, session: last.session, id: last.number, status: .done, value: 0)
  }
}

private struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
