import Model
import Sync

/// What an hour of readings costs on disk: one row for each commit, as Bivouac writes, against one
/// indexed row for each reading, as most do; both in WAL with synchronous=FULL, in the same
/// transactions.
enum DiskBench {
  private static let channels = 32
  private static let seconds = 3600

  static func run() throws {
    for windowS in [1, 10, 60] {
      let commits = try measure(windowS: windowS, writeCommits)
      let rows = try measure(windowS: windowS, writeRows)
      let readings = Double(channels * seconds)
      let day = Double(commits.work.writtenBytes) * 24 / 1e9
      let saved = Double(rows.work.writtenBytes) / Double(max(commits.work.writtenBytes, 1))
      let cpu = commits.work.cpuS / rows.work.cpuS
      print(
        "  window \(windowS) s: \(fixed(day, 2)) GB written a day, \(fixed(saved, 1)) times less;"
          + " \(fixed(Double(commits.fileBytes) / readings, 2)) bytes a reading at rest against"
          + " \(fixed(Double(rows.fileBytes) / readings, 1)); \(fixed(cpu, 2)) of the CPU time")
    }
  }

  private static func measure(
    windowS: Int, _ write: (Int, borrowing BenchDatabase) throws -> Void
  ) throws -> (work: Measure, fileBytes: Int) {
    let database = try BenchDatabase.make()
    let work = try Measure.of {
      try write(windowS, database)
      try database.checkpoint()
    }
    return (work, try database.fileBytes())
  }

  /// Tenths that wander a little, as a thermometer's do.
  private static func value(_ channel: Int, _ second: Int) -> Int64 {
    Int64(180 + channel + (second * 7 + channel * 13) % 11)
  }

  private static func writeCommits(windowS: Int, _ database: borrowing BenchDatabase) throws {
    try database.execute(
      """
      CREATE TABLE hot(id INTEGER PRIMARY KEY, clock_epoch INTEGER NOT NULL,
        body BLOB NOT NULL, cursors BLOB NOT NULL, clock BLOB NOT NULL)
      """)
    let insert = try database.prepare("INSERT INTO hot VALUES(?, 1, ?, x'00', x'00')")
    let table = (0..<channels).map {
      CommitChannel(key: "t\($0)", unit: "Cel", kind: .measurement, form: .decimal(exponent: -1))
    }
    guard let identity = DeviceIdentity(kind: .companion, bytes: [1, 2, 3, 4, 5, 6, 7, 8]) else {
      preconditionFailure("an identity of 8 bytes")
    }
    for start in stride(from: 0, to: seconds, by: windowS) {
      let samples = (start..<start + windowS).flatMap { second in
        (0..<channels).map { channel in
          CommitSample(
            channel: Int32(channel), time: Int64(second) * 1000,
            value: .decimal(value(channel, second)))
        }
      }
      let clock = SourceClock.device(
        epoch: 1, first: UInt32(start * channels),
        spans: [SeqSpan(.samples, count: UInt32(samples.count))])
      let body = CommitBody(
        arrivalUs: Int64(start + windowS) * 1_000_000,
        sources: [
          CommitSource(identity: identity, clock: clock, channels: table, samples: samples)
        ])
      try insert.run(id: Int64(start + 1), blob: CommitEncoder.encode(body))
    }
  }

  private static func writeRows(windowS: Int, _ database: borrowing BenchDatabase) throws {
    try database.execute(
      """
      CREATE TABLE reading(id INTEGER PRIMARY KEY, series INTEGER NOT NULL,
        time INTEGER NOT NULL, value REAL NOT NULL)
      """)
    try database.execute("CREATE INDEX reading_series ON reading(series, time)")
    let insert = try database.prepare("INSERT INTO reading VALUES(NULL, ?, ?, ?)")
    for start in stride(from: 0, to: seconds, by: windowS) {
      try database.execute("BEGIN")
      for second in start..<start + windowS {
        for channel in 0..<channels {
          try insert.run(
            series: Int64(channel), time: Int64(second) * 1_000_000,
            value: Double(value(channel, second)) / 10)
        }
      }
      try database.execute("COMMIT")
    }
  }
}
