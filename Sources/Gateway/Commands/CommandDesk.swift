public import Model
public import Protocol
public import Sync

/// Walks every command of this node's devices through its life, at most once to a board.
///
/// The claim is on disk before the first byte goes out. What was claimed and has no answer is
/// `unknown` and never tried again, unless the board itself says, in the same epoch, that it never
/// received it (PROTOCOL.md section 5). Lives run on CLOCK_BOOTTIME. Pure: no I/O, no clock.
public struct CommandDesk: Sendable {
  /// The most commands that are kept at hand; the oldest finished ones are let go.
  public static let ordersMax = 1000
  /// The most open commands of one device; more are refused.
  public static let openPerDeviceMax = 16

  /// What happens to commands.
  public enum Event: Sendable {
    /// Its issue is on disk.
    case issued(CommandOrder)
    /// A board answered RESUME; `last` is the RESULT that it gave.
    case attached(DeviceIdentity, epoch: UInt32, session: UInt32, last: CommandResult)
    /// Its session is over; it may come back.
    case detached(DeviceIdentity)
    /// This claim is on disk.
    case claimed(CommandClaimed)
    /// This claim could not be written.
    case claimFailed(CommandClaimed)
    /// A board said what became of a command.
    case result(DeviceIdentity, CommandResult)
    /// A person took it back.
    case cancelled(CommandId)
    /// The clock moved on.
    case tick
  }

  /// What is to be done.
  public enum Action: Sendable, Hashable {
    /// Write the claim to disk, then send `.claimed`.
    case claim(CommandClaimed)
    /// Send the command to the board.
    case transmit(CommandOrder, number: UInt16)
    /// Write the outcome to disk.
    case finish(CommandOutcome)
    /// Its view changed.
    case changed(CommandOrder)
    /// Send `.tick` at this time of CLOCK_BOOTTIME.
    case wake(atUs: Int64)
  }

  private struct Line: Sendable {
    var epoch: UInt32
    var session: UInt32
    var nextNumber: UInt16
    var inFlight: CommandId?
  }

  private var orders: [CommandId: CommandOrder] = [:]
  private var sequence: [CommandId] = []
  private var lines: [DeviceIdentity: Line] = [:]
  private var actions: [Action] = []

  /// No command yet.
  public init() {}

  /// Takes over what the journal holds, when the daemon starts; events may follow only after.
  ///
  /// A claim without outcome becomes `unknown`; a command that nobody claimed goes on if it was
  /// issued in this clock epoch and has life left, and is refused otherwise.
  public mutating func restore(
    _ restored: [CommandOrder], issuedInThisEpoch: (CommandId) -> Bool, nowUs: Int64
  ) -> [Action] {
    for order in restored { insert(order) }
    for id in sequence {
      guard let order = orders[id], !order.state.isFinal else { continue }
      if order.claim != nil {
        finish(id, .unknown, "daemon-restarted")
      } else if !issuedInThisEpoch(id) || nowUs >= order.deadlineUs {
        finish(id, .refused, "expired")
      }
    }
    wakeForNext(nowUs)
    return drain()
  }

  /// The single entry point.
  public mutating func handle(_ event: Event, nowUs: Int64) -> [Action] {
    switch event {
    case .issued(let order):
      insert(order)
      actions.append(.changed(order))
      offer(to: order.issued.identity, nowUs: nowUs)
    case .attached(let device, let epoch, let session, let last):
      attach(device, epoch: epoch, session: session, last: last, nowUs: nowUs)
    case .detached(let device): lines[device] = nil
    case .claimed(let claim): begin(claim, nowUs: nowUs)
    case .claimFailed(let claim): unclaim(claim)
    case .result(let device, let result): settle(device, result, nowUs: nowUs)
    case .cancelled(let id):
      if let order = orders[id], order.state == .queued, order.claim == nil {
        finish(id, .cancelled, "")
      }
    case .tick: expire(nowUs)
    }
    wakeForNext(nowUs)
    return drain()
  }

  /// Whether a further command may be issued for this device.
  public func hasRoom(for device: DeviceIdentity) -> Bool {
    sequence.count { id in
      orders[id].map { $0.issued.identity == device && !$0.state.isFinal } ?? false
    } < Self.openPerDeviceMax
  }

  /// One command.
  public func order(_ id: CommandId) -> CommandOrder? { orders[id] }

  /// Commands of one device, or of all with nil; newest first.
  public func orders(of device: DeviceIdentity?) -> [CommandOrder] {
    sequence.reversed().compactMap { orders[$0] }
      .filter { device == nil || $0.issued.identity == device }
  }
}

extension CommandDesk {
  private mutating func insert(_ order: CommandOrder) {
    orders[order.issued.id] = order
    sequence.append(order.issued.id)
    guard sequence.count > Self.ordersMax,
      let old = sequence.firstIndex(where: { orders[$0]?.state.isFinal ?? true })
    else { return }
    orders[sequence.remove(at: old)] = nil
  }

  private mutating func drain() -> [Action] {
    defer { actions = [] }
    return actions
  }

  private mutating func attach(
    _ device: DeviceIdentity, epoch: UInt32, session: UInt32, last: CommandResult, nowUs: Int64
  ) {
    lines[device] = Line(epoch: epoch, session: session, nextNumber: 1, inFlight: nil)
    for id in sequence {
      guard let order = orders[id], order.issued.identity == device, let claim = order.claim,
        !order.state.isFinal
      else { continue }
      if claim.epoch != epoch {
        finish(id, .unknown, "board-restarted")
      } else if claim.session == last.session, claim.number == last.id {
        lines[device]?.inFlight = last.status == .running ? id : nil
      } else {
        // The board names another command as its last: this one never reached it.
        orders[id]?.claim = nil
        orders[id]?.state = .queued
      }
    }
    settle(device, last, nowUs: nowUs)
    offer(to: device, nowUs: nowUs)
  }

