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

  /// Backlogs compacted of each set: the best tells what the work costs, the middle one what
  /// the machine made of it.
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

  /// Commits one after the other, first alone, then while a backlog is compacted.
  private static func latency(_ disk: BenchDisk) async throws {
    let set = SensorSet(kind: .ph, hasJitter: true)
    defer { disk.remove("store.db") }
    try await fill(set, hours: 24, disk)
    let node = try await BenchStore(disk.folder + "/store.db", run: 2)
    var played = SensorBoards(
      set, boards: boards, channels: channels, opening: node.opening, after: 24 * 3600)
    let alone = try await latencies(node.store, &played, while: { $0 < commits })
    let progress = Progress()
    let compacting = Task {
      defer { progress.end() }
      return try await node.compactor.run().count
    }
    let meanwhile = try await latencies(node.store, &played, while: { _ in !progress.hasEnded })
    let ranges = try await compacting.value
    try await node.close()
    print(
      "  a commit of \(windowS) s alone: \(alone); while \(ranges) ranges are compacted:"
        + " \(meanwhile)")
  }

  private final class Progress: Sendable {
    private let ended = Atomic<Bool>(false)
    var hasEnded: Bool { ended.load(ordering: .acquiring) }
    func end() { ended.store(true, ordering: .releasing) }
  }

  /// p50, p99 and the longest, in ms.
  private static func latencies(
    _ store: Store, _ played: inout SensorBoards, while goesOn: (Int) -> Bool
  ) async throws -> String {
    var times: [Double] = []
    while goesOn(times.count) {
      let commit = played.commit(windowS: windowS)
      usleep(pauseUs)
      times.append(try await Measure.of { _ = try await store.commit(commit) }.wallS)
    }
    times.sort()
    func at(_ part: Double) -> String { fixed(times[Int(Double(times.count - 1) * part)] * 1e3, 1) }
    return "p50 \(at(0.5)) ms, p99 \(at(0.99)), longest \(at(1)) of \(times.count)"
  }
}
