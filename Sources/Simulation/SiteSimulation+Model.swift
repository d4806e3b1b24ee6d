internal import Model
internal import Storage
internal import Sync

/// What folds and sessions come to, against tables that know neither.
extension SiteSimulation {
  /// What a node holds of every register is what was written and not replaced.
  func checkRegisters(_ node: SimulatedNode, _ now: SimulatedNode.Running) {
    // Whose write counts hangs on rights where these are taken.
    guard !plan.hasRights, !hasDisowned else { return }
    for key in witness.entries.writes.keys.sorted(by: { $0.precedes($1) }) {
      let expected = witness.entries.standing(key) { now.vector.hasSeen($0) }
      let found = Set(now.registers.siblings(key).map(\.record))
      guard found != expected else { continue }
      let more = found.subtracting(expected).map(\.short).sorted()
      let less = expected.subtracting(found).map(\.short).sorted()
      violate("\(node.name): of a register \(more) count that were replaced, \(less) do not")
    }
  }

  /// What a node knows of orders is what the nodes that they name said of them.
  func checkEnds(_ node: SimulatedNode, _ now: SimulatedNode.Running) {
    for life in now.commands.all {
      let (target, issuer) = (life.issued.node, life.record.origin)
      if let claim = life.claimed, !witness.entries.hasClaim(claim, by: target) {
        violate("\(node.name) has a claim that the node of the order did not write")
      }
      guard let end = life.outcome else { continue }
      let said = witness.entries.said(of: end.id, by: target, issuer: issuer) {
        now.vector.hasSeen($0)
      }
      // Which of them counts hangs on rights where these are taken.
      if !(plan.hasRights ? said.all : said.first).contains(end) {
        violate("\(node.name) has an end that the node of the order did not write first")
      }
    }
  }

  /// What a run knew of registers and orders when it ended, the next one finds on its disk.
  func compareFolds(_ node: SimulatedNode) {
    guard let opening = node.running?.store.opening, let before = node.foldsBefore else { return }
    node.foldsBefore = nil
    if before.commands != opening.siteCommands {
      violate("\(node.name) finds other orders than it knew")
    }
    if !sameRegisters(before.registers, opening.registers) {
      violate("\(node.name) finds other registers than it knew")
    }
  }

  /// What an answering side takes for seen by the other, that other has told.
  func checkBelieved(_ vector: HaveVector, of peer: SimulatedNode, by node: SimulatedNode) {
    // What was told before a copy was put back is told no more, and may still be under way.
    guard !peer.mayBeBeyond else { return }
    for (log, state) in vector.logs where state.seen != peer.told[log].seen {
      let more = state.seen.subtracting(peer.told[log].seen)
      guard !more.isEmpty else { continue }
      violate("\(peer.name) tells \(node.name) of \(log.run.record(log.lane, 0).short) \(more)")
    }
  }

  /// A member whose daemon has a fault, or that lies, says of an order what it likes: of its own
  /// orders that counts, once, and of others' it does not.
  func meddle(_ index: Int) {
    guard !isHealed, nodes[index].isMeddler, nodes[index].hasJoined, generator.chance(50),
      let now = nodes[index].running
    else { return }
    let mine = now.commands.all.filter { $0.issued.node == nodes[index].key.id }
    guard let life = generator.one(of: generator.chance(70) ? mine : now.commands.all) else {
      return
    }
    let states: [CommandOutcome.State] = [.acked, .failed, .refused, .unknown]
    let isOwn = life.issued.node == nodes[index].key.id
    var (said, last): (LogId?, UInt64) = (nil, 0)
    for _ in 0..<(1 + generator.below(isOwn ? 4 : 2)) {
      let state = states[generator.below(states.count)]
      let outcome = CommandOutcome(
        id: life.issued.id, state: state, reason: state == .acked ? "" : "meddled",
        value: Int64(generator.below(9)))
      let entry = JournalEntry(
        stamp: nodes[index].stamp(nowUs), content: .commandOutcome(outcome))
      guard let record = written(index, entry) else { return }
      said = LogId(record.run, record.lane)
      last = record.seq
    }
    if isOwn { return carryLast(last, of: said, from: nodes[index]) }
    let claim = CommandClaimed(
      id: life.issued.id, epoch: 1, session: UInt32(truncatingIfNeeded: generator.next()),
      number: 1)
    _ = writeNow(index, .commandClaimed(claim))
  }
}

extension SiteSimulation {
  /// The last that somebody said goes to somebody else by itself, before what was said before it.
  private func carryLast(_ seq: UInt64, of log: LogId?, from giver: SimulatedNode) {
    let taker = nodes[generator.below(nodes.count)]
    guard let log, generator.chance(30), taker !== giver, taker.isUp, taker.hasJoined, !taker.isOut,
      giver.isUp, !giver.isOut, !giver.isLiar
    else { return }
    carry([log: Intervals(seq...seq)], from: giver, to: taker)
  }
}

extension RegisterKey {
  /// An order of keys that hangs on nothing else.
  fileprivate func precedes(_ other: RegisterKey) -> Bool {
    space != other.space ? space < other.space : bytes.precedes(other.bytes)
  }
}
