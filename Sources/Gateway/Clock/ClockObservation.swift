internal import Glibc
public import Model
public import Reactor

/// What the kernel says of the node's clocks at one moment.
public struct ClockObservation: Sendable, Equatable {
  /// CLOCK_BOOTTIME, in microseconds.
  public var bootUs: Int64
  /// The wall clock, in microseconds since 1970.
  public var wallUs: Int64
  /// Whether the kernel says that the wall clock is synchronised (adjtimex(2)).
  public var isTrusted: Bool
  /// The kernel's own bound of the error, in microseconds; of no meaning unless trusted.
  public var errorUs: Int64

  /// Puts an observation together.
  public init(bootUs: Int64, wallUs: Int64, isTrusted: Bool, errorUs: Int64) {
    self.bootUs = bootUs
    self.wallUs = wallUs
    self.isTrusted = isTrusted
    self.errorUs = errorUs
  }

  /// Asks the kernel now.
  public static func now() -> ClockObservation {
    var state = timex()
    let result = unsafe adjtimex(&state)
    // TIME_ERROR (5) or STA_UNSYNC (0x40): nobody disciplines the clock.
    let isTrusted = result >= 0 && result != 5 && state.status & 0x40 == 0
    return ClockObservation(
      bootUs: Clock.bootUs(), wallUs: Clock.wallUs(), isTrusted: isTrusted,
      errorUs: Int64(state.maxerror))
  }

  /// As the API shows it.
  public var view: ClockView {
    ClockView(
      bootUs: bootUs, wallUs: wallUs, trusted: isTrusted, errorUs: isTrusted ? errorUs : nil)
  }
}
