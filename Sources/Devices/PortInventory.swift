/// Which ports are there: turns udev's events and enumerations into one appearance and one
/// disappearance for each plug, whatever was doubled, lost or late.
///
/// udev may say "add" twice, may be heard and enumerated both, and may lose events when its
/// queue overflows; then everything is enumerated again and the difference is what happened.
public struct PortInventory: Sendable {
  /// What came from udev.
  public enum Event: Sendable {
    /// Everything that is there; `atStart` on the first time.
    case enumerated([PortFacts], atStart: Bool)
    /// "add", "bind" or "change" of one port.
    case announced(PortFacts)
    /// "remove" or "unbind", known by its path only.
    case removed(syspath: String)
  }

  /// What really happened.
  public enum Change: Hashable, Sendable {
    /// A port is there that was not.
    case appeared(PortFacts, atStart: Bool)
    /// A port is gone.
    case vanished(syspath: String)
    /// The same plug, of which more is known now.
    case changed(PortFacts)
  }

  private var live: [String: PortFacts] = [:]
  /// Announcements that said nothing new.
  public private(set) var duplicatesDropped: UInt64 = 0
  /// Ports ignored because `DeviceLimits.portsMax` are there already.
  public private(set) var portsRefused: UInt64 = 0
  /// Changes that only a repeated enumeration showed: each one an event that was lost.
  public private(set) var changesRecovered: UInt64 = 0

  /// Starts with no port.
  public init() {}

  /// How many ports are there.
  public var count: Int { live.count }

  /// Takes one event and says what it means.
  public mutating func handle(_ event: Event) -> [Change] {
    switch event {
    case .announced(let facts): return announce(facts, atStart: false)
    case .removed(let syspath):
      return live.removeValue(forKey: syspath) == nil ? [] : [.vanished(syspath: syspath)]
    case .enumerated(let all, let atStart): return compare(all, atStart: atStart)
    }
  }

  private mutating func announce(_ facts: PortFacts, atStart: Bool) -> [Change] {
    guard let known = live[facts.syspath] else {
      guard live.count < DeviceLimits.portsMax else {
        portsRefused &+= 1
        return []
      }
      live[facts.syspath] = facts
      return [.appeared(facts, atStart: atStart)]
    }
    if known == facts {
      duplicatesDropped &+= 1
      return []
    }
    live[facts.syspath] = facts
    if facts.isAnotherPlug(than: known) {
      return [.vanished(syspath: facts.syspath), .appeared(facts, atStart: atStart)]
    }
    return [.changed(facts)]
  }

  private mutating func compare(_ all: [PortFacts], atStart: Bool) -> [Change] {
    let present = Set(all.map(\.syspath))
    // Sorted: the order of a dictionary changes from run to run, what we do must not.
    var changes: [Change] = live.keys.filter { !present.contains($0) }.sorted()
      .map { .vanished(syspath: $0) }
    for case .vanished(let syspath) in changes { live[syspath] = nil }
    let droppedBefore = duplicatesDropped
    for facts in all { changes += announce(facts, atStart: atStart) }
    duplicatesDropped = droppedBefore
    if !atStart { changesRecovered &+= UInt64(changes.count) }
    return changes
  }
}
