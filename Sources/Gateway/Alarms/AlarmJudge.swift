internal import Model
internal import Sync

/// One rule at work: its machine, the episode that it began, and what its series said last.
struct AlarmJudge {
  /// Episodes of one rule that may follow one another quickly; then an end waits to be sure.
  static let quickMax = 3
  /// What is quick, and how long an end waits then, in µs.
  static let quickUs: Int64 = 60_000_000

  let key: AlarmKey
  /// The rule as its register has it.
  let bytes: [UInt8]
  /// The episode that is open; nil for none.
  private(set) var episode: FactId?
  private var machine: AlarmMachine
  /// What was said last; nil where nothing was, or for a whole device.
  private var said: AlarmValue?
  /// When the machine wants a tick.
  private var machineWakeUs: Int64?
  /// Since when the machine says that it is over while the episode is held open.
  private var overUs: Int64?
  /// When the last episode ended, and how many followed quickly upon one another.
  private var endedUs: Int64?
  private var quick = 0
  /// Whether nothing has happened to it yet.
  private(set) var isFresh = true

  /// What is to be written down.
  enum Outcome: Hashable {
    case raise(sinceUs: Int64, AlarmValue?)
    case clear(FactId, AlarmValue?)
  }

  init(
    _ key: AlarmKey, _ rule: AlarmRule, bytes: [UInt8], nowUs: Int64, isPresent: Bool,
    goesOn: AlarmRaised?
  ) {
    self.key = key
    self.bytes = bytes
    episode = goesOn?.episode
    machine = AlarmMachine(
      rule, atUs: nowUs, isRaised: goesOn != nil, isPresent: isPresent,
      sameness: goesOn?.value.map { Self.sameness($0.value) })
  }

  var rule: AlarmRule { machine.rule }

  /// When a tick is wanted; nil for never.
  var wakeUs: Int64? {
    let heldUs = overUs.map { $0 + Self.quickUs }
    guard let machineWakeUs, let heldUs else { return machineWakeUs ?? heldUs }
    return min(machineWakeUs, heldUs)
  }

  /// Takes a reading of its series, or of any of its device (nil).
  mutating func read(_ value: AlarmValue?, atUs: Int64) -> [Outcome] {
    let before = said
    if let value { said = value }
    let actions = machine.handle(
      .reading(value?.value.number, sameness: value.map { Self.sameness($0.value) } ?? 0),
      atUs: atUs)
    return settle(actions, before: before, atUs: atUs)
  }

  /// Its device came or went.
  mutating func note(isPresent: Bool, atUs: Int64) -> [Outcome] {
    settle(machine.handle(.present(isPresent), atUs: atUs), before: said, atUs: atUs)
  }

  /// Time went by.
  mutating func tick(atUs: Int64) -> [Outcome] {
    settle(machine.handle(.tick, atUs: atUs), before: said, atUs: atUs)
  }

  /// The episode that was asked for has this name.
  mutating func begin(_ id: FactId) { episode = id }

  private mutating func settle(
    _ actions: [AlarmMachine.Action], before: AlarmValue?, atUs: Int64
  ) -> [Outcome] {
    var outcomes: [Outcome] = []
    (machineWakeUs, isFresh) = (nil, false)
    for action in actions {
      switch action {
      case .wake(let us): machineWakeUs = us
      case .raise(let sinceUs, let number):
        overUs = nil
        guard episode == nil else { continue }
        // Until it has its name: the next action may end it.
        if let endedUs, sinceUs - endedUs < Self.quickUs { quick += 1 } else { quick = 0 }
        outcomes.append(.raise(sinceUs: sinceUs, shown(number, before)))
      case .clear(let number):
        if quick >= Self.quickMax {
          overUs = atUs
        } else {
          end(&outcomes, shown(number, before), atUs)
        }
      }
    }
    if let overUs, atUs - overUs >= Self.quickUs {
      self.overUs = nil
      end(&outcomes, shown(nil, before), atUs)
    }
    return outcomes
  }

  private mutating func end(_ outcomes: inout [Outcome], _ value: AlarmValue?, _ atUs: Int64) {
    endedUs = atUs
    if let episode {
      outcomes.append(.clear(episode, value))
      self.episode = nil
    } else if case .raise? = outcomes.last {
      // Begun and over within what came at once: the desk names both.
      outcomes.append(.clear(AlarmDesk.unnamed, value))
    }
  }

  /// The exact form of a number that the machine names: that of the last reading or of the one
  /// before it.
  private func shown(_ number: Double?, _ before: AlarmValue?) -> AlarmValue? {
    guard let number else { return said?.value.number?.isNaN == true ? nil : said }
    for value in [said, before] {
      if let value, value.value.number == number { return value }
    }
    return AlarmValue(.float(number), unit: said?.unit ?? "")
  }

  /// What two readings that say the same have in common.
  private static func sameness(_ value: Value) -> UInt64 {
    if let number = value.number { return number.bitPattern }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in value.description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
