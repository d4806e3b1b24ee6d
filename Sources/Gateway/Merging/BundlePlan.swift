internal import Model
internal import Sync

/// In which order a bundle's records are asked of the store: who belongs to the site, the rest of
/// lane 0, lane 1, lane 4, sums whose readings are gone, then telemetry, of every run by turns,
/// newest first. So a file that was cut is worth as much as it can be.
struct BundlePlan: Sendable {
  /// Logs in one question to the store, and records of each.
  static let logsMax = 16
  static let seqsMax: UInt64 = 1_024

  private var stages: [[LogId: Intervals]]
  /// Logs of telemetry, the next one first; each that was asked goes to the end.
  private var turns: [LogId]
  private var telemetry: [LogId: Intervals]

  /// Plans for everything in `wanted`, the entries of `membership` first.
  init(_ wanted: [LogId: Intervals], membership: [LogId: Intervals]) {
    let members = membership.reduce(into: [LogId: Intervals]()) { found, part in
      let common = part.value.intersection(wanted[part.key] ?? Intervals())
      if !common.isEmpty { found[part.key] = common }
    }
    stages = [members]
    let lanes: [Lane] = [.control, .state, .blobs, .rollups]
    for lane in lanes {
      var stage: [LogId: Intervals] = [:]
      for (log, seqs) in wanted where log.lane == lane {
        let left = seqs.subtracting(members[log] ?? Intervals())
        if !left.isEmpty { stage[log] = left }
      }
      stages.append(stage)
    }
    telemetry = wanted.filter { $0.key.lane == .telemetry && !$0.value.isEmpty }
    turns = telemetry.keys.sorted()
  }

  /// What to ask next; nil where everything was.
  mutating func next() -> [LogId: Intervals]? {
    while let stage = stages.first {
      let logs = stage.keys.sorted().prefix(Self.logsMax)
      guard !logs.isEmpty else {
        stages.removeFirst()
        continue
      }
      return logs.reduce(into: [:]) { asked, log in
        asked[log] = Self.slice(stage[log] ?? Intervals(), newestFirst: false)
      }
    }
    guard let log = turns.first else { return nil }
    return [log: Self.slice(telemetry[log] ?? Intervals(), newestFirst: true)]
  }

  /// Notes what came of a question. What did not come is asked again where the answer was full and
  /// brought something; else it cannot be given.
  mutating func took(
    _ asked: [LogId: Intervals], given: [LogId: Intervals], isFull: Bool
  ) {
    let isOver = !isFull || given.isEmpty
    if stages.isEmpty { return tookTelemetry(asked, given, isOver) }
    for (log, seqs) in asked {
      let gone = isOver ? seqs.union(given[log] ?? Intervals()) : given[log] ?? Intervals()
      let left = (stages[0][log] ?? Intervals()).subtracting(gone)
      stages[0][log] = left.isEmpty ? nil : left
    }
  }

  private mutating func tookTelemetry(
    _ asked: [LogId: Intervals], _ given: [LogId: Intervals], _ isOver: Bool
  ) {
    for (log, seqs) in asked {
      let gone = isOver ? seqs.union(given[log] ?? Intervals()) : given[log] ?? Intervals()
      let left = (telemetry[log] ?? Intervals()).subtracting(gone)
      telemetry[log] = left.isEmpty ? nil : left
      turns.removeAll { $0 == log }
      if !left.isEmpty { turns.append(log) }
    }
  }

  /// At most `seqsMax` numbers from one end.
  private static func slice(_ seqs: Intervals, newestFirst: Bool) -> Intervals {
    var left = seqsMax
    var found: [ClosedRange<UInt64>] = []
    for range in newestFirst ? seqs.ranges.reversed() : seqs.ranges where left > 0 {
      let count = min(left, range.upperBound - range.lowerBound + 1)
      found.append(
        newestFirst
          ? (range.upperBound - count + 1)...range.upperBound
          : range.lowerBound...(range.lowerBound + count - 1))
      left -= count
    }
    return Intervals(found)
  }
}
