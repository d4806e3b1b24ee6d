internal import Model
public import Protocol
public import Reactor

/// The link protocol on one open port: a thin shell around `FrameReader` and `HostSession`.
///
/// It owns the port. Its events come in order and never from within a call to it, so that the owner
/// may answer an event at once.
@Loop public final class CompanionLink {
  /// What the port and the session met so far.
  public var counts: (reader: FrameReader.Counts, session: HostCounts) {
    (reader.counts, session.counts)
  }
  /// Candidates that were no frames: another program may take bytes from the line.
  public var framesCorrupt: UInt32 { reader.counts.corrupt }
  /// The port, for its counts; read and written by the link alone.
  public let port: SerialPort
  /// When something that could be understood was last heard, in µs of CLOCK_BOOTTIME.
  public private(set) var heardUs: Int64?
  /// The round trip of the last clock probe, in µs.
  public private(set) var roundTripUs: Int64?
  /// Frames that the port had no room for: the session repeats what matters.
  public private(set) var framesNotSent: UInt64 = 0

  private var reader = FrameReader()
  private var session = HostSession()
  private var descriptor: [UInt8] = []
  /// Of the last HELLO; a copy, since the session may not be asked while it gives out actions.
  private var descriptorHash: UInt64 = 0
  private var events: [LinkEvent] = []
  private var isDelivering = false
  /// Samples of the last read: the next one brings about as many.
  private var samplesExpected = 0
  private var handler: (@Loop (LinkEvent) -> Void)?
  private var sessionTimer: LoopTimer?
  private var textTimer: LoopTimer?
  private var delivery: TurnTask?

  /// Takes a port over; nothing is read before `start`.
  public init(port: SerialPort) {
    self.port = port
  }

  /// Starts to listen. Not one byte is written before a valid HELLO is answered. `handler` is held
  /// until `close`: capture its owner weakly.
  public func start(_ handler: @escaping @Loop (LinkEvent) -> Void) throws(PortError) {
    self.handler = handler
    sessionTimer = LoopTimer { [weak self] in self?.tickSession() }
    delivery = TurnTask(.act) { [weak self] in self?.deliver() }
    textTimer = LoopTimer { [weak self] in self?.tickText() }
    try port.listen(
      onBytes: { [weak self] bytes in self?.take(bytes) },
      onLost: { [weak self] error in self?.lose(error) })
  }

  /// Closes the port; no further event comes.
  public func close() {
    sessionTimer?.cancel()
    textTimer?.cancel()
    port.close()
    handler = nil
    delivery = nil
    events = []
  }

  /// Forgets the session: the board, hearing no ACK, says HELLO within seconds, and everything
  /// begins anew. What was not acknowledged is still in its ring.
  public func restart() {
    session = HostSession()
    descriptor = []
    sessionTimer?.cancel()
  }

  /// Whether a session is open.
  public var isAttached: Bool { session.isAttached }

  /// The last HELLO; of no meaning before the first `.hello`.
  public var board: Hello { session.board }

  /// What the next command would be called; nil while none can be sent.
  public var nextCommandKey: CommandKey? { session.nextCommandKey }

  /// The longest arguments of a command, in bytes.
  public var argumentBytesMax: Int { session.argumentBytesMax }

  /// Samples of an epoch that the board must still hold: heard, and not yet told to be on disk.
  public func unacknowledged(ofEpoch epoch: UInt32) -> UInt32 {
    session.unacknowledged(ofEpoch: epoch)
  }

  /// Answers `.hello` with what is known of the board; false when that HELLO is no longer the one.
  @discardableResult public func attach(_ plan: AttachPlan) -> Bool {
    descriptor = []
    var isTaken = false
    drive { session, emit in
      isTaken = session.attach(plan, nowUs: Clock.bootUs(), emit: emit)
    }
    return isTaken
  }

  /// Answers `.hello` of a board without an id.
  public func provision(deviceId: UInt64) {
    drive { session, emit in
      session.provision(deviceId: deviceId, nowUs: Clock.bootUs(), emit: emit)
    }
  }

  /// Says that every seq below `durable` of an epoch is on disk: only now is the board told.
  public func committed(epoch: UInt32, durable: UInt32) {
    drive { session, emit in
      session.committed(epoch: epoch, durable: durable, nowUs: Clock.bootUs(), emit: emit)
    }
  }

  /// Sends a command whose claim is on disk; false when its session is over or its arguments do not
  /// fit: then nothing was sent.
  public func send(
    _ key: CommandKey, op: UInt8, arguments: [UInt8], lifeMs: UInt32, leaseMs: UInt32
  ) -> Bool {
    var isSent = true
    drive { session, emit in
      do throws(HostSession.CommandRefusal) {
        try session.command(
          key, op: op, arguments: arguments.span, lifeMs: lifeMs, leaseMs: leaseMs,
          nowUs: Clock.bootUs(), emit: emit)
      } catch {
        isSent = false
      }
    }
    return isSent
  }

  private func tickSession() {
    drive { session, emit in session.tick(nowUs: Clock.bootUs(), emit: emit) }
  }

  private func tickText() {
    let nowUs = Clock.bootUs()
    reader.tick(nowUs: nowUs) { _, bytes in noteText(bytes) }
    armText(nowUs)
    deliver()
  }

  private func armText(_ nowUs: Int64) {
    guard let atUs = reader.tickUs else { return }
    textTimer?.arm(atUs: max(atUs, nowUs))
  }

