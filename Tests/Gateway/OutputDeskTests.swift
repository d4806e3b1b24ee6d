import Model
import Sync
import TestSupport
import Testing

@testable import Gateway

@Suite("Desk of outputs") struct OutputDeskTests {
  typealias Action = OutputDesk.Action

  private static func device(_ number: UInt8) -> DeviceIdentity {
    guard
      let identity = DeviceIdentity(kind: .companion, bytes: [UInt8](repeating: number, count: 8))
    else { preconditionFailure("8 bytes") }
    return identity
  }

  private static func id(_ number: UInt8) -> CommandId {
    guard let id = CommandId([UInt8](repeating: number, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return id
  }

  private static let buzzer = AlarmOutput(device: device(1), command: "buzzer")
  private let buzzer = Self.buzzer
  private let board = Self.device(1)

  private func take(
    _ desk: inout OutputDesk, wanted: Bool, isPresent: Bool = true, nowUs: Int64 = 0
  ) -> [Action] {
    desk.take(
      named: [buzzer], wanted: wanted ? [buzzer] : [], isPresent: { _ in isPresent }, nowUs: nowUs)
  }

  /// One that an alarm has switched on.
  private func sounding() -> OutputDesk {
    var desk = OutputDesk()
    _ = take(&desk, wanted: true)
    _ = desk.issued(buzzer, Self.id(1), nowUs: 0)
    _ = desk.ended(Self.id(1), .done, nowUs: 0)
    return desk
  }

  @Test("an alarm switches it on once, and its end or a person who has seen it off once")
  func onAndOff() {
    var desk = OutputDesk()
    #expect(take(&desk, wanted: false) == [])
    #expect(take(&desk, wanted: true) == [.set(buzzer, isOn: true)])
    #expect(take(&desk, wanted: true) == [])
    #expect(desk.issued(buzzer, Self.id(1), nowUs: 1) == [])
    #expect(desk.ended(Self.id(2), .done, nowUs: 1) == [])
    #expect(desk.ended(Self.id(1), .done, nowUs: 2) == [])
    #expect(desk.lines[buzzer]?.level == true)
    #expect(desk.tick(nowUs: 1_000_000_000) == [])
    #expect(take(&desk, wanted: false) == [.set(buzzer, isOn: false)])
    _ = desk.issued(buzzer, Self.id(3), nowUs: 3)
    #expect(desk.ended(Self.id(3), .done, nowUs: 4) == [])
    #expect(desk.lines[buzzer]?.level == false && desk.lines[buzzer]?.mayBeOn == false)
  }

  @Test("what nobody here switched on is not switched off: people may use it too")
  func othersAffair() {
    var desk = OutputDesk()
    _ = take(&desk, wanted: false, isPresent: false)
    #expect(desk.attached(board, nowUs: 0) == [])
    #expect(desk.attached(Self.device(2), nowUs: 0) == [])
  }

  @Test("a board that comes back is told anew what holds then, on or off") func comesBack() {
    var desk = sounding()
    #expect(desk.detached(board, nowUs: 5) == [])
    #expect(desk.attached(board, nowUs: 6) == [.set(buzzer, isOn: true)])
    desk = sounding()
    _ = desk.detached(board, nowUs: 5)
    #expect(take(&desk, wanted: false, isPresent: false, nowUs: 6) == [])
    #expect(desk.attached(board, nowUs: 7) == [.set(buzzer, isOn: false)])
  }

  @Test("while its board is away nothing is given, and what still waits is taken back")
  func away() {
    var desk = OutputDesk()
    #expect(take(&desk, wanted: true, isPresent: false) == [])
    #expect(desk.attached(board, nowUs: 1) == [.set(buzzer, isOn: true)])
    _ = desk.issued(buzzer, Self.id(1), nowUs: 2)
    #expect(desk.detached(board, nowUs: 3) == [.withdraw(Self.id(1))])
    #expect(desk.ended(Self.id(1), .notDone("cancelled"), nowUs: 3) == [])
    #expect(desk.lines[buzzer]?.failures == 0)
    #expect(desk.attached(board, nowUs: 4) == [.set(buzzer, isOn: true)])
  }

  @Test("one that waits to be switched on is taken back when it is not wanted any more")
  func changedMind() {
    var desk = OutputDesk()
    #expect(take(&desk, wanted: true) == [.set(buzzer, isOn: true)])
    // It is not on disk yet, so that it has no name to take it back by.
    #expect(take(&desk, wanted: false) == [])
    #expect(desk.issued(buzzer, Self.id(1), nowUs: 1) == [.withdraw(Self.id(1))])
    #expect(take(&desk, wanted: false) == [])
    // It never reached the board, so nothing is left to switch off.
    #expect(desk.ended(Self.id(1), .notDone("cancelled"), nowUs: 2) == [])
    #expect(desk.lines[buzzer]?.mayBeOn == false)
  }

  @Test("one that was claimed already is switched off after it") func tooLate() {
    var desk = OutputDesk()
    _ = take(&desk, wanted: true)
    _ = desk.issued(buzzer, Self.id(1), nowUs: 1)
    #expect(take(&desk, wanted: false) == [.withdraw(Self.id(1))])
    #expect(desk.ended(Self.id(1), .done, nowUs: 2) == [.set(buzzer, isOn: false)])
  }

  @Test("a command whose end nobody knows is never repeated, until its board is heard again")
  func unknown() {
    var desk = OutputDesk()
    _ = take(&desk, wanted: true)
    _ = desk.issued(buzzer, Self.id(1), nowUs: 1)
    #expect(desk.ended(Self.id(1), .unknown, nowUs: 2) == [])
    #expect(desk.tick(nowUs: .max / 4) == [])
    #expect(desk.lines[buzzer]?.reason == "unknown")
    var other = desk
    #expect(desk.attached(board, nowUs: 3) == [.set(buzzer, isOn: true)])
    #expect(other.heard(Self.device(2), nowUs: 3) == [])
    let later = other.heard(board, nowUs: .max / 4)
    #expect(later == [.set(buzzer, isOn: true)])
  }

  @Test("a board that refuses is asked again after 5 s, then more seldom; one that did not is not")
  func refused() {
    var desk = OutputDesk()
    var nowUs: Int64 = 0
    var waitsUs: [Int64] = []
    _ = take(&desk, wanted: true)
    for number in 1...9 {
      _ = desk.issued(buzzer, Self.id(UInt8(number)), nowUs: nowUs)
      let actions = desk.ended(Self.id(UInt8(number)), .notDone("busy"), nowUs: nowUs)
      guard case .wake(let atUs) = actions.first else {
        Issue.record("no wake: \(actions)")
        return
      }
      #expect(desk.tick(nowUs: atUs - 1) == [.wake(atUs: atUs)])
      #expect(desk.tick(nowUs: atUs) == [.set(buzzer, isOn: true)])
      waitsUs.append((atUs - nowUs) / 1_000_000)
      nowUs = atUs
    }
    #expect(waitsUs == [5, 10, 20, 40, 80, 160, 320, 600, 600])
    #expect(desk.lines[buzzer]?.failures == 9)
  }

  @Test("a recipient that is removed leaves nothing on, and then nothing behind") func removed() {
    var desk = sounding()
    let actions = desk.take(named: [], wanted: [], isPresent: { _ in true }, nowUs: 5)
    #expect(actions == [.set(buzzer, isOn: false)])
    _ = desk.issued(buzzer, Self.id(2), nowUs: 5)
    #expect(desk.ended(Self.id(2), .done, nowUs: 6) == [])
    #expect(desk.lines.isEmpty)
  }

  @Test("a test sounds for two seconds, says what the board said, and ends no alarm")
  func tested() {
    var desk = OutputDesk()
    _ = take(&desk, wanted: false)
    #expect(
      desk.test(buzzer, nowUs: 0) == [.set(buzzer, isOn: true), .wake(atUs: 20_000_000)])
    _ = desk.issued(buzzer, Self.id(1), nowUs: 1)
    #expect(
      desk.ended(Self.id(1), .done, nowUs: 1_000_000)
        == [.tested(buzzer, reason: nil), .wake(atUs: 3_000_000)])
    #expect(desk.tick(nowUs: 2_999_999) == [.wake(atUs: 3_000_000)])
    #expect(desk.tick(nowUs: 3_000_000) == [.set(buzzer, isOn: false)])
    desk = sounding()
    #expect(desk.test(buzzer, nowUs: 0) == [.tested(buzzer, reason: nil)])
    #expect(desk.tick(nowUs: 100_000_000) == [])
  }

