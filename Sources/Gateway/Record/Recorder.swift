internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Brings readings and journal entries to the disk by group commits, and says when they are there.
///
/// One commit is under way at a time. What a failed one held stays in hand and is tried again; what
/// came meanwhile waits behind it, within the bounds of `ReadingBatch`. A thin shell around
/// `ReadingBatch` and `CommitScheduler`.
@Loop final class Recorder {
  /// Journal entries that wait for a commit: beyond, people's requests are refused.
  static let entriesMax = 4096
  /// Journal entries of one commit, besides the registers of devices: the rest follows in the next.
  static let entriesPerCommit = 512
  /// Devices whose registers one commit brings up to date, six registers each; the rest follows.
  static let devicesPerCommit = 64

  /// What is known of commits so far, for the status.
  struct Progress {
    /// Commits and readings of this run that are on disk.
    var commits: UInt64 = 0, readings: UInt64 = 0
    /// Readings that wait.
    var pending = 0
    /// Why the last commit failed; nil when it did not.
    var error: DatabaseError?
    /// Entries dropped because too many waited.
    var entriesDropped: UInt64 = 0
  }

  private struct Waiting {
    var entry: JournalEntry
    var done: (@Loop (DatabaseError?) -> Void)?
  }

  private struct Intent {
    var device: RememberedDevice?
    var author: String
  }

  /// Cursors that are on disk: what a board may be told.
  private(set) var durable: CursorFold
  /// What counts of every register, as far as it is on disk.
  private(set) var registers: RegisterFold { didSet { registersVersion &+= 1 } }
  /// Another one after every change of `registers`.
  private(set) var registersVersion: UInt64 = 0
  /// How it goes.
  private(set) var progress = Progress()
  /// Called after each commit with the cursors that are on disk now.
  var onDurable: (@Loop ([Cursor]) -> Void)?
  /// Called with each journal entry that is on disk now.
  var onEntry: (@Loop (JournalEntry, RecordId) -> Void)?
  /// Called after each commit that may date readings anew.
  var onDated: (@Loop () -> Void)?
  /// Called when commits begin to fail, and when they succeed again.
  var onHealth: (@Loop (DatabaseError?) -> Void)?

  private let store: Store
  private var batch: ReadingBatch
  private var scheduler: CommitScheduler
  private var timer: LoopTimer?
  /// The readings of a commit that failed: they go first.
  private var inHand: CommitContent?
  private var waiting: [Waiting] = []
  /// Devices whose registers are to be brought up to date; nil to remove them.
  private var devices: [DeviceIdentity: Intent] = [:]
  /// Who waits for whatever is there to be on disk.
  private var barriers: [@Loop (DatabaseError?) -> Void] = []
  private var isStopping = false
  private var onStopped: (@Loop (Bool) -> Void)?

  init(store: Store, opening: StoreOpening, intervalUs: Int64) {
    self.store = store
    registers = opening.registers
    batch = ReadingBatch(cursors: opening.cursors)
    durable = opening.cursors
    scheduler = CommitScheduler(intervalUs: intervalUs)
    timer = LoopTimer { [weak self] in self?.step(.timer(nowUs: Clock.bootUs())) }
  }

  // MARK: Readings

  /// The cursor of a device's epoch, whether on disk or waiting for it.
  func cursor(of device: DeviceIdentity, epoch: UInt32) -> Cursor? {
    batch.cursor(of: device, epoch: epoch)
  }

  /// Every cursor of a device that is on disk, or waits, oldest epoch first.
  func cursors(of device: DeviceIdentity) -> [Cursor] { batch.cursors(of: device) }

  /// Whether a device is known, or there is room for one more.
  func takes(_ device: DeviceIdentity) -> Bool {
    batch.cursors.deviceCount < Sync.Limits.devicesMax
      || !batch.cursors(of: device).isEmpty
  }

  /// Changes the batch; when it took something the commit is scheduled.
  func add<Result>(_ change: (inout ReadingBatch) -> Result) -> Result {
    let result = change(&batch)
    progress.pending = batch.sampleCount + (inHand?.body.sampleCount ?? 0)
    if !batch.isEmpty { step(.pending(nowUs: Clock.bootUs())) }
    if batch.isHalfFull { step(.urgent(nowUs: Clock.bootUs())) }
    return result
  }

