import Model
import Testing

@testable import Gateway
@testable import Sync

@Suite("Desk of silent gateways") struct SilenceDeskTests {
  typealias Gateway = SilenceDesk.Gateway

  private static let second: Int64 = 1_000_000
  private static let limitMs: Int64 = 60_000

  private static func node(_ number: UInt8) -> NodeId {
    guard let node = NodeId([UInt8](repeating: number, count: 32)) else { preconditionFailure() }
    return node
  }

  private let north = node(1)

  private func desk(startS: Int64 = 0, open: [AlarmEpisode] = []) -> SilenceDesk {
    SilenceDesk(seed: [7], open: open, startUs: startS * Self.second)
  }

  private func gateway(
    _ node: NodeId, contactS: Int64? = nil, seen: UInt64 = 1
  ) -> Gateway {
    Gateway(node: node, contactUs: contactS.map { $0 * Self.second }, seenCount: seen)
  }

  private func tick(
    _ desk: inout SilenceDesk, _ gateways: [Gateway], atS: Int64, limitMs: Int64? = Self.limitMs
  ) -> [AlarmDesk.Action] {
    desk.tick(gateways, limitMs: limitMs, nowUs: atS * Self.second)
  }

  /// What a tick raised.
  private func raised(_ actions: [AlarmDesk.Action]) -> [AlarmRaised] {
    actions.compactMap { if case .raise(let raised) = $0 { raised } else { nil } }
  }

  private func cleared(_ actions: [AlarmDesk.Action]) -> [AlarmCleared] {
    actions.compactMap { if case .clear(let cleared) = $0 { cleared } else { nil } }
  }

  private static func episode(_ raised: AlarmRaised) -> AlarmEpisode {
    guard let epoch = ClockEpoch([UInt8](repeating: 3, count: 16)) else { preconditionFailure() }
    return AlarmEpisode(
      raised: Noted(
        fact: raised, record: DeliveryDeskTests.record(1), stamp: DeliveryDeskTests.stamp()),
      clockEpoch: epoch)
  }

  @Test("who is not heard for the time is an alarm once, since then, until it is heard again")
  func silent() throws {
    var desk = desk()
    #expect(tick(&desk, [gateway(north, contactS: 5)], atS: 10) == [])
    #expect(tick(&desk, [gateway(north, contactS: 5)], atS: 40) == [])
    #expect(tick(&desk, [gateway(north)], atS: 64) == [])
    let begun = try #require(raised(tick(&desk, [gateway(north)], atS: 65)).first)
    #expect(begun.sinceUs == 5 * Self.second && begun.silence?.node == north)
    #expect(begun.silence?.ms == Self.limitMs && begun.judged == nil)
    #expect(begun.rule == GatewaySilence(node: north, ms: 1).key)
    #expect(tick(&desk, [gateway(north)], atS: 95) == [])
    let end = cleared(tick(&desk, [gateway(north, contactS: 99)], atS: 100))
    #expect(end.map(\.episode) == [begun.episode] && end.map(\.reason) == [.normal])
    #expect(tick(&desk, [gateway(north, contactS: 99)], atS: 130) == [])
    let again = raised(tick(&desk, [gateway(north)], atS: 160))
    #expect(again.count == 1 && again.first?.episode != begun.episode)
  }

  @Test("a record of its own that comes by whatever way is a sign of life") func byRecords() {
    var desk = desk()
    for atS in stride(from: Int64(10), through: 300, by: 30) {
      #expect(tick(&desk, [gateway(north, seen: UInt64(atS))], atS: atS) == [], "\(atS)")
    }
    #expect(raised(tick(&desk, [gateway(north, seen: 280)], atS: 310)).isEmpty)
    #expect(raised(tick(&desk, [gateway(north, seen: 280)], atS: 340)).count == 1)
  }

  @Test("who was never heard is not judged, and who joins is not silent since before")
  func neverHeard() {
    var desk = desk()
    for atS in [Int64(10), 40, 70, 100, 130] {
      #expect(tick(&desk, [gateway(north, seen: 0)], atS: atS) == [], "\(atS)")
    }
    let south = Self.node(2)
    #expect(tick(&desk, [gateway(north, seen: 0), gateway(south, seen: 3)], atS: 140) == [])
    #expect(tick(&desk, [gateway(south, seen: 3)], atS: 170) == [])
    #expect(raised(tick(&desk, [gateway(south, seen: 3)], atS: 199)).isEmpty)
    #expect(raised(tick(&desk, [gateway(south, seen: 3)], atS: 200)).count == 1)
  }

