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
    /// A board can take a command, which will be named by this key.
    case ready(DeviceIdentity, CommandKey)
    /// It cannot any more: its session is over; it may come back.
    case detached(DeviceIdentity)
    /// This claim is on disk.
    case claimed(CommandClaimed)
    /// This claim could not be written.
    case claimFailed(CommandClaimed)
    /// A board said what became of a command.
    case result(DeviceIdentity, CommandKey, CommandStatus, value: Int32)
    /// A board said that it never received a command, and never will.
    case notReceived(DeviceIdentity, CommandKey)
    /// Nobody can say any more what became of a command.
    case lost(DeviceIdentity, CommandKey)
    /// A person took it back.
    case cancelled(CommandId)
    /// What an earlier run of this node wrote of a command came back from others: this disk was
    /// put back to a copy.
    case regained(CommandLife)
    /// The node is to have another key, or is not after all: what is open is ended by the present
    /// one, for no other may speak of it, and nothing more is begun.
    case retiring(Bool)
    /// The clock moved on.
    case tick
  }

  /// What is to be done.
  public enum Action: Sendable, Hashable {
    /// Write the claim to disk, then send `.claimed`.
    case claim(CommandClaimed)
    /// Send the command to the board, under this key.
    case transmit(CommandOrder, CommandKey)
    /// Write the outcome to disk.
    case finish(CommandOutcome)
    /// Its view changed.
    case changed(CommandOrder)
    /// Send `.tick` at this time of CLOCK_BOOTTIME.
    case wake(atUs: Int64)
  }

  private var orders: [CommandId: CommandOrder] = [:]
  private var sequence: [CommandId] = []
  /// Boards that can take a command, with the key it will have.
  private var ready: [DeviceIdentity: CommandKey] = [:]
  private var actions: [Action] = []
  /// Whether nothing is begun any more.
  public private(set) var isRetiring = false

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
      let isOfNow = SeededBug.lifeOverBoots.isOn || issuedInThisEpoch(id)
      if order.claim != nil, SeededBug.unknownTriedAgain.isOn {
        orders[id]?.claim = nil
        orders[id]?.state = .queued
      } else if order.claim != nil {
        finish(id, .unknown, "daemon-restarted")
      } else if !isOfNow || nowUs >= order.deadlineUs {
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
    case .ready(let device, let key):
      // A key that a claim holds names no second command: what the board then says of the one
      // would be taken for the other, and one of them would run twice.
      guard find(device, key) == nil else { break }
      ready[device] = key
      offer(to: device, nowUs: nowUs)
    case .detached(let device): ready[device] = nil
    case .claimed(let claim): begin(claim, nowUs: nowUs)
    case .claimFailed(let claim): unclaim(claim)
    case .result(let device, let key, let status, let value):
      settle(device, key, status, value)
    case .notReceived(let device, let key): requeue(device, key, nowUs: nowUs)
    case .lost(let device, let key): lose(device, key)
    case .cancelled(let id):
      if let order = orders[id], order.state == .queued, order.claim == nil {
        finish(id, .cancelled, "")
      }
    case .regained(let life): learn(life)
    case .retiring(let isRetiring): retire(isRetiring)
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

  /// The last command of a device whose outcome only the board can tell; its next session asks.
  public func carried(for device: DeviceIdentity) -> CommandKey? {
    let claimed = sequence.compactMap { orders[$0] }
      .filter { $0.issued.identity == device && $0.claim != nil }
    // What is under way comes before what was given up, whichever was issued later.
    let order =
      claimed.last { $0.state == .claimed || $0.state == .running }
      ?? claimed.last { $0.state == .unknown }
    return order?.claim?.key
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

  /// Claims the oldest waiting command for a board that can take one.
  private mutating func offer(to device: DeviceIdentity, nowUs: Int64) {
    guard !isRetiring, let key = ready[device] else { return }
    let waiting = sequence.first { id in
      guard let order = orders[id] else { return false }
      return order.issued.identity == device && order.state == .queued && nowUs < order.deadlineUs
    }
    guard let id = waiting else { return }
    let claim = CommandClaimed(id: id, epoch: key.epoch, session: key.session, number: key.id)
    ready[device] = nil
    orders[id]?.claim = claim
    if SeededBug.claimAfterWrite.isOn, let order = orders[id] {
      actions.append(.transmit(order, key))
    }
    actions.append(.claim(claim))
  }

  /// The claim is on disk: the first byte may go out, unless its life ended meanwhile. (That the
  /// session is still the one claimed is checked where it is sent; if not, `notReceived` follows.)
  private mutating func begin(_ claim: CommandClaimed, nowUs: Int64) {
    guard let order = orders[claim.id], order.claim == claim, order.state == .queued else { return }
    guard nowUs < order.deadlineUs else {
      unclaim(claim)
      return finish(claim.id, .refused, "expired")
    }
    orders[claim.id]?.state = .claimed
    guard let begun = orders[claim.id] else { return }
    actions.append(.changed(begun))
    actions.append(.transmit(begun, claim.key))
  }

  /// Nothing was sent under this claim: the command waits as before.
  private mutating func unclaim(_ claim: CommandClaimed) {
    guard let order = orders[claim.id], order.claim == claim, order.state == .queued else { return }
    orders[claim.id]?.claim = nil
  }

  private func find(_ device: DeviceIdentity, _ key: CommandKey) -> CommandOrder? {
    let id = sequence.last {
      orders[$0].map { $0.issued.identity == device && $0.claim?.key == key } ?? false
    }
    return id.flatMap { orders[$0] }
  }

  private mutating func settle(
    _ device: DeviceIdentity, _ key: CommandKey, _ status: CommandStatus, _ value: Int32
  ) {
    guard let order = find(device, key) else { return }
    // A final answer is taken once; only `unknown` gives way to the board's own word.
    guard !order.state.isFinal || order.state == .unknown else { return }
    let id = order.issued.id
    if status == .running {
      guard order.state == .claimed else { return }
      orders[id]?.state = .running
      if let running = orders[id] { actions.append(.changed(running)) }
      return
    }
    let outcome = Self.outcome(status)
    finish(id, outcome.0, outcome.1, value: Int64(value))
  }

  /// The board never received it: with life left it is claimed anew, under another key.
  private mutating func requeue(_ device: DeviceIdentity, _ key: CommandKey, nowUs: Int64) {
    guard let order = find(device, key), !order.state.isFinal else { return }
    let id = order.issued.id
    orders[id]?.claim = nil
    orders[id]?.state = .queued
    guard nowUs < order.deadlineUs else { return finish(id, .refused, "expired") }
    if let waiting = orders[id] { actions.append(.changed(waiting)) }
    offer(to: device, nowUs: nowUs)
  }

  /// What was written to its board once is not written again; and what the board said then is more
  /// than that nobody knows.
  private mutating func learn(_ life: CommandLife) {
    guard var order = orders[life.issued.id] else { return }
    switch (order.state, life.outcome) {
    case (.queued, nil) where order.claim == nil && life.claimed != nil:
      finish(life.issued.id, .unknown, "daemon-restarted")
    case (.queued, let outcome?) where order.claim == nil, (.unknown, let outcome?):
      order.close(outcome)
      orders[life.issued.id] = order
      actions.append(.changed(order))
    default: return
    }
  }

  private mutating func retire(_ isRetiring: Bool) {
    self.isRetiring = isRetiring
    guard isRetiring else { return }
    for id in sequence {
      guard let order = orders[id], !order.state.isFinal else { continue }
      finish(id, order.claim == nil ? .refused : .unknown, "key-changed")
    }
  }

  private mutating func lose(_ device: DeviceIdentity, _ key: CommandKey) {
    guard let order = find(device, key), !order.state.isFinal else { return }
    finish(order.issued.id, .unknown, "board-restarted")
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
  static let answerGraceUs: Int64 = 2_000_000

  private func endUs(_ order: CommandOrder) -> Int64? {
    switch order.state {
    case .queued: return order.claim == nil ? order.deadlineUs : nil  // a claim is being written
    case .claimed: return order.deadlineUs + Self.answerGraceUs
    case .running:
      let leaseUs = Int64(UInt32(clamping: order.issued.leaseMs)) * 1000
      return order.deadlineUs + max(leaseUs, Self.runningGraceUs)
    case .acked, .failed, .refused, .unknown, .cancelled: return nil
    }
  }

  private mutating func expire(_ nowUs: Int64) {
    for id in sequence {
      guard let order = orders[id], let endUs = endUs(order), nowUs >= endUs else { continue }
      if order.state == .queued {
        finish(id, .refused, ready[order.issued.identity] == nil ? "absent" : "expired")
      } else {
        finish(id, .unknown, "no-answer")
      }
    }
  }

  private mutating func wakeForNext(_ nowUs: Int64) {
    let next = sequence.compactMap { orders[$0].flatMap(endUs) }.min()
    if let next { actions.append(.wake(atUs: max(next, nowUs + 1000))) }
  }
}

extension CommandClaimed {
  /// The claim as the link protocol names it.
  var key: CommandKey { CommandKey(epoch: epoch, session: session, id: number) }
}
