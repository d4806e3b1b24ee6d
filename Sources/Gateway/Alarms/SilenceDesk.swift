internal import Model
internal import Sync

/// Judges on a hub whether the other nodes of its site are heard: the core, which has no clock.
///
/// Times are µs of CLOCK_BOOTTIME. A node that was never heard, before this start or since, is not
/// judged. What the hub did not live through is nobody's silence: after its start at most the time
/// since then counts, and where it was asleep or held up, that time does not.
struct SilenceDesk {
  /// How long silence may last where nobody said otherwise.
  static let standardMs: Int64 = 15 * 60_000
  /// The least and the most time between two ticks, in µs.
  static let tickUs: ClosedRange<Int64> = 1_000_000...30_000_000

  /// A node that belongs to the site, as it is at a tick.
  struct Gateway: Hashable {
    var node: NodeId
    /// When a session with it was used last; nil for never since the start.
    var contactUs: Int64?
    /// How many records of its own this disk has seen, by whatever way they came.
    var seenCount: UInt64
  }

  private struct Watch: Hashable {
    var heardUs: Int64
    var seenCount: UInt64
    /// Whether it was ever heard.
    var isKnown: Bool
  }

  private var watches: [NodeId: Watch] = [:]
  /// Episodes that go on.
  private var open: [NodeId: FactId] = [:]
  /// Open episodes beyond one of a node.
  private var surplus: [FactId] = []
  private let startUs: Int64
  private let seed: [UInt8]
  private var named: UInt64 = 0
  private var tickedUs: Int64?

  /// Takes over the episodes that go on on disk and that this node began, newest first. Of `seed`,
  /// bytes that no other run has, the names of episodes are made.
  init(seed: [UInt8], open episodes: [AlarmEpisode], startUs: Int64) {
    self.seed = seed
    self.startUs = startUs
    for episode in episodes {
      guard let node = episode.silence?.node else { continue }
      if open[node] == nil { open[node] = episode.id } else { surplus.append(episode.id) }
    }
  }

  /// How long until the next tick, in µs, for a limit in ms.
  static func waitUs(_ limitMs: Int64?) -> Int64 {
    guard let limitMs else { return tickUs.upperBound }
    return min(max(limitMs * 250, tickUs.lowerBound), tickUs.upperBound)
  }

  /// Looks at every node of the site but this one; `limitMs` nil judges none.
  mutating func tick(
    _ gateways: [Gateway], limitMs: Int64?, nowUs: Int64
  ) -> [AlarmDesk.Action] {
    var actions: [AlarmDesk.Action] = surplus.map { clear($0, .ruleChanged) }
    surplus = []
    skip(nowUs)
    let isFirst = tickedUs == nil
    tickedUs = nowUs
    for gateway in gateways {
      let isHeard = hear(gateway, isFirst: isFirst, nowUs: nowUs)
      guard let limitMs else { continue }
      if isHeard, let episode = open.removeValue(forKey: gateway.node) {
        actions.append(clear(episode, .normal))
      }
      actions += judge(gateway.node, limitMs: limitMs, nowUs: nowUs)
    }
    // Who belongs no more, and everybody where nothing is judged.
    let present = Set(gateways.map(\.node))
    let judged = limitMs == nil ? Set<NodeId>() : present
    for node in open.keys.sorted(by: Self.precedes) where !judged.contains(node) {
      if let episode = open.removeValue(forKey: node) {
        actions.append(clear(episode, .ruleRemoved))
      }
    }
    watches = watches.filter { present.contains($0.key) }
    return actions
  }

  /// A tick that comes much later than it was due: this node slept, or stood still.
  private mutating func skip(_ nowUs: Int64) {
    guard let tickedUs, nowUs - tickedUs > 2 * Self.tickUs.upperBound else { return }
    let awayUs = nowUs - tickedUs
    for node in watches.keys { watches[node]?.heardUs += awayUs }
  }

  /// Whether something of a node came since the last tick.
  private mutating func hear(_ gateway: Gateway, isFirst: Bool, nowUs: Int64) -> Bool {
    guard var watch = watches[gateway.node] else {
      // What was on the disk at the start is no sign of life, and no sign of death.
      let heardUs = gateway.contactUs ?? (isFirst ? startUs : nowUs)
      watches[gateway.node] = Watch(
        heardUs: heardUs, seenCount: gateway.seenCount,
        isKnown: gateway.contactUs != nil || gateway.seenCount > 0)
      return gateway.contactUs != nil
    }
    var isHeard = false
    if gateway.seenCount != watch.seenCount {
      (watch.seenCount, watch.heardUs, isHeard) = (gateway.seenCount, nowUs, true)
    }
    if let contactUs = gateway.contactUs, contactUs > watch.heardUs {
      (watch.heardUs, isHeard) = (contactUs, true)
    }
    watch.isKnown = watch.isKnown || isHeard
    watches[gateway.node] = watch
    return isHeard
  }

  private mutating func judge(
    _ node: NodeId, limitMs: Int64, nowUs: Int64
  ) -> [AlarmDesk.Action] {
    guard open[node] == nil, let watch = watches[node], watch.isKnown,
      nowUs - watch.heardUs >= limitMs * 1_000
    else { return [] }
    named &+= 1
    let silence = GatewaySilence(node: node, ms: limitMs)
    let episode = AlarmDesk.name(named, of: seed)
    open[node] = episode
    return [
      .raise(
        AlarmRaised(
          episode: episode, rule: silence.key, ruleBytes: silence.encoded(),
          sinceUs: max(0, watch.heardUs), value: nil))
    ]
  }

  private static func precedes(_ left: NodeId, _ right: NodeId) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  private func clear(_ episode: FactId, _ reason: AlarmCleared.Reason) -> AlarmDesk.Action {
    .clear(AlarmCleared(episode: episode, reason: reason, value: nil))
  }
}
