/// How often an address may begin something that costs a key agreement or a signature before
/// anybody has proven who it is: so many at once, and then so many a second.
///
/// The table is bounded: beyond, the address that was seen longest ago goes, which by then has
/// mostly earned all of it back. All times are of one clock that only runs forward.
public struct HelloLimiter: Sendable {
  private struct Entry {
    /// What is left, in thousandths.
    var left: Int64
    var lastUs: Int64
  }

  private var entries: [String: Entry] = [:]

  /// Attempts that were turned away.
  public private(set) var refusedCount: UInt64 = 0

  /// Begins with nothing held against anybody.
  public init() {}

  /// How many addresses are remembered.
  public var count: Int { entries.count }

  /// Begins an attempt: nil where it may go on, else how long to wait first, in whole seconds.
  public mutating func attempt(_ address: String, nowUs: Int64) -> Int64? {
    let most = Int64(Limits.hellosAtOnceMax) * 1_000
    let perSecond = Int64(Limits.hellosPerSecond)
    var entry = entries[address] ?? Entry(left: most, lastUs: nowUs)
    let (sinceUs, overflows) = nowUs.subtractingReportingOverflow(entry.lastUs)
    let earnedUs = overflows ? 0 : min(max(0, sinceUs), 3_600_000_000)
    entry.left = min(most, entry.left + earnedUs * perSecond / 1_000)
    entry.lastUs = max(entry.lastUs, nowUs)
    defer {
      if entries[address] == nil, entries.count >= Limits.helloAddressesMax { forgetOldest() }
      entries[address] = entry
    }
    guard entry.left >= 1_000 else {
      refusedCount &+= 1
      let shortMs = (1_000 - entry.left + perSecond - 1) / perSecond
      return max(1, (shortMs + 999) / 1_000)
    }
    entry.left -= 1_000
    return nil
  }

  private mutating func forgetOldest() {
    let oldest = entries.min { ($0.value.lastUs, $0.key) < ($1.value.lastUs, $1.key) }
    if let oldest { entries[oldest.key] = nil }
  }
}
