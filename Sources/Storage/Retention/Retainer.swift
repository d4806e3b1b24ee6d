internal import Reactor

/// Lets readings go that are old enough, or for which there is no more room, on a thread and a
/// connection of its own; the store's thread only runs a short transaction for each pack.
///
/// Never beside a compaction. It works on a full disk as long as the write-ahead log may grow by
/// some pages: what it frees is taken by what is committed next.
public actor Retainer {
  private let executor: ThreadExecutor
  private let store: Store
  private let path: String
  private let vfs: String?
  /// What the last runs found, and by which rules.
  private var fruitless: [Int64: Int] = [:]
  private var order = TrimOrder()
  /// Packs that the disk could not read.
  private var unreadable: Set<Int64> = []

  /// The thread that rollups are made on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Trims the database of a store.
  public init(store: Store, path: String, vfs: String? = nil) {
    self.store = store
    self.path = path
    self.vfs = vfs
    executor = ThreadExecutor(name: "retainer")
  }

  /// Lets go what an order says; what went.
  ///
  /// Between two packs it asks `progress`, with what went so far, whether to go on. What went
  /// before an error is gone: `progress` has been told of it.
  public func run(
    _ order: TrimOrder, progress: @Sendable (TrimReport) async -> Bool = { _ in true }
  ) async throws(DatabaseError) -> TrimReport {
    // Opened for each run: between them it holds neither memory nor the file.
    // What is wanted for want of room alone has none: it is the same under any.
    if order.hasAges || order.hasQuotas {
      if !order.hasRules(of: self.order) { fruitless.removeAll() }
      self.order = order
    }
    let core = try RetainerCore(
      path: path, vfs: vfs, order: order, fruitless: fruitless, unreadable: unreadable)
    defer { (fruitless, unreadable) = (core.fruitless, core.unreadable) }
    while let trim = try core.next() {
      if Task.isCancelled { throw DatabaseError(.cancelled, path: path) }
      try await store.trim(trim)
      core.wrote(trim)
      if core.report.packs.isMultiple(of: Limits.trimmedPacksPerCheckpoint) {
        try await store.shortenLog()
      }
      guard await progress(core.report) else { break }
    }
    return core.report
  }

  /// Does something else that may wait for a disk, on the same thread.
  public func perform<Result: Sendable>(_ work: @Sendable () -> Result) -> Result { work() }

  /// Ends the thread: for tests, which make many. Later calls never return.
  public nonisolated func endThread() { executor.shutDown() }
}
