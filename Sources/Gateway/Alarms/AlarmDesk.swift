internal import Model
internal import Sync

/// Judges the rules of alarms over the devices of this node: the core, which has no clock.
///
/// Times are µs of CLOCK_BOOTTIME: no wall clock, however wrong, changes what an alarm is.
struct AlarmDesk {
  /// Rules that are judged; of more those with the lowest keys are, and the others are counted.
  static let rulesMax = 1024

  /// What is to be done.
  enum Action: Hashable {
    /// An episode begins.
    case raise(AlarmRaised)
    /// It is over.
    case clear(AlarmCleared)
    /// A tick is wanted then.
    case wake(atUs: Int64)
  }

  /// Where the readings of one attached device go: places of judges.
  struct Taps {
    /// Which rules it was made for.
    var version: UInt64
    /// By the index of the channel.
    var channels: [[Int]]
    /// Of any channel.
    var device: [Int]
    /// Whether no reading goes anywhere.
    var isEmpty: Bool
  }

  /// Stands for the episode that the outcome before began.
  static let unnamed = name(0, of: [])

  private var judges: [AlarmJudge] = []
  /// Open episodes of earlier runs whose rules were not looked at yet.
  private var restored: [AlarmKey: AlarmRaised]
  /// Open episodes of earlier runs beyond one of a rule.
  private var surplus: [FactId] = []
  private let seed: [UInt8]
  private var named: UInt64 = 0
  /// When a tick comes.
  private var armedUs: Int64?
  /// Changes with the rules, so that `Taps` can be known to be old.
  private(set) var version: UInt64 = 1
  /// Rules of this node's devices that are not judged, since there are too many.
  private(set) var overLimitCount = 0
  /// Rules that cannot be read: of a later version.
  private(set) var unreadableCount = 0

  /// Takes over the episodes that are open on disk and began on this node, newest first. Of `seed`,
  /// bytes that no other run has, the names of episodes are made.
  init(seed: [UInt8], open: [AlarmEpisode] = []) {
    self.seed = seed
    restored = [:]
    // Of two of one rule the newest goes on.
    for episode in open {
      if restored[episode.raised.fact.rule] == nil {
        restored[episode.raised.fact.rule] = episode.raised.fact
      } else {
        surplus.append(episode.id)
      }
    }
  }

  /// Whether anything is judged.
  var isJudging: Bool { !judges.isEmpty }

  /// How many rules are.
  var judgedCount: Int { judges.count }

  /// The episodes that go on.
  var openCount: Int { judges.count { $0.episode != nil } }

  /// Takes the rules as the registers have them. `isOwn` says whether this node has a device,
  /// `isPresent` whether that is plugged in.
  mutating func take(
    _ rules: [(key: [UInt8], value: [UInt8])], nowUs: Int64, isOwn: (DeviceIdentity) -> Bool,
    isPresent: (DeviceIdentity) -> Bool
  ) -> [Action] {
    var actions: [Action] = []
    var old: [AlarmKey: AlarmJudge] = [:]
    for judge in judges { old[judge.key] = judge }
    judges = []
    (overLimitCount, unreadableCount) = (0, 0)
    version &+= 1
    for (bytes, value) in rules {
      guard let key = AlarmKey(bytes) else { continue }
      let before = old.removeValue(forKey: key)
      let goesOn = restored.removeValue(forKey: key)
      let open = before?.episode ?? goesOn?.episode
      guard let rule = read(value) else {
        end(open, .ruleChanged, &actions)
        continue
      }
      guard judges.count < Self.rulesMax, isOwn(rule.scope.device) || open != nil else {
        if isOwn(rule.scope.device) { overLimitCount += 1 }
        end(open, .ruleChanged, &actions)
        continue
      }
      if let before, before.bytes == value {
        judges.append(before)
        continue
      }
      let isSame = goesOn?.ruleBytes == value && before == nil && rule.isEnabled
      if !isSame { end(open, .ruleChanged, &actions) }
      guard rule.isEnabled else { continue }
      judges.append(
        AlarmJudge(
          key, rule, bytes: value, nowUs: nowUs, isPresent: isPresent(rule.scope.device),
          goesOn: isSame ? goesOn : nil))
    }
    for judge in old.values { end(judge.episode, .ruleRemoved, &actions) }
    for raised in restored.values { end(raised.episode, .ruleRemoved, &actions) }
    for episode in surplus { end(episode, .ruleChanged, &actions) }
    (restored, surplus) = ([:], [])
    armedUs = nil
    return actions + tick(nowUs: nowUs)
  }

