internal import Model
internal import Storage
internal import Sync

/// What nodes and people do.
extension SiteSimulation {
  /// Makes the nodes, founds the site, and notes what will happen.
  func found() {
    for index in 0..<(plan.hubs + plan.gateways) { add(index) }
    for node in nodes {
      if plan.hasOldVersions { node.isOld = generator.chance(40) }
      if plan.hasBadClocks { node.driftPpm = generator.within(-200...200) }
    }
    for index in nodes.indices { start(index) }
    let founder = nodes[0]
    var entries = [
      JournalContent.siteFounded(SiteFounded(name: "site \(seed)", siteKey: siteKey))
    ]
    let joiner = plan.hasLateJoiner ? nodes.count - 1 : nodes.count
    for node in nodes where node.index < joiner { entries.append(grant(node)) }
    write(founder.index, entries)
    for node in nodes where node.index < joiner { bring(node) }
    if plan.hasLateJoiner {
      agenda.note(.join, atUs: generator.within(5_000_000...plan.stormUs))
    }
    connect()
    if plan.hasLiar {
      let liar = nodes[plan.hubs + generator.below(plan.gateways)]
      (liar.isLiar, liar.isStubborn) = (true, generator.chance(50))
    }
    if plan.hasFalseKeeper { nodes[generator.below(plan.hubs)].isFalseKeeper = true }
    if plan.hasMeddler {
      // Orders name gateways: of a hub's own there are none to say anything of.
      let first = generator.chance(20) ? 0 : plan.hubs
      let meddler = nodes[first + generator.below(nodes.count - first)]
      meddler.isMeddler = true
      witness.meddlers.insert(meddler.key.id)
    }
    for node in nodes {
      agenda.note(.work(node.index), atUs: generator.within(0...plan.workUs))
      if plan.hasPowerCuts || plan.hasDiskFaults || generator.chance(30) {
        agenda.note(.trouble(node.index), atUs: generator.within(2_000_000...30_000_000))
      }
    }
    agenda.note(.boards, atUs: 1_000_000)
    if plan.hasRights { agenda.note(.rights, atUs: generator.within(5_000_000...30_000_000)) }
    if plan.hasBundles { agenda.note(.carry, atUs: generator.within(5_000_000...30_000_000)) }
    if plan.hasForger { agenda.note(.forge, atUs: generator.within(5_000_000...plan.stormUs)) }
    if plan.hasRotation { agenda.note(.rotate, atUs: generator.within(5_000_000...40_000_000)) }
    agenda.note(.heal, atUs: plan.stormUs)
  }

  private func add(_ index: Int) {
    let disk = FaultDisk(seed: generator.next())
    nodes.append(
      SimulatedNode(
        index: index, isHub: index < plan.hubs, key: Self.key(&generator),
        clockEpoch: Self.clockEpoch(&generator), disk: disk))
    guard index >= plan.hubs,
      let identity = DeviceIdentity(
        kind: .companion, bytes: [UInt8](repeating: UInt8(index), count: 8))
    else { return }
    boards.append(
      SimulatedBoard(
        identity: identity, gateway: index, nonce: UInt32(truncatingIfNeeded: generator.next())))
  }

  private func grant(_ node: SimulatedNode) -> JournalContent {
    let grant = Grant(site: site, node: node.key.id, label: node.name, scopes: .all)
    // On the word of the site key, or of the founder.
    return .grant(node.index == 0 || generator.chance(50) ? grant.signed(by: siteKey) : grant)
  }

  /// What pairing brings: the entries that make a node a member.
  private func bring(_ node: SimulatedNode) {
    guard node.index != 0 else {
      node.hasJoined = true
      return
    }
    let founder = nodes[0]
    let site = site
    do throws(DatabaseError) {
      let control = founder.running?.vector.logs.filter { $0.key.lane == .control } ?? [:]
      let served = try founder.run { (now) throws(DatabaseError) in
        try now.store.serve(control.mapValues(\.held), bytesMax: 1 << 20, key: founder.key)
      }
      guard let bytes = served?.bytes else { return }
      _ = witness.see(bytes, "pairing")
      // Whoever pairs believes the invitation, for these entries alone.
      _ = try node.run { (now) throws(DatabaseError) in
        _ = now.membership.insert(Self.facts(in: bytes, site))
        return try now.receive(bytes, from: founder.key.id, site)
      }
      node.hasJoined = node.running?.admits(founder) ?? false
      note("\(node.name) joins")
      changedAtUs = nowUs
    } catch { failed(node.index, error) }
    if !node.hasJoined { return later(2_000_000, .join) }
    sayKeyChange(node.index)
  }

