internal import Model
internal import Reactor
internal import Storage

/// What compactions of this run came to.
struct CompactionTally {
  /// Ranges, commits, readings and blocks.
  var ranges = 0, commits = 0, readings = 0, blocks = 0
  /// Bytes of commits, and of what took their place.
  var bytesBefore: Int64 = 0, bytesAfter: Int64 = 0
  /// How long they took, waiting for the store included, in µs.
  var durationUs: Int64 = 0
  /// Runs that failed, and why the last run did; nil when it did not.
  var failures = 0
  var error: DatabaseError?

  mutating func add(_ report: CompactionReport) {
    ranges += 1
    commits += report.commits
    readings += report.readings
    blocks += report.blocks
    bytesBefore += Int64(report.bodyBytes)
    bytesAfter += Int64(report.storedBytes)
  }
}

/// Has commits that have waited long enough turned into blocks, beside everything else.
extension Node {
  /// After the start, until the first look, in µs: boards come first.
  static let compactionDelayUs: Int64 = 60_000_000
  /// Between two looks, in µs.
  static let compactionIntervalUs: Int64 = 600_000_000

  /// Until the next look where another kind of work was under way, in µs.
  static let compactionPauseUs: Int64 = 5_000_000

  /// Looks whether something is due, and arms the timer for the next look.
  func compact() {
    // Not beside readings that give way: soon after them.
    guard roomTask == nil else {
      compactionTimer?.arm(afterUs: Self.compactionPauseUs)
      return
    }
    compactionTimer?.arm(afterUs: Self.compactionIntervalUs)
    guard compactionTask == nil, mayCompact else { return }
    let startedUs = Clock.bootUs()
    compactionTask = Task { @Loop in
      do throws(DatabaseError) {
        _ = try await compactor.run { [weak self] report in
          await self?.note(report, sinceUs: startedUs) ?? false
        }
        compaction.error = nil
      } catch {
        note(error)
      }
      compaction.durationUs += Clock.bootUs() - startedUs
      compactionTask = nil
    }
  }

  /// Not while commits fail, nor when the disk is nearly full.
  private var mayCompact: Bool {
    recorder.progress.error == nil && hasRoomToCompact(isUrgent: false)
  }

  /// Whether blocks find room, inside the database or on its disk, as far as is known.
  func hasRoomToCompact(isUrgent: Bool) -> Bool {
    disk.refresh(nowUs: Clock.bootUs())
    guard let total = disk.totalBytes, let free = disk.freeBytes else { return true }
    return RoomJudge.mayCompact(
      diskBytes: total, freeBytes: free + (retention.space?.freeBytes ?? 0), isUrgent: isUrgent)
  }

  private func note(_ report: CompactionReport, sinceUs: Int64) -> Bool {
    compaction.add(report)
    log.write(
      .info, "storage.compacted",
      [
        "commits": "\(report.commits)", "readings": "\(report.readings)",
        "blocks": "\(report.blocks)", "bytes_before": "\(report.bodyBytes)",
        "bytes_after": "\(report.storedBytes)", "since_us": "\(Clock.bootUs() - sinceUs)",
      ])
    return mayCompact
  }

  func note(_ error: DatabaseError) {
    guard error.kind != .closed, error.kind != .cancelled else { return }
    compaction.failures += 1
    compaction.error = error
    log.write(.error, "storage.compaction.failed", ["cause": error.description])
  }

  /// Ends a compaction between two of its writes; what it leaves is cleared by the next.
  func endCompaction() async {
    await endRetention()
    compactionTimer?.cancel()
    guard let task = compactionTask else { return }
    task.cancel()
    await task.value
  }

  /// What they came to, for the status.
  var compactionView: CompactionView {
    var view = CompactionView(state: compactionTask == nil ? "idle" : "running")
    view.ranges = Int64(compaction.ranges)
    view.commits = Int64(compaction.commits)
    view.readings = Int64(compaction.readings)
    view.blocks = Int64(compaction.blocks)
    view.bytesBefore = compaction.bytesBefore
    view.bytesAfter = compaction.bytesAfter
    view.durationUs = compaction.durationUs
    view.failures = Int64(compaction.failures)
    view.problem = compaction.error.map(Problems.view)
    return view
  }
}
