/// The host's side of the conversation with one board on one opened port (PROTOCOL.md 4.2).
///
/// A pure machine: bodies, times and decisions come in; actions go out through `emit`, in order,
/// during the call. It never trips over what a board says. Times are µs of one clock that does not
/// jump. Make a new one for every open of a port.
public struct HostSession: Sendable {
  enum Phase: Sendable {
    /// No HELLO yet, or none since the last session ended: not one byte is written.
    case waiting
    /// A HELLO was given out and is not yet answered.
    case asking
    /// PROVISION was sent; its answer is a HELLO.
    case provisioning(deviceId: UInt64)
    /// The descriptor is being read.
    case reading
    /// RESUME was sent; its answer is a RESULT.
    case resuming
    /// Samples flow.
    case attached
  }

  /// One epoch of the session.
  struct Epoch: Sendable {
    var epoch: UInt32 = 0
    var durable: UInt32 = 0
    var received: UInt32 = 0
    /// The end of an older epoch, from the HELLO; of no meaning for the running one.
    var next: UInt32 = 0
    var ackDue = false
    var againDue = false
    var ackSentUs: Int64 = 0
    var againSentUs: Int64?
  }

  /// A command that has no outcome yet.
  struct InFlight: Sendable {
    enum State: Sendable {
      /// Sent until a RESULT comes or its life ends.
      case sending(nextUs: Int64)
      /// Its life ended; a new session is begun, since its RESULT tells what became of it.
      case querying
      /// The board works on it; it is asked what became of it, since its last word may be lost.
      case running(untilUs: Int64, askUs: Int64)
      /// Of an earlier session: the RESULT that answers RESUME tells.
      case carried
    }

    var key: CommandKey
    var state: State
    var lifeEndUs: Int64
    var leaseMs: UInt32
    var op: UInt8
    var arguments: Body
  }

  /// RESUME, DESCRIPTOR_READ and COMMAND are repeated after this without an answer.
  static let repeatUs: Int64 = 500_000
  /// ACK is repeated after this.
  static let ackUs: Int64 = 1_000_000
  /// ACK *again* is sent at most this often.
  static let againUs: Int64 = 250_000
  /// A board that says nothing for so long is gone.
  static let silenceUs: Int64 = 60_000_000
  /// A board that says nothing for so long is asked for the time, so that it says something.
  static let quietUs: Int64 = 30_000_000
  /// A running command without a lease has so long to end.
  static let runningUs: Int64 = 60_000_000
  /// A running command is asked after so often, by a COMMAND that the board has already.
  static let askUs: Int64 = 1_000_000
  /// One of an earlier session is asked after so often, by RESUME: samples come again with it.
  static let askCarriedUs: Int64 = 10_000_000
  /// A probe without reply is given up after this.
  static let probeUs: Int64 = 5_000_000
  /// Times a descriptor is read before its hash is given up.
  static let descriptorReadsMax = 3

  var phase = Phase.waiting
  var hello = Hello()
  var plan = AttachPlan(nonce: 0, session: 0, descriptorKnown: false)
  var window = Window()
  var epochs = InlineArray<4, Epoch>(repeating: Epoch())
  var heardUs: Int64 = 0
  /// When the frame that opens the session (PROVISION, DESCRIPTOR_READ, RESUME) is next due.
  var openingDueUs: Int64?
  var descriptorOffset = 0
  var descriptorHash = Fnv1a()
  var descriptorReads = 0
  var inFlight: InFlight?
  var lastCommandId: UInt16 = 0
  var attachedUs: Int64 = 0
  var probesSent = 0
  var probeDueUs: Int64 = 0
  var probeSentUs: Int64?
  var probeCookie: UInt32 = 0
  var resetToBootDue = false
  var wakeUs: Int64?
  /// Whether samples flow and nothing is due before `wakeUs`, nor waits for room in the window.
  var isQuiet = false

  /// What it met so far.
  public internal(set) var counts = HostCounts()

  /// Begins at an open of a port.
  public init() {}

  /// How far the conversation is.
  public enum Stage: Equatable, Sendable {
    /// No HELLO was heard; not one byte was written.
    case waiting
    /// `.hello` waits for its answer.
    case asking
    /// The board is being given an id.
    case provisioning
    /// The descriptor is being read.
    case readingDescriptor
    /// RESUME was sent.
    case resuming
    /// Samples flow.
    case attached
  }

  /// How far the conversation is.
  public var stage: Stage {
    switch phase {
    case .waiting: return .waiting
    case .asking: return .asking
    case .provisioning: return .provisioning
    case .reading: return .readingDescriptor
    case .resuming: return .resuming
    case .attached: return .attached
    }
  }

