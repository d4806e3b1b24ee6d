public import Model
internal import Reactor
public import Sync

/// The node's database: one writer on a thread of its own.
///
/// What a method has returned is on the disk; what has thrown is not, and may be tried again.
public actor Store {
  private let executor: ThreadExecutor
  private var core: StoreCore?
  private let path: String

  /// Checkpoints that failed. The commit before one is safe, so its caller is not told; the next
  /// opening reads more rows.
  public private(set) var checkpointsFailed = 0

  /// The thread that the database works on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private init(path: String) {
    self.path = path
    executor = ThreadExecutor(name: "store")
  }

  /// Opens the database, brings it to the newest layout, and folds what is on the disk.
  public static func open(
    _ options: StoreOptions
  ) async throws(DatabaseError) -> (store: Store, opening: StoreOpening) {
    let store = Store(path: options.path)
    do throws(DatabaseError) {
      return (store, try await store.begin(options))
    } catch {
      await store.abandon()
      store.endThread()
      throw error
    }
  }

  private func begin(_ options: StoreOptions) throws(DatabaseError) -> StoreOpening {
    let core = try StoreCore(options)
    let opening = try core.open()
    self.core = core
    return opening
  }

  private func abandon() { core = nil }

  func opened() throws(DatabaseError) -> StoreCore {
    guard let core else { throw DatabaseError(.closed, path: path) }
    return core
  }

  /// Writes readings, cursors and journal entries in one transaction.
  public func commit(_ commit: PendingCommit) throws(DatabaseError) -> CommitReceipt {
    let core = try opened()
    let receipt = try core.commit(commit)
    do throws(DatabaseError) { try core.checkpointIfDue() } catch { checkpointsFailed += 1 }
    return receipt
  }

  /// Writes journal entries in one transaction: on the disk when it returns.
  public func append(
    _ entries: [JournalEntry], clock: ClockObservation
  ) throws(DatabaseError) -> [RecordId] {
    try opened().commit(PendingCommit(content: nil, clock: clock, journal: entries)).journal
  }

  /// Writes which sessions began, were used and have ended, and for how long the daemon has run;
  /// `ended` when it ends in order.
  public func note(
    _ changes: SessionTable.Changes, runningS: Int64, ended: Bool = false
  ) throws(DatabaseError) {
    try opened().note(changes, runningS: runningS, ended: ended)
  }

  /// Takes verified records that somebody carried: when it returns they are on the disk, with what
  /// was seen. To be followed by `dateBlocks` where the report says that it dates readings anew.
  public func receive(
    _ batch: CarriedBatch, from carrier: NodeId, rules: ReceiveRules
  ) throws(DatabaseError) -> ReceiveReport {
    try opened().receive(batch, from: carrier, rules)
  }

  /// Takes what waits of nodes that are members now: again until nothing more is kept or known.
  public func receiveSpool(rules: ReceiveRules) throws(DatabaseError) -> ReceiveReport {
    try opened().receiveSpool(rules)
  }

  /// Judges some records of other nodes again: after a change of membership and at the start of
  /// another version, with the same rules until `progress` is complete.
  ///
  /// The report says what is applied now and was not; where it says `foldsAnew`, something that was
  /// applied no longer is.
  public func rejudge(
    _ progress: Rejudging, rules: ReceiveRules
  ) throws(DatabaseError) -> (report: ReceiveReport, progress: Rejudging) {
    var progress = progress
    let report = try opened().rejudge(&progress, rules)
    return (report, progress)
  }

  /// A batch of what is asked for, as far as it is here; this node's own records are signed now.
  public func serve(
    _ asked: [LogId: Intervals], bytesMax: Int, key: NodeKey
  ) throws(DatabaseError) -> ServedBatch {
    try opened().serve(asked, bytesMax: bytesMax, key: key)
  }

  /// A batch of what a pull or a push names, in its order; of a range that was begun there the
  /// blocks that are missing.
  public func serve(
    _ parts: [LogPart], bytesMax: Int, key: NodeKey
  ) throws(DatabaseError) -> ServedBatch {
    try opened().serve(parts, bytesMax: bytesMax, key: key)
  }

  /// What was seen of every log, and what of it can be given.
  public func vector() throws(DatabaseError) -> HaveVector { try opened().vector() }

  /// What the first entry of each run says of the run before it: what a vector leaves out by.
  public func parents() throws(DatabaseError) -> [RunId: IncarnationBegun.Parent] {
    try opened().parents()
  }

  /// Every entry that says who belongs to a site: few, and they come seldom.
  public func membershipRows() throws(DatabaseError) -> [MembershipRow] {
    try opened().membershipRows()
  }

  /// What every journal that is here comes to, folded from zero: without cursors and sessions.
  public func foldJournals() throws(DatabaseError) -> StoreOpening {
    try opened().foldJournals()
  }

  /// Refreshes the cursor table now, so that every commit so far may be compacted.
  public func checkpoint() throws(DatabaseError) { try opened().checkpoint() }

  /// How far commits may be compacted.
  func compactionBounds() throws(DatabaseError) -> CompactionBounds {
    try opened().compactionBounds()
  }

  /// Writes packs and blocks of a range that is not visible yet.
  func write(_ slice: PackSlice) throws(DatabaseError) { try opened().write(slice) }

  /// Makes a range visible.
  func publish(_ range: NewRange) throws(DatabaseError) { try opened().publish(range) }

  /// Deletes some of what a compaction has left; false when nothing is left.
  func clearLeftovers() throws(DatabaseError) -> Bool { try opened().clearLeftovers() }

  /// Writes a pack without what has to go.
  func trim(_ trim: PackTrim) throws(DatabaseError) { try opened().trim(trim) }

  /// Moves what the write-ahead log holds into the file.
  public func shortenLog() throws(DatabaseError) { try opened().shortenLog() }

  /// Keeps the table that says where blocks lie in UTC, a little at a time: to be called after
  /// compaction and after anchors and fits, again while it answers that more is due.
  public func dateBlocks() throws(DatabaseError) -> Bool { try opened().dateBlocks() }

  /// What went because of quotas or for want of room since the last record of it: the journal entry
  /// that says so ends it, in one transaction.
  public func trimmed() throws(DatabaseError) -> [TrimmedSeries] { try opened().trimmed() }

  /// What the database's file takes, and what of it is free for the next commits.
  public func space() throws(DatabaseError) -> DatabaseSpace { try opened().space() }

  /// Gives back the memory of pages that were read and written; the next ones are read again.
  ///
  /// Else it grows for hours, as the file does, up to `Limits.cacheKiB`.
  func releasePages() throws(DatabaseError) { try opened().database.releasePages() }

  /// Returns once the thread has done what it was asked before: a sign that no write hangs.
  ///
  /// A write that fails, for want of room or otherwise, has not hung.
  public func turn() {}

  /// Refreshes the cursor table, empties the write-ahead log into the file, and closes it.
  ///
  /// It is closed even when that fails; nothing that was acknowledged is lost by it.
  public func close() throws(DatabaseError) {
    let core = try opened()
    self.core = nil
    try core.finish()
  }

  /// Ends the thread, after `close`: for tests, which open many stores. Later calls never return.
  public nonisolated func endThread() { executor.shutDown() }
}
