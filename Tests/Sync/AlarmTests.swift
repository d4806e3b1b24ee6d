import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Rules of alarms") struct AlarmTests {
  static let device = Samples.board(7)
  static let channel = SeriesScope(device, "temp")

  static func rule(
    _ condition: AlarmRule.Condition, delayMs: Int64 = 0, clearDelayMs: Int64 = 0
  ) -> AlarmRule {
    var scope = channel
    if case .gone = condition { scope.channel = nil }
    return AlarmRule(
      name: "too warm", scope: scope, condition: condition, delayMs: delayMs,
      clearDelayMs: clearDelayMs)
  }

  /// Feeds readings (time in ms, number), ticks whenever one is wanted, up to `untilMs`; what came
  /// of it, with the time in ms, rounded up.
  static func run(
    _ machine: inout AlarmMachine, _ readings: [(ms: Int64, number: Double)], untilMs: Int64
  ) -> [Outcome] {
    var outcomes: [Outcome] = []
    var wakeUs: Int64?
    func note(_ actions: [AlarmMachine.Action], _ nowUs: Int64) {
      wakeUs = nil
      for action in actions {
        switch action {
        case .raise: outcomes.append(Outcome(ms: (nowUs + 999) / 1_000, isRaise: true))
        case .clear: outcomes.append(Outcome(ms: (nowUs + 999) / 1_000, isRaise: false))
        case .wake(let atUs): wakeUs = atUs
        }
      }
    }
    func tick(before endUs: Int64) {
      while let atUs = wakeUs, atUs < endUs {
        note(machine.handle(.tick, atUs: atUs), atUs)
      }
    }
    note(machine.handle(.tick, atUs: 0), 0)
    for reading in readings {
      tick(before: reading.ms * 1_000)
      note(
        machine.handle(
          .reading(reading.number, sameness: reading.number.bitPattern), atUs: reading.ms * 1_000),
        reading.ms * 1_000)
    }
    tick(before: untilMs * 1_000)
    return outcomes
  }

  struct Outcome: Hashable {
    var ms: Int64
    var isRaise: Bool
  }

  static func raise(_ ms: Int64) -> Outcome { Outcome(ms: ms, isRaise: true) }
  static func clear(_ ms: Int64) -> Outcome { Outcome(ms: ms, isRaise: false) }

  @Test("a limit is passed only beyond it, and left only at its hysteresis, to the last decimal")
  func limits() {
    let above = AlarmRule.Condition.above(.init(limit: 3, hysteresis: 1, exponent: -1))
    var machine = AlarmMachine(Self.rule(above), atUs: 0)
    #expect(
      Self.run(&machine, [(1, 0.3), (2, 0.31), (3, 0.21), (4, 0.2), (5, 0.4)], untilMs: 9)
        == [Self.raise(2), Self.clear(4), Self.raise(5)])
    let below = AlarmRule.Condition.below(.init(limit: 3, hysteresis: 1, exponent: -1))
    machine = AlarmMachine(Self.rule(below), atUs: 0)
    #expect(
      Self.run(&machine, [(1, 0.3), (2, 0.29), (3, 0.39), (4, 0.4)], untilMs: 9)
        == [Self.raise(2), Self.clear(4)])
  }

  @Test("a delay counts the readings' own time, and needs no further reading")
  func delays() {
    let above = AlarmRule.Condition.above(.init(limit: 10))
    var machine = AlarmMachine(Self.rule(above, delayMs: 100, clearDelayMs: 50), atUs: 0)
    #expect(
      Self.run(
        &machine, [(0, 11), (99, 9), (100, 11), (300, 9), (340, 11), (400, 9)], untilMs: 1_000)
        == [Self.raise(200), Self.clear(450)])
    // An hour of a ring that comes in one moment is judged as it was measured.
    machine = AlarmMachine(Self.rule(above, delayMs: 100), atUs: 0)
    let actions = machine.handle(.reading(11, sameness: 11), atUs: 1_000)
    #expect(actions == [.wake(atUs: 101_000)])
    #expect(
      machine.handle(.reading(9, sameness: 9), atUs: 500_000)
        == [.raise(sinceUs: 1_000, value: 11), .clear(value: 9)])
  }

  @Test("what is not a number is no value, but not silence either")
  func notANumber() {
    let above = AlarmRule.Condition.above(.init(limit: 10))
    var machine = AlarmMachine(Self.rule(above), atUs: 0)
    #expect(
      Self.run(&machine, [(1, .nan), (2, 11), (3, .nan), (4, .infinity)], untilMs: 9)
        == [Self.raise(2)])
    machine = AlarmMachine(Self.rule(.silent(ms: 50)), atUs: 0)
    #expect(Self.run(&machine, [(40, .nan), (80, .nan)], untilMs: 200) == [Self.raise(130)])
  }

  @Test("silence and absence count from the start, and end with the first sign")
  func silence() {
    var machine = AlarmMachine(Self.rule(.silent(ms: 1_000)), atUs: 0)
    #expect(machine.handle(.tick, atUs: 0) == [.wake(atUs: 1_000_000)])
    #expect(
      Self.run(&machine, [(900, 1), (2_500, 2)], untilMs: 3_000)
        == [Self.raise(1_900), Self.clear(2_500)])
    machine = AlarmMachine(Self.rule(.gone(ms: 10)), atUs: 0)
    #expect(machine.handle(.present(false), atUs: 5_000) == [.wake(atUs: 15_000)])
    // Said twice it went but once.
    #expect(machine.handle(.present(false), atUs: 9_000) == [.wake(atUs: 15_000)])
    #expect(
      machine.handle(.tick, atUs: 15_000) == [.raise(sinceUs: 15_000, value: nil)])
    #expect(machine.handle(.present(true), atUs: 16_000) == [.clear(value: nil)])
  }

  @Test("frozen is many readings that say the same, not none")
  func frozen() {
    var machine = AlarmMachine(Self.rule(.frozen(ms: 100)), atUs: 0)
    #expect(
      Self.run(
        &machine, [(0, 5), (60, 5), (120, 5), (130, 5), (140, 6), (1_000, 7), (3_000, 8)],
        untilMs: 9_000) == [Self.raise(120), Self.clear(140)])
  }

  @Test("an episode that was open at a restart goes on until there is a reason to end it")
  func restart() {
    let conditions: [(AlarmRule.Condition, ends: Double, stays: Double?)] = [
      (.above(.init(limit: 10)), 9, 11), (.below(.init(limit: 10)), 11, 9),
      (.silent(ms: 1_000), 5, nil), (.frozen(ms: 1_000), 6, 5),
    ]
    for (condition, ends, stays) in conditions {
      var machine = AlarmMachine(
        Self.rule(condition), atUs: 7_000_000, isRaised: true, sameness: 5.0.bitPattern)
      #expect(Self.run(&machine, [], untilMs: 60_000).isEmpty, "\(condition)")
      if let stays {
        #expect(Self.run(&machine, [(60_000, stays)], untilMs: 61_000).isEmpty, "\(condition)")
      }
      #expect(
        Self.run(&machine, [(61_000, ends)], untilMs: 61_500) == [Self.clear(61_000)],
        "\(condition)")
    }
    var machine = AlarmMachine(
      Self.rule(.gone(ms: 10)), atUs: 7_000_000, isRaised: true, isPresent: false)
    #expect(machine.handle(.tick, atUs: 8_000_000).isEmpty)
    #expect(machine.handle(.present(true), atUs: 9_000_000) == [.clear(value: nil)])
  }

  @Test("a rule that is off does nothing")
  func disabled() {
    var rule = Self.rule(.silent(ms: 1))
    rule.isEnabled = false
    var machine = AlarmMachine(rule, atUs: 0)
    #expect(machine.handle(.tick, atUs: 1_000_000).isEmpty)
  }

  @Test("a slow sensor rises as fast as it rose, not at once and not never")
  func slowRise() {
    // 10 within 100 s is 5 within 50 s.
    for (limit, rises) in [(Int64(49), true), (51, false)] {
      let condition = AlarmRule.Condition.rises(
        .init(limit: limit, exponent: -1), withinMs: 50_000)
      var machine = AlarmMachine(Self.rule(condition), atUs: 0)
      let outcomes = Self.run(&machine, [(0, 0), (100_000, 10)], untilMs: 400_000)
      #expect(outcomes == (rises ? [Self.raise(100_000), Self.clear(150_000)] : []))
    }
  }

  @Test("what it says is what a naive model says", arguments: 0..<400 as Range<UInt64>)
  func naive(seed: UInt64) {
    var prng = Prng(seed: seed)
    let kind = prng.below(6)
    let limit = Int64(prng.below(8)) + 1
    let threshold = AlarmRule.Threshold(
      limit: limit, hysteresis: Int64(prng.below(Int(limit) + 1)))
    let span = Int64(prng.below(30)) + 1
    let condition: AlarmRule.Condition =
      switch kind {
      case 0: .above(threshold)
      case 1: .below(threshold)
      case 2: .rises(threshold, withinMs: span)
      case 3: .falls(threshold, withinMs: span)
      case 4: .silent(ms: span)
      default: .frozen(ms: span)
      }
    let rule = Self.rule(
      condition, delayMs: Int64(prng.below(12)), clearDelayMs: Int64(prng.below(12)))
    var readings: [(ms: Int64, number: Double)] = []
    var ms: Int64 = 0
    while ms < 400 {
      ms += Int64(prng.chance(20) ? prng.below(60) : prng.below(6)) + 1
      readings.append((ms, Double(prng.below(12))))
    }
    var machine = AlarmMachine(rule, atUs: 0)
    let found = Self.run(&machine, readings, untilMs: 500)
    let expected = NaiveAlarm.outcomes(rule, readings, untilMs: 500)
    #expect(found == expected, "seed \(seed): \(rule), \(readings)")
  }

  @Test("a rule comes back from its bytes, and no other bytes are taken")
  func coding() throws {
    var prng = Prng(seed: 5)
    let threshold = AlarmRule.Threshold(limit: -215, hysteresis: 5, exponent: -1)
    let rates = AlarmRule.Threshold(limit: 5, hysteresis: 5, exponent: 2)
    let conditions: [AlarmRule.Condition] = [
      .above(threshold), .below(threshold), .rises(rates, withinMs: 60_000),
      .falls(rates, withinMs: 1), .silent(ms: 5), .frozen(ms: 6), .gone(ms: 0),
    ]
    for condition in conditions {
      let rule = Self.rule(condition, delayMs: 5, clearDelayMs: 70_000)
      let bytes = rule.encoded()
      #expect(try AlarmRule(decoding: bytes) == rule)
      for length in 0..<bytes.count {
        #expect(throws: DecodeError.self) { try AlarmRule(decoding: Array(bytes[..<length])) }
      }
      #expect(throws: DecodeError.self) { try AlarmRule(decoding: bytes + [0]) }
      for _ in 0..<2_000 {
        var altered = bytes
        altered[prng.below(altered.count)] ^= UInt8(1 << prng.below(8))
        guard let other = try? AlarmRule(decoding: altered) else { continue }
        #expect(other.encoded() == altered, "\(altered)")
      }
    }
  }

  @Test("a rule that means nothing is not valid")
  func invalid() {
    #expect(!Self.rule(.above(.init(limit: 1, hysteresis: -1))).isValid)
    #expect(!Self.rule(.above(.init(limit: .max, hysteresis: 1))).isValid)
    #expect(!Self.rule(.below(.init(limit: .min, hysteresis: 1))).isValid)
    #expect(!Self.rule(.rises(.init(limit: 0), withinMs: 5)).isValid)
    #expect(!Self.rule(.rises(.init(limit: 1, hysteresis: 2), withinMs: 5)).isValid)
    #expect(!Self.rule(.falls(.init(limit: 1), withinMs: 0)).isValid)
    #expect(!Self.rule(.silent(ms: 0)).isValid)
    #expect(!Self.rule(.silent(ms: Limits.alarmTimeMsMax + 1)).isValid)
    #expect(!Self.rule(.frozen(ms: 1), delayMs: -1).isValid)
    var rule = Self.rule(.gone(ms: 1))
    #expect(rule.isValid)
    rule.scope.channel = "temp"
    #expect(!rule.isValid)
    rule = Self.rule(.above(.init(limit: 1)))
    rule.scope.channel = nil
    #expect(!rule.isValid)
    rule = Self.rule(.silent(ms: 1))
    rule.scope.channel = nil
    #expect(rule.isValid)
    rule.name = ""
    #expect(!rule.isValid)
  }
}
