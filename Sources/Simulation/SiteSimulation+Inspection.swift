internal import Model
internal import Storage
internal import Sync

/// What must hold once all has healed and everybody rests.
extension SiteSimulation {
  func inspect() {
    note("at rest")
    guard let first = nodes[0].running?.vector else { return violate("\(nodes[0].name) is down") }
    for node in members {
      guard let now = node.running else { return violate("\(node.name) is down") }
      compare(node, now.vector, with: first)
      promises(node, now.vector)
      holdings(node, now)
      checkRegisters(node, now)
      checkStolen(node, now)
    }
    folds()
    checkRights()
    checkPeople()
    checkOrders()
    for node in members { if let now = node.running { checkEnds(node, now) } }
    let told = members.map { counted($0) }
    samples(told)
    compareSums()
  }

  /// Whoever asks a node is told each sample that it holds, and once, also where a board that was
  /// not acknowledged sent it to two gateways. What it told.
  private func counted(_ node: SimulatedNode) -> [DeviceIdentity: Set<UInt32>] {
    guard let now = node.running else { return [:] }
    let vector = now.vector
    var told: [DeviceIdentity: [UInt32: Int]] = [:]
    var gone: [DeviceIdentity: Int64] = [:]
    do throws(DatabaseError) {
      let all = try now.store.told()
      gone = all.gone
      for reading in all.readings {
        guard let seq = reading.numbering?.seq else { continue }
        told[reading.device, default: [:]][seq, default: 0] += 1
        if reading.value != SimulatedBoard.value(reading.device, seq) {
          violate("\(node.name) tells another value of \(reading.device) \(seq)")
        }
      }
    } catch { violate("\(node.name) cannot tell its readings: \(error)") }
    for board in boards {
      let counts = told[board.identity] ?? [:]
      // One whose writing failed was perhaps written all the same, and has not been on its way.
      let stored = Set(counts.keys).union(
        (witness.samples[board.identity] ?? [:]).filter { $0.value.contains(where: vector.knows) }
          .keys
      ).count
      let excess = counts.count + Int(gone[board.identity] ?? 0) - stored
      // What is here as sums alone does not say which samples it counts.
      let doubtful = rough(board, vector) + witness.doubtful(board.identity)
      if excess > 0, excess > doubtful {
        violate(
          "\(node.name) counts \(counts.count) and \(gone[board.identity] ?? 0) that went of "
            + "\(board.identity), of which it has seen \(stored), \(doubtful) doubtful")
      }
      if excess < 0 {
        violate(
          "\(node.name) counts \(counts.count) and \(gone[board.identity] ?? 0) that went of "
            + "\(board.identity), and knows \(stored)")
      }
      let twice = counts.filter { $0.value > 1 }.keys.min()
      if let twice { violate("\(node.name) tells \(board.identity) \(twice) twice") }
      let missing = (witness.samples[board.identity] ?? [:]).filter { seq, records in
        // What lies under sums is told by these until the last of the range is here (ADR 0026).
        counts[seq] == nil
          && records.contains { vector.holds($0) && !isUnderSums($0, vector) }
      }
      if let one = missing.keys.min() {
        violate("\(node.name) does not tell \(missing.count) of \(board.identity), as \(one)")
      }
    }
    return told.mapValues { Set($0.keys) }
  }

  /// How many readings of a board a node may count twice: those of which it has sums alone from
  /// more than one gateway.
  func rough(_ board: SimulatedBoard, _ vector: HaveVector) -> Int {
    (witness.samples[board.identity] ?? [:]).values.reduce(0) { sum, records in
      sum + max(0, records.count { vector.knows($0) && !vector.holds($0) } - 1)
    }
  }

  /// Whether somebody let a record go, and nobody whom this node speaks with holds it: what a hub
  /// let go it does not fetch again, so who is behind it never sees it.
  private func isUnderFloor(_ record: RecordId, for node: SimulatedNode) -> Bool {
    guard plan.hasRetention, record.lane == .telemetry else { return false }
    if let vector = node.running?.vector, isUnderWiderSums(record, vector) { return true }
    let others = links.compactMap { link -> SimulatedNode? in
      if link.asker == node.index { return nodes[link.other] }
      return link.other == node.index ? nodes[link.asker] : nil
    }
    let isHeld = others.contains { !$0.isOut && $0.running?.vector.holds(record) ?? false }
    return !isHeld && members.contains { $0.running?.vector.hasSeen(record) ?? false }
  }

  /// All have seen the same, but for what somebody let go before the others came for it.
  private func compare(_ node: SimulatedNode, _ mine: HaveVector, with first: HaveVector) {
    // Lane 3 hangs on what each one let go.
    for log in Set(mine.logs.keys).union(first.logs.keys).sorted()
    where log.lane != .rollups && mine[log].seen != first[log].seen {
      let (here, there) = (mine[log].seen, first[log].seen)
      let isExcused =
        here.subtracting(there).ranges.joined().allSatisfy {
          isUnderFloor(log.run.record(log.lane, $0), for: nodes[0])
        }
        && there.subtracting(here).ranges.joined().allSatisfy {
          isUnderFloor(log.run.record(log.lane, $0), for: node)
        }
      guard !isExcused else { continue }
      violate(
        "\(node.name) has seen \(here) of \(log.run.record(log.lane, 0).short), "
          + "\(nodes[0].name) \(there)")
    }
  }

