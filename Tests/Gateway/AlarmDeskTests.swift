import Model
import Sync
import TestSupport
import Testing

@testable import Gateway

@Suite("Alarm desk") struct AlarmDeskTests {
  /// A desk with its rules, its fold of what it asked to write, and its clock in ms.
  private struct Scene {
    var desk = AlarmDesk(seed: [1])
    var rules: [AlarmKey: AlarmRule] = [:]
    var fold = AlarmFold()
    var wakeUs: Int64?
    var nowMs: Int64 = 0
    var seq: UInt64 = 0
    var run: UInt8 = 1
    var present: Set<DeviceIdentity> = []
    /// What was asked, in words.
    var story: [String] = []
    let channels = [Channel(key: "temp", unit: "Cel", exponent: -1), Channel(key: "note")]

    static let board = device(1)

    static func device(_ number: UInt8) -> DeviceIdentity {
      guard
        let device = DeviceIdentity(
          kind: .companion, bytes: [UInt8](repeating: number, count: 8))
      else { preconditionFailure("8 bytes") }
      return device
    }

    static func key(_ number: UInt8) -> AlarmKey {
      guard let key = AlarmKey([UInt8](repeating: number, count: 8)) else {
        preconditionFailure("8 bytes")
      }
      return key
    }

    /// An end as by kill -9 and a new start: only what was written is known.
    mutating func restart() {
      run += 1
      desk = AlarmDesk(seed: [run], open: fold.open)
      (wakeUs, present) = (nil, [])
      take()
    }

    mutating func set(_ number: UInt8, _ rule: AlarmRule?) {
      rules[Self.key(number)] = rule
      take()
    }

    mutating func take(isOwn: Bool = true) {
      let sorted = rules.map { (key: $0.key.bytes, value: $0.value.encoded()) }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      let here = present
      act(
        desk.take(
          sorted, nowUs: nowMs * 1_000, isOwn: { _ in isOwn }, isPresent: { here.contains($0) }))
    }

    /// Lets time go by, with the ticks that were asked for.
    mutating func go(to ms: Int64) {
      while let us = wakeUs, us <= ms * 1_000 {
        nowMs = max(nowMs, us / 1_000)
        wakeUs = nil
        act(desk.tick(nowUs: us))
      }
      nowMs = ms
    }

    mutating func read(
      _ value: Value, at ms: Int64, channel: String = "temp", of device: DeviceIdentity = board
    ) {
      go(to: ms)
      let taps = desk.taps(of: device, channels: channels)
      guard let index = channels.firstIndex(where: { $0.key == channel }) else { return }
      for place in taps.channels[index] {
        act(
          desk.read(place, AlarmValue(value, unit: channels[index].unit), atUs: nowMs * 1_000))
      }
      for place in taps.device { act(desk.read(place, nil, atUs: nowMs * 1_000)) }
    }

    mutating func note(isPresent: Bool, at ms: Int64) {
      go(to: ms)
      if isPresent { present.insert(Self.board) } else { present.remove(Self.board) }
      act(desk.note(Self.board, isPresent: isPresent, nowUs: nowMs * 1_000))
    }

    mutating func act(_ actions: [AlarmDesk.Action]) {
      for action in actions {
        switch action {
        case .raise(let raised):
          let said = raised.value.map { " \($0.value)" } ?? ""
          story.append("raise \(raised.rule.bytes[0])\(said) at \(nowMs)")
          write(.alarmRaised(raised))
        case .clear(let cleared):
          let said = cleared.value.map { " \($0.value)" } ?? ""
          story.append("clear \(cleared.reason)\(said) at \(nowMs)")
          write(.alarmCleared(cleared))
        case .wake(let atUs): wakeUs = atUs
        }
      }
    }

