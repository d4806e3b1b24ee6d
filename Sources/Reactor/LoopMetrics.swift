/// What the loop has done since the start or the last reset.
///
/// The lag of a turn is its wall time less the time its thread was ready but not given a processor:
/// what handlers, timers and jobs made everyone else wait.
public struct LoopMetrics: Hashable, Sendable {
  /// The upper bounds, in µs, of the buckets of `lagCounts`; a last bucket has no bound.
  public static let lagBoundsUs: [Int64] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000,
  ]

  /// Turns finished.
  public var turns: UInt64 = 0
  /// Waits that slept, or could have, and ended: 0 while nothing is armed.
  public var wakeUps: UInt64 = 0
  /// The longest lag, in µs.
  public var lagMaxUs: Int64 = 0
  /// The most processor time of one turn, in µs; of a turn shorter than `Limits.turnExaminedUs` its
  /// wall time. What `lagMaxUs` is longer, the thread slept: for a page of memory, or for a lock
  /// whose holder waited for a processor.
  public var busyMaxUs: Int64 = 0
  /// The longest lag, in µs, of the last 10 to 20 seconds.
  public var lagRecentMaxUs: Int64 = 0
  /// The sum of all lags, in µs.
  public var lagSumUs: Int64 = 0
  /// Turns with a lag over 50 ms (`Limits.lagUs`).
  public var turnsOver50Ms: UInt64 = 0
  /// Turns by lag: each bucket holds those up to its bound in `lagBoundsUs` and over the one
  /// before.
  public var lagCounts = [UInt64](repeating: 0, count: lagBoundsUs.count + 1)
  /// Whether the kernel tells the run-queue delay; without it the lag is the wall time.
  public var isDelayKnown = false
  /// Times the kernel was asked for the run-queue delay.
  public var delayReads: UInt64 = 0
  /// Events told to handlers.
  public var events: UInt64 = 0
  /// Events dropped because their registration had ended.
  public var eventsStale: UInt64 = 0
  /// Timers fired.
  public var timersFired: UInt64 = 0
  /// Executor jobs run.
  public var jobs: UInt64 = 0
  /// The most executor jobs that waited together.
  public var jobsQueuedMax = 0

  /// Nothing done yet.
  public init() {}
}
