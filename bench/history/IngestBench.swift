import Storage
import Sync

/// From readings in hand to readings on the disk: the store, beside a loop that does nothing but
/// append the rows which that store wrote, ready-made, and one that appends a row for each reading.
///
/// All on one ext4 with synchronous=FULL, commit by commit in turns, so that the disk's moods weigh
/// on all alike.
enum IngestBench {
  private static let boards = 4
  private static let channels = 8
  private static let speedMin = 0.8
  /// Seconds of readings in a commit, and commits.
  private static let runs = [(windowS: 1, commits: 1_000), (10, 1_000), (60, 500)]
  private static let set = SensorSet(kind: .temperature, hasJitter: true)

  static func run(_ disk: BenchDisk) async throws {
    print("\nIngest, 32 channels at 1 Hz: readings in hand to readings on the disk\n")
    for (windowS, commits) in runs {
      let rows = try await readyRows(windowS: windowS, commits, disk)
      let cost = try await race(windowS: windowS, rows, disk)
      let readings = Double(boards * channels * windowS * commits)
      let speed = cost.raw.wallS / cost.store.wallS
      print(
        "  window \(windowS) s: \(fixed(readings / cost.store.wallS / 1000, 0)) thousand readings/s"
          + " committed, the raw append loop"
          + " \(fixed(readings / cost.raw.wallS / 1000, 0)): \(fixed(speed, 2)) of its speed;"
          + " limit \(fixed(speedMin, 1)): \(speed >= speedMin ? "ok" : "MISSED")")
      let byRows = readings / cost.rows.wallS / 1000
      print(
        "    CPU a commit: \(micro(cost.store.cpuS, commits)), raw"
          + " \(micro(cost.raw.cpuS, commits)); a row for each reading: \(fixed(byRows, 0))"
          + " thousand readings/s, CPU \(micro(cost.rows.cpuS, commits))")
    }
  }

  private static func micro(_ cpuS: Double, _ commits: Int) -> String {
    "\(fixed(cpuS * 1e6 / Double(commits), 0)) µs"
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
    var raw = Measure(cpuS: 0)
    var rows = Measure(cpuS: 0)
  }

  private static func race(
    windowS: Int, _ ready: [HotRow], _ disk: BenchDisk
  ) async throws -> Costs {
    defer { for name in ["store.db", "raw.db", "rows.db"] { disk.remove(name) } }
    let (store, opening) = try await Store.open(BenchNode.options(disk.folder + "/store.db"))
    var played = SensorBoards(set, boards: boards, channels: channels, opening: opening)
    let raw = try BenchDatabase.open(disk.folder + "/raw.db")
    try raw.execute(
      """
      CREATE TABLE hot(id INTEGER PRIMARY KEY, clock_epoch INTEGER NOT NULL, body BLOB NOT NULL,
        cursors BLOB NOT NULL, clock BLOB NOT NULL, crc INTEGER NOT NULL)
      """)
    let append = try raw.prepare("INSERT INTO hot VALUES(?, 1, ?, ?, ?, ?)")
    let rows = try RowsDatabase(disk.folder + "/rows.db", .indexed)
    var cost = Costs()
    for (index, row) in ready.enumerated() {
      let runs = played.play(seconds: windowS)
      let values = played.values(runs)
      for turn in 0..<3 {
        // Each is the first as often as the others: the first finds the disk as they left it.
        switch (index + turn) % 3 {
        case 0:
          cost.store += try await Measure.of {
            _ = try await store.commit(played.commit(runs))
          }
        case 1:
          cost.raw += try Measure.of {
            append.bind(1, row.id)
            for (at, column) in row.columns.enumerated() { append.bind(Int32(at + 2), column) }
            append.bind(5, row.check)
            try append.run()
          }
        default:
          cost.rows += try Measure.of {
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
    return cost
  }
}
