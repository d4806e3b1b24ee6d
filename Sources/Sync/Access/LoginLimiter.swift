/// How often passwords and claim codes may be tried: five failures are free, then each attempt
/// waits 1, 2, 4 and at last 300 s after the one before, for each address and each name from it.
///
/// An attempt counts as failed from its beginning, so that many at once gain nothing; a success
/// takes back what its name and its address were charged for it. All times are of one clock that
/// only runs forward.
public struct LoginLimiter: Sendable {
  private struct Key: Hashable {
    var address: String
    /// What is tried; nil for everything from the address.
    var name: String?
  }

  private struct Entry {
    var failures = 0
    var lastUs: Int64
  }

  private var entries: [Key: Entry] = [:]

  /// Attempts that failed so far, for the metrics.
  public private(set) var failureCount: UInt64 = 0

  /// Begins with nothing held against anybody.
  public init() {}

  /// Begins an attempt: nil when it may be made, else how long to wait first, in whole seconds.
  public mutating func attempt(_ address: String, _ name: String, nowUs: Int64) -> Int64? {
    let keys = [Key(address: address, name: name), Key(address: address, name: nil)]
    let longestUs = keys.map { waitUs($0, nowUs: nowUs) }.max() ?? 0
    guard longestUs <= 0 else { return (longestUs + 999_999) / 1_000_000 }
    for key in keys { charge(key, nowUs: nowUs) }
    return nil
  }

  /// The attempt failed: what it was charged stays.
  public mutating func failed() { failureCount += 1 }

  /// The attempt succeeded: the name is cleared, and the address of what the name had cost it.
  public mutating func succeeded(_ address: String, _ name: String) {
    let cost = entries.removeValue(forKey: Key(address: address, name: name))?.failures ?? 0
    takeBack(cost, Key(address: address, name: nil))
  }

  /// The attempt was never looked at, for want of time or room.
  public mutating func abandoned(_ address: String, _ name: String) {
    takeBack(1, Key(address: address, name: name))
    takeBack(1, Key(address: address, name: nil))
  }

  /// How many addresses and names are remembered.
  public var count: Int { entries.count }

  private func waitUs(_ key: Key, nowUs: Int64) -> Int64 {
    guard let entry = entries[key], nowUs - entry.lastUs < Limits.loginMemoryUs,
      entry.failures >= Limits.loginFailuresFree
    else { return 0 }
    let doublings = min(entry.failures - Limits.loginFailuresFree, 16)
    let seconds = min(Int64(1) << Int64(doublings), Limits.loginWaitSecondsMax)
    return entry.lastUs + seconds * 1_000_000 - nowUs
  }

  private mutating func charge(_ key: Key, nowUs: Int64) {
    var entry = entries[key] ?? Entry(lastUs: nowUs)
    if nowUs - entry.lastUs >= Limits.loginMemoryUs { entry.failures = 0 }
    entry.failures += 1
    entry.lastUs = nowUs
    if entries[key] == nil, entries.count >= Limits.loginEntriesMax { forgetOldest() }
    entries[key] = entry
  }

  private mutating func takeBack(_ count: Int, _ key: Key) {
    guard var entry = entries[key] else { return }
    entry.failures -= count
    entries[key] = entry.failures > 0 ? entry : nil
  }

  /// Names go before addresses: an address that tries many names must not forget itself.
  private mutating func forgetOldest() {
    let oldest = entries.min { left, right in
      let (leftIsAddress, rightIsAddress) = (left.key.name == nil, right.key.name == nil)
      if leftIsAddress != rightIsAddress { return rightIsAddress }
      return left.value.lastUs < right.value.lastUs
    }
    if let oldest { entries[oldest.key] = nil }
  }
}
