public import Model

/// One time that a rule was broken, as far as the records tell.
public struct AlarmEpisode: Hashable, Sendable {
  /// Its beginning.
  public var raised: Noted<AlarmRaised>
  /// The boot of the node in which it began: `sinceUs` counts there.
  public var clockEpoch: ClockEpoch
  /// Its end; nil while it goes on.
  public var cleared: Noted<AlarmCleared>?
  /// The boot in which it ended.
  public var clearedEpoch: ClockEpoch?
  /// Who has seen it; nil while nobody has.
  public var acknowledged: Noted<AlarmAcknowledged>?
  /// Who was told what, in no order that means anything.
  public var deliveries: [Noted<AlarmDelivered>] = []

  /// Its name.
  public var id: FactId { raised.fact.episode }
  /// Whether it goes on.
  public var isOpen: Bool { cleared == nil }
  /// The rule as it was then; nil when a later version wrote it.
  public var rule: AlarmRule? { raised.fact.judged }
}

/// The fold of every alarm's records: the same whatever the order in which they arrive, as each is
/// folded once and each episode begins once.
///
/// Open episodes are all kept. Of those that are over the newest `Limits.alarmsEndedMax` are, and
/// as many of those that began under a clock that nobody vouched for, which may say any year.
/// Whether somebody has seen them plays no part: what is kept would hang on what came first. What
/// leaves memory stays on disk, where its bytes are.
public struct AlarmFold: Hashable, Sendable {
  /// What is known of one episode, before or after its beginning.
  private struct Parts: Hashable, Sendable {
    var raised: (Noted<AlarmRaised>, ClockEpoch)?
    var cleared: (Noted<AlarmCleared>, ClockEpoch)?
    var acknowledged: Noted<AlarmAcknowledged>?
    var deliveries: [Noted<AlarmDelivered>] = []

    var episode: AlarmEpisode? {
      raised.map {
        AlarmEpisode(
          raised: $0.0, clockEpoch: $0.1, cleared: cleared?.0, clearedEpoch: cleared?.1,
          acknowledged: acknowledged, deliveries: deliveries)
      }
    }

    static func == (left: Self, right: Self) -> Bool {
      left.raised?.0 == right.raised?.0 && left.raised?.1 == right.raised?.1
        && left.cleared?.0 == right.cleared?.0 && left.cleared?.1 == right.cleared?.1
        && left.acknowledged == right.acknowledged
        && Set(left.deliveries) == Set(right.deliveries)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(raised?.0) }
  }

  /// Where an episode that is over stands among its like.
  private struct Rank: Hashable, Sendable {
    var wallUs: Int64
    var id: [UInt8]

    func precedes(_ other: Rank) -> Bool {
      wallUs != other.wallUs ? wallUs < other.wallUs : id.precedes(other.id)
    }
  }

  private var known: [FactId: Parts] = [:]
  /// Those that are over, the lowest rank first: under a clock that was vouched for, and not.
  private var ended: [[Rank]] = [[], []]
  /// Those of which only something else has come, oldest first.
  private var awaited: [FactId] = []

  /// Begins with no episode.
  public init() {}

  /// Equal when the same episodes are known, whatever else waits for its beginning.
  public static func == (left: Self, right: Self) -> Bool {
    left.known.filter { $0.value.raised != nil } == right.known.filter { $0.value.raised != nil }
  }

