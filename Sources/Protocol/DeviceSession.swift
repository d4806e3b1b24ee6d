/// The board's side of the conversation (PROTOCOL.md 4.1, 5 and appendix B).
///
/// The firmware calls `push` for each sample and `poll` as often as it can; all else happens
/// inside, through the `DevicePort`. Given the same calls it says the same bytes as the C library
/// in `firmware-spec/c`. `capacity` is the number of samples that the ring holds.
public struct DeviceSession<let capacity: Int>: ~Copyable {
  enum State { case quiet, unattached, attached }

  /// The command received last, and what is known of it.
  struct LastCommand {
    var session: UInt32 = 0
    var id: UInt16 = 0
    var status = CommandStatus.done
    var value: Int32 = 0
  }

  static var quietMs: UInt64 { 2_000 }
  static var silenceMs: UInt64 { 3_000 }
  static var resendMs: UInt64 { 1_000 }
  static var bytesPerPollMax: Int { 256 }
  static var framesPerPollMax: Int { 8 }

  let settings: DeviceSettings
  /// Random, new at every boot.
  public let nonce: UInt32
  /// As of the last call, in ms since the board's boot.
  var now: UInt64
  var segment: UInt64 = 0
  var state = State.quiet
  var reader: FrameReader
  var ring = SampleRing<capacity>()
  var leases = LeaseTable()
  var isUnwritable = false
  var isProvisioned = false
  /// When it was started, became unattached, or last heard RESUME or ACK.
  var sinceTicks: UInt64
  /// When HELLO (unattached), SAMPLES or GAP was last composed.
  var sentTicks: UInt64 = 0
  var isSlow = false
  /// When a poll last emptied the receiver.
  var emptiedTicks: UInt64 = 0
  var send: UInt32 = 0
  var limit: UInt32 = 0
  var session: UInt32 = 0
  var last = LastCommand()
  var isRunning = false
  var isResultDue = false
  var isHelloDue = false
  var timeDue: TimeProbe?
  var descriptorDue: DescriptorRead?
  /// The unsent samples that were seen not to fill a body: no need to look again.
  var unfilled: (send: UInt32, end: UInt32) = (0, 0)
  var frame = Frame()
  var frameTaken = 0

  /// The id that a host gave; 0 while there is none.
  public internal(set) var deviceId: UInt64 = 0
  /// The run of the board; 0 while there is none.
  public internal(set) var epoch: UInt32 = 0
  /// What it counted.
  public internal(set) var counts = DeviceCounts()

  /// Starts the board, once after reset: it stays silent and numbers nothing for 2000 ms.
  ///
  /// - Parameters:
  ///   - settings: what it says of itself.
  ///   - ticks: the firmware's millisecond counter.
  ///   - nonce: random, new at every boot.
  public init(settings: DeviceSettings, ticks: UInt32, nonce: UInt32) {
    self.settings = settings
    self.nonce = nonce
    now = UInt64(ticks)
    sinceTicks = UInt64(ticks)
    reader = FrameReader(bodyBytesMax: Int(settings.bodyBytesToBoardMax))
  }

  /// What was seen on the line.
  public var lineCounts: FrameReader.Counts { reader.counts }
  /// Whether a host is attached.
  public var isAttached: Bool { state == .attached }
  /// Samples made in this epoch: the seq that the next one will get.
  public var samplesMade: UInt32 { ring.next }
  /// Samples that a full ring dropped.
  public var samplesDropped: UInt32 { ring.dropped }
  /// Samples in the ring.
  public var samplesHeld: Int { Int(ring.next - ring.oldest) }

  // MARK: Calls of the firmware

  /// Numbers and keeps an integer sample; false, and nothing numbered, in the first two seconds,
  /// without an id, for a channel above 239, or when the epoch has used up its numbers.
  public mutating func push(channel: UInt8, integer: Int64, ticks: UInt32) -> Bool {
    push(channel: channel, bits: UInt64(bitPattern: integer), isFloat: false, ticks: ticks)
  }

  /// Numbers and keeps a float sample, like the integer one.
  public mutating func push(channel: UInt8, float: Double, ticks: UInt32) -> Bool {
    push(channel: channel, bits: float.bitPattern, isFloat: true, ticks: ticks)
  }

  private mutating func push(
    channel: UInt8, bits: UInt64, isFloat: Bool, ticks: UInt32
  ) -> Bool {
    advance(to: ticks)
    guard state != .quiet, deviceId != 0, Int(channel) < Limits.channelsMax,
      ring.next <= Limits.seqMax
    else { return false }
    ring.append(channel: channel, bits: bits, isFloat: isFloat, ticks: now)
    return true
  }

