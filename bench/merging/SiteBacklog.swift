import Model
import Storage
import Sync

/// What a node has before it meets another, written into the state folder of a daemon that does not
/// run: the daemon signs it when it is asked for it.
enum SiteBacklog {
  private static let boards = 4
  private static let channels = 8
  private static let windowS = 10
  /// Entries in one transaction.
  private static let entriesAtOnce = 1_000
  /// Registers among which the entries are dealt out.
  private static let registers = 1_000

  /// Writes readings of 32 channels at 1 Hz, compacted as they are after a day; at least so many.
  static func readings(
    _ count: Int, of set: SensorSet, state: String, isQuiet: Bool = false
  ) async throws {
    let path: String
    do {
      let folder = try StateFolder.open(state)
      path = folder.databasePath
      var node = try await BenchStore(options(folder))
      var played = SensorBoards(set, boards: boards, channels: channels, opening: node.opening)
      try await node.date(boards: boards)
      let perSecond = boards * channels
      try await node.play(
        &played, until: (count + perSecond - 1) / perSecond / windowS * windowS, windowS: windowS)
      try await node.close()
      let again = try await BenchStore(options(folder))
      _ = try await again.compactor.run()
      try await again.close()
    }
    let database = try BenchDatabase.open(path)
    let live = try database.number("SELECT count(*) FROM hot")
    let readings = try database.number("SELECT sum(count) FROM block")
    if !isQuiet { print("\(readings) \(live)") }
  }

  /// Writes entries of lane 1: names that were given to devices, again and again.
  static func entries(_ count: Int, state: String) async throws {
    let folder = try StateFolder.open(state)
    let (store, _) = try await Store.open(options(folder))
    var last: [RecordId?] = Array(repeating: nil, count: registers)
    for start in stride(from: 0, to: count, by: entriesAtOnce) {
      let numbers = start..<min(count, start + entriesAtOnce)
      let written = try await store.append(
        numbers.map { number in entry(number, replacing: last[number % registers]) },
        clock: BenchNode.clock(bootUs: 1_000_000))
      for (number, record) in zip(numbers, written) { last[number % registers] = record }
    }
    try await store.close()
    store.endThread()
    print("\(count)")
  }

  private static func entry(_ number: Int, replacing: RecordId?) -> JournalEntry {
    let stamp = Stamp(
      trusted: true, bootUs: 1_000_000, wallUs: BenchNode.beginUs + Int64(number),
      author: "local:bench")
    let write = RegisterWrite(
      key: RegisterKey(.deviceName, BenchNode.board(number % registers)),
      value: Array("Serre \(number)".utf8), replaces: replacing.map { [$0] } ?? [])
    return JournalEntry(stamp: stamp, content: .registerWrite(write))
  }

  /// A run of its own, as every start of a daemon is.
  private static func options(_ folder: borrowing StateFolder) -> StoreOptions {
    var options = BenchNode.options(folder.databasePath, run: UInt64.random(in: 1 ... .max))
    options.node = folder.key.id
    return options
  }
}
