public import Sync

/// Decides when a new anchor between CLOCK_BOOTTIME and UTC is worth a record.
///
/// One is written when the wall clock first becomes trusted in a clock epoch, when it was stepped,
/// and every hour while it stays trusted, so that the drift between two of them stays small
/// (DESIGN, storage: time is piecewise linear between anchors). An untrusted clock gives none: no
/// time is invented.
public struct AnchorKeeper: Sendable {
  /// Time between anchors of a steady clock, in microseconds.
  public static let intervalUs: Int64 = 3_600_000_000
  /// A difference from the last anchor beyond this is a step, in microseconds.
  public static let stepUs: Int64 = 50_000
  /// Least time between anchors, so that a flapping clock cannot fill the journal.
  public static let pauseUs: Int64 = 10_000_000

  private var last: ClockObservation?

  /// Nothing is known yet of this clock epoch.
  public init() {}

  /// Returns true when `observation` should become an anchor, and takes it as the last one.
  public mutating func observe(_ observation: ClockObservation) -> Bool {
    guard observation.trusted else { return false }
    guard let before = last else {
      last = observation
      return true
    }
    let elapsedUs = observation.bootUs - before.bootUs
    let (wallUs, isFar) = observation.wallUs.subtractingReportingOverflow(before.wallUs)
    let (driftUs, isFarther) = wallUs.subtractingReportingOverflow(elapsedUs)
    // 50 ppm of drift is what a good crystal does; more than that and the allowance is a step.
    let allowanceUs = Self.stepUs + elapsedUs / 20_000
    let isStep = isFar || isFarther || driftUs.magnitude > UInt64(allowanceUs)
    guard elapsedUs >= Self.intervalUs || (isStep && elapsedUs >= Self.pauseUs) else {
      return false
    }
    last = observation
    return true
  }
}