  /// A board's ring fills: commits early when half of it waits.
  func ring(unacknowledged: UInt32, capacity: UInt32) {
    step(
      .ring(unacknowledged: unacknowledged, capacity: capacity, nowUs: Clock.bootUs()))
  }

  /// Somebody waits: commits within 50 ms.
  func hurry() { step(.urgent(nowUs: Clock.bootUs())) }

  // MARK: Journal

  /// Queues an entry that must reach the disk some time; it is kept until it does.
  ///
  /// It speaks of the present boot of the node, or of the one that is named.
  func note(
    _ content: JournalContent, author: String = "node", clockEpoch: ClockEpoch? = nil
  ) {
    guard waiting.count < Self.entriesMax else {
      progress.entriesDropped &+= 1
      return
    }
    waiting.append(
      Waiting(
        entry: JournalEntry(stamp: stamp(author), content: content, clockEpoch: clockEpoch)))
    step(.urgent(nowUs: Clock.bootUs()))
  }

  /// Writes an entry that somebody waits for; `done` says whether it is on disk. One that failed is
  /// not tried again.
  func write(
    _ content: JournalContent, author: String, done: @escaping @Loop (DatabaseError?) -> Void
  ) {
    guard waiting.count < Self.entriesMax, !isStopping else {
      // So many wait only where the disk takes nothing: then that is the reason.
      return done(progress.error ?? DatabaseError(.closed))
    }
    waiting.append(
      Waiting(entry: JournalEntry(stamp: stamp(author), content: content), done: done))
    step(.urgent(nowUs: Clock.bootUs()))
  }

  /// The same, for who can wait.
  func write(_ content: JournalContent, author: String) async throws(ServiceError) {
    let error: DatabaseError? = await withCheckedContinuation { continuation in
      write(content, author: author) { continuation.resume(returning: $0) }
    }
    if let error { throw Problems.service(error) }
  }

  /// Takes a write of another node that is on the disk.
  func absorb(_ write: RegisterWrite, _ record: RecordId, _ stamp: Stamp) {
    registers.apply(write, record: record, stamp: stamp)
  }

  /// Takes registers that were folded from the disk anew.
  func replace(_ fold: RegisterFold) { registers = fold }

  /// Brings a device's registers up to date at the next commit.
  func remember(_ device: RememberedDevice, author: String = "node") {
    devices[device.identity] = Intent(device: device, author: author)
    step(.urgent(nowUs: Clock.bootUs()))
  }

  /// Removes a device's registers at the next commit.
  func forget(_ identity: DeviceIdentity, author: String = "node") {
    devices[identity] = Intent(device: nil, author: author)
    step(.urgent(nowUs: Clock.bootUs()))
  }

  /// Commits what there is and waits for it; throws when it cannot be written now.
  func flush() async throws(ServiceError) {
    let error: DatabaseError? = await withCheckedContinuation { continuation in
      barriers.append { continuation.resume(returning: $0) }
      step(.urgent(nowUs: Clock.bootUs()))
    }
    if let error { throw Problems.service(error) }
  }
  /// Commits what is left; `stopped` gets false when everything is on disk.
  func stop(_ stopped: @escaping @Loop (Bool) -> Void) {
    isStopping = true
    onStopped = stopped
    // What only the journal holds has the scheduler waiting already.
    step(.stop(nowUs: Clock.bootUs()))
  }

  private func stamp(_ author: String) -> Stamp {
    let now = ClockObservation.now()
    return Stamp(
      trusted: now.trusted, bootUs: now.bootUs, wallUs: now.wallUs,
      author: String(decoding: author.utf8.prefix(Sync.Limits.authorBytesMax), as: UTF8.self))
  }

  // MARK: Commits

  private func step(_ event: CommitScheduler.Event) {
    for action in scheduler.handle(event) {
      switch action {
      case .wake(let atUs): timer?.arm(atUs: atUs)
      case .commit: Task { @Loop in await self.commit() }
      case .stopped(let unsaved):
        timer?.cancel()
        onStopped?(unsaved)
      }
    }
  }