  private func take(_ bytes: Span<UInt8>) {
    let nowUs = Clock.bootUs()
    var pending = PendingRun(reserving: samplesExpected)
    reader.push(bytes, nowUs: nowUs) { output, content in
      switch output {
      case .text:
        flush(&pending)
        noteText(content)
      case .frame:
        heardUs = nowUs
        pending.beginFrame()
        session.receive(
          body: content, nowUs: nowUs, sample: { pending.add($0, content) },
          emit: { perform($0, content, &pending) })
        pending.endFrame()
      }
    }
    samplesExpected = pending.run.samples.count
    flush(&pending)
    armText(nowUs)
    port.isPrompt = session.awaitsReply
    if !events.isEmpty { delivery?.ask() }
  }

  private func noteText(_ bytes: Span<UInt8>) {
    heardUs = Clock.bootUs()
    events.append(.line(LinkText.shown(bytes), isLog: false))
  }

  private func lose(_ error: PortError) {
    events.append(.gone(error))
    deliver()
  }

  private func drive(_ step: (inout HostSession, (HostAction) -> Void) -> Void) {
    let noBody: [UInt8] = []
    var pending = PendingRun(reserving: 0)
    step(&session) { action in perform(action, noBody.span, &pending) }
    port.isPrompt = session.awaitsReply
    deliver()
  }

  /// Hands events out one by one; what the owner does meanwhile adds to the end of the list.
  private func deliver() {
    guard !isDelivering, !events.isEmpty, let handler else { return }
    isDelivering = true
    var next = 0
    while next < events.count {
      let event = events[next]
      next += 1
      handler(event)
    }
    // One is the rule, and taken off at once.
    if next == 1, events.count == 1 {
      events.removeLast()
    } else {
      events.removeAll(keepingCapacity: true)
    }
    isDelivering = false
  }
}

extension CompanionLink {
  /// Performs what the session asks for; called from within it, so it must not call it.
  private func perform(
    _ action: HostAction, _ body: Span<UInt8>, _ pending: inout PendingRun
  ) {
    switch action {
    case .send(let content): transmit(content)
    case .wake(let atUs): sessionTimer?.arm(atUs: atUs)
    case .samples(let epoch, let first, let count):
      let ended = pending.accept(epoch: epoch, first: first, count: count)
      if let ended { events.append(ended) }
    default:
      flush(&pending)
      tell(action, body)
    }
  }

  /// Puts what came so far into the list, before something else.
  private func flush(_ pending: inout PendingRun) {
    if let event = pending.take() { events.append(event) }
  }

  private func tell(_ action: HostAction, _ body: Span<UInt8>) {
    switch action {
    case .send, .wake, .samples: break
    case .hello(let hello):
      descriptorHash = hello.descriptorHash
      events.append(.hello(hello))
    case .otherVersion(let version, _): events.append(.otherVersion(version))
    case .descriptorChunk(let offset, let count): keep(body, offset: offset, count: count)
    case .descriptorComplete:
      events.append(
        .descriptor(
          BoardDescriptor(parsing: descriptor), hash: descriptorHash,
          bytes: descriptor))
    case .descriptorMismatch:
      events.append(.descriptor(nil, hash: descriptorHash, bytes: []))
    case .attached(let number): events.append(.attached(session: number))
    case .gap(let epoch, let first, let count):
      events.append(.gap(epoch: epoch, first: first, count: count))
    case .result(let key, let status, let value):
      events.append(.result(key, status, value: value))
    case .commandNotReceived(let key): events.append(.notReceived(key))
    case .commandUnknown(let key): events.append(.lost(key))
    case .log:
      let text = body.extracting(min(LogLine.textAt, body.count)..<body.count)
      events.append(.line(LinkText.shown(text), isLog: true))
    case .timeProbe(let probe):
      roundTripUs = probe.receivedUs - probe.sentUs
      events.append(.probe(probe))
    case .detached(let reason): events.append(.detached(reason))
    }
  }

  private func transmit(_ body: Body) {
    let frame = Frame(body: body.span)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frame.count)
    for index in 0..<frame.count { bytes.append(frame.span[index]) }
    if port.write(bytes) != .accepted { framesNotSent &+= 1 }
  }

  private func keep(_ body: Span<UInt8>, offset: Int, count: Int) {
    // The session gives chunks in order and without holes; a second reading begins at 0 again.
    descriptor.removeLast(max(0, descriptor.count - offset))
    for index in 0..<count { descriptor.append(body[DescriptorChunk.bytesAt + index]) }
  }
}

/// Bytes from a board as text.
enum LinkText {
  /// The text of a reading: as it is where it is UTF-8, escaped and cut to the limit otherwise.
  static func value(_ bytes: Span<UInt8>) -> String {
    var copy: [UInt8] = []
    for index in 0..<bytes.count { copy.append(bytes[index]) }
    if let text = String(validating: copy, as: UTF8.self), text.utf8.count <= Value.textBytesMax {
      return text
    }
    // Cut between characters: half of one would be decoded as a longer sign of damage.
    var shown = shown(bytes)
    while shown.utf8.count > Value.textBytesMax { shown.unicodeScalars.removeLast() }
    return shown
  }

  /// UTF-8 without control characters; every other byte as `\xHH` (PROTOCOL.md 1.1, rule 5).
  static func shown(_ bytes: Span<UInt8>) -> String {
    var out: [UInt8] = []
    TextLine.escape(bytes) { out.append($0) }
    return String(decoding: out, as: UTF8.self)
  }
}
