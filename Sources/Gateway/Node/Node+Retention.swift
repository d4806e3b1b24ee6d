internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Lets readings give way: by their age and the quotas of channels every hour, and at once where
/// the database passes its quota or the disk has no room. Recording goes on meanwhile.
///
/// Want of room is met in this order: pictures go, the ballast is given, commits that wait become
/// blocks, which loses nothing, and only then readings go, in the order of sacrifice.
extension Node {
  /// Between two looks at the room there is, in µs.
  static let roomIntervalUs: Int64 = 10_000_000
  /// The same while commits fail for want of room, or the ballast is to be made, in µs.
  static let fullIntervalUs: Int64 = 3_000_000
  /// Between two compactions where room is scarce, in µs.
  static let lowIntervalUs: Int64 = 60_000_000
  /// Between two looks at ages and the quotas of channels, in µs.
  static let ageIntervalUs: Int64 = 3_600_000_000

  /// Whether the last commit, or the last compaction, found no room.
  private var isFull: Bool {
    recorder.progress.error?.kind == .full || compaction.error?.kind == .full
  }

  /// Looks at once; a look that is under way is followed by another one.
  func keepRoom() {
    guard roomTask == nil else {
      isRoomWanted = true
      return
    }
    isRoomWanted = false
    roomTask = Task { @Loop in
      do throws(DatabaseError) {
        try await makeRoom()
      } catch {
        note(failed: error)
      }
      roomTask = nil
      guard !isEnding else { return }
      if isRoomWanted { return keepRoom() }
      let isSoon = isFull || ballast.isMissing(nowUs: Clock.bootUs())
      roomTimer?.arm(afterUs: isSoon ? Self.fullIntervalUs : Self.roomIntervalUs)
    }
  }

  /// Ends a run between two of its writes.
  func endRetention() async {
    isEnding = true
    roomTimer?.cancel()
    guard let task = roomTask else { return }
    task.cancel()
    await task.value
  }

  // MARK: One look

  private func makeRoom() async throws(DatabaseError) {
    if isFull {
      // The log begins again where all of it is in the file: then it need not grow.
      try await store.shortenLog()
      // Pictures go before anything that devices said does (the order of sacrifice), and before the
      // room that deleting in the database itself needs.
      if await dropSnapshots(freeing: RoomJudge.compactionBytesMin) { return recorder.hurry() }
      if await ballast.release() { recorder.hurry() }
    }
    // What an earlier run took and could not put on record, the power having gone, comes first;
    // where the record finds no room, the store keeps count of it, and more has to go.
    do throws(DatabaseError) { try await recordTrimmed() } catch {
      guard error.kind == .full else { throw error }
    }
    var want = try await want()
    if want.freeBytes > 0, await dropSnapshots(freeing: want.freeBytes) {
      want = try await self.want()
    }
    let isUrgent = !want.isEmpty || isFull
    if want.isLow || isUrgent, try await compactForRoom(isUrgent: isUrgent) {
      want = try await self.want()
    }
    let isDue = Clock.bootUs() >= retention.dueUs
    if isDue, let nowUs = retention.nowUs { try await store.dateProofs(nowUs: nowUs) }
    if !want.isEmpty || (isDue && compactionTask == nil) {
      // Before the run, not after: what is said meanwhile is due again, and a run that fails on its
      // way through all ages must not keep those for want of room from theirs.
      if isDue { retention.dueUs = Clock.bootUs() + Self.ageIntervalUs }
      try await trim(order(want, isDue: isDue))
    }
    retention.space = try await store.space()
    let folder = settings.stateFolder
    if let total = DiskSpace.totalBytes(folder), let free = DiskSpace.freeBytes(folder), !isFull {
      await ballast.restore(diskBytes: total, freeBytes: free, nowUs: Clock.bootUs())
    }
  }

  /// What is to go, by the disk and the database as they are now.
  private func want() async throws(DatabaseError) -> RoomJudge.Want {
    let space = try await store.space()
    retention.space = space
    let folder = settings.stateFolder
    guard let total = DiskSpace.totalBytes(folder), let free = DiskSpace.freeBytes(folder) else {
      return RoomJudge.Want()
    }
    return retention.judge.want(
      RoomJudge.Figures(
        diskBytes: total, diskFreeBytes: free, databaseBytes: space.bytes,
        databaseFreeBytes: space.freeBytes), isFull: isFull)
  }

  /// Turns commits that may be turned into blocks, where there is room to do so; whether it tried:
  /// also one that made none may have cleared what an earlier one left.
  private func compactForRoom(isUrgent: Bool) async throws(DatabaseError) -> Bool {
    let nowUs = Clock.bootUs()
    guard isUrgent || nowUs >= retention.compactUs else { return false }
    retention.compactUs = nowUs + Self.lowIntervalUs
    if let task = compactionTask {
      task.cancel()
      await task.value
    }
    guard hasRoomToCompact(isUrgent: true) else { return false }
    let before = compaction.ranges
    do throws(DatabaseError) {
      try await store.checkpoint()
      _ = try await compactor.run { [weak self] report in
        await self?.noteForRoom(report) ?? false
      }
      compaction.error = nil
    } catch {
      // Then something has to go first; what else is wrong with the commits that wait is told, and
      // must not keep blocks from going.
      if error.kind != .full { note(error) }
      guard error.kind != .closed, error.kind != .cancelled else { throw error }
    }
    // There may be more, that there was no room for.
    if compaction.ranges > before { retention.compactUs = 0 }
    return true
  }

