internal import Glibc

/// Measures the turns of the loop.
///
/// The run-queue delay of a thread is in its schedstat file. Reading it costs about 3 µs (measured
/// on a 2-core virtual machine), so it is read at the end of a turn only when the turn was long,
/// and at its start only when the last reading is older than a millisecond: at most 0.3 % of a
/// processor, and nothing while idle. A reading that old may count, for this turn, delay from
/// before it; what lies between the reading and the start of the turn bounds that, and is not
/// subtracted: lag is never understated, and overstated by a millisecond at most. The thread's own
/// processor time is read with it, and may be overstated by as much.
struct LagMeter {
  private var delay = RunQueueDelay()
  private var metrics = LoopMetrics()
  private var turnStartUs: Int64 = 0
  private var baselineUs: Int64 = .min
  private var baselineDelayUs: Int64 = 0
  private var baselineBusyUs: Int64 = 0
  private var window = LagWindow()

  /// Begins to measure the calling thread.
  mutating func attach() {
    delay.open()
    baselineUs = .min
  }

  /// Ends measuring this thread.
  mutating func detach() {
    delay.close()
  }

  func metrics(nowUs: Int64) -> LoopMetrics {
    var metrics = metrics
    metrics.lagRecentMaxUs = window.maxUs(nowUs: nowUs)
    return metrics
  }

  mutating func reset() {
    metrics = LoopMetrics()
    window = LagWindow()
  }

  mutating func turnBegins(atUs nowUs: Int64, hasSlept: Bool) {
    turnStartUs = nowUs
    if hasSlept { metrics.wakeUps += 1 }
    if nowUs > baselineUs.addingReportingOverflow(Limits.baselineAgeMaxUs).partialValue {
      readDelay(atUs: nowUs)
    }
  }

  mutating func turnEnds(atUs nowUs: Int64) {
    let wallUs = nowUs - turnStartUs
    var lagUs = wallUs
    var busyUs = wallUs
    if wallUs >= Limits.turnExaminedUs {
      let before = (
        us: baselineDelayUs, busyUs: baselineBusyUs, slackUs: turnStartUs - baselineUs
      )
      readDelay(atUs: nowUs)
      lagUs = LagMeter.lagUs(
        wallUs: wallUs, delayUs: baselineDelayUs - before.us, slackUs: before.slackUs)
      busyUs = min(lagUs, baselineBusyUs - before.busyUs)
    }
    metrics.busyMaxUs = max(metrics.busyMaxUs, busyUs)
    metrics.turns += 1
    metrics.isDelayKnown = delay.isKnown
    record(lagUs, atUs: nowUs)
  }

  /// The lag of a turn, from its wall time, the delay since a reading, and the time from that
  /// reading to the start of the turn.
  static func lagUs(wallUs: Int64, delayUs: Int64, slackUs: Int64) -> Int64 {
    wallUs - min(wallUs, max(0, delayUs - slackUs))
  }

  private mutating func readDelay(atUs nowUs: Int64) {
    baselineUs = nowUs
    baselineDelayUs = delay.readUs()
    baselineBusyUs = Clock.threadUs()
    metrics.delayReads += 1
  }

  private mutating func record(_ lagUs: Int64, atUs nowUs: Int64) {
    metrics.lagSumUs += lagUs
    metrics.lagMaxUs = max(metrics.lagMaxUs, lagUs)
    if lagUs > Limits.lagUs { metrics.turnsOver50Ms += 1 }
    var bucket = 0
    while bucket < LoopMetrics.lagBoundsUs.count, lagUs > LoopMetrics.lagBoundsUs[bucket] {
      bucket += 1
    }
    metrics.lagCounts[bucket] += 1
    window.record(lagUs, nowUs: nowUs)
  }
}

/// The largest value of the window in progress and of the one before.
struct LagWindow {
  private var index: Int64 = 0
  private var currentUs: Int64 = 0
  private var formerUs: Int64 = 0

  mutating func record(_ lagUs: Int64, nowUs: Int64) {
    let now = nowUs / Limits.lagWindowUs
    if now != index {
      formerUs = now == index + 1 ? currentUs : 0
      currentUs = 0
      index = now
    }
    currentUs = max(currentUs, lagUs)
  }

  func maxUs(nowUs: Int64) -> Int64 {
    switch nowUs / Limits.lagWindowUs - index {
    case 0: return max(currentUs, formerUs)
    case 1: return currentUs
    default: return 0
    }
  }
}

/// The time a thread has been ready without running, as its schedstat file tells it.
struct RunQueueDelay {
  /// Owned: -1 when closed.
  private var raw: Int32 = -1
  private var buffer = [UInt8](repeating: 0, count: 96)

  /// Whether the kernel tells it.
  var isKnown: Bool { raw >= 0 }

  /// Opens the calling thread's file; without one every delay is 0.
  mutating func open() {
    close()
    do {
      raw = try System.openFile("/proc/thread-self/schedstat", flags: O_RDONLY).release()
    } catch {
      raw = -1  // a kernel without it
    }
  }

  mutating func close() {
    if raw >= 0 { System.closeOwned(raw) }
    raw = -1
  }

  /// The delay so far, in µs.
  mutating func readUs() -> Int64 {
    guard raw >= 0 else { return 0 }
    let raw = raw
    let count = unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe pread(raw, bytes.baseAddress, bytes.count, 0)
    }
    guard count > 0 else { return 0 }
    return RunQueueDelay.parseUs(buffer.span.extracting(0..<count))
  }

  /// The second of three numbers of nanoseconds, as µs; 0 for anything else.
  static func parseUs(_ text: Span<UInt8>) -> Int64 {
    var field = 0
    var value: Int64 = 0
    for index in text.indices {
      switch text[index] {
      case 0x20:
        field += 1
        if field == 2 { return value / 1_000 }
      case 0x30...0x39 where field == 1:
        value = value &* 10 &+ Int64(text[index] - 0x30)
      case 0x30...0x39: continue
      default: return 0
      }
    }
    return 0
  }
}