    private mutating func write(_ content: JournalContent) {
      guard let node = NodeId([UInt8](repeating: 1, count: 32)),
        let boot = ClockEpoch([UInt8](repeating: 1, count: 16))
      else { return }
      seq += 1
      fold.apply(
        JournalEntry(
          stamp: Stamp(trusted: true, bootUs: 0, wallUs: Int64(seq), author: "node"),
          content: content),
        record: RecordId(
          origin: node, incarnation: Incarnation(1), lane: .control, seq: seq),
        clockEpoch: boot)
    }

    /// What was asked since it was asked last.
    mutating func said() -> [String] {
      defer { story = [] }
      return story
    }
  }

  private static func rule(
    _ condition: AlarmRule.Condition, channel: String? = "temp", delayMs: Int64 = 0
  ) -> AlarmRule {
    AlarmRule(
      name: "r", scope: SeriesScope(Scene.board, channel), condition: condition, delayMs: delayMs)
  }

  private static let warm = rule(.above(.init(limit: 215, hysteresis: 5, exponent: -1)))

  @Test("a limit that is passed begins an episode, and coming back below its hysteresis ends it")
  func limit() throws {
    var scene = Scene()
    scene.set(3, Self.warm)
    scene.read(.decimal(215, exponent: -1), at: 10)
    #expect(scene.said().isEmpty)
    scene.read(.decimal(216, exponent: -1), at: 20)
    scene.read(.decimal(300, exponent: -1), at: 30)
    scene.read(.decimal(211, exponent: -1), at: 40)
    #expect(scene.said() == ["raise 3 21.6 at 20"])
    #expect(scene.desk.openCount == 1 && scene.fold.open.count == 1)
    scene.read(.decimal(210, exponent: -1), at: 50)
    #expect(scene.said() == ["clear normal 21.0 at 50"])
    let episode = try #require(scene.fold.all.first)
    #expect(episode.rule == Self.warm && episode.raised.fact.sinceUs == 20_000)
    #expect(episode.raised.fact.value?.unit == "Cel" && scene.desk.openCount == 0)
  }

  @Test("other channels and other devices say nothing to a rule")
  func others() {
    var scene = Scene()
    scene.set(1, Self.warm)
    scene.read(.decimal(900, exponent: -1), at: 1, channel: "note")
    scene.read(.decimal(900, exponent: -1), at: 2, of: Scene.device(2))
    #expect(scene.said().isEmpty)
    #expect(scene.desk.taps(of: Scene.device(2), channels: scene.channels).isEmpty)
    #expect(!scene.desk.taps(of: Scene.board, channels: scene.channels).isEmpty)
  }

  @Test("a delay ends by itself, without a further reading")
  func delay() {
    var scene = Scene()
    scene.set(1, Self.rule(.above(.init(limit: 5)), delayMs: 1_000))
    scene.read(.decimal(6, exponent: 0), at: 500)
    scene.go(to: 1_499)
    #expect(scene.said().isEmpty)
    scene.go(to: 9_000)
    #expect(scene.said() == ["raise 1 6 at 1500"])
  }

  @Test("silence of a device is that of all its channels, and any of them ends it")
  func silence() {
    var scene = Scene()
    scene.set(1, Self.rule(.silent(ms: 1_000), channel: nil))
    scene.read(.text("x"), at: 900, channel: "note")
    scene.go(to: 1_899)
    #expect(scene.said().isEmpty)
    scene.go(to: 5_000)
    scene.read(.decimal(1, exponent: 0), at: 5_500)
    #expect(scene.said() == ["raise 1 at 1900", "clear normal at 5500"])
  }

  @Test(
    "a device that is gone for long enough is an alarm, also when it never came since the start")
  func gone() {
    var scene = Scene()
    scene.set(1, Self.rule(.gone(ms: 1_000), channel: nil))
    scene.note(isPresent: true, at: 500)
    scene.note(isPresent: false, at: 800)
    scene.note(isPresent: true, at: 1_700)
    scene.go(to: 5_000)
    #expect(scene.said().isEmpty)
    scene.note(isPresent: false, at: 6_000)
    scene.go(to: 7_500)
    scene.note(isPresent: true, at: 8_000)
    #expect(scene.said() == ["raise 1 at 7000", "clear normal at 8000"])
    scene.restart()
    scene.go(to: 20_000)
    #expect(scene.said() == ["raise 1 at 9000"])
  }