  /// Ends the running command; nothing when none runs.
  public mutating func finish(_ outcome: DeviceOutcome) {
    guard isRunning else { return }
    isRunning = false
    // One refused as busy has taken its place: nobody asks for this outcome any more.
    guard last.status == .running else { return }
    last.status = outcome.status
    last.value = outcome.value
    if state == .attached { isResultDue = true }
  }

  /// Says that the ticks were not counted exactly until now (sleep): a new segment begins.
  public mutating func sleepEnded(ticks: UInt32) {
    advance(to: ticks)
    segment = now
  }

  /// Sends a line for people, cut to the body at a character's border; false, and counted, when a
  /// frame is under way, in the first two seconds, or for a level above 7.
  public mutating func log<Port: DevicePort & ~Copyable>(
    level: UInt8, text: Span<UInt8>, port: inout Port
  ) -> Bool {
    guard state != .quiet, !isSending, level <= 7 else {
      counts.logsDropped &+= 1
      return false
    }
    var count = min(text.count, Int(settings.bodyBytesToHostMax) - LogLine.textAt)
    if count < text.count {
      while count > 0 && text[count] & 0xC0 == 0x80 { count -= 1 }
    }
    var body = Body()
    LogLine.write(level: level, text: text.extracting(0..<count), into: &body)
    begin(body)
    _ = offer(&port)
    return true
  }

  /// Sends plain text between frames, as printf would; false when a frame is under way or the text
  /// is longer than a frame can be.
  public mutating func print<Port: DevicePort & ~Copyable>(
    _ text: Span<UInt8>, port: inout Port
  ) -> Bool {
    let most = Int(settings.bodyBytesToHostMax) + Limits.frameOverheadBytes
    guard !isSending, text.count <= most else { return false }
    frame = Frame(plain: text)
    frameTaken = 0
    _ = offer(&port)
    return true
  }

  /// Does what is due: receives at most 256 bytes, answers, sends at most 8 frames.
  ///
  /// - Parameter ticks: the firmware's millisecond counter, which may wrap but never goes back,
  /// here
  ///   and in every other call; between two calls pass less than 49.7 days.
  public mutating func poll<Port: DevicePort & ~Copyable>(ticks: UInt32, port: inout Port) {
    advance(to: ticks)
    if state == .quiet && now - sinceTicks < Self.quietMs {
      _ = receive(&port)
      return
    }
    let isEmptied = receive(&port)
    if state == .quiet {
      boot(&port)
      unattach()
      emptiedTicks = now
    }
    if isEmptied { emptiedTicks = now }
    runTimers(&port)
    for _ in 0..<Self.framesPerPollMax {
      guard offer(&port), compose(port) else { return }
    }
    _ = offer(&port)
  }

  // MARK: Steps of a poll

  /// The 49.7 days that a millisecond counter lasts are extended here.
  private mutating func advance(to ticks: UInt32) {
    now += UInt64(ticks &- UInt32(truncatingIfNeeded: now))
  }

  /// Takes what was received; true when that was all.
  private mutating func receive<Port: DevicePort & ~Copyable>(_ port: inout Port) -> Bool {
    for _ in 0..<Self.bytesPerPollMax {
      guard let byte = port.receive() else { return true }
      if state == .quiet { continue }
      let count = reader.push(byte, nowUs: 0) { _, _ in }
      if count > 0, let body = Body(copying: reader.body(count)) { handle(body, port: &port) }
    }
    return false
  }

  private mutating func runTimers<Port: DevicePort & ~Copyable>(_ port: inout Port) {
    while let op = leases.takeLapsed(nowTicks: now) { port.leaseLapsed(op: op) }
    if state == .attached && now - sinceTicks >= Self.silenceMs { unattach() }
    guard state == .unattached else { return }
    if now - sentTicks >= (isSlow ? 2_000 : 500) { isHelloDue = true }
  }

  mutating func unattach() {
    state = .unattached
    sinceTicks = now
    isSlow = false
    isResultDue = false
    isHelloDue = true
  }

  var isSending: Bool { frameTaken < frame.count }

  mutating func begin(_ body: borrowing Body) {
    frame = Frame(body: body.span)
    frameTaken = 0
  }

  /// Offers the frame under way to the port; true when all of it is gone.
  private mutating func offer<Port: DevicePort & ~Copyable>(_ port: inout Port) -> Bool {
    guard isSending else { return true }
    let left = frame.span.extracting(frameTaken..<frame.count)
    frameTaken += min(port.transmit(left), left.count)
    return !isSending
  }
}