  static func facts(in bytes: [UInt8], _ site: SiteId) -> [MembershipFact] {
    var items = BatchItems(bytes)
    var run: RunId?
    var found: [ReceiveReport.Applied] = []
    while let item = items.next() {
      if case .run(let next) = item { run = next }
      guard case .entry(let entry) = item, let run else { continue }
      do throws(DecodeError) {
        let content = try JournalDecoder.decode(kind: entry.kind, entry.body)
        guard let content else { continue }
        found.append(
          ReceiveReport.Applied(
            record: run.record(entry.lane, entry.seq), entry: content,
            clockEpoch: entry.clockEpoch))
      } catch { continue }
    }
    return SimulatedNode.facts(found, site)
  }

  /// Somebody is taken in while all goes on.
  func join() {
    for node in nodes where !node.hasJoined && !node.isOut { join(node) }
  }

  private func join(_ node: SimulatedNode) {
    let known = nodes[0].running?.membership
    let isGranted = node.ids.contains { known?.isKnown($0) ?? false }
    guard nodes[0].isUp, node.isUp, isGranted || write(0, [grant(node)]) else {
      return later(2_000_000, .join)
    }
    bring(node)
  }

  private func connect() {
    func link(_ asker: Int, _ other: Int) {
      links.append(SimulatedLink(asker: asker, other: other, peer: nodes[other].key.id))
      agenda.note(.look(links.count - 1, repeats: true), atUs: generator.within(0...3_000_000))
      agenda.note(.weather(links.count - 1), atUs: generator.within(0...3_000_000))
    }
    for hub in 1..<max(1, plan.hubs) { link(hub, 0) }
    for gateway in plan.hubs..<nodes.count {
      let hub = generator.below(plan.hubs)
      let isCalled = plan.hasCallingHubs && generator.chance(60)
      if isCalled { link(hub, gateway) } else { link(gateway, hub) }
      if generator.chance(40), gateway > plan.hubs {
        link(gateway, plan.hubs + generator.below(gateway - plan.hubs))
      }
    }
  }

  // MARK: Boards

  func playBoards() {
    if !isHealed { later(2_000_000, .boards) }
    for board in boards {
      if !isHealed { board.make(generator.below(12)) }
      if !isHealed, plan.hasMoves, generator.chance(4) {
        board.gateway = plan.hubs + generator.below(plan.gateways)
        note("board \(board.identity) moves to node\(board.gateway)")
      }
      unplug(board)
      attach(board)
      guard board.awayUntilUs <= nowUs else { continue }
      nodes[board.gateway].change { board.send(into: &$0.batch) }
    }
  }

  /// Somebody pulls a board out for a while: it goes on measuring, and nothing comes of its line.
  private func unplug(_ board: SimulatedBoard) {
    guard !isHealed else { return board.awayUntilUs = 0 }
    guard plan.hasUnplugs, board.awayUntilUs <= nowUs, generator.chance(5) else { return }
    board.awayUntilUs = nowUs + generator.within(5_000_000...40_000_000)
    note("board \(board.identity) is unplugged")
  }

  // MARK: Work

  func work(_ index: Int) {
    guard !isHealed else { return }
    later(generator.within(plan.workUs / 4...2 * plan.workUs), .work(index))
    guard nodes[index].isUp else { return }
    var entries: [JournalContent] = []
    for _ in 0..<generator.below(4) { if let entry = entry(index) { entries.append(entry) } }
    write(index, entries)
    if generator.chance(40) { issue(index) }
    meddle(index)
    keep(index)
    restoreBallast(nodes[index])
    if generator.chance(20) {
      do throws(DatabaseError) {
        _ = try nodes[index].run { (now) throws(DatabaseError) in
          if generator.chance(50) { try now.store.checkpoint() } else { try now.store.shortenLog() }
        }
      } catch { failed(index, error) }
    }
  }

  private func entry(_ index: Int) -> JournalContent? {
    guard let now = nodes[index].running else { return nil }
    let id = [UInt8](repeating: UInt8(generator.below(24)), count: 16)
    // It is the version before that does not know these, and none of its people write them.
    switch now.isOld ? generator.below(2) : generator.below(5) {
    case 0 where generator.chance(40): return personEntry(now)
    case 0, 1:
      let key = RegisterKey(.setting, Array("key \(generator.below(3))".utf8))
      return .registerWrite(
        RegisterWrite(
          key: key, value: generator.chance(80) ? generator.bytes(3) : nil,
          replaces: generator.chance(90) ? now.registers.replaces(key) : []))
    case 2:
      guard let fact = FactId(id) else { return nil }
      return .annotation(
        Annotation(
          id: fact, subject: .node(nodes[index].key.id), fromUs: 0, toUs: 5,
          text: "\(generator.below(99))"))
    case 3:
      guard let fact = FactId(id) else { return nil }
      return .annotationRemoved(Withdrawal(target: fact, reason: ""))
    default: return personEntry(now)
    }
  }