  private func noteForRoom(_ report: CompactionReport) async -> Bool {
    compaction.add(report)
    do throws(DatabaseError) {
      // What is in the log twice takes room that nobody has.
      try await store.shortenLog()
      retention.space = try await store.space()
    } catch {
      return false
    }
    return hasRoomToCompact(isUrgent: true) && !isEnding
  }

  private func trim(_ order: TrimOrder) async throws(DatabaseError) {
    retention.tally.state = "running"
    defer { retention.tally.state = "idle" }
    // What went before an error went too.
    var failure: DatabaseError?
    retention.underWay = TrimReport()
    do throws(DatabaseError) {
      retention.underWay = try await retainer.run(order) { [weak self] report in
        await self?.note(report) ?? false
      }
    } catch {
      failure = error
    }
    let report = retention.underWay
    retention.underWay = TrimReport()
    retention.add(report)
    if order.hasAges { retention.tally.waiting = report.waiting }
    if !report.entries.isEmpty {
      log.write(
        .notice, "storage.trimmed",
        [
          "readings": "\(report.readings)", "bytes": "\(report.freedBytes)",
          "channels": "\(Set(report.entries.map { [$0.device.text, $0.channel] }).count)",
          "free_bytes": "\(report.freeBytes)",
        ])
    }
    for damage in report.damages {
      log.write(.error, "storage.damage", ["path": settings.databasePath, "what": "\(damage)"])
    }
    try await recordTrimmed()
    if let failure { throw failure }
    retention.tally.problem = nil
  }

  /// A part of a run is done; whether it is to go on.
  private func note(_ report: TrimReport) -> Bool {
    retention.underWay = report
    return !isEnding
  }

  /// Writes down what went because of quotas or for want of room: the store keeps count of it in
  /// the transactions that take it, until the record is on the disk.
  private func recordTrimmed() async throws(DatabaseError) {
    let went = try await store.trimmed()
    guard !went.isEmpty else { return }
    let trimming = Trimming(
      id: newFactId(), freedBytes: went.reduce(0) { $0 + $1.bytes }, series: went)
    let error: DatabaseError? = await withCheckedContinuation { continuation in
      recorder.write(.trimming(trimming), author: "node") { continuation.resume(returning: $0) }
    }
    if let error { throw error }
  }

  private func note(failed error: DatabaseError) {
    guard error.kind != .closed, error.kind != .cancelled else { return }
    retention.tally.failures += 1
    let isNew = retention.tally.problem?.code != Problems.code(error)
    retention.tally.problem = Problems.view(error)
    if isNew { log.write(.error, "storage.trimming.failed", ["cause": error.description]) }
  }

  // MARK: What is wanted

  /// Every rule that holds.
  var retentionRules: RetentionRules {
    RetentionRules(standard: settings.retention.rule, registers: recorder.registers)
  }

  private func order(_ want: RoomJudge.Want, isDue: Bool) -> TrimOrder {
    var order = TrimOrder()
    // In what order things go for want of room hangs on them too.
    order.keepers = sites?.keeperNodes ?? []
    order.keepAfterAckUs = settings.retention.keepAfterAckUs
    order.databaseBytesMax = want.databaseBytesMax
    order.freeBytesWanted = want.freeBytes
    // Want of room does not wait for a look at every channel.
    guard isDue else { return order }
    order.nowUs = retention.nowUs
    order.duty = sites?.keeperDuty
    order.take(retentionRules, owner: owner) { parts(of: $0).compactMap { $0 } }
    return order
  }

  /// Looks whether the clock counts for ages, and keeps the last time that did.
  func observeAges(_ now: ClockObservation) {
    let didCount = retention.nowUs != nil
    retention.nowUs = retention.clock.look(
      bootUs: now.bootUs, wallUs: now.wallUs, isSynchronised: now.trusted)
    if !didCount, retention.nowUs != nil { retention.dueUs = 0 }
    guard let counted = retention.nowUs else { return }
    let isNoted = retention.countedUs.map {
      (counted &- $0).magnitude < UInt64(RetentionClock.settledFarUs)
    }
    guard isNoted != true else { return }
    noteCounted(counted)
  }

  /// Keeps a time that counted: a clock that is wrong by years, switched off and on again, is held
  /// up by it anew.
  func noteCounted(_ us: Int64) {
    retention.countedUs = us
    let key = RetentionState.countedKey(settings.node)
    recorder.note(
      .registerWrite(
        RegisterWrite(
          key: key, value: Array("\(us)".utf8), replaces: recorder.registers.replaces(key))))
  }

  // MARK: For the status

  var trimmingTally: TrimmingTallyView {
    var view = retention.tally
    view.unseen = Int64(retention.trimmings.unseenCount)
    return view
  }
}
