import Model
import Sync
import Testing

@testable import Gateway

/// What becomes of orders that other nodes gave, when they come and when a daemon starts.
@Suite("Command admission") struct CommandAdmissionTests {
  private static let epoch = ClockEpoch([UInt8](repeating: 5, count: 16))
  private static let stamp = Stamp(trusted: true, bootUs: 10, wallUs: 10, author: "ada")

  private func node(_ number: UInt8) throws -> NodeId {
    try #require(NodeId([UInt8](repeating: number, count: 32)))
  }

  private func issued(to number: UInt8, id: UInt8 = 1) throws -> CommandIssued {
    CommandIssued(
      id: try #require(CommandId([UInt8](repeating: id, count: 16))), node: try node(number),
      identity: try #require(DeviceIdentity(kind: .companion, bytes: Array(1...8))), op: 1,
      name: "led", arguments: [], lifeMs: 30_000, leaseMs: 0)
  }

  private func judge(
    _ issued: CommandIssued, ageUs: Int64? = 0, isElsewhere: Bool = false, isOpen: Bool = true,
    _ desk: CommandDesk = CommandDesk()
  ) throws -> CommandAdmission {
    CommandAdmission.judge(
      issued, stamp: Self.stamp, node: try node(1), ageUs: ageUs, nowUs: 40_000_000,
      isElsewhere: isElsewhere, isOpen: isOpen, desk: desk)
  }

  @Test("an order is taken with the life that it has left") func taken() throws {
    guard case .taken(let order) = try judge(issued(to: 1), ageUs: 5_000_000) else {
      Issue.record("not taken")
      return
    }
    #expect(order.deadlineUs == 65_000_000)
  }

  @Test("what is not this node's, or was dealt with, is left alone") func others() throws {
    #expect(try judge(issued(to: 2)) == .none)
    #expect(try judge(issued(to: 1), isOpen: false) == .none)
    var desk = CommandDesk()
    let order = CommandOrder(
      issued: try issued(to: 1), arguments: [], issuer: "ada", issuedUs: 0)
    _ = desk.handle(.issued(order), nowUs: 1)
    #expect(try judge(issued(to: 1), desk) == .none)
  }

  @Test("too old, of nobody knows what age, or moved: refused") func refused() throws {
    #expect(try judge(issued(to: 1), ageUs: nil) == .refused("no-clock"))
    #expect(try judge(issued(to: 1), ageUs: 30_000_000) == .refused("expired"))
    #expect(try judge(issued(to: 1), isElsewhere: true) == .refused("moved"))
  }

  /// A fold of orders that node 2 gave: one that this node claimed, one that it had not yet, one
  /// that it ended; and one of its own.
  private func fold() throws -> CommandFold {
    let epoch = try #require(Self.epoch)
    var fold = CommandFold()
    var seqs: [NodeId: UInt64] = [:]
    func add(_ content: JournalContent, by origin: NodeId) {
      seqs[origin, default: 0] += 1
      let record = RecordId(
        origin: origin, incarnation: Incarnation(7), lane: .control, seq: seqs[origin] ?? 0)
      fold.apply(
        JournalEntry(stamp: Self.stamp, content: content), record: record, clockEpoch: epoch)
    }
    let (own, hub) = (try node(1), try node(2))
    for id in 1...3 as ClosedRange<UInt8> {
      add(.commandIssued(try issued(to: 1, id: id)), by: hub)
    }
    let claim = { (id: CommandId) in CommandClaimed(id: id, epoch: 1, session: 1, number: 1) }
    add(.commandClaimed(claim(try issued(to: 1, id: 1).id)), by: own)
    let ended = CommandOutcome(
      id: try issued(to: 1, id: 3).id, state: .acked, reason: "", value: 0)
    add(.commandClaimed(claim(ended.id)), by: own)
    add(.commandOutcome(ended), by: own)
    add(.commandIssued(try issued(to: 1, id: 4)), by: own)
    add(.commandIssued(try issued(to: 2, id: 5)), by: own)
    return fold
  }

  @Test("at a start an order of another node that was claimed here ends as unknown")
  func restored() throws {
    let restored = RestoredCommands(
      try fold(), node: try node(1), clockEpoch: try #require(Self.epoch))
    #expect(Set(restored.orders.map { $0.issued.id.bytes[0] }) == [1, 3, 4])
    #expect(restored.fresh.map { $0.bytes[0] } == [4])
    #expect(restored.arriving.map { $0.issued.id.bytes[0] } == [2])
    var desk = CommandDesk()
    let actions = desk.restore(
      restored.orders, issuedInThisEpoch: { restored.fresh.contains($0) }, nowUs: 20)
    let ends = actions.compactMap { action -> CommandOutcome? in
      if case .finish(let outcome) = action { outcome } else { nil }
    }
    #expect(ends.map(\.id.bytes[0]) == [1] && ends.map(\.state) == [.unknown])
  }
}
