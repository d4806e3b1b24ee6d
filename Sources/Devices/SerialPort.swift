internal import Glibc
public import Reactor

/// An open serial line: owns its descriptor, reads when there is something, writes when told.
///
/// It writes nothing of its own accord, not even a break, and never drops what waits in the line.
@Loop public final class SerialPort {
  /// What became of bytes to be written.
  public enum WriteResult: Hashable, Sendable {
    /// They are written or queued, whole and in order.
    case accepted
    /// They would not fit into `DeviceLimits.writeQueueBytesMax`; none was taken.
    case refused
    /// The line is gone.
    case lost
  }

  /// The node it was opened by.
  public nonisolated let devnode: String
  /// The speed asked for, in baud.
  public nonisolated let speedBaud: UInt32
  /// Whether the line has exactly that speed, as far as its driver says.
  public nonisolated let speedIsExact: Bool
  /// Whether further openers are kept out.
  public nonisolated let isClaimed: Bool
  /// When it was open, in µs of CLOCK_BOOTTIME.
  public nonisolated let openedUs: Int64
  /// Bytes taken from the line.
  public private(set) var bytesRead: UInt64 = 0
  /// Bytes given to the line.
  public private(set) var bytesWritten: UInt64 = 0
  /// Writes refused because the queue was full.
  public private(set) var writesRefused: UInt64 = 0
  /// Bytes waiting to be written.
  public var bytesQueued: Int { queue.count - queueStart }

  private var line: Descriptor?
  private var registration: Registration?
  private var buffer = [UInt8](repeating: 0, count: DeviceLimits.readBytesPerTurn)
  private var queue: [UInt8] = []
  private var queueStart = 0
  private var onBytes: (@Loop (Span<UInt8>) -> Void)?
  private var onLost: (@Loop (PortError) -> Void)?
  private var lossTimer: LoopTimer?
  private var giving: TurnTask?
  /// Bytes in `buffer` that were not given out yet.
  private var held = 0
  private var lastReadUs: Int64 = 0
  private var denseSinceUs: Int64 = 0
  private var denseBytes = 0
  private var misses = 0
  /// Whether it is read by the clock, not when it is ready (`BusyPorts`).
  private(set) var isBusy = false
  /// Whether what comes is wanted at once: then it is read when it is ready, however busy.
  public var isPrompt = false {
    didSet { if isPrompt, isBusy { calm() } }
  }

  /// Opens a line, raw from the first moment on; `PortError` says why that is not possible, though
  /// not yet which group or holder: `PortDiagnosis` does.
  public static func open(
    devnode: String, speedBaud: UInt32 = RememberedDevice.speedBaudDefault
  ) throws(PortError) -> SerialPort {
    var calls = SystemLineCalls()
    do {
      let opened = try LineOpening.open(devnode, speedBaud: speedBaud, with: &calls)
      return SerialPort(
        adopting: Descriptor(adopting: opened.line), devnode: devnode, speedBaud: speedBaud,
        speedIsExact: opened.speedIsExact, isClaimed: opened.isClaimed)
    } catch {
      throw PortError(opening: devnode, failedWith: error)
    }
  }

  /// Takes over an open, non-blocking line, such as a pseudo-terminal that a program handed over.
  public init(
    adopting line: consuming Descriptor, devnode: String,
    speedBaud: UInt32 = RememberedDevice.speedBaudDefault, speedIsExact: Bool = true,
    isClaimed: Bool = false
  ) {
    self.line = consume line
    self.devnode = devnode
    self.speedBaud = speedBaud
    self.speedIsExact = speedIsExact
    self.isClaimed = isClaimed
    openedUs = Clock.bootUs()
  }

  /// Starts to read. `onBytes` gets what came, at most `DeviceLimits.readBytesPerTurn` at a time;
  /// `onLost` is called once when the line is gone, never from within `write`. Both are held until
  /// the port is lost or closed: capture their owner weakly.
  public func listen(
    onBytes: @escaping @Loop (Span<UInt8>) -> Void,
    onLost: @escaping @Loop (PortError) -> Void
  ) throws(PortError) {
    guard let raw = line?.raw else { throw PortError(vanished: devnode, code: 0) }
    self.onBytes = onBytes
    self.onLost = onLost
    giving = TurnTask(.decode) { [weak self] in self?.give() }
    do {
      registration = try Registration(raw: raw, interest: interest) { [weak self] readiness in
        self?.turn(readiness)
      }
    } catch {
      throw PortError(opening: devnode, failedWith: error)
    }
  }

