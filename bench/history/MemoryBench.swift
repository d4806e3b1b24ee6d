import Glibc

/// What 24 hours of 32 channels at 1 Hz leave in memory: the store with its compaction, in a
/// process that does nothing else, on a clock that does not wait.
///
/// They begin after 12 hours: until then the file is smaller than SQLite's cache of its pages,
/// which is 2 MiB and grows with it.
enum MemoryBench {
  private static let boards = 4
  private static let channels = 8
  private static let windowS = 10
  private static let warmHours = 12
  private static let hours = warmHours + 24
  private static let growthMaxKiB = 1024

  /// Where the kernel tells nothing of this process.
  struct Unknown: Error {}

  static func run(_ disk: BenchDisk) async throws {
    print("\nMemory, 32 channels at 1 Hz, a commit every \(windowS) s, with compaction\n")
    defer { disk.remove("memory.db") }
    let path = disk.folder + "/memory.db"
    var node = try await BenchStore(path)
    var played = SensorBoards(
      SensorSet(kind: .temperature, hasJitter: true), boards: boards, channels: channels,
      opening: node.opening)
    try await node.date(boards: boards)
    var anonymous: [Int] = []
    for hour in 1...hours {
      try await node.play(&played, until: hour * 3600, windowS: windowS)
      anonymous.append(try anonymousKiB())
    }
    try await node.close()
    // The most that was ever held after the warm-up: a sum of small growths shows as well.
    let growth = (anonymous[warmHours...].max() ?? 0) - anonymous[warmHours - 1]
    print(
      "  RssAnon after 1 h \(anonymous[0]) KiB, 4 h \(anonymous[3]), \(warmHours) h"
        + " \(anonymous[warmHours - 1]); from there to \(hours) h at most \(growth) KiB more; limit"
        + " \(growthMaxKiB): \(growth < growthMaxKiB ? "ok" : "MISSED")")
  }

  private static func anonymousKiB() throws -> Int {
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
}