  /// Whether the board has accepted the session.
  public var isAttached: Bool {
    if case .attached = phase { return true }
    return false
  }

  /// The last valid HELLO; meaningless before the first `.hello`.
  public var board: Hello { hello }

  /// What names the next command: write it to disk as the claim, then call `command` with it. nil
  /// when no command can be sent now.
  public var nextCommandKey: CommandKey? {
    guard isAttached, inFlight == nil, openingDueUs == nil, lastCommandId < UInt16.max
    else { return nil }
    return CommandKey(
      epoch: epochs[0].epoch, session: plan.session, id: lastCommandId + 1)
  }

  /// The command that has no outcome yet: what a later session carries.
  public var commandInFlight: CommandKey? { inFlight?.key }

  /// The longest arguments that a command to this board can have, in bytes.
  public var argumentBytesMax: Int { bodyBytesMax - Command.argumentsAt }

  /// The cursors of an epoch of the session; nil when it has none such.
  public func cursor(ofEpoch epoch: UInt32) -> AttachPlan.Cursor? {
    guard let index = index(ofEpoch: epoch) else { return nil }
    return AttachPlan.Cursor(durable: epochs[index].durable, received: epochs[index].received)
  }

  /// Whether something was asked whose answer is wanted at once: the time above all.
  public var awaitsReply: Bool { probeSentUs != nil || inFlight != nil || openingDueUs != nil }

  /// Samples of an epoch that were heard and are not yet said to be on disk: the board holds them.
  public func unacknowledged(ofEpoch epoch: UInt32) -> UInt32 {
    guard let index = index(ofEpoch: epoch) else { return 0 }
    return epochs[index].received - epochs[index].durable
  }

  func index(ofEpoch epoch: UInt32) -> Int? {
    guard isAttached || isResuming else { return nil }
    for index in 0..<hello.epochCount where epochs[index].epoch == epoch { return index }
    return nil
  }

  var isResuming: Bool {
    if case .resuming = phase { return true }
    return false
  }

  /// The longest body that fits the board and its window.
  var bodyBytesMax: Int {
    min(
      Int(hello.bodyBytesToBoardMax), Int(hello.windowBytes) - Limits.frameOverheadBytes)
  }

  // MARK: Decisions of the core

  /// Answers `.hello`: begins a session with what the host has.
  ///
  /// - Returns: false, and nothing happens, when the HELLO is no longer the one that the plan
  ///   answers, or when it cannot be so: no session number, a board without id, or a `durable`
  /// above
  ///   the board's `next` (memory put back: PROTOCOL.md 4.3 calls it a clone).
  @discardableResult
  public mutating func attach(
    _ plan: AttachPlan, nowUs: Int64, emit: (HostAction) -> Void
  ) -> Bool {
    switch phase {
    case .asking, .provisioning: break
    case .waiting, .reading, .resuming, .attached: return false
    }
    guard plan.nonce == hello.nonce, plan.session != 0, hello.deviceId != 0 else { return false }
    for index in 0..<hello.epochCount
    where plan.cursors[index].durable > hello.epochs[index].next { return false }
    self.plan = plan
    for index in 0..<hello.epochCount {
      var epoch = Epoch()
      epoch.epoch = hello.epochs[index].epoch
      epoch.durable = plan.cursors[index].durable
      epoch.received = plan.cursors[index].received
      epoch.next = hello.epochs[index].next
      epochs[index] = epoch
    }
    lastCommandId = 0
    inFlight = (plan.carried ?? inFlight?.key).map {
      InFlight(
        key: $0, state: .carried, lifeEndUs: nowUs, leaseMs: 0, op: 0, arguments: Body())
    }
    openingDueUs = nowUs
    if plan.descriptorKnown {
      phase = .resuming
    } else {
      phase = .reading
      descriptorReads = 0
      beginDescriptor(emit)
    }
    finish(nowUs: nowUs, emit: emit)
    return true
  }

  /// Answers `.hello` of a board without id: gives it one, which must be random and not 0.
  ///
  /// PROVISION is repeated for each HELLO with the same nonce; a HELLO with an id follows, as a new
  /// `.hello`. False, and nothing happens, where no such HELLO waits for an answer.
  @discardableResult
  public mutating func provision(
    deviceId: UInt64, nowUs: Int64, emit: (HostAction) -> Void
  ) -> Bool {
    guard case .asking = phase, hello.deviceId == 0, deviceId != 0 else { return false }
    phase = .provisioning(deviceId: deviceId)
    openingDueUs = nowUs
    finish(nowUs: nowUs, emit: emit)
    return true
  }

