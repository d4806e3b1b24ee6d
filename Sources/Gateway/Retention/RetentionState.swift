internal import Model
internal import Storage
internal import Sync

/// What the node knows of room and of what readings gave way.
struct RetentionState {
  /// What is to go, and when.
  let judge: RoomJudge
  /// When the clock counts for ages.
  var clock: RetentionClock
  /// The last time of UTC that counted, as the journal has it.
  var countedUs: Int64?
  /// The time that counts now; nil while none does.
  var nowUs: Int64?
  /// What went and was recorded.
  private(set) var trimmings: TrimmingFold
  /// What of it nobody has seen; nil for nothing. It is asked for often, and changes seldom.
  private(set) var alarm: ProblemView?
  /// Room inside the database, as of the last look.
  var space: DatabaseSpace?
  /// When ages and the quotas of channels are looked at next, in µs of CLOCK_BOOTTIME.
  var dueUs: Int64 = 0
  /// When commits may become blocks again because room is scarce.
  var compactUs: Int64 = 0
  /// What the run that is under way has taken so far.
  var underWay = TrimReport()
  /// What went since the start.
  var tally = TrimmingTallyView(state: "idle")

  /// The register in which the last time that counted is kept: of each node its own, since one
  /// whose clock is wrong must not hold the others up.
  static func countedKey(_ node: NodeId) -> RegisterKey {
    RegisterKey(.setting, Array("retention.counted.\(node)".utf8))
  }

  /// Where it was kept before nodes merged.
  private static let countedKeyOnce = RegisterKey(.setting, Array("retention.counted".utf8))

  init(_ settings: Configuration.Retention, _ node: NodeId, _ opening: StoreOpening) {
    judge = RoomJudge(quota: settings.quota)
    trimmings = opening.trimmings
    alarm = TrimmingAlarm.view(trimmings)
    let once = opening.registers.siblings(Self.countedKeyOnce).first { $0.record.origin == node }
    let noted = opening.registers.value(Self.countedKey(node)) ?? once?.value
    countedUs = noted.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    clock = RetentionClock(newestUs: countedUs ?? opening.earlierAnchorUs)
  }

  /// Takes an entry of the journal that is on disk; most say nothing of this.
  mutating func take(_ entry: JournalEntry) {
    switch entry.content {
    case .trimming, .trimmingSeen:
      trimmings.apply(entry)
      alarm = TrimmingAlarm.view(trimmings)
    default: break
    }
  }

  /// Adds what one run came to.
  mutating func add(_ report: TrimReport) {
    guard !report.entries.isEmpty else { return }
    tally.runs += 1
    tally.freedBytes += report.freedBytes
    for entry in report.entries {
      switch entry.reason {
      case .age: tally.byAge += entry.readings
      case .quota: tally.byQuota += entry.readings
      case .space: tally.bySpace += entry.readings
      }
    }
  }
}
