import Model
import Testing

@testable import Gateway
@testable import Sync

@Suite("Desk of deliveries") struct DeliveryDeskTests {
  typealias Letter = DeliveryDesk.Letter

  static func key(_ number: UInt8) -> AlarmKey {
    guard let key = AlarmKey([UInt8](repeating: number, count: 8)) else { preconditionFailure() }
    return key
  }

  static func id(_ number: Int) -> FactId {
    let bytes = (0..<16).map { UInt8(truncatingIfNeeded: number >> ($0 < 8 ? 8 * $0 : 56)) }
    guard let id = FactId(bytes) else { preconditionFailure() }
    return id
  }

  static func record(_ seq: UInt64, run: UInt64 = 1) -> RecordId {
    guard let node = NodeId([UInt8](repeating: 9, count: 32)) else { preconditionFailure() }
    return RecordId(origin: node, incarnation: Incarnation(run), lane: .control, seq: seq)
  }

  static func stamp(wallUs: Int64 = 0, trusted: Bool = true) -> Stamp {
    Stamp(trusted: trusted, bootUs: 0, wallUs: wallUs, author: "node")
  }

  static func recipient(
    seq: UInt64 = 5, run: UInt64 = 1, wallUs: Int64 = 0, trusted: Bool = true,
    _ change: (inout AlarmRecipient) -> Void = { _ in }
  ) -> DeliveryDesk.Recipient {
    var content = AlarmRecipient(name: "Ada", way: .webhook, address: "http://a/")
    change(&content)
    return DeliveryDesk.Recipient(
      content: content, record: record(seq, run: run),
      stamp: stamp(wallUs: wallUs, trusted: trusted))
  }

  static func episode(
    _ number: Int, seq: UInt64 = 10, run: UInt64 = 1, wallUs: Int64 = 0, trusted: Bool = true,
    isOver: Bool = false, told: [(AlarmKey, AlarmDelivered.Moment, AlarmDelivered.Outcome)] = []
  ) -> AlarmEpisode {
    guard let epoch = ClockEpoch([UInt8](repeating: 3, count: 16)) else { preconditionFailure() }
    func noted<Fact>(_ fact: Fact) -> Noted<Fact> {
      Noted(
        fact: fact, record: record(seq, run: run), stamp: stamp(wallUs: wallUs, trusted: trusted))
    }
    let raised = AlarmRaised(
      episode: id(number), rule: key(1), ruleBytes: [1], sinceUs: 0, value: nil)
    var episode = AlarmEpisode(raised: noted(raised), clockEpoch: epoch)
    if isOver {
      episode.cleared = noted(AlarmCleared(episode: id(number), reason: .normal, value: nil))
    }
    episode.deliveries = told.map {
      noted(
        AlarmDelivered(
          episode: id(number), recipient: $0.0, moment: $0.1, outcome: $0.2, reason: ""))
    }
    return episode
  }

  private func sent(_ actions: [DeliveryDesk.Action]) -> [Letter] {
    actions.compactMap { if case .send(let letter) = $0 { letter } else { nil } }
  }

  private let ada = key(7)
  private var raised: Letter { Letter(episode: Self.id(1), recipient: ada, moment: .raised) }

