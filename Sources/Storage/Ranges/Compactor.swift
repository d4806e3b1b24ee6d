internal import Reactor

/// Turns commits that have waited long enough into blocks, range by range, on a thread and a
/// connection of its own; the store's thread only runs short transactions between its commits.
public actor Compactor {
  private let executor: ThreadExecutor
  private let store: Store
  private let path: String
  private let vfs: String?
  private let bounds: RangeBounds

  /// The thread that blocks are made on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Compacts the database of a store.
  public init(store: Store, path: String, vfs: String? = nil) {
    self.init(store: store, path: path, vfs: vfs, bounds: RangeBounds())
  }

  init(store: Store, path: String, vfs: String?, bounds: RangeBounds) {
    self.store = store
    self.path = path
    self.vfs = vfs
    self.bounds = bounds
    executor = ThreadExecutor(name: "compactor")
  }

  /// Compacts everything that is due; what it came to, range by range.
  private func compact(
    _ mayGoOn: @Sendable (CompactionReport) async -> Bool
  ) async throws(DatabaseError) -> [CompactionReport] {
    try await clear()
    // Opened for each run: between them it holds neither memory nor the file.
    let core = try CompactionCore(path: path, vfs: vfs, bounds: bounds)
    var reports: [CompactionReport] = []
    while try core.begin(try await store.compactionBounds()) {
      while let step = try core.next() {
        try goOn()
        switch step {
        case .write(let slice): try await store.write(slice)
        case .publish(let range): try await store.publish(range)
        }
      }
      try await clear()
      guard let report = core.job?.report else { break }
      reports.append(report)
      guard await mayGoOn(report) else { break }
    }
    // Else the store's pages grow with its file for hours.
    try await store.releasePages()
    return reports
  }

  /// Compacts everything that is due, and gives back the memory that it took; what it came to,
  /// range by range.
  ///
  /// It stops early when `mayGoOn` says so between two ranges. What an error leaves behind is
  /// cleared at the next run.
  public func run(
    mayGoOn: @Sendable (CompactionReport) async -> Bool = { _ in true }
  ) async throws(DatabaseError) -> [CompactionReport] {
    let reports = try await compact(mayGoOn)
    if !reports.isEmpty { System.trimHeap() }
    return reports
  }

  private func clear() async throws(DatabaseError) {
    while try await store.clearLeftovers() { try goOn() }
    // What is new in blocks, and what new anchors and fits have moved, is found by its date again.
    while try await store.dateBlocks() { try goOn() }
  }

  /// Between two writes a run may be ended.
  private func goOn() throws(DatabaseError) {
    if Task.isCancelled { throw DatabaseError(.cancelled, path: path) }
  }

  /// Ends the thread: for tests, which make many. Later calls never return.
  public nonisolated func endThread() { executor.shutDown() }
}
