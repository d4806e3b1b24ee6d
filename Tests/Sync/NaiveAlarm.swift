@testable import Sync

/// The rules of alarms without a state that is carried on: every millisecond looks at all readings.
enum NaiveAlarm {
  static func outcomes(
    _ rule: AlarmRule, _ readings: [(ms: Int64, number: Double)], untilMs: Int64
  ) -> [AlarmTests.Outcome] {
    var outcomes: [AlarmTests.Outcome] = []
    var isRaised = false
    var since: Int64?
    for ms in 0..<untilMs {
      let known = readings.prefix { $0.ms <= ms }
      let wanted = isRaised ? isOver(rule, known, ms) : holds(rule, known, ms)
      guard wanted else {
        since = nil
        continue
      }
      // A series is known to have been frozen only when it says the same once more.
      var sinceMs = since ?? ms
      if !isRaised, since == nil, case .frozen(let span) = rule.condition, let newest = known.last {
        sinceMs = newest.ms - sameMs(known) + span
      }
      since = sinceMs
      if ms - sinceMs >= (isRaised ? rule.clearDelayMs : rule.delayMs) {
        isRaised.toggle()
        outcomes.append(AlarmTests.Outcome(ms: ms, isRaise: isRaised))
        // It cannot be over, or hold again, before something happens.
        since = nil
      }
    }
    return outcomes
  }

  private static func holds(
    _ rule: AlarmRule, _ known: ArraySlice<(ms: Int64, number: Double)>, _ ms: Int64
  ) -> Bool {
    switch rule.condition {
    case .above(let threshold): known.last.map { $0.number > threshold.number } ?? false
    case .below(let threshold): known.last.map { $0.number < threshold.number } ?? false
    case .rises(let threshold, let span): change(known, ms, span, 1) > threshold.number
    case .falls(let threshold, let span): change(known, ms, span, -1) > threshold.number
    case .silent(let span): ms - (known.last?.ms ?? 0) >= span
    case .frozen(let span): sameMs(known) >= span
    case .gone: false
    }
  }

  private static func isOver(
    _ rule: AlarmRule, _ known: ArraySlice<(ms: Int64, number: Double)>, _ ms: Int64
  ) -> Bool {
    switch rule.condition {
    case .above(let threshold): known.last.map { $0.number <= threshold.lower } ?? false
    case .below(let threshold): known.last.map { $0.number >= threshold.upper } ?? false
    case .rises(let threshold, let span): change(known, ms, span, 1) <= threshold.lower
    case .falls(let threshold, let span): change(known, ms, span, -1) <= threshold.lower
    case .silent, .frozen, .gone: !holds(rule, known, ms)
    }
  }

  /// How far the newest value is from the least of the span; with -1 as sign, from the greatest.
  private static func change(
    _ known: ArraySlice<(ms: Int64, number: Double)>, _ ms: Int64, _ span: Int64, _ sign: Double
  ) -> Double {
    guard let newest = known.last else { return 0 }
    var least = newest.number * sign
    for (index, reading) in known.enumerated() where reading.ms > ms - span {
      least = min(least, reading.number * sign)
      guard index > 0 else { continue }
      let before = known[index - 1]
      let gap = reading.ms - before.ms
      if gap >= span {
        let part = Double(span) / Double(gap)
        least = min(least, (reading.number - (reading.number - before.number) * part) * sign)
      }
    }
    return newest.number * sign - least
  }

  /// How long the newest readings have said the same.
  private static func sameMs(_ known: ArraySlice<(ms: Int64, number: Double)>) -> Int64 {
    guard let newest = known.last else { return 0 }
    let same = known.reversed().prefix { $0.number == newest.number }
    return newest.ms - (same.last?.ms ?? newest.ms)
  }
}
