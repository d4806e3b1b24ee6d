public import Model
internal import Reactor
public import Sync

/// Queries over what is stored, on a thread and a connection of their own: they never hold the
/// writer up.
public actor History {
  private let executor: ThreadExecutor
  private let path: String
  private var core: HistoryCore?

  /// The thread that queries run on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private init(path: String) {
    self.path = path
    executor = ThreadExecutor(name: "history")
  }

  /// Opens a second connection to a database that a `Store` has opened before.
  public static func open(
    path: String, vfs: String? = nil
  ) async throws(DatabaseError) -> History {
    let history = History(path: path)
    do throws(DatabaseError) { try await history.begin(vfs) } catch {
      history.endThread()
      throw error
    }
    return history
  }

  private func begin(_ vfs: String?) throws(DatabaseError) {
    core = try HistoryCore(path: path, vfs: vfs)
  }

  func opened() throws(DatabaseError) -> HistoryCore {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return core
  }

  /// One page of readings.
  public func page(_ query: ReadingQuery) throws(DatabaseError) -> ReadingPage {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.page(query)
  }

  /// One page of windows: a read transaction of bounded length.
  public func windows(_ query: WindowQuery) throws(DatabaseError) -> WindowPage {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.windows(query)
  }

  /// A slice of a look at everything stored; to be called with its result until that is complete.
  public func inspect(_ inspection: Inspection) throws(DatabaseError) -> Inspection {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.inspect(inspection)
  }

  /// The fits and anchors on record, as of the last page.
  public func timeline() throws(DatabaseError) -> Timeline {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return core.timeline
  }

  /// When entries of the journal say that something was, by what dates their boots now: each by
  /// its time and, where nothing dates that, by the clocks of its own stamp.
  public func dates(
    _ times: [(time: NodeTime, stamp: Stamp)]
  ) throws(DatabaseError) -> [Dating] {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.reading {
      times.map { (time, stamp) in
        let written = NodeTime(clockEpoch: time.clockEpoch, bootUs: stamp.bootUs)
        let said = ClockObservation(
          bootUs: stamp.bootUs, wallUs: stamp.wallUs, trusted: stamp.trusted, errorUs: 0)
        return core.timeline.date(time, in: CommitClock(arrival: written, observation: said))
      }
    }
  }

  /// What people hid, added and said, as of now.
  public func facts() throws(DatabaseError) -> FactsOnRecord {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.reading { FactsOnRecord(core.facts) }
  }

  /// A span of UTC on the clocks that date a device's readings now.
  public func pieces(
    of utc: Range<Int64>, _ device: DeviceIdentity
  ) throws(DatabaseError) -> [Deletion.Piece] {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.reading { core.pieces(of: utc, device) }
  }

  /// An anchor for each boot of this node that has none and lies between two that have.
  public func placings() throws(DatabaseError) -> [BootPlacing] {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return try core.reading { () throws(DatabaseError) in try core.placings() }
  }

  /// Closes the connection: before the store, which can then empty the write-ahead log.
  public func close() { core = nil }

  /// Ends the thread, after `close`: for tests, which open many. Later calls never return.
  public nonisolated func endThread() { executor.shutDown() }
}
