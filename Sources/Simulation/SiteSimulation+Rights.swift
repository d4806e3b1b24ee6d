internal import Gateway
internal import Model
internal import Storage
internal import Sync

/// Rights that are taken and given while all goes on, and what follows for who has them.
extension SiteSimulation {
  /// The founder, or somebody who may not, says who may what.
  func changeRights() {
    guard !isHealed, plan.hasRights else { return }
    later(generator.within(10_000_000...40_000_000), .rights)
    let target = nodes[plan.hubs + generator.below(plan.gateways)]
    // People name whom they see: a key that nobody has told them of they do not.
    guard nodes[0].isUp, target.hasJoined, target.index != 0, !target.isOut,
      let first = target.ids.first,
      nodes[0].running?.membership.successor(of: first) == target.key.id
    else { return }
    switch generator.below(8) {
    case 0...3:
      let left: Scopes = generator.chance(50) ? [.record, .serve] : [.record, .state, .command]
      reduce(target, to: left)
    case 4, 5: giveAgain(target)
    case 6: usurp(target)
    default: shutOut(target)
    }
  }

  private func past(of node: SimulatedNode, _ vector: HaveVector) -> SeenPast {
    SeenPast(
      runs: SeenPast.runs(of: node.key.id, in: vector),
      kept: nodes[0].running?.membership.spoken(by: node.key.id) ?? [])
  }

  private func revocation(of node: SimulatedNode, _ left: Scopes) -> Revocation? {
    guard let now = nodes[0].running else { return nil }
    return Revocation(
      site: site, node: node.key.id, scopesLeft: left,
      generation: now.membership.generation(of: node.key.id) ?? 0,
      past: past(of: node, now.vector), reason: "")
  }

  private func reduce(_ node: SimulatedNode, to left: Scopes) {
    guard let revocation = revocation(of: node, left),
      writeNow(0, .revocation(revocation.signed(by: siteKey)))
    else { return }
    note("\(node.name) may only \(left)")
    for one in nodes where one.key.id == node.key.id { one.hasLostRights = true }
    rights[node.key.id] = (rights[node.key.id] ?? .all).intersection(left)
  }

  private func giveAgain(_ node: SimulatedNode) {
    guard let generation = nodes[0].running?.membership.generation(of: node.key.id) else { return }
    let grant = Grant(
      site: site, node: node.key.id, label: node.name, scopes: .all, generation: generation + 1)
    guard writeNow(0, .grant(grant.signed(by: siteKey))) else { return }
    note("\(node.name) may do all again")
    rights[node.key.id] = .all
  }

  /// Somebody takes the rights of one who stands as high as he: it counts nowhere.
  private func usurp(_ node: SimulatedNode) {
    guard let now = node.running else { return }
    let revocation = Revocation(
      site: site, node: nodes[0].key.id, scopesLeft: [],
      generation: now.membership.generation(of: nodes[0].key.id) ?? 0, past: SeenPast(),
      reason: "")
    if writeNow(node.index, .revocation(revocation)) { note("\(node.name) revokes the founder") }
  }

  /// A key that was stolen: the node is out, whatever is under way.
  private func shutOut(_ node: SimulatedNode) {
    guard generator.chance(50), !nodes.contains(where: \.isOut), !node.isTwinned,
      let revocation = revocation(of: node, []),
      writeNow(0, .revocation(revocation.signed(by: siteKey)))
    else { return }
    note("\(node.name) is shut out")
    (node.isOut, node.hasLostRights) = (true, true)
    rights[node.key.id] = []
  }

  /// Whoever the founder's disk forgot, and nobody else can tell it of, is paired again.
  func pairAgain() {
    for node in nodes where !node.isOut && node.hasJoined {
      guard let now = nodes[0].running, !now.admits(node) else { continue }
      let grant = Grant(
        site: site, node: node.key.id, label: node.name, scopes: .all,
        generation: (now.membership.generation(of: node.key.id) ?? 0) + 1)
      note("\(node.name) is paired again")
      _ = writeNow(0, .grant(grant.signed(by: siteKey)))
      node.hasJoined = false
    }
  }

  // MARK: In the end

  /// Nodes that belong to the site.
  var members: [SimulatedNode] { nodes.filter { !$0.isOut } }

  /// Who may what is what was said last, everywhere; nobody speaks with who is out.
  func checkRights() {
    // What the founder's disk forgot was never said.
    guard !nodes[0].mayBeBeyond else { return }
    for node in members {
      guard let membership = node.running?.membership else { continue }
      for (target, scopes) in rights.sorted(by: { $0.key.bytes.precedes($1.key.bytes) })
      where (membership.standing(of: target)?.scopes ?? []) != scopes {
        let found = membership.standing(of: target)?.scopes ?? []
        violate("to \(node.name) \(target.description.prefix(4)) may \(found), not \(scopes)")
      }
      for other in nodes where other.isOut && node.running?.admits(other) ?? false {
        violate("\(node.name) speaks with \(other.name), which is out")
      }
    }
  }

  /// Who counts no more counts nowhere; the others are the same everywhere.
  func checkPeople() {
    var first: [String]?
    for node in members where !node.isApart {
      guard let now = node.running else { continue }
      let users = now.access.users(in: now.registers)
      let names = users.map { "\($0.name) \($0.generations) \($0.record.role)" }
      for user in users where !plan.hasRights {
        let revoked = user.generations.first {
          witness.isRevoked(
            Witness.Revoked(key: UserRecord.key(user.name).bytes, generation: $0))
        }
        if revoked != nil { violate("\(user.name) was removed, and is back on \(node.name)") }
      }
      if first == nil { first = names }
      if first != names { violate("\(node.name) has other people") }
    }
  }

  /// What people do to people.
  func personEntry(_ now: SimulatedNode.Running) -> JournalContent? {
    let name = "person\(generator.below(3))"
    let key = UserRecord.key(name)
    let known = now.access.user(name, in: now.registers)
    if let known, generator.chance(50), let generation = known.generations.first {
      return .accessRevoked(
        AccessRevocation(.user, key: key.bytes, generation: generation, reason: ""))
    }
    let generation = known?.record.generation ?? generator.next()
    let record = UserRecord(
      role: generator.chance(50) ? .admin : .viewer, generation: generation,
      password: Array("p\(generator.below(9))".utf8))
    return .registerWrite(
      RegisterWrite(
        key: key, value: record.encoded(),
        replaces: generator.chance(80) ? now.registers.replaces(key) : []))
  }
}

extension [UInt8] {
  /// Whether it comes before another, byte by byte.
  func precedes(_ other: [UInt8]) -> Bool { lexicographicallyPrecedes(other) }
}