  @Test("after a restart the time since the start counts at most, and an alarm goes on unchanged")
  func restart() throws {
    var first = desk()
    _ = tick(&first, [gateway(north, contactS: 1)], atS: 1)
    _ = tick(&first, [gateway(north)], atS: 31)
    let begun = try #require(raised(tick(&first, [gateway(north)], atS: 61)).first)
    var next = desk(startS: 1_000, open: [Self.episode(begun)])
    let south = Self.node(2)
    for atS in [Int64(1_001), 1_031, 1_059] {
      #expect(tick(&next, [gateway(north), gateway(south)], atS: atS) == [], "\(atS)")
    }
    // Of the other one nothing was heard since the start, and of this one nothing either.
    let late = raised(tick(&next, [gateway(north), gateway(south)], atS: 1_060))
    #expect(late.map(\.silence?.node) == [south] && late.first?.sinceUs == 1_000 * Self.second)
    let end = cleared(tick(&next, [gateway(north, seen: 2), gateway(south)], atS: 1_070))
    #expect(end.map(\.episode) == [begun.episode])
  }

  @Test("two that go on of one node become one") func surplus() throws {
    var first = desk()
    _ = tick(&first, [gateway(north, contactS: 1)], atS: 1)
    _ = tick(&first, [gateway(north)], atS: 31)
    let begun = try #require(raised(tick(&first, [gateway(north)], atS: 61)).first)
    var other = begun
    other.episode = DeliveryDeskTests.id(9)
    var next = desk(open: [Self.episode(begun), Self.episode(other)])
    let end = cleared(tick(&next, [gateway(north)], atS: 1))
    #expect(end.map(\.episode) == [other.episode] && end.map(\.reason) == [.ruleChanged])
  }

  @Test("time that the hub slept or stood still is nobody's silence") func asleep() {
    var desk = desk()
    #expect(tick(&desk, [gateway(north, contactS: 10)], atS: 10) == [])
    #expect(tick(&desk, [gateway(north)], atS: 40) == [])
    #expect(tick(&desk, [gateway(north)], atS: 40 + 86_400) == [])
    #expect(tick(&desk, [gateway(north)], atS: 69 + 86_400) == [])
    #expect(raised(tick(&desk, [gateway(north)], atS: 70 + 86_400)).count == 1)
  }

  @Test("an alarm ends where its node belongs no more, or nothing is judged") func ends() throws {
    let cases: [(gateways: [Gateway], limitMs: Int64?)] = [
      ([], Self.limitMs), ([gateway(north)], nil),
    ]
    for (gateways, limitMs) in cases {
      var desk = desk()
      _ = tick(&desk, [gateway(north, contactS: 1)], atS: 1)
      _ = tick(&desk, [gateway(north)], atS: 31)
      let begun = try #require(raised(tick(&desk, [gateway(north)], atS: 61)).first)
      let end = cleared(tick(&desk, gateways, atS: 62, limitMs: limitMs))
      #expect(end.map(\.episode) == [begun.episode] && end.map(\.reason) == [.ruleRemoved])
      #expect(tick(&desk, gateways, atS: 90, limitMs: limitMs) == [])
    }
  }

  @Test("ticks come four in a limit, within bounds") func ticks() {
    #expect(SilenceDesk.waitUs(60_000) == 15_000_000)
    #expect(SilenceDesk.waitUs(1) == 1_000_000)
    #expect(SilenceDesk.waitUs(900_000) == 30_000_000 && SilenceDesk.waitUs(nil) == 30_000_000)
  }

  @Test("its bytes come back, and no others are taken") func coding() throws {
    let silence = GatewaySilence(node: north, ms: 900_000, severity: .alarm)
    let bytes = silence.encoded()
    #expect(try GatewaySilence(decoding: bytes) == silence)
    let wrong: [[UInt8]] = [
      [], [1] + Array(bytes.dropFirst()), Array(bytes.dropLast()) + [4], bytes + [0],
      Array(bytes.prefix(33)), Array(bytes.prefix(33)) + [0, 1],
    ]
    for each in wrong {
      #expect(throws: DecodeError.self) { try GatewaySilence(decoding: each) }
    }
    #expect(throws: DecodeError.self) { try AlarmRule(decoding: bytes) }
    // As docs/vectors/make_alarms.py has it.
    let other = try #require(NodeId((0..<32).map { UInt8($0) }))
    #expect(GatewaySilence(node: other, ms: 1).key.description == "80beb4242e9f0e3c")
  }
}
