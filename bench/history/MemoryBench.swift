import CSQLite
import Glibc

/// What 24 hours of 32 channels at 1 Hz leave in memory: the store with its compaction, in a
/// process that does nothing else, on a clock that does not wait.
///
/// They begin after one hour. A range is full after two, so that what the compaction takes counts.
/// What SQLite's pages take is printed beside it; each run of the compaction gives them back.
enum MemoryBench {
  private static let boards = 4
  private static let channels = 8
  private static let windowS = 10
  private static let warmHours = 1
  private static let hours = warmHours + 24
  private static let growthMaxKiB = 1024

  /// Whether it is as little as it has to be.
  static func run(folder: String) async throws -> Bool {
    print("\nMemory, 32 channels at 1 Hz, a commit every \(windowS) s, with compaction\n")
    let path = folder + "/memory.db"
    defer { Memory.remove(path) }
    var node = try await BenchStore(path)
    var played = SensorBoards(
      SensorSet(kind: .temperature, hasJitter: true), boards: boards, channels: channels,
      opening: node.opening)
    try await node.date(boards: boards)
    var anonymous: [Int] = []
    var caches: [Int] = []
    for hour in 1...hours {
      try await node.play(&played, until: hour * 3600, windowS: windowS)
      anonymous.append(try Memory.anonymousKiB())
      caches.append(Int(sqlite3_memory_used() / 1024))
    }
    try await node.close()
    // The most that was ever held after the warm-up: a sum of small growths shows as well.
    let growth = (anonymous[warmHours...].max() ?? 0) - anonymous[warmHours - 1]
    let isLittle = growth < growthMaxKiB
    func said(_ sizes: [Int]) -> String {
      [1, 2, 3, 4, 6, 8, 12, 24, hours].map { "\(sizes[$0 - 1])" }.joined(separator: ", ")
    }
    print(
      "  RssAnon after 1, 2, 3, 4, 6, 8, 12, 24 and \(hours) h: \(said(anonymous)) KiB, of which"
        + " SQLite \(said(caches)); from \(warmHours) h to \(hours) h at most \(growth) KiB more;"
        + " limit \(growthMaxKiB): \(isLittle ? "ok" : "MISSED")")
    return isLittle
  }
}

/// The memory of this process.
enum Memory {
  /// Where the kernel tells nothing of this process.
  struct Unknown: Error {}

  /// What is not in a file.
  static func anonymousKiB() throws -> Int {
    guard let file = unsafe fopen("/proc/self/status", "re") else { throw Unknown() }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1, words[0] == "RssAnon:", let number = Int(words[1]) { return number }
    }
    throw Unknown()
  }

  /// Removes a database.
  static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unsafe unlink(path + suffix) }
  }
}
