import Glibc

/// What a piece of work cost.
struct Measure {
  /// Time on a core, in seconds.
  var cpuS: Double
  /// Bytes that it sent towards the disk.
  var writtenBytes: Int

  /// Measures one piece of work of this process.
  static func of(_ work: () throws -> Void) rethrows -> Measure {
    let cpu = cpuS()
    let written = writtenBytes()
    try work()
    return Measure(cpuS: cpuS() - cpu, writtenBytes: writtenBytes() - written)
  }

  private static func cpuS() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// `write_bytes` of proc(5): what really went to the block layer, whole pages.
  private static func writtenBytes() -> Int {
    guard let file = unsafe fopen("/proc/self/io", "re") else { return 0 }
    defer { unsafe fclose(file) }
    var text = [UInt8](repeating: 0, count: 1024)
    let count = unsafe fread(&text, 1, text.count, file)
    let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix("write_bytes: ") }
    return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
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