  /// Says that every seq of an epoch below `durable` is on disk, with its cursor.
  ///
  /// Lower numbers than before, and epochs not of this session, change nothing.
  public mutating func committed(
    epoch: UInt32, durable: UInt32, nowUs: Int64, emit: (HostAction) -> Void
  ) {
    guard let index = index(ofEpoch: epoch), durable > epochs[index].durable,
      durable <= epochs[index].received
    else { return }
    epochs[index].durable = durable
    epochs[index].ackDue = true
    finish(nowUs: nowUs, emit: emit)
  }

  /// Why a command was not taken.
  public enum CommandRefusal: Error, Equatable, Sendable {
    /// `key` is not `nextCommandKey`: the session is another, or a command is in flight.
    case notNow
    /// More than `argumentBytesMax` bytes of arguments, or a life of 0.
    case argument
  }

  /// Sends a command whose claim is on disk; an outcome follows.
  ///
  /// - Parameters:
  ///   - key: what `nextCommandKey` said when the claim was written.
  ///   - op: the operation, from the descriptor.
  ///   - arguments: as the descriptor says.
  ///   - lifeMs: how long from now it may wait before it begins.
  ///   - leaseMs: how long an actuator holds what it is told; 0 without a lease.
  ///   - nowUs: the time.
  ///   - emit: takes the actions.
  public mutating func command(
    _ key: CommandKey, op: UInt8, arguments: Span<UInt8>, lifeMs: UInt32, leaseMs: UInt32,
    nowUs: Int64, emit: (HostAction) -> Void
  ) throws(CommandRefusal) {
    guard key == nextCommandKey else { throw .notNow }
    guard lifeMs > 0, arguments.count <= argumentBytesMax, let arguments = Body(copying: arguments)
    else { throw .argument }
    inFlight = InFlight(
      key: key, state: .sending(nextUs: nowUs), lifeEndUs: nowUs + Int64(lifeMs) * 1000,
      leaseMs: leaseMs, op: op, arguments: arguments)
    finish(nowUs: nowUs, emit: emit)
  }

  /// Sends the board into its boot loader. It does not answer.
  ///
  /// False, and nothing happens, before a HELLO was heard on this open.
  @discardableResult
  public mutating func resetToBoot(nowUs: Int64, emit: (HostAction) -> Void) -> Bool {
    if case .waiting = phase { return false }
    resetToBootDue = true
    finish(nowUs: nowUs, emit: emit)
    return true
  }

  /// Lets time pass. Call it at the time of the last `.wake`, or at any time.
  public mutating func tick(nowUs: Int64, emit: (HostAction) -> Void) {
    finish(nowUs: nowUs, emit: emit)
  }

  // MARK: Common to every input

  /// Does what is due, sends what may be sent, and says when to come back.
  mutating func finish(nowUs: Int64, emit: (HostAction) -> Void) {
    expire(nowUs: nowUs, emit: emit)
    transmit(nowUs: nowUs, emit: emit)
    let next = planWake(nowUs: nowUs)
    guard next != wakeUs else { return }
    wakeUs = next
    if let next { emit(.wake(atUs: next)) }
  }

  /// Begins another session on the same attachment: its RESULT tells the last command received, and
  /// ids count from 1 again. The number follows from the random one before.
  mutating func renewSession(nowUs: Int64) {
    var hash = Fnv1a()
    for shift in 0..<4 {
      hash.update(UInt8(truncatingIfNeeded: plan.session &>> UInt32(8 * shift)))
    }
    let session = UInt32(truncatingIfNeeded: hash.value ^ (hash.value &>> 32))
    plan.session = session == 0 ? 1 : session
    lastCommandId = 0
    openingDueUs = nowUs
  }

  mutating func beginDescriptor(_ emit: (HostAction) -> Void) {
    descriptorOffset = 0
    descriptorHash = Fnv1a()
    descriptorReads += 1
    if hello.descriptorBytes == 0 { endDescriptor(emit) }
  }

  /// All bytes are here: they give the hash, or are read again, or are given up.
  mutating func endDescriptor(_ emit: (HostAction) -> Void) {
    if descriptorHash.value == hello.descriptorHash {
      emit(.descriptorComplete)
      phase = .resuming
      return
    }
    counts.descriptorMismatches &+= 1
    if descriptorReads < Self.descriptorReadsMax && hello.descriptorBytes > 0 {
      beginDescriptor(emit)
    } else {
      emit(.descriptorMismatch)
      phase = .resuming
    }
  }
}