  /// Writes bytes, now as far as the line takes them, the rest as it becomes ready.
  public func write(_ bytes: [UInt8]) -> WriteResult {
    guard line != nil, lossTimer == nil else { return .lost }
    guard bytesQueued + bytes.count <= DeviceLimits.writeQueueBytesMax else {
      writesRefused &+= 1
      return .refused
    }
    let wasIdle = bytesQueued == 0
    queue.append(contentsOf: bytes)
    guard wasIdle else { return .accepted }
    do {
      try flush()
    } catch {
      lose(error)
      return .lost
    }
    if bytesQueued > 0 { registration?.update(interest) }
    return .accepted
  }

  /// Closes the line; DTR stays as it is. What waited to be written is dropped.
  public func close() {
    registration?.cancel()
    registration = nil
    lossTimer?.cancel()
    lossTimer = nil
    giving = nil
    held = 0
    isBusy = false
    onBytes = nil
    onLost = nil
    queue = []
    queueStart = 0
    line = nil
  }

  private var interest: Interest {
    let write: Interest = bytesQueued > 0 ? .write : []
    return isBusy ? write : write.union(.read)
  }

  private func turn(_ readiness: Readiness) {
    do {
      if readiness.contains(.writable) {
        try flush()
        registration?.update(interest)
      }
      if readiness != .writable { try take(readiness) }
    } catch {
      lost(error)
    }
  }

  private func take(_ readiness: Readiness) throws(Errno) {
    guard let raw = line?.raw, held == 0 else { return }
    switch try System.read(raw, into: &buffer) {
    case .wouldBlock:
      // Hung up with nothing left to read: it would be reported for ever.
      if readiness.contains(.hangup) { throw .inputOutput }
    case .count(0): throw .inputOutput
    case .count(let count):
      bytesRead &+= UInt64(count)
      held = count
      giving?.ask()
      judge(count)
    }
  }

  // MARK: Busy lines

  /// A line that brings little, often, is read by the clock from then on.
  private func judge(_ count: Int) {
    misses = 0
    if isBusy {
      if count >= DeviceLimits.busyBytesPerReadMax { calm() }
      return
    }
    let nowUs = Clock.bootUs()
    if nowUs - lastReadUs >= DeviceLimits.busyGapUs { (denseSinceUs, denseBytes) = (nowUs, 0) }
    lastReadUs = nowUs
    denseBytes += count
    guard nowUs - denseSinceUs >= DeviceLimits.busyAfterUs else { return }
    let isSlow = denseBytes <= DeviceLimits.busyBytesMax
    (denseSinceUs, denseBytes) = (nowUs, 0)
    guard isSlow, !isPrompt else { return }
    isBusy = true
    registration?.update(interest)
    BusyPorts.shared.add(self)
  }

  /// Waits for readiness again.
  private func calm() {
    isBusy = false
    misses = 0
    (lastReadUs, denseSinceUs, denseBytes) = (Clock.bootUs(), Clock.bootUs(), 0)
    registration?.update(interest)
  }

  /// Takes what a busy line has; whether it is to be read again by the clock.
  func readBusy() -> Bool {
    guard isBusy, registration != nil else { return false }
    let before = bytesRead
    do {
      try take([])
    } catch {
      lost(error)
      return false
    }
    if bytesRead == before {
      misses += 1
      if misses >= DeviceLimits.busyMissesMax { calm() }
    }
    return isBusy
  }

  private func give() {
    let count = held
    held = 0
    // A handle of its own: the receiver may close the port.
    let bytes = buffer
    onBytes?(bytes.span.extracting(0..<count))
  }

  private func flush() throws(Errno) {
    while let raw = line?.raw, bytesQueued > 0 {
      let bytes = queue
      let moved = try System.write(raw, from: bytes.span.extracting(queueStart...))
      guard case .count(let count) = moved, count > 0 else { break }
      bytesWritten &+= UInt64(count)
      queueStart += count
    }
    if bytesQueued == 0 {
      queue.removeAll(keepingCapacity: true)
      queueStart = 0
    } else if queueStart >= DeviceLimits.writeQueueBytesMax {
      queue.removeFirst(queueStart)
      queueStart = 0
    }
  }

  /// Tells of the loss in a turn of its own: the writer is in the middle of something.
  private func lose(_ error: Errno) {
    registration?.cancel()
    registration = nil
    let timer = LoopTimer { [weak self] in self?.lost(error) }
    lossTimer = timer
    timer.arm(afterUs: 0)
  }

  private func lost(_ error: Errno) {
    let tell = onLost
    let error = PortError(vanished: devnode, code: error.code)
    close()
    tell?(error)
  }
}