  @Test("a text that stays the same is frozen, before and after a restart, and another ends it")
  func frozen() {
    var scene = Scene()
    scene.set(1, Self.rule(.frozen(ms: 100), channel: "note"))
    for ms in [0, 60, 120] as [Int64] { scene.read(.text("on"), at: ms, channel: "note") }
    #expect(scene.said() == ["raise 1 on at 120"])
    scene.restart()
    for ms in [200, 260, 400] as [Int64] { scene.read(.text("on"), at: ms, channel: "note") }
    #expect(scene.said().isEmpty)
    scene.read(.text("off"), at: 410, channel: "note")
    #expect(scene.said() == ["clear normal off at 410"])
  }

  @Test("an open episode goes on over a restart and ends once; it does not begin anew")
  func restart() {
    var scene = Scene()
    scene.set(1, Self.warm)
    scene.read(.decimal(400, exponent: -1), at: 10)
    let id = scene.fold.open.first?.id
    scene.restart()
    scene.go(to: 60_000)
    scene.read(.decimal(400, exponent: -1), at: 60_010)
    #expect(scene.said() == ["raise 1 40.0 at 10"])
    #expect(scene.fold.open.map(\.id) == [id])
    scene.read(.decimal(100, exponent: -1), at: 60_020)
    scene.restart()
    #expect(scene.said() == ["clear normal 10.0 at 60020"])
    #expect(scene.fold.all.count == 1)
  }

