/// Judges one rule over one series or device, on the monotonic clock of the node that has it.
///
/// It knows no wall clock: readings come with their own time in µs of CLOCK_BOOTTIME, never
/// decreasing (an earlier one counts as now), so a board that hands over an hour of its ring is
/// judged as it measured, not as it arrived. What a delay waits for is also judged without a
/// reading, by `tick`: a value holds until another one comes.
public struct AlarmMachine: Hashable, Sendable {
  /// What happens.
  public enum Event: Hashable, Sendable {
    /// A reading: its number (nil for a text), and what it is compared by for being the same.
    case reading(Double?, sameness: UInt64)
    /// The device is there, or no longer.
    case present(Bool)
    /// Time went by.
    case tick
  }

  /// What is to be done.
  public enum Action: Hashable, Sendable {
    /// An episode begins; when what began it did, and the number that did it.
    case raise(sinceUs: Int64, value: Double?)
    /// It is over.
    case clear(value: Double?)
    /// Nothing will happen by itself before this time: a tick is wanted then.
    case wake(atUs: Int64)
  }

  /// Where it stands.
  private enum Phase: Hashable, Sendable {
    case quiet
    /// It holds since then, and not yet for long enough.
    case pending(sinceUs: Int64)
    case raised
    /// It is over since then, and not yet for long enough.
    case ending(sinceUs: Int64)
  }

  /// The rule; another rule needs another machine.
  public let rule: AlarmRule
  private var phase: Phase
  private var nowUs: Int64
  private var value: Double?
  private var sameness: UInt64?
  /// When the last reading came, when it last said something else, when the device went.
  private var readUs: Int64, changedUs: Int64, goneUs: Int64?
  private var window: ExtremeWindow?

  /// Begins to judge. Silence and absence count from now: how long they lasted before is not known;
  /// but an episode that is open on disk (`isRaised`) goes on until there is a reason to end it,
  /// and is not begun anew. `sameness` is that of the last reading on disk.
  public init(
    _ rule: AlarmRule, atUs: Int64, isRaised: Bool = false, isPresent: Bool = true,
    sameness: UInt64? = nil
  ) {
    self.rule = rule
    phase = isRaised ? .raised : .quiet
    nowUs = atUs
    self.sameness = sameness
    let beforeUs = isRaised ? atUs - rule.condition.durationMs * 1_000 : atUs
    readUs = beforeUs
    changedUs = beforeUs
    goneUs = isPresent ? nil : beforeUs
    if case .frozen = rule.condition { readUs = atUs }
    switch rule.condition {
    case .rises(_, let ms): window = ExtremeWindow(lengthUs: ms * 1_000, keepsLeast: true)
    case .falls(_, let ms): window = ExtremeWindow(lengthUs: ms * 1_000, keepsLeast: false)
    default: break
    }
  }

  /// Whether an episode is open.
  public var isRaised: Bool {
    switch phase {
    case .quiet, .pending: false
    case .raised, .ending: true
    }
  }

  /// The single entry: what happened, and when.
  public mutating func handle(_ event: Event, atUs: Int64) -> [Action] {
    guard rule.isEnabled else { return [] }
    var actions: [Action] = []
    // What was due before now is done before this event is looked at: a delay that ended an hour
    // ago is not undone by what is read now.
    elapse(to: max(atUs - 1, nowUs), &actions)
    nowUs = max(atUs, nowUs)
    switch event {
    case .tick: break
    case .present(let isPresent):
      if isPresent { goneUs = nil } else if goneUs == nil { goneUs = nowUs }
    case .reading(let number, let same):
      take(number, same)
    }
    settle(&actions)
    if let wakeUs { actions.append(.wake(atUs: wakeUs)) }
    return actions
  }

  private mutating func take(_ number: Double?, _ same: UInt64) {
    readUs = nowUs
    if sameness != same {
      sameness = same
      changedUs = nowUs
    }
    // What is not a number says nothing about limits: the last number holds.
    guard let number, !number.isNaN else { return }
    value = number
    window?.add(number, atUs: nowUs)
  }