  @Test("a test that does not come through says why") func testFailed() {
    var desk = OutputDesk()
    #expect(desk.test(buzzer, nowUs: 0) == [.tested(buzzer, reason: "absent")])
    _ = take(&desk, wanted: false)
    _ = desk.test(buzzer, nowUs: 0)
    #expect(
      desk.notIssued(buzzer, "not-a-signal", nowUs: 1).first
        == .tested(buzzer, reason: "not-a-signal"))
    #expect(desk.tick(nowUs: 100_000_000) == [])
  }

  private func order(
    _ number: UInt8, on: Bool, _ state: CommandView.State, author: String = "alarm:Siren"
  ) -> CommandOrder {
    guard let node = NodeId([UInt8](repeating: 9, count: 32)) else { preconditionFailure() }
    var order = CommandOrder(
      issued: CommandIssued(
        id: Self.id(number), node: node, identity: board, op: 5, name: "buzzer",
        arguments: [on ? 2 : 0], lifeMs: 1, leaseMs: 0),
      arguments: [], issuer: author, issuedUs: 0)
    order.state = state
    return order
  }

  @Test("a restart knows from the commands on record what may still sound")
  func restored() {
    // The newest first, as the desk of commands has them.
    let cases: [([CommandOrder], Bool)] = [
      ([order(1, on: true, .acked)], true),
      ([order(1, on: true, .unknown)], true),
      ([order(1, on: true, .refused)], false),
      ([order(2, on: false, .acked), order(1, on: true, .acked)], false),
      ([order(2, on: false, .unknown), order(1, on: true, .acked)], true),
      ([order(2, on: false, .refused), order(1, on: true, .acked)], true),
      ([order(2, on: true, .cancelled), order(1, on: false, .acked)], false),
      ([order(1, on: true, .acked, author: "user:ada")], false),
    ]
    for (number, (orders, isOn)) in cases.enumerated() {
      var desk = OutputDesk()
      desk.restore(orders, owner: { $0 })
      let said = desk.attached(board, nowUs: 0)
      #expect(said == (isOn ? [.set(buzzer, isOn: false)] : []), "case \(number)")
    }
    // An alarm that goes on has it set on anew.
    var desk = OutputDesk()
    desk.restore([order(1, on: true, .acked)], owner: { $0 })
    #expect(take(&desk, wanted: true, isPresent: false) == [])
    #expect(desk.attached(board, nowUs: 0) == [.set(buzzer, isOn: true)])
  }

  @Test(
    "whatever happens, one command at most is under way, and in the end all is as it should be",
    arguments: 0..<200 as Range<UInt64>)
  func converges(seed: UInt64) {
    var world = OutputWorld(seed: seed, output: buzzer)
    for _ in 0..<300 { world.step() }
    world.calm()
    #expect(world.sounds == world.isWanted, "seed \(seed)")
    #expect(world.twoAtOnce == 0 && world.sentAway == 0, "seed \(seed)")
  }
}

