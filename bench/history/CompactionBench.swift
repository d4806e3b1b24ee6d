import Glibc
import Storage
import Sync
import Synchronization

/// What the compaction costs, and what it costs the commits that are made meanwhile.
enum CompactionBench {
  private static let boards = 4
  private static let channels = 8
  private static let windowS = 10
  private static let hours = 12
  private static let rateMin = 5.0
  private static let sets = [
    SensorSet(kind: .temperature, hasJitter: false), SensorSet(kind: .ph, hasJitter: true),
    SensorSet(kind: .float64, hasJitter: false),
  ]
  /// Commits whose latency is measured, and the pause before each.
  private static let commits = 300
  private static let pauseUs: UInt32 = 5_000
  /// A tenth of the shortest window between two commits.
  private static let latencyMaxMs = 100.0

  /// Backlogs compacted of each set: the best tells what the work costs, the middle one what
  /// the machine made of it. Also how often the latency of commits is measured.
  private static let rounds = 5

  static func run(_ disk: BenchDisk) async throws {
    print("\nCompaction, 32 channels at 1 Hz, a commit every \(windowS) s\n")
    for set in sets { try await rate(set, disk) }
    try await latency(disk)
  }

  /// A backlog of hours, compacted at once: processor time of all threads, reading the rows and
  /// writing and deleting on the store's side included.
  static func rate(_ set: SensorSet, _ disk: BenchDisk) async throws {
    defer { for name in ["store.db", "filled.db"] { disk.remove(name) } }
    try await fill(set, hours: hours, disk)
    try disk.rename("store.db", to: "filled.db")
    var costs: [Measure] = []
    var ranges: [CompactionReport] = []
    for _ in 0..<rounds {
      try disk.copy("filled.db", to: "store.db")
      let node = try await BenchStore(disk.folder + "/store.db", run: 2)
      costs.append(try await Measure.of { ranges = try await node.compactor.run() })
      try await node.close()
      disk.remove("store.db")
    }
    let readings = ranges.reduce(0) { $0 + $1.readings }
    precondition(readings == boards * channels * hours * 3600, "\(readings) were compacted")
    let rates = costs.map { Double(readings) / $0.cpuS / 1e6 }.sorted()
    print(
      "  \(set.name): \(fixed(rates[rounds - 1], 1)) M readings/s of a core at best,"
        + " \(fixed(rates[rounds / 2], 1)) in the middle of \(rounds); \(ranges.count) ranges of"
        + " \(ranges[0].commits) commits; limit \(fixed(rateMin, 0)):"
        + " \(rates[rounds / 2] >= rateMin ? "ok" : "MISSED")")
  }

  private static func fill(_ set: SensorSet, hours: Int, _ disk: BenchDisk) async throws {
    let (store, opening) = try await Store.open(BenchNode.options(disk.folder + "/store.db"))
    var played = SensorBoards(set, boards: boards, channels: channels, opening: opening)
    while played.second < hours * 3600 {
      _ = try await store.commit(played.commit(windowS: windowS))
    }
    try await store.close()
    store.endThread()
  }

  /// Commits one after the other, first alone, then while a backlog is compacted; several times in
  /// turns, since a disk has moods: of each figure the median of all rounds is told.
  private static func latency(_ disk: BenchDisk) async throws {
    var alone: [Latencies] = []
    var meanwhile: [Latencies] = []
    for _ in 0..<rounds {
      let (without, with) = try await round(disk)
      alone.append(without)
      meanwhile.append(with)
    }
    let longest = meanwhile.map(\.longest).max() ?? 0
    print(
      "  a commit of \(windowS) s alone: \(Latencies.told(alone)); while a backlog of"
        + " \(hours) hours is compacted: \(Latencies.told(meanwhile)); the longest of all"
        + " \(fixed(longest, 1)) ms; limit \(fixed(latencyMaxMs, 0)):"
        + " \(longest <= latencyMaxMs ? "ok" : "MISSED")")
  }

  private static func round(_ disk: BenchDisk) async throws -> (Latencies, Latencies) {
    let set = SensorSet(kind: .ph, hasJitter: true)
    defer { disk.remove("store.db") }
    try await fill(set, hours: hours, disk)
    let node = try await BenchStore(disk.folder + "/store.db", run: 2)
    var played = SensorBoards(
      set, boards: boards, channels: channels, opening: node.opening, after: hours * 3600)
    let alone = try await latencies(node.store, &played, while: { $0 < commits })
    let progress = Progress()
    let compacting = Task {
      defer { progress.end() }
      return try await node.compactor.run().count
    }
    let meanwhile = try await latencies(node.store, &played, while: { _ in !progress.hasEnded })
    _ = try await compacting.value
    try await node.close()
    return (alone, meanwhile)
  }

  /// Of some commits, in ms.
  private struct Latencies {
    var middle: Double
    var late: Double
    var longest: Double
    var count: Int

    static func told(_ rounds: [Latencies]) -> String {
      func median(_ part: (Latencies) -> Double) -> String {
        fixed(rounds.map(part).sorted()[rounds.count / 2], 1)
      }
      return "p50 \(median(\.middle)) ms, p99 \(median(\.late)) of"
        + " \(rounds.reduce(0) { $0 + $1.count }) in \(rounds.count) rounds"
    }
  }

  private final class Progress: Sendable {
    private let ended = Atomic<Bool>(false)
    var hasEnded: Bool { ended.load(ordering: .acquiring) }
    func end() { ended.store(true, ordering: .releasing) }
  }

  private static func latencies(
    _ store: Store, _ played: inout SensorBoards, while goesOn: (Int) -> Bool
  ) async throws -> Latencies {
    var times: [Double] = []
    // One at least: a compaction may be quicker than a commit.
    repeat {
      let commit = played.commit(windowS: windowS)
      usleep(pauseUs)
      times.append(try await Measure.of { _ = try await store.commit(commit) }.wallS * 1e3)
    } while goesOn(times.count)
    times.sort()
    func at(_ part: Double) -> Double { times[Int(Double(times.count - 1) * part)] }
    return Latencies(middle: at(0.5), late: at(0.99), longest: at(1), count: times.count)
  }
}
