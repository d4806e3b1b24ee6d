import Glibc

/// What a day of 32 channels at 1 Hz takes at rest: our file, with everything in it, after its
/// compaction. Its free pages are told apart: the rows of the next two hours will take them, so
/// there are as many in a file of ten years.
///
/// The peers hold the readings of the first of the four boards, for time's sake: what they need for
/// themselves is left out of their figures, or shrinks to nothing beside the rows.
nonisolated enum AtRest {
  private static let boards = 4
  /// Channels of a board.
  static let channels = 8
  /// A day.
  static let seconds = 86_400
  private static let windowS = 10

  /// Prints the bytes a reading in our file, in its free pages, and in the file of the rows.
  static func run(_ set: SensorSet, folder: String) async throws {
    let readings = Double(channels * seconds)
    let path = folder + "/\(set.name).db"
    try await ours(set, path)
    let (used, free) = try pageBytes(path)
    let rows = Double(try rows(set, folder)) / readings
    let all = readings * Double(boards)
    print("\(Double(used) / all) \(Double(free) / all) \(rows)")
  }

  private static func ours(_ set: SensorSet, _ path: String) async throws {
    var node = try await BenchStore(path)
    var played = SensorBoards(set, boards: boards, channels: channels, opening: node.opening)
    try await node.date(boards: boards)
    try await node.play(&played, until: seconds, windowS: windowS)
    try await node.close()
    try await BenchStore.finish(path)
  }

  /// The pages of a file that hold something, and those that wait to be used again.
  static func pageBytes(_ path: String) throws -> (used: Int, free: Int) {
    let whole = try bytes(path)
    let database = try BenchDatabase.open(path)
    let free = try database.number("PRAGMA freelist_count")
    let size = try database.number("PRAGMA page_size")
    return (whole - Int(free * size), Int(free * size))
  }

  private static func rows(_ set: SensorSet, _ folder: String) throws -> Int {
    let path = folder + "/\(set.name)-rows.db"
    do {
      var clock = SensorClock(set, board: 0)
      var sensors = (0..<channels).map { Sensor(set.kind, channel: $0) }
      let rows = try RowsDatabase(path, .indexed)
      for second in 0..<seconds {
        if second % windowS == 0 { try rows.begin() }
        let timeMs = clock.next()
        for channel in sensors.indices {
          let value = set.kind.double(sensors[channel].next())
          try rows.add(series: channel, timeUs: timeMs * 1000, value: value)
        }
        if second % windowS == windowS - 1 { try rows.commit() }
      }
      try rows.checkpoint()
    }
    return try bytes(path)
  }

  private static func bytes(_ path: String) throws -> Int {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw BenchDatabase.Failed(what: path) }
    return Int(status.st_size)
  }
}
