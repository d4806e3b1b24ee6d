import Glibc

/// What a piece of work cost.
nonisolated struct Measure {
  /// Time on a core, in seconds.
  var cpuS: Double
  /// Time on the clock, in seconds.
  var wallS = 0.0
  /// Bytes that reached the device.
  var writtenBytes = 0

  /// Measures the time of one piece of work of this process.
  static func of(_ work: () throws -> Void) rethrows -> Measure {
    let began = now
    try work()
    return now - began
  }

  /// Measures the time of one piece of work of this process, waiting included.
  static func of(
    isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Void
  ) async rethrows -> Measure {
    let began = now
    try await work()
    return now - began
  }

  private static var now: Measure {
    Measure(cpuS: seconds(CLOCK_PROCESS_CPUTIME_ID), wallS: seconds(CLOCK_MONOTONIC))
  }

  /// What this process, and the disk it writes to, have cost so far.
  static func now(_ disk: BenchDisk) throws -> Measure {
    var measure = now
    measure.writtenBytes = try disk.writtenBytes()
    return measure
  }

  static func - (after: Measure, before: Measure) -> Measure {
    Measure(
      cpuS: after.cpuS - before.cpuS, wallS: after.wallS - before.wallS,
      writtenBytes: after.writtenBytes - before.writtenBytes)
  }

  static func += (sum: inout Measure, part: Measure) {
    sum = Measure(
      cpuS: sum.cpuS + part.cpuS, wallS: sum.wallS + part.wallS,
      writtenBytes: sum.writtenBytes + part.writtenBytes)
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// A number with so many decimals.
nonisolated func fixed(_ value: Double, _ decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let whole = Int((value * scale).rounded())
  let digits = String(whole.magnitude)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let point = decimals == 0 ? "" : "." + padded.suffix(decimals)
  return (whole < 0 ? "-" : "") + padded.dropLast(decimals) + point
}