  /// Claims the oldest waiting command of an idle line.
  private mutating func offer(to device: DeviceIdentity, nowUs: Int64) {
    guard var line = lines[device], line.inFlight == nil, line.nextNumber < .max else { return }
    let waiting = sequence.first { id in
      guard let order = orders[id] else { return false }
      return order.issued.identity == device && order.state == .queued && order.claim == nil
        && nowUs < order.deadlineUs
    }
    guard let id = waiting else { return }
    let claim = CommandClaimed(
      id: id, epoch: line.epoch, session: line.session, number: line.nextNumber)
    line.inFlight = id
    line.nextNumber += 1
    lines[device] = line
    orders[id]?.claim = claim
    actions.append(.claim(claim))
  }

  /// The claim is on disk: the first byte may go out, if the session is still the one claimed.
  private mutating func begin(_ claim: CommandClaimed, nowUs: Int64) {
    let id = claim.id
    guard let order = orders[id], order.claim == claim, order.state == .queued else { return }
    let device = order.issued.identity
    guard let line = lines[device], line.inFlight == id, line.session == claim.session else {
      return unclaim(claim)
    }
    guard nowUs < order.deadlineUs else {
      unclaim(claim)
      finish(id, .refused, "expired")
      return offer(to: device, nowUs: nowUs)
    }
    orders[id]?.state = .claimed
    guard let begun = orders[id] else { return }
    actions.append(.changed(begun))
    actions.append(.transmit(begun, number: claim.number))
  }

  /// Nothing was sent under this claim: the command waits as before.
  private mutating func unclaim(_ claim: CommandClaimed) {
    let id = claim.id
    guard let order = orders[id], order.claim == claim, order.state == .queued else { return }
    let device = order.issued.identity
    if let line = lines[device], line.inFlight == id, line.session == claim.session {
      lines[device]?.inFlight = nil
      lines[device]?.nextNumber = claim.number
    }
    orders[id]?.claim = nil
  }

  private mutating func settle(_ device: DeviceIdentity, _ result: CommandResult, nowUs: Int64) {
    let epoch = lines[device]?.epoch
    let match = sequence.last { id in
      guard let order = orders[id], let claim = order.claim else { return false }
      return order.issued.identity == device && claim.epoch == epoch
        && claim.session == result.session && claim.number == result.id
    }
    guard let id = match, let order = orders[id] else { return }
    // A final answer is taken once; only `unknown` gives way to the board's own word.
    guard !order.state.isFinal || order.state == .unknown else { return }
    if result.status == .running {
      guard order.state != .running, order.state != .unknown else { return }
      orders[id]?.state = .running
      if let running = orders[id] { actions.append(.changed(running)) }
      return
    }
    let outcome = Self.outcome(result.status)
    finish(id, outcome.0, outcome.1, value: Int64(result.value))
    if lines[device]?.inFlight == id { lines[device]?.inFlight = nil }
    offer(to: device, nowUs: nowUs)
  }

  private static func outcome(_ status: CommandStatus) -> (CommandOutcome.State, String) {
    switch status {
    case .done, .running: return (.acked, "")
    case .failed: return (.failed, "failed")
    case .unknownOp: return (.refused, "unknown-op")
    case .badArgument: return (.refused, "bad-argument")
    case .expired: return (.refused, "expired")
    case .otherEpoch: return (.refused, "other-epoch")
    case .busy: return (.refused, "busy")
    case .refused: return (.refused, "refused")
    }
  }

  private mutating func finish(
    _ id: CommandId, _ state: CommandOutcome.State, _ reason: String, value: Int64 = 0
  ) {
    guard var order = orders[id] else { return }
    switch state {
    case .acked: order.state = .acked
    case .failed: order.state = .failed
    case .refused: order.state = .refused
    case .unknown: order.state = .unknown
    case .cancelled: order.state = .cancelled
    }
    order.reason = reason.isEmpty ? nil : reason
    order.value = state == .acked || state == .failed ? value : nil
    orders[id] = order
    actions.append(.finish(CommandOutcome(id: id, state: state, reason: reason, value: value)))
    actions.append(.changed(order))
  }

  /// How long a command that a board has begun may take beyond its life or lease, in microseconds.
  static let runningGraceUs: Int64 = 60_000_000
  /// How long after its life an answer is still waited for before the outcome is unknown.
  static let answerGraceUs: Int64 = 1_000_000

  private func endUs(_ order: CommandOrder) -> Int64? {
    switch order.state {
    case .queued: return order.claim == nil ? order.deadlineUs : nil
    case .claimed: return order.deadlineUs + Self.answerGraceUs
    case .running:
      let leaseUs = Int64(clamping: order.issued.leaseMs) * 1000
      return order.deadlineUs + max(leaseUs, Self.runningGraceUs)
    case .acked, .failed, .refused, .unknown, .cancelled: return nil
    }
  }

  private mutating func expire(_ nowUs: Int64) {
    for id in sequence {
      guard let order = orders[id], let endUs = endUs(order), nowUs >= endUs else { continue }
      let device = order.issued.identity
      if order.state == .queued {
        finish(id, .refused, lines[device] == nil ? "absent" : "expired")
      } else {
        finish(id, .unknown, "no-answer")
        if lines[device]?.inFlight == id { lines[device]?.inFlight = nil }
        offer(to: device, nowUs: nowUs)
      }
    }
  }

  private mutating func wakeForNext(_ nowUs: Int64) {
    let next = sequence.compactMap { orders[$0].flatMap(endUs) }.min()
    if let next { actions.append(.wake(atUs: max(next, nowUs + 1000))) }
  }
}