  @Test("a rule that changes ends its episode and begins anew, as does one that is switched off")
  func changed() {
    for isLate in [false, true] {
      var scene = Scene()
      scene.set(1, Self.warm)
      scene.read(.decimal(400, exponent: -1), at: 10)
      if isLate { scene.restart() }
      var other = Self.warm
      other.severity = .alarm
      scene.set(1, other)
      scene.read(.decimal(400, exponent: -1), at: 20)
      #expect(
        scene.said() == ["raise 1 40.0 at 10", "clear ruleChanged at 10", "raise 1 40.0 at 20"])
      other.isEnabled = false
      scene.set(1, other)
      scene.read(.decimal(400, exponent: -1), at: 30)
      #expect(scene.said() == ["clear ruleChanged at 20"])
      #expect(scene.fold.open.isEmpty && !scene.desk.isJudging)
    }
  }

  @Test("a rule that is changed or removed while the daemon is away ends its episode at the start")
  func away() {
    for (other, reason) in [(nil, "ruleRemoved"), (Self.rule(.silent(ms: 9_000)), "ruleChanged")] {
      var scene = Scene()
      scene.set(1, Self.warm)
      scene.read(.decimal(400, exponent: -1), at: 10)
      scene.rules[Scene.key(1)] = other
      scene.restart()
      #expect(scene.said() == ["raise 1 40.0 at 10", "clear \(reason) at 10"])
      #expect(scene.fold.open.isEmpty)
    }
  }

  @Test("of two open episodes of one rule the newest goes on")
  func surplus() {
    var scene = Scene()
    scene.set(1, Self.warm)
    scene.read(.decimal(400, exponent: -1), at: 10)
    // As if the first had been forgotten.
    scene.desk = AlarmDesk(seed: [9])
    scene.take()
    scene.read(.decimal(400, exponent: -1), at: 20)
    #expect(scene.fold.open.count == 2)
    let newest = scene.fold.open.first?.id
    scene.restart()
    #expect(scene.fold.open.map(\.id) == [newest])
    scene.read(.decimal(100, exponent: -1), at: 30)
    #expect(scene.fold.open.isEmpty)
  }

  @Test("a rule that another knows how to read is left, and one of a device not here waits for it")
  func left() {
    var scene = Scene()
    scene.rules[Scene.key(1)] = Self.warm
    scene.take(isOwn: false)
    #expect(!scene.desk.isJudging)
    scene.take()
    #expect(scene.desk.judgedCount == 1)
    _ = scene.desk.take(
      [(Scene.key(2).bytes, [2, 0]), ([1], Self.warm.encoded())], nowUs: 0, isOwn: { _ in true },
      isPresent: { _ in true })
    #expect(scene.desk.unreadableCount == 1 && !scene.desk.isJudging)
  }

  @Test("of too many rules the first are judged, and the others are counted")
  func tooMany() {
    var desk = AlarmDesk(seed: [])
    let rules = (0..<AlarmDesk.rulesMax + 5).map { number in
      (
        key: (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * (7 - $0))) },
        value: Self.warm.encoded()
      )
    }
    _ = desk.take(rules, nowUs: 0, isOwn: { _ in true }, isPresent: { _ in true })
    #expect(desk.judgedCount == AlarmDesk.rulesMax && desk.overLimitCount == 5)
  }

  @Test("a value that flutters about its limit does not fill the journal")
  func flutter() {
    var scene = Scene()
    scene.set(1, Self.rule(.above(.init(limit: 10))))
    for number in 0..<10_000 as Range<Int64> {
      scene.read(.decimal(number % 2 == 0 ? 11 : 9, exponent: 0), at: number * 10)
    }
    let story = scene.said()
    #expect(story.count < 12, "\(story.count)")
    #expect(scene.fold.open.count == 1)
    // Once it is quiet for a minute it is over, at its own time.
    scene.read(.decimal(9, exponent: 0), at: 100_000)
    scene.go(to: 159_000)
    #expect(scene.said().isEmpty)
    scene.go(to: 170_000)
    #expect(scene.said().count == 1 && scene.fold.open.isEmpty)
  }

  @Test("what begins and ends within one handful of readings is both on record")
  func brief() {
    var scene = Scene()
    scene.set(1, Self.rule(.above(.init(limit: 10)), delayMs: 100))
    scene.read(.decimal(11, exponent: 0), at: 10)
    // The tick comes late: an hour of a ring is handed over at once.
    let lateUs = scene.wakeUs
    scene.wakeUs = nil
    scene.read(.decimal(9, exponent: 0), at: 5_000)
    scene.wakeUs = lateUs
    #expect(scene.said() == ["raise 1 11 at 5000", "clear normal 9 at 5000"])
    #expect(scene.fold.all.count == 1 && scene.fold.open.isEmpty && scene.desk.openCount == 0)
    scene.read(.decimal(11, exponent: 0), at: 70_000)
    scene.go(to: 80_000)
    #expect(scene.fold.all.count == 2 && scene.fold.open.count == 1)
  }

  @Test(
    "whatever happens, at most one episode of a rule is open", arguments: 0..<40 as Range<UInt64>)
  func random(seed: UInt64) {
    var prng = Prng(seed: seed)
    var scene = Scene()
    let rules = [
      Self.warm, Self.rule(.above(.init(limit: 22)), delayMs: 50), Self.rule(.silent(ms: 40)),
      Self.rule(.frozen(ms: 60)), Self.rule(.gone(ms: 80), channel: nil),
      Self.rule(.rises(.init(limit: 3), withinMs: 100)),
    ]
    for step in 0..<600 {
      let ms = scene.nowMs + Int64(prng.below(30))
      switch prng.below(100) {
      case 0: scene.restart()
      case 1...3: scene.set(UInt8(prng.below(3)), prng.chance(30) ? nil : rules[prng.below(6)])
      case 4...8: scene.note(isPresent: prng.chance(50), at: ms)
      case 9...15: scene.go(to: ms + Int64(prng.below(70_000)))
      default: scene.read(.decimal(Int64(200 + prng.below(40)), exponent: -1), at: ms)
      }
      let open = scene.fold.open
      #expect(
        Set(open.map(\.raised.fact.rule)).count == open.count
          && open.count == scene.desk.openCount
          && open.allSatisfy { scene.rules[$0.raised.fact.rule] != nil },
        "seed \(seed), step \(step)")
    }
  }
}
