internal import CLinux
internal import Glibc

/// The kernel's clocks; those of time are read without entering the kernel.
public enum Clock {
  /// Microseconds since boot, time asleep included (`CLOCK_BOOTTIME`): the clock of every interval.
  public static func bootUs() -> Int64 { read(CLOCK_BOOTTIME) }

  /// Microseconds of UTC since 1970 (`CLOCK_REALTIME`): may jump by decades, never for intervals.
  public static func wallUs() -> Int64 { read(CLOCK_REALTIME) }

  /// Microseconds awake since boot (`CLOCK_MONOTONIC`): what a turn of the loop takes, since a
  /// machine that slept in the middle of a turn did not make anyone wait.
  public static func awakeUs() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Microseconds of processor time that the calling thread has used (`CLOCK_THREAD_CPUTIME_ID`):
  /// unlike the others, this one enters the kernel.
  static func threadUs() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

  /// Whether the kernel says that the wall clock is disciplined, and its own bound of the error in
  /// microseconds (adjtimex(2)).
  public static func discipline() -> (isSynchronised: Bool, errorMaxUs: Int64) {
    var errorMaxUs: Int64 = 0
    let isSynchronised = unsafe clinux_clock_discipline(&errorMaxUs) == 1
    return (isSynchronised, max(0, errorMaxUs))
  }

  private static func read(_ clock: Int32) -> Int64 {
    var time = timespec()
    let code = unsafe clock_gettime(clock, &time)
    precondition(code == 0, "clock \(clock) cannot be read")
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