  /// Where the readings of a device go.
  func taps(of device: DeviceIdentity, channels: [Channel]) -> Taps {
    var taps = Taps(
      version: version, channels: Array(repeating: [], count: channels.count), device: [],
      isEmpty: true)
    for (place, judge) in judges.enumerated() where judge.rule.scope.device == device {
      if case .gone = judge.rule.condition { continue }
      guard let key = judge.rule.scope.channel else {
        taps.device.append(place)
        taps.isEmpty = false
        continue
      }
      for (index, channel) in channels.enumerated() where channel.key == key {
        taps.channels[index].append(place)
        taps.isEmpty = false
      }
    }
    return taps
  }

  /// A reading for the judge at a place of `Taps` of this version; nil where only that one came
  /// counts.
  mutating func read(_ place: Int, _ value: AlarmValue?, atUs: Int64) -> [Action] {
    guard judges.indices.contains(place) else { return [] }
    let outcomes = judges[place].read(value, atUs: atUs)
    return act(outcomes, place) + rearm(place)
  }

  /// A device came or went.
  mutating func note(_ device: DeviceIdentity, isPresent: Bool, nowUs: Int64) -> [Action] {
    var actions: [Action] = []
    for place in judges.indices where judges[place].rule.scope.device == device {
      guard case .gone = judges[place].rule.condition else { continue }
      actions += act(judges[place].note(isPresent: isPresent, atUs: nowUs), place)
      actions += rearm(place)
    }
    return actions
  }

  /// Time went by: what is due is judged, and the next tick is asked for.
  mutating func tick(nowUs: Int64) -> [Action] {
    var actions: [Action] = []
    armedUs = nil
    var nextUs: Int64?
    for place in judges.indices {
      // A new machine has not said yet what it waits for.
      if judges[place].isFresh || judges[place].wakeUs.map({ $0 <= nowUs }) == true {
        actions += act(judges[place].tick(atUs: nowUs), place)
      }
      if let us = judges[place].wakeUs { nextUs = min(nextUs ?? us, us) }
    }
    if let nextUs {
      armedUs = nextUs
      actions.append(.wake(atUs: nextUs))
    }
    return actions
  }

  private mutating func rearm(_ place: Int) -> [Action] {
    guard let us = judges[place].wakeUs, us < armedUs ?? .max else { return [] }
    armedUs = us
    return [.wake(atUs: us)]
  }

  private mutating func read(_ value: [UInt8]) -> AlarmRule? {
    do throws(DecodeError) {
      return try AlarmRule(decoding: value)
    } catch {
      unreadableCount += 1
      return nil
    }
  }

  private func end(
    _ episode: FactId?, _ reason: AlarmCleared.Reason, _ actions: inout [Action]
  ) {
    guard let episode else { return }
    actions.append(.clear(AlarmCleared(episode: episode, reason: reason, value: nil)))
  }

  private mutating func act(_ outcomes: [AlarmJudge.Outcome], _ place: Int) -> [Action] {
    var actions: [Action] = []
    var last: FactId?
    for (index, outcome) in outcomes.enumerated() {
      switch outcome {
      case .raise(let sinceUs, let value):
        named &+= 1
        let id = Self.name(named, of: seed)
        last = id
        let isLast = index == outcomes.count - 1
        if isLast { judges[place].begin(id) }
        actions.append(
          .raise(
            AlarmRaised(
              episode: id, rule: judges[place].key, ruleBytes: judges[place].bytes,
              sinceUs: max(0, sinceUs), value: value)))
      case .clear(let id, let value):
        let named = id == Self.unnamed ? last ?? id : id
        actions.append(.clear(AlarmCleared(episode: named, reason: .normal, value: value)))
      }
    }
    return actions
  }

  /// The name of an episode: no two are alike, as no two seeds are.
  static func name(_ number: UInt64, of seed: [UInt8]) -> FactId {
    let bytes = seed + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    guard let id = FactId(Array(Blake2b.content(bytes).prefix(16))) else {
      preconditionFailure("sixteen bytes make an id")
    }
    return id
  }
}
