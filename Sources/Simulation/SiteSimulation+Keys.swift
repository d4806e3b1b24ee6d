internal import Gateway
internal import Model
internal import Storage
internal import Sync

/// Nodes that change their keys while all goes on, and keys that somebody else has afterwards.
extension SiteSimulation {
  /// How long a start waits before it tries again to say whose place it took, in µs.
  private static let retryUs: Int64 = 10_000_000
  /// How long after it was asked whose places were taken it is not asked again, in µs.
  private static let askedAgainUs: Int64 = 3_000_000

  /// Somebody has a node change its key, as `SiteDesk.rotateKey`: what is open ends under the
  /// present one, and the next start takes the new one, whatever brings it about.
  func rotate() {
    guard !isHealed, plan.hasRotation else { return }
    later(generator.within(15_000_000...60_000_000), .rotate)
    let node = nodes[generator.below(nodes.count)]
    guard let now = node.running, node.hasJoined, !node.isOut, !node.isTwinned, !node.isCutArmed,
      node.nextKey == nil, now.membership.standing(of: node.key.id)?.scopes.isEmpty == false
    else { return }
    tell(node.index, .retiring(true))
    write(node.index, [])
    guard let left = node.running, left.pending == nil, left.notes.isEmpty else {
      return tell(node.index, .retiring(false))
    }
    node.nextKey = Self.key(&generator)
    note("\(node.name): has a new key, to be taken by its next start")
    let index = node.index
    later(generator.within(100_000...10_000_000), .end(index))
  }

  /// The daemon of a node with a new key ends, or the machine goes off.
  func takeKey(_ index: Int) {
    guard nodes[index].nextKey != nil else { return }
    nodes[index].isCutArmed ? crash(index) : kill(index)
  }

  /// Says what a node with a new key has still to say of it; later where the disk would not.
  func sayKeyChange(_ index: Int) {
    let node = nodes[index]
    guard let old = node.key.former.last, node.hasJoined else { return }
    var isNew = false
    while let next = nextOfKeyChange(node, from: old) {
      if case .revocation = next, isBehind(node, old.id) { hasDisowned = true }
      guard writeNow(index, next) else { return later(Self.retryUs, .keyChange(index)) }
      note("\(node.name) says [\(next.kind)] of its key before")
      isNew = true
    }
    guard isNew, node.running?.admits(node.key.id) ?? false else { return }
    node.hasSaidKeyChange = true
    rights[node.key.id] = rights[node.key.id] ?? rights[old.id]
    rights[old.id] = []
    if plan.hasThieves { later(generator.within(1_000_000...20_000_000), .theft(index)) }
  }

  private func nextOfKeyChange(_ node: SimulatedNode, from old: NodeKey) -> JournalContent? {
    do throws(DatabaseError) {
      return try node.run { (now) throws(DatabaseError) -> JournalContent? in
        guard now.membership.standing(of: old.id) != nil else { return nil }
        let said = try now.store.membership().map {
          (record: $0.record, content: $0.entry.content)
        }
        return KeyChange.next(
          from: old, to: node.key.id, said: said, in: now.membership, now.vector)
      } ?? nil
    } catch {
      failed(node.index, error)
      later(Self.retryUs, .keyChange(node.index))
      return nil
    }
  }

  /// Whether others have more of a former key than this disk: nobody can tell it from what a thief
  /// wrote, so it counts no more. Only a copy that was put back brings that about.
  private func isBehind(_ node: SimulatedNode, _ old: NodeId) -> Bool {
    guard let mine = node.running?.vector else { return true }
    let isMore = witness.promised.contains { $0.origin == old && !mine.hasSeen($0) }
    if isMore, !node.wasRestored { violate("\(node.name) disowns what it wrote") }
    return isMore
  }

  /// As `SiteDesk.confirmSuccessions`: who stands above says too what a successor said.
  func confirmSuccessions(_ index: Int) {
    let key = nodes[index].key.id
    nodes[index].change { now in
      for revocation in now.membership.unconfirmed(by: key)
      where now.confirmed.insert(revocation.node).inserted {
        now.notes.append(.revocation(revocation))
      }
    }
  }

  // MARK: Who has not heard of it

