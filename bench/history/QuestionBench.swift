import Glibc
import Storage

/// A year of one thermometer at 1 Hz: means by the hour of thirty days, and a chart of the year;
/// the database that ships beside SQL's GROUP BY over plain rows.
enum QuestionBench {
  private static let set = SensorSet(kind: .temperature, hasJitter: true)
  private static let windowS = 600
  private static let dayS = 86_400

  static func run(folder: String) async throws {
    print("\nA year of one channel at 1 Hz\n")
    let (ours, rows) = (folder + "/year.db", folder + "/year-rows.db")
    defer { for path in [ours, rows] { remove(path) } }
    let building = try await Measure.of { try await build(ours) }
    let (used, free) = try AtRest.pageBytes(ours)
    let count = Double(YearRows.seconds)
    print(
      "  built through the store and its compaction in \(fixed(building.wallS, 1)) s (CPU"
        + " \(fixed(building.cpuS, 1)) s): \(fixed(Double(used + free) / count, 3)) bytes a"
        + " reading, free pages included")
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unsafe unlink(path + suffix) }
  }

  private static func build(_ path: String) async throws {
    var node = try await BenchStore(path, askedEveryS: 12 * windowS)
    var played = SensorBoards(set, boards: 1, channels: 1, opening: node.opening)
    try await node.date(boards: 1)
    try await node.play(&played, until: YearRows.seconds, windowS: windowS)
    try await node.close()
    try await BenchStore.finish(path)
  }
}
