internal import Gateway
internal import Model
internal import Protocol
internal import Storage
internal import Sync

/// What the daemon's shell does for the desk of commands, and the boards' end of it.
extension SiteSimulation {
  /// A board's frames, and its answers, that are lost on the line, in percent.
  private static let lineLossPercent = 20
  /// How much later than its life a command may begin by clocks that drift, in µs.
  private static let lateUs: Int64 = 1_000_000

  func tell(_ index: Int, _ event: CommandDesk.Event) {
    let bootUs = nodes[index].bootUs(nowUs)
    var actions: [CommandDesk.Action] = []
    nodes[index].change { actions = $0.desk.handle(event, nowUs: bootUs) }
    perform(index, actions)
  }

  private func perform(_ index: Int, _ actions: [CommandDesk.Action]) {
    for action in actions where nodes[index].isUp {
      switch action {
      case .claim(let claim): self.claim(index, claim)
      case .transmit(let order, let key): transmit(index, order, key)
      case .finish(let outcome): nodes[index].change { $0.notes.append(.commandOutcome(outcome)) }
      case .changed: break
      case .wake(let atUs):
        let atUs = nowUs + max(1_000, atUs - nodes[index].bootUs(nowUs))
        guard atUs < nodes[index].tickAtUs else { continue }
        nodes[index].tickAtUs = atUs
        agenda.note(.tick(index, run: nodes[index].runs), atUs: atUs)
      }
    }
  }

  func tick(_ index: Int, _ run: Int) {
    guard nodes[index].isUp, nodes[index].runs == run else { return }
    nodes[index].tickAtUs = .max
    tell(index, .tick)
    write(index, [])
  }

  private func claim(_ index: Int, _ claim: CommandClaimed) {
    let isWritten = writeNow(index, .commandClaimed(claim))
    // A daemon that ends just then, and comes back within the same boot.
    if !isWritten, nodes[index].isUp, generator.chance(50) { return kill(index) }
    tell(index, isWritten ? .claimed(claim) : .claimFailed(claim))
  }

  /// Somebody gives an order.
  func issue(_ index: Int) {
    guard plan.hasCommands, let board = generator.one(of: boards), nodes[index].hasJoined,
      let id = CommandId(generator.bytes(16)), let named = nodes[board.gateway].ids.first,
      let target = nodes[index].running?.membership.successor(of: named)
    else { return }
    let issued = CommandIssued(
      id: id, node: target, identity: board.identity, op: 1, name: "valve",
      arguments: [], lifeMs: UInt64(5_000 + generator.below(85_000)), leaseMs: 0)
    guard writeNow(index, .commandIssued(issued)) else { return }
    witness.order(issued, by: nodes[index].key.id, in: nodes[index].clockEpoch, atUs: nowUs)
    guard CommandAdmission.isOwn(issued, node: nodes[index].key.id) else { return }
    tell(
      index,
      .issued(
        CommandOrder(
          issued: issued, arguments: [], issuer: nodes[index].name,
          issuedUs: nodes[index].bootUs(nowUs))))
  }

  /// What the daemon takes over when it starts.
  func restoreCommands(_ index: Int) {
    let node = nodes[index]
    let bootUs = node.bootUs(nowUs)
    var (arriving, actions): ([CommandLife], [CommandDesk.Action]) = ([], [])
    let (key, clockEpoch) = (node.key.id, node.clockEpoch)
    node.change { now in
      let restored = RestoredCommands(now.commands, node: key, clockEpoch: clockEpoch)
      actions = now.desk.restore(
        restored.orders, issuedInThisEpoch: { restored.fresh.contains($0) }, nowUs: bootUs)
      arriving = restored.arriving
      now.news = []
    }
    perform(index, actions)
    for life in arriving {
      obey(index, life.issued, life.issuedStamp, life.record.origin, life.clockEpoch)
    }
  }

  /// What came counts: orders, and what earlier runs of this node wrote of them.
  func takeNews(_ index: Int) {
    var news: [ReceiveReport.Applied] = []
    nodes[index].change { swap(&news, &$0.news) }
    if plan.hasRotation { confirmSuccessions(index) }
    for applied in news {
      let id: CommandId
      switch applied.entry.content {
      case .commandIssued(let issued):
        id = issued.id
        if !nodes[index].owns(applied.record.origin) {
          obey(index, issued, applied.entry.stamp, applied.record.origin, applied.clockEpoch)
        }
      case .commandClaimed(let claim): id = claim.id
      case .commandOutcome(let outcome): id = outcome.id
      default: continue
      }
      if applied.record.origin == nodes[index].key.id { settle(index, id) }
    }
  }

  private func obey(
    _ index: Int, _ issued: CommandIssued, _ stamp: Stamp, _ issuer: NodeId,
    _ clockEpoch: ClockEpoch
  ) {
    let node = nodes[index]
    guard let now = node.running else { return }
    let board = boards.first { $0.identity == issued.identity }
    let clock = node.clock(nowUs)
    let admission = CommandAdmission.judge(
      issued, stamp: stamp, node: node.key.id,
      ageUs: stamp.ageUs(
        in: clockEpoch, now: clock, here: node.clockEpoch, measured: now.clocks[issuer]),
      nowUs: clock.bootUs, isElsewhere: board?.gateway != index,
      isOpen: now.commands.life(issued.id)?.isOpen == true, desk: now.desk)
    switch admission {
    case .none: return
    case .refused(let reason):
      let outcome = CommandOutcome(id: issued.id, state: .refused, reason: reason, value: 0)
      node.change { $0.notes.append(.commandOutcome(outcome)) }
    case .taken(let order):
      note("\(node.name): takes an order")
      tell(index, .issued(order))
    }
  }

