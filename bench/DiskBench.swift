import Model
import Storage
import Sync

/// What hours of readings cost the disk: the store that ships, against one indexed row for each
/// reading, as most do; both in WAL with synchronous=FULL, in the same transactions, on an ext4 of
/// their own whose device counts what reaches it. Nothing waits between two commits.
enum DiskBench {
  private static let channels = 32
  private static let limit = 9.0
  /// Windows and hours: enough commits that the write-ahead log is used again and again, as it is
  /// in a daemon that runs for months.
  private static let runs = [(windowS: 1, hours: 1), (windowS: 10, hours: 10), (60, 10)]

  static func run() async throws {
    let disk = try BenchDisk.mounted()
    for (windowS, hours) in runs {
      let seconds = hours * 3600
      let commits = try await commits(windowS: windowS, seconds, disk)
      let rows = try rows(windowS: windowS, seconds, disk)
      let readings = Double(channels * seconds)
      let day = Double(commits.work.writtenBytes) * 24 / Double(hours) / 1e9
      let saved = Double(rows.work.writtenBytes) / Double(max(commits.work.writtenBytes, 1))
      let cpu = commits.work.cpuS / rows.work.cpuS
      print(
        "  window \(windowS) s, \(hours) h: \(fixed(day, 2)) GB written to the device a day, rows"
          + " \(fixed(day * saved, 2)) GB, \(fixed(saved, 1)) times less; limit \(fixed(limit, 0))"
          + " times: \(saved >= limit ? "ok" : "MISSED");"
          + " \(fixed(Double(commits.fileBytes) / readings, 2)) bytes a reading at rest against"
          + " \(fixed(Double(rows.fileBytes) / readings, 1)); \(fixed(cpu, 2)) of the CPU time")
    }
  }

  /// Tenths that wander a little, as a thermometer's do.
  private static func value(_ channel: Int, _ second: Int) -> Int64 {
    Int64(180 + channel + (second * 7 + channel * 13) % 11)
  }

  // MARK: The store

  private static func commits(
    windowS: Int, _ seconds: Int, _ disk: BenchDisk
  ) async throws -> (work: Measure, fileBytes: Int) {
    guard let node = NodeId(Array(repeating: 7, count: 32)),
      let boot = ClockEpoch(Array(repeating: 3, count: 16)),
      let board = DeviceIdentity(kind: .companion, bytes: [1, 2, 3, 4, 5, 6, 7, 8])
    else { preconditionFailure("identities of the right lengths") }
    let path = disk.folder + "/store.db"
    defer { disk.remove("store.db") }
    let before = try Measure.now(disk)
    let (store, opening) = try await Store.open(
      StoreOptions(path: path, node: node, clockEpoch: boot, incarnation: Incarnation(1)))
    var batch = ReadingBatch(cursors: opening.cursors)
    _ = batch.open(Cursor(identity: board, epoch: 1, nonce: 1, ringCapacity: 4096))
    let table = (0..<channels).map { Channel(key: "t\($0)", unit: "Cel", exponent: -1) }
    for start in stride(from: 0, to: seconds, by: windowS) {
      for second in start..<start + windowS { scan(second, of: board, table, into: &batch) }
      let bootUs = Int64(start + windowS) * 1_000_000
      let clock = ClockObservation(
        bootUs: bootUs, wallUs: 1_700_000_000_000_000 + bootUs, trusted: true, errorUs: 500)
      let content = batch.take(arrivalUs: bootUs)
      _ = try await store.commit(PendingCommit(content: content, clock: clock, journal: []))
    }
    try await store.close()
    store.endThread()
    return (try Measure.now(disk) - before, try disk.bytes(of: "store.db"))
  }

  private static func scan(
    _ second: Int, of board: DeviceIdentity, _ table: [Channel], into batch: inout ReadingBatch
  ) {
    var run = SampleRun()
    for channel in 0..<channels {
      run.append(
        seq: UInt32(second * channels + channel), ticksMs: UInt64(second) * 1000,
        channel: UInt8(channel), value: .decimal(value(channel, second)))
    }
    let outcome = batch.append(device: board, epoch: 1, run: run, channels: table)
    precondition(outcome.taken == channels, "\(outcome)")
  }

  // MARK: Rows

  private static func rows(
    windowS: Int, _ seconds: Int, _ disk: BenchDisk
  ) throws -> (work: Measure, fileBytes: Int) {
    defer { disk.remove("rows.db") }
    let before = try Measure.now(disk)
    do {
      let rows = try RowsDatabase(disk.folder + "/rows.db", .indexed)
      for start in stride(from: 0, to: seconds, by: windowS) {
        try rows.begin()
        for second in start..<start + windowS {
          for channel in 0..<channels {
            try rows.add(
              series: channel, timeUs: Int64(second) * 1_000_000,
              value: Double(value(channel, second)) / 10)
          }
        }
        try rows.commit()
      }
      try rows.checkpoint()
    }
    return (try Measure.now(disk) - before, try disk.bytes(of: "rows.db"))
  }
}