  private func commit() async {
    let clock = ClockObservation.now()
    let content = inHand ?? batch.take(arrivalUs: clock.bootUs)
    inHand = content
    let carried = Array(waiting.prefix(Self.entriesPerCommit))
    waiting.removeFirst(carried.count)
    let touched = takeDevices()
    // Who waits for everything waits for the last part of it.
    let waiters = waiting.isEmpty && devices.isEmpty ? barriers : []
    if !waiters.isEmpty { barriers = [] }
    let entries = carried.map(\.entry) + registerEntries(touched)
    guard content != nil || !entries.isEmpty else {
      for waiter in waiters { waiter(nil) }
      return step(.committed(nowUs: Clock.bootUs()))
    }
    do throws(DatabaseError) {
      let receipt = try await store.commit(
        PendingCommit(content: content, clock: clock, journal: entries))
      for (entry, record) in zip(entries, receipt.journal) {
        if case .registerWrite(let write) = entry.content {
          registers.apply(write, record: record, stamp: entry.stamp)
        }
        onEntry?(entry, record)
      }
      if entries.contains(where: \.content.isDating) { onDated?() }
      succeed(content, carried, waiters)
    } catch {
      devices.merge(touched) { newer, _ in newer }
      fail(error, carried, waiters)
    }
  }

  /// The devices whose turn it is, in the order of their identities.
  private func takeDevices() -> [DeviceIdentity: Intent] {
    guard devices.count > Self.devicesPerCommit else {
      defer { devices = [:] }
      return devices
    }
    var taken: [DeviceIdentity: Intent] = [:]
    for identity in devices.keys.sorted().prefix(Self.devicesPerCommit) {
      taken[identity] = devices.removeValue(forKey: identity)
    }
    return taken
  }

  private func registerEntries(_ touched: [DeviceIdentity: Intent]) -> [JournalEntry] {
    touched.keys.sorted().flatMap { identity -> [JournalEntry] in
      guard let intent = touched[identity] else { return [] }
      let writes =
        intent.device.map { DeviceRegisters.writes(for: $0, fold: registers) }
        ?? DeviceRegisters.removals(of: identity, fold: registers)
      let stamp = stamp(intent.author)
      return writes.map { JournalEntry(stamp: stamp, content: .registerWrite($0)) }
    }
  }

  private func succeed(
    _ content: CommitContent?, _ carried: [Waiting], _ waiters: [@Loop (DatabaseError?) -> Void]
  ) {
    inHand = nil
    progress.commits += 1
    progress.readings += UInt64(content?.body.sampleCount ?? 0)
    progress.pending = batch.sampleCount
    if progress.error != nil {
      progress.error = nil
      onHealth?(nil)
    }
    // Before the scheduler hears of the success, so that an end in order waits for the rest too.
    if !waiting.isEmpty || !devices.isEmpty { step(.urgent(nowUs: Clock.bootUs())) }
    step(.committed(nowUs: Clock.bootUs()))
    if let cursors = content?.cursors {
      durable.apply(cursors)
      onDurable?(cursors)
    }
    for item in carried { item.done?(nil) }
    for waiter in waiters { waiter(nil) }
  }

  private func fail(
    _ error: DatabaseError, _ carried: [Waiting], _ waiters: [@Loop (DatabaseError?) -> Void]
  ) {
    // What nobody waits for is kept, in its order, before what came meanwhile. Who waits is told,
    // whether his entry was in this commit or behind it: the next one comes late.
    let refused = carried + waiting
    let refusedWaiters = waiters + barriers
    barriers = []
    waiting = refused.filter { $0.done == nil }
    if waiting.count > Self.entriesMax {
      progress.entriesDropped &+= UInt64(waiting.count - Self.entriesMax)
      waiting.removeLast(waiting.count - Self.entriesMax)
    }
    let isNew = progress.error?.kind != error.kind
    progress.error = error
    if isNew { onHealth?(error) }
    step(.failed(nowUs: Clock.bootUs()))
    for item in refused { item.done?(error) }
    for waiter in refusedWaiters { waiter(error) }
  }
}