  /// As `Node.settle`: what was written to a device once is never written again.
  private func settle(_ index: Int, _ id: CommandId) {
    let node = nodes[index]
    guard let now = node.running, let life = now.commands.life(id), life.issued.node == node.key.id
    else { return }
    guard now.desk.order(id) == nil else { return tell(index, .regained(life)) }
    guard life.isOpen else { return }
    let outcome = CommandOutcome(id: id, state: .unknown, reason: "daemon-restarted", value: 0)
    node.change { $0.notes.append(.commandOutcome(outcome)) }
  }

  // MARK: The boards' lines

  /// Has a board and the daemon that it hangs on find one another, and the line be free again
  /// where nobody can say any more what became of the last command.
  func attach(_ board: SimulatedBoard) {
    let node = nodes[board.gateway]
    let isAway = board.awayUntilUs > nowUs
    if let line = board.line, isAway || line.node != node.index || line.run != node.runs {
      board.line = nil
      if nodes[line.node].runs == line.run { tell(line.node, .detached(board.identity)) }
    }
    guard plan.hasCommands, node.isUp, !isAway else { return }
    guard board.line == nil else {
      let isBusy =
        node.running?.desk.orders(of: board.identity)
        .contains { $0.claim != nil && !$0.state.isFinal } ?? true
      return isBusy ? () : offerLine(of: board)
    }
    let before = (session: board.session, number: board.lastNumber)
    let session = UInt32(truncatingIfNeeded: generator.next())
    board.line = SimulatedBoard.Line(node: node.index, run: node.runs, session: session)
    (board.session, board.lastNumber) = (session, 0)
    if let key = node.running?.desk.carried(for: board.identity) {
      if board.last == key {
        tell(node.index, .result(board.identity, key, .done, value: 0))
      } else if key.session == before.session, key.id > before.number {
        tell(node.index, .notReceived(board.identity, key))
      } else {
        tell(node.index, .lost(board.identity, key))
      }
    }
    offerLine(of: board)
  }

  private func offerLine(of board: SimulatedBoard) {
    guard let line = board.line, nodes[line.node].runs == line.run else { return }
    tell(
      line.node,
      .ready(
        board.identity, CommandKey(epoch: board.epoch, session: line.session, id: line.next)))
  }

  private func transmit(_ index: Int, _ order: CommandOrder, _ key: CommandKey) {
    guard let place = boards.firstIndex(where: { $0.identity == order.issued.identity }) else {
      return
    }
    let (board, run) = (boards[place], nodes[index].runs)
    guard let line = board.line, line.node == index, line.run == run, line.session == key.session
    else {
      tell(index, .notReceived(order.issued.identity, key))
      return offerLine(of: board)
    }
    board.line?.next = key.id + 1
    // An order's life counts by the clock of the boot in which it was given.
    if let boot = witness.orders[order.issued.id]?.clockEpoch, boot != nodes[index].clockEpoch {
      violate("\(nodes[index].name) sends an order of an earlier boot")
    }
    let leftUs = order.deadlineUs - nodes[index].bootUs(nowUs)
    note("\(nodes[index].name): sends command \(key.id) to \(board.identity)")
    // Until something comes back.
    for second in 0..<3 where !generator.chance(Self.lineLossPercent) {
      later(
        Int64(second) * 1_000_000 + generator.within(1_000...300_000),
        .frame(place, order.issued.id, key, endsUs: nowUs + leftUs))
    }
  }

  /// A command comes to a board.
  func framed(_ place: Int, _ id: CommandId, _ key: CommandKey, _ endsUs: Int64) {
    let board = boards[place]
    guard board.session == key.session, board.awayUntilUs <= nowUs else { return }
    if key.id > board.lastNumber {
      guard nowUs < endsUs else { return }
      (board.lastNumber, board.last) = (key.id, key)
      let node = board.line.map { nodes[$0.node] }
      note("\(board.identity) carries out \(key.id)")
      if let order = witness.execute(id), let node, !node.mayBeBeyond {
        if order.executions > 1 { violate("\(board.identity) did one command twice") }
        let isLate = nowUs > order.endsUs + Self.lateUs
        if isLate, !nodes.contains(where: \.hasFalseTime) {
          violate("\(board.identity) did a command \((nowUs - order.endsUs) / 1_000) ms too late")
        }
      }
    }
    guard board.last == key, !generator.chance(Self.lineLossPercent) else { return }
    later(generator.within(1_000...100_000), .result(place, key))
  }

  func resulted(_ place: Int, _ key: CommandKey) {
    let board = boards[place]
    guard let line = board.line, line.session == key.session, nodes[line.node].runs == line.run
    else { return }
    tell(line.node, .result(board.identity, key, .done, value: 0))
    offerLine(of: board)
  }
}