  @Test("what began is told once, and nothing more until it is on disk and over") func once() {
    var desk = DeliveryDesk()
    #expect(desk.take([ada: Self.recipient()], episodes: [], nowUs: 0) == [])
    #expect(desk.take(Self.episode(1), nowUs: 1) == [.send(raised)])
    #expect(desk.take(Self.episode(1), nowUs: 2) == [])
    #expect(
      desk.done(raised, .delivered, told: [.raised], nowUs: 3)
        == [.note(raised, .delivered, reason: "")])
    // The record of it is not there yet.
    #expect(desk.take(Self.episode(1, isOver: true), nowUs: 4) == [])
    let told = Self.episode(1, isOver: true, told: [(ada, .raised, .delivered)])
    let cleared = Letter(episode: Self.id(1), recipient: ada, moment: .cleared)
    #expect(desk.take(told, nowUs: 5) == [.send(cleared)])
  }

  @Test("a failure is tried again, later each time, and sooner where nobody was reached")
  func again() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    _ = desk.take(Self.episode(1), nowUs: 0)
    var nowUs: Int64 = 0
    var waits: [Int64] = []
    for _ in 0..<8 {
      let actions = desk.done(raised, .unreached("away"), told: [.raised], nowUs: nowUs)
      guard case .wake(let atUs)? = actions.last else { return #expect(Bool(false)) }
      #expect(sent(desk.tick(nowUs: atUs - 1)).isEmpty)
      waits.append((atUs - nowUs) / 1_000_000)
      nowUs = atUs
      #expect(sent(desk.tick(nowUs: nowUs)) == [raised])
    }
    #expect(waits == [5, 10, 20, 40, 60, 60, 60, 60])
    for _ in 0..<10 {
      let actions = desk.done(raised, .refused("no"), told: [.raised], nowUs: nowUs)
      guard case .wake(let atUs)? = actions.last else { return #expect(Bool(false)) }
      waits.append((atUs - nowUs) / 1_000_000)
      nowUs = atUs
      _ = desk.tick(nowUs: nowUs)
    }
    #expect(waits.last == 3600)
    #expect(desk.lines[ada]?.reason == "no")
  }

  @Test("a recipient that was changed is tried at once") func changed() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    _ = desk.take(Self.episode(1), nowUs: 0)
    _ = desk.done(raised, .refused("no"), told: [.raised], nowUs: 0)
    let mended = Self.recipient { $0.address = "http://b/" }
    #expect(sent(desk.take([ada: mended], episodes: [], nowUs: 1)) == [raised])
    let off = Self.recipient { $0.isEnabled = false }
    _ = desk.done(raised, .refused("no"), told: [.raised], nowUs: 2)
    #expect(sent(desk.take([ada: off], episodes: [Self.episode(1)], nowUs: 3)).isEmpty)
    #expect(desk.lines[ada]?.waiting == [])
  }

  @Test("each recipient has one under way, all together four, and who waited longest goes first")
  func fair() {
    var desk = DeliveryDesk()
    let all = Dictionary(uniqueKeysWithValues: (1...6).map { (Self.key($0), Self.recipient()) })
    _ = desk.take(all, episodes: [], nowUs: 0)
    let first = sent(desk.take(Self.episode(1), nowUs: 0))
    #expect(first.count == 4)
    #expect(sent(desk.take(Self.episode(2), nowUs: 0)).isEmpty)
    let next = sent(desk.done(first[0], .unreached("away"), told: [.raised], nowUs: 1))
    #expect(next.count == 1 && !first.contains { $0.recipient == next[0].recipient })
  }

  @Test("what another node does not tell in time is told from here, once, under the same key")
  func standsIn() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    #expect(desk.wait(for: [Self.episode(1)], standInUs: 100, nowUs: 5) == [.wake(atUs: 105)])
    // What changes meanwhile makes nobody wait longer.
    #expect(desk.wait(for: [Self.episode(1)], standInUs: 100, nowUs: 50) == [.wake(atUs: 105)])
    #expect(desk.tick(nowUs: 104) == [.wake(atUs: 105)])
    #expect(desk.tick(nowUs: 105) == [.standIn(Self.id(1))])
    #expect(desk.take(Self.episode(1), nowUs: 105) == [.send(raised)])
    #expect(
      desk.done(raised, .delivered, told: [.raised], nowUs: 106)
        == [.note(raised, .delivered, reason: "")])
    let told = Self.episode(1, told: [(ada, .raised, .delivered)])
    #expect(desk.wait(for: [told], standInUs: 100, nowUs: 107) == [])
    let over = Self.episode(1, isOver: true, told: [(ada, .raised, .delivered)])
    #expect(desk.wait(for: [over], standInUs: 100, nowUs: 200) == [.wake(atUs: 300)])
  }

  @Test("a record that another node told it ends the waiting, there and here")
  func toldElsewhere() {
    let told = Self.episode(1, told: [(ada, .raised, .delivered)])
    var hub = DeliveryDesk()
    _ = hub.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    _ = hub.wait(for: [Self.episode(1)], standInUs: 100, nowUs: 0)
    #expect(hub.wait(for: [told], standInUs: 100, nowUs: 99) == [])
    #expect(hub.tick(nowUs: 1_000) == [])
    var gateway = DeliveryDesk()
    _ = gateway.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    _ = gateway.take(Self.episode(1), nowUs: 0)
    _ = gateway.done(raised, .unreached("no route"), told: [.raised], nowUs: 0)
    #expect(gateway.lines[ada]?.waiting == [raised])
    #expect(gateway.take(told, nowUs: 1) == [])
    #expect(gateway.lines[ada]?.waiting == [] && gateway.tick(nowUs: 10_000_000) == [])
  }

  @Test("beyond so many that are waited for one more is told at once") func awaitedBound() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    let many = (0..<DeliveryDesk.awaitedMax).map { Self.episode($0) }
    #expect(desk.wait(for: many, standInUs: 100, nowUs: 0) == [.wake(atUs: 100)])
    let more = DeliveryDesk.awaitedMax
    #expect(
      desk.wait(for: [Self.episode(more)], standInUs: 100, nowUs: 0)
        == [.standIn(Self.id(more)), .wake(atUs: 100)])
  }

  @Test("beyond so many that wait the oldest is given up, on record") func bounded() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    var actions: [DeliveryDesk.Action] = []
    // One is under way.
    for number in 1...DeliveryDesk.waitingMax + 2 {
      actions += desk.take(Self.episode(number), nowUs: 0)
    }
    let oldest = Letter(episode: Self.id(2), recipient: ada, moment: .raised)
    #expect(actions == [.send(raised), .note(oldest, .givenUp, reason: "too-many")])
    let givenUp = Self.episode(2, isOver: true, told: [(ada, .raised, .givenUp)])
    #expect(DeliveryDesk.owed(givenUp, ada, Self.recipient()) == nil)
  }

  @Test("what is over when it is first told is told with its end") func late() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [Self.episode(1, isOver: true)], nowUs: 0)
    let cleared = Letter(episode: Self.id(1), recipient: ada, moment: .cleared)
    #expect(
      desk.done(raised, .delivered, told: [.raised, .cleared], nowUs: 1)
        == [.note(cleared, .delivered, reason: ""), .note(raised, .delivered, reason: "")])
    // Their records come one after the other.
    let half = Self.episode(1, isOver: true, told: [(ada, .cleared, .delivered)])
    #expect(desk.take(half, nowUs: 2) == [])
    let whole = Self.episode(
      1, isOver: true, told: [(ada, .cleared, .delivered), (ada, .raised, .delivered)])
    #expect(desk.take(whole, nowUs: 3) == [])
  }

  @Test("of what was over before a recipient was there it is not told, of what goes on it is")
  func before() {
    func owed(_ episode: AlarmEpisode, _ recipient: DeliveryDesk.Recipient) -> Bool {
      DeliveryDesk.owed(episode, ada, recipient) == .raised
    }
    let new = Self.recipient(seq: 20, wallUs: 100)
    #expect(owed(Self.episode(1, seq: 10), new))
    #expect(!owed(Self.episode(1, seq: 10, isOver: true), new))
    #expect(owed(Self.episode(1, seq: 21, isOver: true), new))
    // Another run: by the wall clock.
    #expect(!owed(Self.episode(1, seq: 30, run: 2, wallUs: 99, isOver: true), new))
    #expect(owed(Self.episode(1, seq: 3, run: 2, wallUs: 101, isOver: true), new))
    // A start without a network stands in 1970: nobody is left out for that.
    #expect(
      owed(Self.episode(1, seq: 3, run: 2, wallUs: 1, trusted: false, isOver: true), new))
  }

  @Test("less than a recipient wants to hear is not told") func severity() {
    // A rule that nobody can read counts as an alarm.
    let loud = Self.recipient { $0.leastSeverity = .alarm }
    #expect(DeliveryDesk.owed(Self.episode(1), ada, loud) == .raised)
    let ended = Self.episode(1, isOver: true, told: [(ada, .raised, .delivered)])
    #expect(DeliveryDesk.owed(ended, ada, loud) == .cleared)
    let quiet = Self.recipient { $0.hearsEnd = false }
    #expect(DeliveryDesk.owed(ended, ada, quiet) == nil)
  }

  @Test("what a removed recipient was told meanwhile is on record") func removed() {
    var desk = DeliveryDesk()
    _ = desk.take([ada: Self.recipient()], episodes: [], nowUs: 0)
    _ = desk.take(Self.episode(1), nowUs: 0)
    _ = desk.take([:], episodes: [], nowUs: 1)
    #expect(
      desk.done(raised, .delivered, told: [.raised], nowUs: 2)
        == [.note(raised, .delivered, reason: "")])
    #expect(desk.done(raised, .refused("no"), told: [.raised], nowUs: 3) == [])
  }

  @Test("a key is the same at every attempt, and no two things share one") func keys() {
    #expect(raised.idempotencyKey == raised.idempotencyKey)
    let others = [
      Letter(episode: Self.id(2), recipient: ada, moment: .raised),
      Letter(episode: Self.id(1), recipient: Self.key(8), moment: .raised),
      Letter(episode: Self.id(1), recipient: ada, moment: .cleared),
    ]
    #expect(Set((others + [raised]).map(\.idempotencyKey)).count == 4)
  }
}
