import Glibc

/// What a piece of work cost.
struct Measure {
  /// Time on a core, in seconds.
  var cpuS: Double
  /// Bytes that reached the device.
  var writtenBytes = 0

  /// Measures the time of one piece of work of this process.
  static func of(_ work: () throws -> Void) rethrows -> Measure {
    let began = cpuS()
    try work()
    return Measure(cpuS: cpuS() - began)
  }

  /// What this process, and the disk it writes to, have cost so far.
  static func now(_ disk: BenchDisk) throws -> Measure {
    Measure(cpuS: cpuS(), writtenBytes: try disk.writtenBytes())
  }

  static func - (after: Measure, before: Measure) -> Measure {
    Measure(
      cpuS: after.cpuS - before.cpuS, writtenBytes: after.writtenBytes - before.writtenBytes)
  }

  private static func cpuS() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// A number with so many decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let whole = Int((value * scale).rounded())
  let digits = String(whole.magnitude)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let point = decimals == 0 ? "" : "." + padded.suffix(decimals)
  return (whole < 0 ? "-" : "") + padded.dropLast(decimals) + point
}
