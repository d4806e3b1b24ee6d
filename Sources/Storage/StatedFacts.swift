public import Model
public import Sync

/// An entry of late values without the values: those stay on disk until they are asked for.
public struct LateEntry: Hashable, Sendable {
  /// Its name.
  public var id: FactId
  /// Whose values.
  public var device: DeviceIdentity
  /// Of which channel, in which form.
  public var channel: CommitChannel
  /// The times are at most so far off, in µs.
  public var boundUs: Int64
  /// How many.
  public var count: Int
  /// The first and the last time, in µs of UTC.
  public var utc: ClosedRange<Int64>
  /// Where they come from.
  public var note: String
  /// The boot of the node in which they were written down.
  public var clockEpoch: ClockEpoch
  /// The journal's row.
  let row: Int64
}

/// The facts of the journal that queries need: what is hidden, what was added late, and what people
/// said of times. All of it is folded in memory, but for the late values themselves.
struct StatedFacts {
  private(set) var deletions = FactFold<Deletion>()
  private(set) var late = FactFold<LateEntry>()
  private(set) var annotations = FactFold<Annotation>()
  /// What the deletions hide, as readings are dated now.
  private(set) var hidden = HiddenSpans()
  /// Every entry of late values that holds, by series.
  private(set) var lateEntries: [DeviceIdentity: [String: [Noted<LateEntry>]]] = [:]
  private var isHiddenStale = false
  private var isLateStale = false

  /// The kinds of journal entries that it takes, and those that date readings.
  static let kinds = "6, 7, 8, 9, 10, 11"

  /// Takes an entry of the journal; one that states no fact may still date readings anew.
  mutating func apply(
    _ entry: JournalEntry, _ record: RecordId, _ clockEpoch: ClockEpoch, row: Int64
  ) {
    let stamp = entry.stamp
    switch entry.content {
    case .deletion(let deletion):
      deletions.state(deletion, id: deletion.id, record: record, stamp: stamp)
    case .deletionUndone(let undone): deletions.withdraw(undone, record: record, stamp: stamp)
    case .lateValues(let late):
      guard let entry = LateEntry(late, clockEpoch, row: row) else { return }
      self.late.state(entry, id: late.id, record: record, stamp: stamp)
      isLateStale = true
    case .lateValuesWithdrawn(let undone):
      late.withdraw(undone, record: record, stamp: stamp)
      isLateStale = true
    case .annotation(let annotation):
      annotations.state(annotation, id: annotation.id, record: record, stamp: stamp)
    case .annotationRemoved(let undone):
      annotations.withdraw(undone, record: record, stamp: stamp)
    default: break
    }
    isHiddenStale = true
  }

  /// Brings what follows from the facts up to date, after the last entry was applied.
  mutating func settle(_ timeline: Timeline) {
    if isHiddenStale {
      hidden = HiddenSpans(deletions.standing.map(\.fact), dated: timeline)
      isHiddenStale = false
    }
    guard isLateStale else { return }
    isLateStale = false
    lateEntries = [:]
    for noted in late.standing {
      lateEntries[noted.fact.device, default: [:]][noted.fact.channel.key, default: []]
        .append(noted)
    }
    for device in lateEntries.keys {
      lateEntries[device] = lateEntries[device]?.mapValues { entries in
        entries.sorted {
          ($0.fact.utc.lowerBound, $0.fact.row) < ($1.fact.utc.lowerBound, $1.fact.row)
        }
      }
    }
  }
}

extension LateEntry {
  /// What is remembered of late values; nil for none.
  init?(_ late: LateValues, _ clockEpoch: ClockEpoch, row: Int64) {
    guard let first = late.points.first, let last = late.points.last else { return nil }
    id = late.id
    device = late.device
    channel = late.channel
    boundUs = late.boundUs
    count = late.points.count
    utc = first.utcUs...last.utcUs
    note = late.note
    self.clockEpoch = clockEpoch
    self.row = row
  }
}

/// What people hid, added and said: a copy for the one who asked.
public struct FactsOnRecord: Sendable {
  /// Readings that were hidden.
  public let deletions: FactFold<Deletion>
  /// Values that were added, without the values.
  public let late: FactFold<LateEntry>
  /// What was said of times.
  public let annotations: FactFold<Annotation>
  /// What the deletions hide, as readings are dated now.
  public let hidden: HiddenSpans

  init(_ facts: StatedFacts) {
    deletions = facts.deletions
    late = facts.late
    annotations = facts.annotations
    hidden = facts.hidden
  }
}
