/// Decides when systemd's watchdog may be fed: once for each time that the loop turned and, after
/// it, the storage thread answered.
///
/// Either of them alone feeds nothing, however often it comes. So a hang of one shows outside,
/// though the other goes on: a daemon whose disk hangs still answers, but records nothing.
struct WatchdogRound: Equatable {
  /// What is to be done now.
  enum Step: Equatable {
    case nothing
    case askStorage
    case feed
  }

  /// Whether the storage thread was asked and has not answered.
  private var isAsked = false

  /// The loop's timer came. A storage thread that still owes an answer is not asked again: however
  /// long it hangs, one question waits there.
  mutating func loopTurned() -> Step {
    guard !isAsked else { return .nothing }
    isAsked = true
    return .askStorage
  }

  /// The storage thread's answer arrived on the loop. One that nobody waits for feeds nothing.
  mutating func storageAnswered() -> Step {
    guard isAsked else { return .nothing }
    isAsked = false
    return .feed
  }

  /// Half of what systemd allows between two feedings, in microseconds; nil when it watches
  /// nothing.
  ///
  /// The half is what sd_watchdog_enabled(3) recommends. The floor keeps an absurd setting from
  /// taking up the loop.
  static func intervalUs(allowedUs: UInt64) -> Int64? {
    guard allowedUs > 0 else { return nil }
    return max(intervalMinUs, Int64(clamping: allowedUs / 2))
  }

  /// The shortest time between two questions, in microseconds.
  static let intervalMinUs: Int64 = 10_000
}
