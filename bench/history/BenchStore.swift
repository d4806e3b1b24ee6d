import Storage
import Sync

/// A store with its compaction, as the daemon has them, on a clock that does not wait.
struct BenchStore {
  let store: Store
  let compactor: Compactor
  let opening: StoreOpening
  /// How often the compaction is asked, in seconds of the readings.
  private let askedEveryS: Int
  private var askedAt = 0

  /// Opens it for another run.
  init(_ path: String, run: UInt64 = 1, askedEveryS: Int = 600) async throws {
    try await self.init(BenchNode.options(path, run: run), askedEveryS: askedEveryS)
  }

  /// Opens one of a node of its own.
  init(_ options: StoreOptions, askedEveryS: Int = 600) async throws {
    self.askedEveryS = askedEveryS
    (store, opening) = try await Store.open(options)
    compactor = Compactor(store: store, path: options.path)
  }

  /// Writes what dates the readings of boards.
  func date(boards: Int) async throws {
    _ = try await store.append(
      BenchNode.dating(boards: boards), clock: BenchNode.clock(bootUs: 0))
  }

  /// Plays boards until a second, compacting what is due on the way.
  mutating func play(_ boards: inout SensorBoards, until second: Int, windowS: Int) async throws {
    while boards.second < second {
      _ = try await store.commit(boards.commit(windowS: windowS))
      if boards.second - askedAt >= askedEveryS {
        askedAt = boards.second
        _ = try await compactor.run()
      }
    }
  }

  /// Closes it, so that the whole database is in its file.
  func close() async throws {
    try await store.close()
    store.endThread()
    compactor.endThread()
  }

  /// Compacts what a run that has ended left behind.
  static func finish(_ path: String) async throws {
    let again = try await BenchStore(path, run: 2)
    _ = try await again.compactor.run()
    try await again.close()
  }
}