  /// One of both may have another key, and the other not have heard of it.
  func askForSuccessions(_ index: Int) {
    links[index].endSession()
    // Once, and then again only with a later attempt.
    guard plan.hasRotation, nowUs - links[index].successionsAtUs > Self.askedAgainUs else { return }
    links[index].successionsAtUs = nowUs
    post(index, .succession, ownSuccessions(nodes[links[index].asker]))
  }

  /// The entries by which a node took the places that it had before.
  func ownSuccessions(_ node: SimulatedNode) -> [UInt8] {
    guard !node.key.former.isEmpty else { return [] }
    do throws(DatabaseError) {
      return try node.run { (now) throws(DatabaseError) -> [UInt8] in
        var asked: [LogId: Intervals] = [:]
        for one in try now.store.membership() {
          guard case .succession = one.entry.content, node.owns(one.record.origin) else { continue }
          let log = LogId(one.record.run, one.record.lane)
          let seq = Intervals(one.record.seq...one.record.seq)
          asked[log] = asked[log]?.union(seq) ?? seq
        }
        return try now.store.serve(asked, bytesMax: 32_768, key: node.key).bytes
      } ?? []
    } catch {
      failed(node.index, error)
      return []
    }
  }

  /// As `SiteDesk.take`: what counts is kept, and nothing else.
  func take(successions batch: [UInt8], by node: SimulatedNode) {
    guard let now = node.running, !batch.isEmpty else { return }
    let facts = Self.facts(in: batch, site)
    var found = now.membership
    _ = found.insert(facts)
    let isNews = facts.contains { found.counts($0.hash) && !now.membership.counts($0.hash) }
    guard isNews, let carrier = facts.last?.record.origin else { return }
    let site = site
    do throws(DatabaseError) {
      _ = try node.run { (now) throws(DatabaseError) in
        var carried = CarriedBatch()
        var items = BatchItems(batch)
        while let item = items.next() { carried.take(item) }
        let rules = SimulatedNode.Running.rules(found, isOld: now.isOld)
        let report = try now.store.receive(carried, from: carrier, rules: rules)
        try now.absorb(report, site)
        now.vector = try now.store.vector()
      }
      note("\(node.name) hears of a new key")
      changedAtUs = nowUs
    } catch { failed(node.index, error) }
    confirmSuccessions(node.index)
  }

  // MARK: Keys in other hands

  /// Whoever has a key that was retired signs something new with it, and brings it to somebody.
  func steal(_ index: Int) {
    let taker = nodes[generator.below(nodes.count)]
    guard !isHealed, let old = nodes[index].key.former.last, let now = taker.running,
      taker.hasJoined, !taker.isOut, now.membership.isKnown(old.id)
    else { return }
    let run = RunId(origin: old.id, incarnation: Incarnation(generator.next() | 1))
    let key = RegisterKey(.setting, Array("key \(generator.below(3))".utf8))
    let write = RegisterWrite(
      key: key, value: generator.bytes(5), replaces: now.registers.replaces(key))
    let entry = JournalEntry(stamp: taker.stamp(nowUs), content: .registerWrite(write))
    let signed = SignedEntry(
      lane: entry.content.lane, seq: 1, clockEpoch: Self.clockEpoch(&generator),
      kind: entry.content.kind, body: JournalEncoder.encode(entry),
      previousLink: [UInt8](repeating: 0, count: 32), incarnation: run.incarnation, key: old)
    witness.steal(run)
    note("\(taker.name) takes what a thief signed as \(nodes[index].name)")
    var writer = BatchWriter()
    writer.add(signed, of: run)
    writer.end()
    let (batch, site) = (writer.take(), site)
    do throws(DatabaseError) {
      _ = try taker.run { (now) throws(DatabaseError) in
        try now.receive(batch, from: taker.key.id, site)
      }
      changedAtUs = nowUs
    } catch { failed(taker.index, error) }
    takeNews(taker.index)
  }

  /// What was signed with a key that was retired counts nowhere.
  func checkStolen(_ node: SimulatedNode, _ now: SimulatedNode.Running) {
    for key in witness.entries.writes.keys {
      if now.registers.siblings(key).contains(where: { witness.isStolen($0.record.run) }) {
        violate("\(node.name) believes what a thief signed")
      }
    }
    for other in nodes where !other.key.former.isEmpty && !other.isOut && other.hasSaidKeyChange {
      for old in other.key.former where now.admits(old.id) {
        violate("\(node.name) speaks with a former key of \(other.name)")
      }
    }
  }
}