  /// Whatever a disk has promised is everywhere, or was let go under a floor.
  private func promises(_ node: SimulatedNode, _ vector: HaveVector) {
    let out = Set(nodes.filter(\.isOut).flatMap(\.ids))
    let lost = witness.promised.filter { record in
      !vector.hasSeen(record) && !isUnderFloor(record, for: node)
        && !(out.contains(record.origin)
          && !members.contains { $0.running?.vector.hasSeen(record) ?? false })
    }
    if let one = lost.min(by: { $0.short < $1.short }) {
      violate("\(node.name) lacks \(lost.count) that were promised, as \(one.short)")
    }
  }

  /// What was carried out is not called refused, and what is called done was carried out.
  private func checkOrders() {
    guard let commands = nodes[0].running?.commands, !nodes.contains(where: \.mayBeBeyond) else {
      return
    }
    for life in commands.all {
      // One whose writing failed was perhaps written all the same: nobody counted what came of it.
      guard let count = witness.orders[life.issued.id]?.executions,
        !witness.meddlers.contains(life.issued.node)
      else { continue }
      switch life.outcome?.state {
      case .acked? where count == 0: violate("an order is called done, and is not")
      case .refused? where count > 0: violate("an order is called refused, and was done")
      default: break
      }
    }
  }

  /// What is said to be held can be given, and is what everybody has.
  private func holdings(_ node: SimulatedNode, _ now: SimulatedNode.Running) {
    do throws(DatabaseError) {
      var left = now.vector.logs.mapValues(\.held)
      for _ in 0..<64 where left.values.contains(where: { !$0.isEmpty }) {
        let served = try now.store.serve(left, bytesMax: 8 << 20, key: node.key)
        let given = witness.see(served.bytes, "in the end, of \(node.name)")
        for record in given {
          let run = RunId(origin: record.origin, incarnation: record.incarnation)
          let log = LogId(run, record.lane)
          left[log] = left[log]?.subtracting(Intervals(record.seq...record.seq))
        }
        if given.isEmpty { break }
      }
      for log in left.keys.sorted() where !(left[log]?.isEmpty ?? true) {
        violate(
          "\(node.name) says that it holds \(log.run.record(log.lane, 0).short) "
            + "\(left[log] ?? Intervals()), and does not give it")
      }
    } catch { violate("\(node.name) cannot serve: \(error)") }
  }

  /// All folds are equal, and each is what a fold from zero gives.
  private func folds() {
    var first: (RegisterFold, CommandFold, [String])?
    for node in members {
      guard let now = node.running else { continue }
      do throws(DatabaseError) {
        let folded = try now.store.folded()
        if !sameRegisters(folded.registers, now.registers) {
          violate("\(node.name): registers fold otherwise from zero")
        }
        if folded.siteCommands != now.commands {
          violate("\(node.name): commands fold otherwise from zero")
        }
        guard !node.isApart else { continue }
        let notes = try now.store.annotations()
        if notes.contains(where: { $0.hasSuffix("false false") }) {
          violate("\(node.name) leaves out an annotation that nobody took back")
        }
        guard let (registers, commands, texts) = first else {
          first = (folded.registers, folded.siteCommands, notes)
          continue
        }
        if !sameRegisters(registers, folded.registers) {
          violate("\(node.name) has other registers than \(nodes[0].name)")
        }
        if commands != folded.siteCommands {
          violate("\(node.name) has other commands than \(nodes[0].name)")
        }
        if texts != notes { violate("\(node.name) has other annotations than \(nodes[0].name)") }
      } catch { violate("\(node.name) cannot fold: \(error)") }
    }
  }

  func sameRegisters(_ left: RegisterFold, _ right: RegisterFold) -> Bool {
    let keys = left.keys(.setting)
    return keys == right.keys(.setting)
      && keys.allSatisfy {
        left.siblings(RegisterKey(.setting, $0)) == right.siblings(RegisterKey(.setting, $0))
      }
  }

  /// Every sample that was made is in a commit, or the board's ring dropped it; and where it hung
  /// on one node all the time, that was declared. Who declares one lost did not store it.
  private func samples(_ told: [[DeviceIdentity: Set<UInt32>]]) {
    // What a copy has lost the boards had let go of.
    guard !nodes.contains(where: \.mayBeBeyond) else { return }
    for board in boards {
      let stored = witness.samples[board.identity] ?? [:]
      let here = told.reduce(Set(stored.keys)) { $0.union($1[board.identity] ?? []) }
      let gaps = witness.gaps[board.identity] ?? [:]
      let gone = Set(gaps.keys)
      let lost = Set(board.lost.joined())
      let missing = (0..<board.made).filter {
        !here.contains($0) && !gone.contains($0) && !(plan.hasMoves && lost.contains($0))
      }
      let isOut = nodes[board.gateway].isOut
      if let one = missing.first, !isOut {
        violate("\(board.identity): \(missing.count) samples are nowhere, as \(one)")
      }
      if let one = gone.subtracting(lost).subtracting(here).min() {
        violate("\(board.identity) \(one) was declared lost, and was not")
      }
      let both = gaps.filter { seq, nodes in
        stored[seq]?.contains { nodes.contains($0.origin) } ?? false
      }
      if let one = both.keys.min() {
        violate("\(board.identity) \(one) was stored and declared lost by one node")
      }
    }
  }
}

extension HaveVector {
  /// Whether a record was ever here.
  func hasSeen(_ record: RecordId) -> Bool {
    self[LogId(record.run, record.lane)].seen.contains(record.seq)
  }

  /// Whether a record was ever here, or the sums of its readings are.
  func knows(_ record: RecordId) -> Bool {
    hasSeen(record) || hasSeen(record.run.record(.rollups, record.seq))
  }

  /// Whether a record can be given.
  func holds(_ record: RecordId) -> Bool {
    self[LogId(record.run, record.lane)].held.contains(record.seq)
  }
}