/// A board that comes, goes, restarts, refuses and falls silent, and alarms that come and go.
private struct OutputWorld {
  private var random: Prng
  private let output: AlarmOutput
  private var desk = OutputDesk()
  private var nowUs: Int64 = 0
  private var number: UInt8 = 0
  private var isPresent = false
  /// What is under way, and whether it has a name yet.
  private var underWay: (isOn: Bool, id: CommandId?)?
  private(set) var isWanted = false
  /// What the board does.
  private(set) var sounds = false
  private(set) var twoAtOnce = 0
  private(set) var sentAway = 0

  init(seed: UInt64, output: AlarmOutput) {
    random = Prng(seed: seed)
    self.output = output
  }

  mutating func step() {
    nowUs += Int64(random.next() % 3_000_000)
    switch random.next() % 9 {
    case 0: want(!isWanted)
    case 1: attach(restarts: random.next() % 2 == 0)
    case 2: detach()
    case 3: perform(desk.tick(nowUs: nowUs))
    case 4: perform(desk.heard(output.device, nowUs: nowUs))
    case 5...6: name()
    default: end(Int(random.next() % 5))
    }
  }

  /// From now on all goes well: the board is there, and does what it is told.
  mutating func calm() {
    name()
    end(0)
    attach(restarts: false)
    for _ in 0..<20 {
      nowUs += 700_000_000
      perform(desk.tick(nowUs: nowUs))
      name()
      end(0)
    }
  }

  private mutating func want(_ isOn: Bool) {
    isWanted = isOn
    let isHere = isPresent
    perform(
      desk.take(
        named: [output], wanted: isOn ? [output] : [], isPresent: { _ in isHere }, nowUs: nowUs))
  }

  private mutating func attach(restarts: Bool) {
    if restarts { sounds = false }
    isPresent = true
    perform(desk.attached(output.device, nowUs: nowUs))
  }

  private mutating func detach() {
    isPresent = false
    perform(desk.detached(output.device, nowUs: nowUs))
  }

  /// The command comes to the disk.
  private mutating func name() {
    guard let command = underWay, command.id == nil else { return }
    number &+= 1
    guard let id = CommandId([UInt8](repeating: number, count: 16)) else { return }
    underWay = (command.isOn, id)
    perform(desk.issued(output, id, nowUs: nowUs))
  }

  private mutating func end(_ how: Int) {
    guard let command = underWay, let id = command.id else { return }
    underWay = nil
    let outcome: OutputDesk.Outcome
    switch how {
    case 0...1 where isPresent:
      sounds = command.isOn
      outcome = .done
    case 2: outcome = .notDone("busy")
    case 3 where isPresent:
      // It ran, or it did not; nobody heard which.
      if random.next() % 2 == 0 { sounds = command.isOn }
      outcome = .unknown
    default: outcome = .notDone("absent")
    }
    perform(desk.ended(id, outcome, nowUs: nowUs))
  }

  private mutating func perform(_ actions: [OutputDesk.Action]) {
    for action in actions {
      switch action {
      case .set(_, let isOn):
        if underWay != nil { twoAtOnce += 1 }
        if !isPresent { sentAway += 1 }
        underWay = (isOn, nil)
      case .withdraw(let id):
        guard underWay?.id == id, random.next() % 2 == 0 else { continue }
        underWay = nil
        perform(desk.ended(id, .notDone("cancelled"), nowUs: nowUs))
      case .tested, .wake: continue
      }
    }
  }
}