  /// As equality has it.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(known.filter { $0.value.raised != nil })
  }

  /// Takes one entry; those of other kinds change nothing.
  public mutating func apply(_ entry: JournalEntry, record: RecordId, clockEpoch: ClockEpoch) {
    func noted<Fact>(_ fact: Fact) -> Noted<Fact> {
      Noted(fact: fact, record: record, stamp: entry.stamp)
    }
    switch entry.content {
    case .alarmRaised(let raised):
      change(raised.episode) { parts in
        let new = noted(raised)
        if parts.raised.map({ record.precedes($0.0.record) }) ?? true {
          parts.raised = (new, clockEpoch)
        }
      }
    case .alarmCleared(let cleared):
      change(cleared.episode) { parts in
        let new = noted(cleared)
        if parts.cleared.map({ record.precedes($0.0.record) }) ?? true {
          parts.cleared = (new, clockEpoch)
        }
      }
    case .alarmAcknowledged(let acknowledged):
      change(acknowledged.episode) { parts in
        let new = noted(acknowledged)
        if parts.acknowledged.map({ record.precedes($0.record) }) ?? true {
          parts.acknowledged = new
        }
      }
    case .alarmDelivered(let delivered) where delivered.moment != .test:
      change(delivered.episode) { Self.note(noted(delivered), in: &$0.deliveries) }
    default: break
    }
  }

  /// Each recipient is told each thing once: that it was told counts rather than that it was not,
  /// then the lower record.
  private static func note(
    _ new: Noted<AlarmDelivered>, in deliveries: inout [Noted<AlarmDelivered>]
  ) {
    let place = deliveries.firstIndex {
      $0.fact.recipient == new.fact.recipient && $0.fact.moment == new.fact.moment
    }
    guard let place else {
      if deliveries.count < Limits.alarmDeliveriesMax { deliveries.append(new) }
      return
    }
    let old = deliveries[place]
    let isBetter =
      old.fact.outcome == new.fact.outcome
      ? new.record.precedes(old.record) : new.fact.outcome == .delivered
    if isBetter { deliveries[place] = new }
  }

  private mutating func change(_ id: FactId, _ body: (inout Parts) -> Void) {
    let before = known[id] ?? Parts()
    var after = before
    body(&after)
    known[id] = after
    if after.raised == nil { return wait(for: id, isNew: before == Parts()) }
    if before.raised == nil, before != Parts() { awaited.removeAll { $0 == id } }
    guard after.cleared != nil else { return }
    if before.cleared != nil, let raised = before.raised?.0 { unrank(raised) }
    if let raised = after.raised?.0 { rank(raised) }
  }

  /// Keeps what came before the beginning; of too much the oldest is forgotten, which may also be
  /// what came after the episode had left memory.
  private mutating func wait(for id: FactId, isNew: Bool) {
    guard isNew else { return }
    awaited.append(id)
    if awaited.count > Limits.alarmsAwaitedMax { known[awaited.removeFirst()] = nil }
  }

  private mutating func rank(_ raised: Noted<AlarmRaised>) {
    let rank = Rank(wallUs: raised.stamp.wallUs, id: raised.fact.episode.bytes)
    let list = raised.stamp.trusted ? 0 : 1
    ended[list].insert(rank, at: place(of: rank, in: list))
    guard ended[list].count > Limits.alarmsEndedMax else { return }
    let lowest = ended[list].removeFirst()
    if let id = FactId(lowest.id) { known[id] = nil }
  }

  private mutating func unrank(_ raised: Noted<AlarmRaised>) {
    let rank = Rank(wallUs: raised.stamp.wallUs, id: raised.fact.episode.bytes)
    let list = raised.stamp.trusted ? 0 : 1
    let place = place(of: rank, in: list)
    if place < ended[list].count, ended[list][place] == rank { ended[list].remove(at: place) }
  }

  /// The first place whose rank is not below this one.
  private func place(of rank: Rank, in list: Int) -> Int {
    var (low, high) = (0, ended[list].count)
    while low < high {
      let middle = (low + high) / 2
      if ended[list][middle].precedes(rank) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: What is known

  /// One episode; nil when its beginning is not known, or it has left memory.
  public func episode(_ id: FactId) -> AlarmEpisode? { known[id]?.episode }

  /// Every episode in memory, the newest first, by the wall clock of its beginning.
  public var all: [AlarmEpisode] { sorted { _ in true } }

  /// Those that go on, the newest first.
  public var open: [AlarmEpisode] { sorted { $0.cleared == nil } }

  /// Those that nobody has seen, over or not, the newest first.
  public var unacknowledged: [AlarmEpisode] { sorted { $0.acknowledged == nil } }

  /// How many go on, how many nobody has seen, and how many both.
  public var counts: (open: Int, unacknowledged: Int, unseen: Int) {
    var counts = (open: 0, unacknowledged: 0, unseen: 0)
    for parts in known.values where parts.raised != nil {
      if parts.cleared == nil { counts.open += 1 }
      if parts.acknowledged == nil { counts.unacknowledged += 1 }
      if parts.cleared == nil, parts.acknowledged == nil { counts.unseen += 1 }
    }
    return counts
  }

  private func sorted(_ isWanted: (Parts) -> Bool) -> [AlarmEpisode] {
    known.values.filter { $0.raised != nil && isWanted($0) }.compactMap(\.episode).sorted {
      let (left, right) = ($0.raised.stamp.wallUs, $1.raised.stamp.wallUs)
      return left != right ? left > right : $1.id.bytes.precedes($0.id.bytes)
    }
  }
}

extension AlarmEpisode {
  /// The node that was not heard, where that is what began it; nil for a rule's.
  public var silence: GatewaySilence? { raised.fact.silence }

  /// How much it matters; one of a later version may matter most.
  public var severity: AlarmRule.Severity { rule?.severity ?? silence?.severity ?? .alarm }
}