  /// Writes an entry that somebody waits for; one that failed is not tried again.
  func writeNow(_ index: Int, _ content: JournalContent) -> Bool {
    written(index, JournalEntry(stamp: nodes[index].stamp(nowUs), content: content)) != nil
  }

  /// The same; under which identity it was written.
  func written(_ index: Int, _ entry: JournalEntry) -> RecordId? {
    let node = nodes[index]
    let site = site
    let next = PendingCommit(content: nil, clock: node.clock(nowUs), journal: [entry])
    do throws(DatabaseError) {
      let receipt = try node.run { (now) throws(DatabaseError) in
        let receipt = try now.commit(next, node, site)
        promise(receipt, next, node)
        return receipt
      }
      if receipt != nil { note("\(node.name) wrote [\(entry.content.kind)]") }
      return receipt?.journal.first
    } catch {
      failed(index, error)
      return nil
    }
  }

  /// Writes entries with the readings that wait; whether all is on the disk.
  @discardableResult func write(_ index: Int, _ contents: [JournalContent]) -> Bool {
    let node = nodes[index]
    let stamp = node.stamp(nowUs)
    let clock = node.clock(nowUs)
    let (site, bootUs) = (site, node.bootUs(nowUs))
    do throws(DatabaseError) {
      let receipt = try node.run { (now) throws(DatabaseError) -> CommitReceipt? in
        if let pending = now.pending {
          // In its order: what waits comes first, or nothing.
          let receipt = try now.commit(pending, node, site)
          now.pending = nil
          promise(receipt, pending, node)
        }
        var contents = contents + now.notes
        if !now.isAnchored, node.isTrusted {
          let anchor = Anchor(
            bootUs: bootUs, utcUs: clock.wallUs, errorUs: clock.errorUs, origin: .kernel)
          contents.append(.anchor(anchor))
        }
        let next = PendingCommit(
          content: now.batch.take(arrivalUs: bootUs), clock: clock,
          journal: contents.map { JournalEntry(stamp: stamp, content: $0) })
        (now.notes, now.isAnchored) = ([], now.isAnchored || node.isTrusted)
        guard next.content != nil || !next.journal.isEmpty else { return nil }
        now.pending = next
        if let body = next.content?.body { witness.give(body) }
        let receipt = try now.commit(next, node, site)
        now.pending = nil
        promise(receipt, next, node)
        return receipt
      }
      if receipt != nil { note("\(node.name) wrote \(contents.map(\.kind))") }
      return receipt != nil
    } catch {
      failed(index, error)
      return false
    }
  }

  /// Nobody works any more that would write with the next readings what it has to say.
  func writeWhatWaits() {
    for node in nodes where !node.isOut && node.running?.isWritten == false {
      write(node.index, [])
    }
  }

  /// What was written is promised: to people, and to the boards that hang here now.
  private func promise(_ receipt: CommitReceipt, _ commit: PendingCommit, _ node: SimulatedNode) {
    changedAtUs = nowUs
    node.fullSinceUs = nil
    for record in receipt.journal + (receipt.record.map { [$0] } ?? []) { witness.promise(record) }
    if let record = receipt.record, let body = commit.content?.body {
      witness.stored(body, record, node.name)
    }
    for (record, entry) in zip(receipt.journal, commit.journal) {
      witness.wrote(entry.content, record)
      if case .accessRevoked(let revocation) = entry.content { witness.revoke(revocation, record) }
    }
    for cursor in commit.content?.cursors ?? [] {
      note("\(node.name) stored \(cursor.identity) below \(cursor.next)")
      for board in boards where board.identity == cursor.identity && board.gateway == node.index {
        board.free(below: cursor.next)
      }
    }
  }
}

extension SimulatedNode {
  /// Changes what this run knows, where there is one.
  func change(_ body: (inout Running) -> Void) {
    do throws(DatabaseError) {
      _ = try run { (now) throws(DatabaseError) in body(&now) }
    } catch { preconditionFailure("\(error)") }
  }
}