  /// Lets time go by, from one moment at which something is due to the next.
  private mutating func elapse(to targetUs: Int64, _ actions: inout [Action]) {
    // At most: what leaves a window, a condition that begins, its delay, one that ends, its delay.
    for _ in 0..<Limits.alarmWindowMax + 4 {
      guard let dueUs = wakeUs, dueUs <= targetUs else { break }
      nowUs = max(nowUs, dueUs)
      settle(&actions)
    }
    nowUs = max(nowUs, targetUs)
    settle(&actions)
  }

  /// Moves between the phases as far as this moment has it.
  private mutating func settle(_ actions: inout [Action]) {
    window?.drop(beforeUs: nowUs)
    switch phase {
    case .quiet:
      guard let sinceUs = holdsSinceUs else { return }
      phase = .pending(sinceUs: sinceUs)
      settle(&actions)
    case .pending(let sinceUs):
      guard holdsSinceUs != nil else { return phase = .quiet }
      guard nowUs - sinceUs >= rule.delayMs * 1_000 else { return }
      phase = .raised
      actions.append(.raise(sinceUs: sinceUs, value: value))
    case .raised:
      guard isOver else { return }
      phase = .ending(sinceUs: nowUs)
      settle(&actions)
    case .ending(let sinceUs):
      guard isOver else { return phase = .raised }
      guard nowUs - sinceUs >= rule.clearDelayMs * 1_000 else { return }
      phase = .quiet
      actions.append(.clear(value: value))
    }
  }

  /// Since when the condition holds; nil while it does not.
  private var holdsSinceUs: Int64? {
    switch rule.condition {
    case .above(let threshold):
      return value.map { $0 > threshold.number } == true ? nowUs : nil
    case .below(let threshold):
      return value.map { $0 < threshold.number } == true ? nowUs : nil
    case .rises(let threshold, _), .falls(let threshold, _):
      return change.map { $0 > threshold.number } == true ? nowUs : nil
    case .silent(let ms): return passed(ms, since: readUs)
    case .frozen(let ms): return sameness == nil ? nil : passed(ms, since: changedUs, by: readUs)
    case .gone(let ms): return goneUs.flatMap { passed(ms, since: $0) }
    }
  }

  /// Whether the condition is over, its hysteresis included.
  private var isOver: Bool {
    switch rule.condition {
    case .above(let threshold):
      return value.map { $0 <= threshold.lower } == true
    case .below(let threshold):
      return value.map { $0 >= threshold.upper } == true
    case .rises(let threshold, _), .falls(let threshold, _):
      return change.map { $0 <= threshold.lower } == true
    case .silent, .gone: return holdsSinceUs == nil
    // A series that is silent says nothing of being frozen: it stays what it was.
    case .frozen(let ms): return sameness != nil && readUs - changedUs < ms * 1_000
    }
  }

  /// How far the newest value is from the least (or greatest) of the window.
  private var change: Double? {
    guard let value, let extreme = window?.extreme else { return nil }
    if case .falls = rule.condition { return extreme - value }
    return value - extreme
  }

  private func passed(_ ms: Int64, since startUs: Int64, by endUs: Int64? = nil) -> Int64? {
    (endUs ?? nowUs) - startUs >= ms * 1_000 ? startUs + ms * 1_000 : nil
  }

  /// When something happens without an event.
  private var wakeUs: Int64? {
    switch phase {
    case .pending(let sinceUs): return sinceUs + rule.delayMs * 1_000
    case .ending(let sinceUs): return sinceUs + rule.clearDelayMs * 1_000
    case .quiet:
      switch rule.condition {
      case .silent(let ms): return readUs + ms * 1_000
      case .gone(let ms): return goneUs.map { $0 + ms * 1_000 }
      default: return nil
      }
    case .raised: return window?.nextDropUs
    }
  }
}
