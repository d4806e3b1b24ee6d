/// A time zone: which offset from UTC its clocks had, have and will have.
public struct TimeZoneRules: Hashable, Sendable {
  /// What it is called, for example `Europe/Paris`.
  public let name: String
  /// When the offset changes, in seconds since 1970 UTC, ascending; offsets[i] holds from there.
  private let changes: [Int64]
  private let offsets: [Int64]
  /// The offset before the first change.
  private let firstOffset: Int64
  /// How it goes on after the last change; nil for no further change.
  private let rule: PosixTimeZone?

  /// UTC itself.
  public static let utc = TimeZoneRules(
    name: "UTC", changes: [], offsets: [], firstOffset: 0, rule: nil)

  /// Puts a zone together; changes that keep the offset (a new abbreviation) are left out.
  init(
    name: String, changes: [Int64], offsets: [Int64], firstOffset: Int64, rule: PosixTimeZone?
  ) {
    precondition(changes.count == offsets.count, "\(changes.count) changes, \(offsets.count)")
    self.name = name
    self.firstOffset = firstOffset
    self.rule = rule
    var kept: (changes: [Int64], offsets: [Int64]) = ([], [])
    for index in changes.indices {
      let before = index == 0 ? firstOffset : offsets[index - 1]
      // The last one stays: the rule holds from there, whatever it says.
      guard offsets[index] != before || index == changes.count - 1 else { continue }
      kept.changes.append(changes[index])
      kept.offsets.append(offsets[index])
    }
    self.changes = kept.changes
    self.offsets = kept.offsets
  }

  /// Seconds east of UTC at a time in seconds since 1970 UTC.
  public func offset(at seconds: Int64) -> Int64 { period(at: seconds).offset }

  /// The stretch around a time in which the offset does not change.
  ///
  /// Two neighbours may have the same offset where a file's list ends and its rule begins.
  public func period(at seconds: Int64) -> OffsetPeriod {
    let times = ModelLimits.zoneTimes
    let seconds = min(max(seconds, times.lowerBound), times.upperBound)
    let next = firstChange(after: seconds)
    guard next == changes.count, let rule else {
      return OffsetPeriod(
        start: next == 0 ? .min : changes[next - 1],
        end: next == changes.count ? .max : changes[next],
        offset: next == 0 ? firstOffset : offsets[next - 1])
    }
    var period = rule.period(at: seconds)
    if let last = changes.last { period.start = max(period.start, last) }
    return period
  }

  /// The index of the first change after a time, by halving.
  private func firstChange(after seconds: Int64) -> Int {
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Seconds since 1970 on the zone's own clocks, at a time in seconds since 1970 UTC.
  public func local(at seconds: Int64) -> Int64 { seconds + offset(at: seconds) }

  /// Every time at which the zone's clocks show a local time, or the jump over it.
  ///
  /// `local` counts seconds since 1970 on those clocks.
  public func instants(ofLocal local: Int64) -> LocalInstants {
    let found = search(forLocal: local)
    if let first = found.first, let last = found.last {
      return first == last ? .once(first) : .repeated(first: first, last: last)
    }
    // A jump is found where nothing else is: clocks pass over every local time somehow.
    return .skipped(at: found.jump ?? local)
  }

  /// The first time at which the zone's clocks show a local time, or jump over it.
  public func firstInstant(ofLocal local: Int64) -> Int64 {
    let found = search(forLocal: local)
    return min(found.first ?? .max, found.jump ?? .max)
  }

  /// When a local time is shown first and last, and when clocks first jump over it.
  private func search(forLocal local: Int64) -> (first: Int64?, last: Int64?, jump: Int64?) {
    var found: (first: Int64?, last: Int64?, jump: Int64?)
    var period = period(at: local - ModelLimits.zoneOffsetReach)
    while true {
      let candidate = local - period.offset
      if candidate >= period.start, candidate < period.end {
        found.first = found.first ?? candidate
        found.last = candidate
      }
      guard period.end <= local + ModelLimits.zoneOffsetReach else { return found }
      let next = self.period(at: period.end)
      let skips = period.end + period.offset <= local && local < period.end + next.offset
      if skips { found.jump = found.jump ?? period.end }
      period = next
    }
  }
}

/// When a zone's clocks show a local time; all in seconds since 1970 UTC.
public enum LocalInstants: Hashable, Sendable {
  /// As nearly always.
  case once(Int64)
  /// Clocks were set back: it is shown again.
  case repeated(first: Int64, last: Int64)
  /// Clocks were set forward over it, at this time.
  case skipped(at: Int64)
}
