/// Decides when a group commit happens (DESIGN, storage).
///
/// At most `intervalUs` after the first reading that waits; soon when someone waits for it or a
/// board's ring fills; never more than ten in a second; after a failure again and again with the
/// same content, less and less often, until it succeeds. Every time is CLOCK_BOOTTIME in µs.
public struct CommitScheduler: Sendable {
  /// What happened.
  public enum Event: Hashable, Sendable {
    /// Readings or cursors wait for a commit.
    case pending(nowUs: Int64)
    /// Something waits for what is pending: an HTTP answer, a peer's acknowledgement, a command
    /// claim, an alarm, an attachment's first reading, or a batch that is half full.
    case urgent(nowUs: Int64)
    /// How full a board's ring is of samples that it was not told are safe.
    case ring(unacknowledged: UInt32, capacity: UInt32, nowUs: Int64)
    /// The time asked for by `wake` has come.
    case timer(nowUs: Int64)
    /// The commit begun last is on disk.
    case committed(nowUs: Int64)
    /// The commit begun last is not on disk, and will be tried again with the same content.
    case failed(nowUs: Int64)
    /// The node stops: commit what is pending, once.
    case stop(nowUs: Int64)
  }

  /// What to do.
  public enum Action: Hashable, Sendable {
    /// Commit what is pending; after a failure, the content that failed.
    case commit
    /// Give `timer` at this time; replaces an earlier wish.
    case wake(atUs: Int64)
    /// Nothing more will come; `unsaved` when the last commit failed.
    case stopped(unsaved: Bool)
  }

  /// The shortest and the longest interval that may be configured, in µs.
  public static let intervalUsRange: ClosedRange<Int64> = 1_000_000...60_000_000
  /// How long an urgent commit waits for company.
  static let gatherUs: Int64 = 10_000
  /// With this many commits in the last second the next one keeps `spacingUs`.
  static let burstMax = 3
  /// Between commits when there are many: with the burst at most ten in a second.
  static let spacingUs: Int64 = 125_000
  /// Before the first and before every later retry, at most.
  static let retryFirstUs: Int64 = 1_000_000
  static let retryLastUs: Int64 = 5_000_000

  private enum State: Hashable {
    case idle
    case waiting(dueUs: Int64)
    case committing
    case backingOff(dueUs: Int64)
    case stopping
    case stopped
  }

  private let intervalUs: Int64
  private var state = State.idle
  /// When what came during a commit is due.
  private var nextDueUs: Int64?
  private var retryUs = Self.retryFirstUs
  private var recentUs: [Int64] = []

  /// Begins idle; the interval is brought into its range.
  public init(intervalUs: Int64) {
    self.intervalUs = min(
      max(intervalUs, Self.intervalUsRange.lowerBound), Self.intervalUsRange.upperBound)
  }

  /// Whether a commit has failed and was not made good yet.
  public var isFailing: Bool { retryUs != Self.retryFirstUs }

  /// The single entry point.
  public mutating func handle(_ event: Event) -> [Action] {
    switch event {
    case .pending(let nowUs): return want(by: nowUs + intervalUs, nowUs: nowUs)
    case .urgent(let nowUs): return want(by: nowUs + Self.gatherUs, nowUs: nowUs)
    case .ring(let unacknowledged, let capacity, let nowUs):
      guard UInt64(unacknowledged) * 2 >= UInt64(capacity), unacknowledged > 0 else { return [] }
      return want(by: nowUs + Self.gatherUs, nowUs: nowUs)
    case .timer(let nowUs): return timer(nowUs)
    case .committed(let nowUs): return committed(nowUs)
    case .failed(let nowUs): return failed(nowUs)
    case .stop: return stop()
    }
  }

  private mutating func want(by dueUs: Int64, nowUs: Int64) -> [Action] {
    switch state {
    case .idle:
      let due = max(dueUs, allowedUs(nowUs))
      state = .waiting(dueUs: due)
      return [.wake(atUs: due)]
    case .waiting(let before):
      let due = max(dueUs, allowedUs(nowUs))
      guard due < before else { return [] }
      state = .waiting(dueUs: due)
      return [.wake(atUs: due)]
    case .committing, .backingOff, .stopping:
      nextDueUs = min(nextDueUs ?? dueUs, dueUs)
      return []
    case .stopped: return []
    }
  }

  private mutating func timer(_ nowUs: Int64) -> [Action] {
    switch state {
    case .waiting(let dueUs), .backingOff(let dueUs):
      guard nowUs >= dueUs else { return [.wake(atUs: dueUs)] }
      return begin(nowUs)
    case .idle, .committing, .stopping, .stopped: return []
    }
  }

  private mutating func begin(_ nowUs: Int64) -> [Action] {
    recentUs.append(nowUs)
    if recentUs.count > Self.burstMax { recentUs.removeFirst() }
    state = .committing
    return [.commit]
  }

  private mutating func committed(_ nowUs: Int64) -> [Action] {
    retryUs = Self.retryFirstUs
    switch state {
    case .committing:
      state = .idle
      guard let dueUs = nextDueUs else { return [] }
      nextDueUs = nil
      return want(by: dueUs, nowUs: nowUs)
    case .stopping:
      // What came while the last regular commit ran has not been tried yet.
      if nextDueUs != nil {
        nextDueUs = nil
        return [.commit]
      }
      state = .stopped
      return [.stopped(unsaved: false)]
    case .idle, .waiting, .backingOff, .stopped: return []
    }
  }

  private mutating func failed(_ nowUs: Int64) -> [Action] {
    switch state {
    case .committing:
      let dueUs = nowUs + retryUs
      retryUs = min(retryUs * 2, Self.retryLastUs)
      state = .backingOff(dueUs: dueUs)
      return [.wake(atUs: dueUs)]
    case .stopping:
      state = .stopped
      return [.stopped(unsaved: true)]
    case .idle, .waiting, .backingOff, .stopped: return []
    }
  }

  private mutating func stop() -> [Action] {
    switch state {
    case .idle:
      state = .stopped
      return [.stopped(unsaved: false)]
    case .waiting, .backingOff:
      state = .stopping
      return [.commit]
    case .committing:
      state = .stopping
      return []
    case .stopping, .stopped: return []
    }
  }

  /// The earliest time at which one more commit may begin.
  private func allowedUs(_ nowUs: Int64) -> Int64 {
    guard recentUs.count == Self.burstMax, let oldest = recentUs.first, let newest = recentUs.last,
      oldest > nowUs - 1_000_000
    else { return nowUs }
    return newest + Self.spacingUs
  }
}
