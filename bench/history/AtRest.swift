import Glibc
import Storage

/// What a day of 32 channels at 1 Hz takes at rest: our file, with everything in it, after its
/// compaction. The peers hold the readings of the first of the four boards, for time's sake: what
/// they need for themselves is left out of their figures, or shrinks to nothing beside the rows.
enum AtRest {
  private static let boards = 4
  /// Channels of a board.
  static let channels = 8
  /// A day.
  static let seconds = 86_400
  private static let windowS = 10

  /// Prints the bytes a reading in our file, and in that of the rows.
  static func run(_ set: SensorSet, folder: String) async throws {
    let readings = Double(channels * seconds)
    let ours = Double(try await ours(set, folder)) / readings / Double(boards)
    let rows = Double(try rows(set, folder)) / readings
    print("\(ours) \(rows)")
  }

  private static func ours(_ set: SensorSet, _ folder: String) async throws -> Int {
    let path = folder + "/\(set.name).db"
    let (store, opening) = try await Store.open(BenchNode.options(path))
    var played = SensorBoards(set, boards: boards, channels: channels, opening: opening)
    _ = try await store.append(BenchNode.dating(boards: boards), clock: BenchNode.clock(bootUs: 0))
    while played.second < seconds {
      _ = try await store.commit(played.commit(windowS: windowS))
    }
    try await store.close()
    store.endThread()
    return try bytes(path)
  }

  private static func rows(_ set: SensorSet, _ folder: String) throws -> Int {
    let path = folder + "/\(set.name)-rows.db"
    do {
      var sensors = (0..<channels).map { Sensor(set, channel: $0) }
      let rows = try RowsDatabase(path, .indexed)
      for second in 0..<seconds {
        if second % windowS == 0 { try rows.begin() }
        for channel in sensors.indices {
          let (timeMs, value) = sensors[channel].next()
          try rows.add(series: channel, timeUs: timeMs * 1000, value: set.kind.double(value))
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
