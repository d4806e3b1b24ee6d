import Reactor
import Storage
import Sync

/// From readings in hand to readings on the disk: the store, beside the plainest loop that keeps
/// the same readings in SQLite, a row for each, and beside one that appends the rows which the
/// store wrote, ready-made, and so does no work but SQLite's.
///
/// All on one ext4 with synchronous=FULL, a transaction for each window, commit by commit in turns,
/// so that the disk's moods weigh on all alike. As in the daemon, the readings are in the hands of
/// its loop, and the store writes on a thread of its own; the loops beside it write where they are.
nonisolated enum IngestBench {
  private static let boards = 4
  private static let channels = 8
  private static let speedMin = 0.8
  /// Seconds of readings in a commit, and commits.
  private static let runs = [(windowS: 1, commits: 1_500), (10, 1_000), (60, 500)]
  /// Parts of the commits that are summed apart: of their ratios the middle one is told.
  private static let rounds = 5
  private static let set = SensorSet(kind: .temperature, hasJitter: true)

  static func run(_ disk: BenchDisk) async throws {
    EventLoop.shared.start()
    print("\nIngest, 32 channels at 1 Hz: readings in hand to readings on the disk\n")
    for (windowS, commits) in runs {
      let ready = try await readyRows(windowS: windowS, commits, disk)
      let costs = try await race(windowS: windowS, ready, disk)
      let readings = Double(boards * channels * windowS * commits / rounds)
      func rate(_ loop: (Costs) -> Measure) -> String {
        fixed(readings / middle(costs) { loop($0).wallS } / 1000, 0)
      }
      let speed = middle(costs) { $0.rows.wallS / $0.store.wallS }
      let cpu = middle(costs) { $0.rows.cpuS / $0.store.cpuS }
      print(
        "  window \(windowS) s: \(rate(\.store)) thousand readings/s committed, the append loop"
          + " \(rate(\.rows)): \(fixed(speed, 2)) of its speed; limit \(fixed(speedMin, 1)):"
          + " \(speed >= speedMin ? "ok" : "MISSED")")
      func micro(_ loop: (Costs) -> Measure) -> String {
        let median = middle(costs) { loop($0).cpuS }
        return "\(fixed(median * 1e6 * Double(rounds) / Double(commits), 0)) µs"
      }
      print(
        "    CPU a commit: \(micro(\.store)), the append loop \(micro(\.rows)), so"
          + " \(fixed(cpu, 2)) of its readings a core second; SQLite alone, given the rows that"
          + " the store makes, \(micro(\.ready)), and the store"
          + " \(fixed(middle(costs) { $0.ready.wallS / $0.store.wallS }, 2)) of its speed")
    }
  }

  private static func middle(_ costs: [Costs], _ value: (Costs) -> Double) -> Double {
    costs.map(value).sorted()[costs.count / 2]
  }

  private struct HotRow {
    let id: Int64
    let columns: [[UInt8]]
    let check: Int64
  }

  /// What the store writes for these readings.
  private static func readyRows(
    windowS: Int, _ commits: Int, _ disk: BenchDisk
  ) async throws -> [HotRow] {
    let path = disk.folder + "/ready.db"
    defer { disk.remove("ready.db") }
    let (store, opening) = try await Store.open(BenchNode.options(path))
    var played = SensorBoards(set, boards: boards, channels: channels, opening: opening)
    for _ in 0..<commits { _ = try await store.commit(played.commit(windowS: windowS)) }
    try await store.close()
    store.endThread()
    let database = try BenchDatabase.open(path)
    let hot = try database.prepare("SELECT id, body, cursors, clock, crc FROM hot ORDER BY id")
    var rows: [HotRow] = []
    while try hot.step() {
      rows.append(
        HotRow(id: hot.int64(0), columns: (1...3).map { hot.blob($0) }, check: hot.int64(4)))
    }
    precondition(rows.count == commits, "\(rows.count) rows of \(commits) commits")
    return rows
  }

  private struct Costs {
    var store = Measure(cpuS: 0)
    var rows = Measure(cpuS: 0)
    var ready = Measure(cpuS: 0)
  }

  @Loop
  private static func race(
    windowS: Int, _ ready: [HotRow], _ disk: BenchDisk
  ) async throws -> [Costs] {
    defer { for name in ["store.db", "ready.db", "rows.db"] { disk.remove(name) } }
    let (store, opening) = try await Store.open(BenchNode.options(disk.folder + "/store.db"))
    var played = SensorBoards(set, boards: boards, channels: channels, opening: opening)
    let database = try BenchDatabase.open(disk.folder + "/ready.db")
    try database.execute(
      """
      CREATE TABLE hot(id INTEGER PRIMARY KEY, clock_epoch INTEGER NOT NULL, body BLOB NOT NULL,
        cursors BLOB NOT NULL, clock BLOB NOT NULL, crc INTEGER NOT NULL)
      """)
    let append = try database.prepare("INSERT INTO hot VALUES(?, 1, ?, ?, ?, ?)")
    let rows = try RowsDatabase(disk.folder + "/rows.db", .appended)
    var costs = [Costs](repeating: Costs(), count: rounds)
    for (index, row) in ready.enumerated() {
      let runs = played.play(seconds: windowS)
      let values = played.values(runs)
      let round = index * rounds / ready.count
      for turn in 0..<3 {
        // Each is the first as often as the others: the first finds the disk as they left it.
        switch (index + turn) % 3 {
        case 0:
          costs[round].store += try await Measure.of {
            _ = try await store.commit(played.commit(runs))
          }
        case 1:
          costs[round].ready += try Measure.of {
            append.bind(1, row.id)
            for (at, column) in row.columns.enumerated() { append.bind(Int32(at + 2), column) }
            append.bind(5, row.check)
            try append.run()
          }
        default:
          costs[round].rows += try Measure.of {
            try rows.begin()
            for value in values {
              try rows.add(series: value.series, timeUs: value.timeUs, value: value.value)
            }
            try rows.commit()
          }
        }
      }
    }
    try await store.close()
    store.endThread()
    return costs
  }
}
