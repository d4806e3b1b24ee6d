internal import Model
internal import Storage
internal import Sync

/// What must hold once all has healed and everybody rests.
extension SiteSimulation {
  func inspect() {
    note("at rest")
    guard let first = nodes[0].running?.vector else { return violate("\(nodes[0].name) is down") }
    for node in nodes {
      guard let now = node.running else { return violate("\(node.name) is down") }
      compare(node, now.vector, with: first)
      promises(node, now.vector)
      holdings(node, now)
    }
    folds()
    samples()
    for node in nodes { counted(node) }
  }

  /// Whoever asks a node is told each sample that was stored anywhere, and once, also where a board
  /// that was not acknowledged sent it to two gateways.
  private func counted(_ node: SimulatedNode) {
    guard let now = node.running, !nodes.contains(where: \.wasRestored) else { return }
    do throws(DatabaseError) {
      var told: [DeviceIdentity: [UInt32: Int]] = [:]
      for reading in try now.store.readings() {
        guard let seq = reading.numbering?.seq else { continue }
        told[reading.device, default: [:]][seq, default: 0] += 1
      }
      for board in boards {
        let counts = told[board.identity] ?? [:]
        let twice = counts.filter { $0.value > 1 }.keys.min()
        if let twice { violate("\(node.name) tells \(board.identity) \(twice) twice") }
        let missing = (witness.samples[board.identity] ?? []).subtracting(counts.keys).min()
        if let missing { violate("\(node.name) does not tell \(board.identity) \(missing)") }
      }
    } catch { violate("\(node.name) cannot tell its readings: \(error)") }
  }

  private func compare(_ node: SimulatedNode, _ mine: HaveVector, with first: HaveVector) {
    for log in Set(mine.logs.keys).union(first.logs.keys).sorted()
    where mine[log].seen != first[log].seen {
      violate(
        "\(node.name) has seen \(mine[log].seen) of \(log.run.record(log.lane, 0).short), "
          + "\(nodes[0].name) \(first[log].seen)")
    }
  }

  /// Whatever a disk has promised is everywhere.
  private func promises(_ node: SimulatedNode, _ vector: HaveVector) {
    let lost = witness.promised.filter { record in
      let run = RunId(origin: record.origin, incarnation: record.incarnation)
      return !vector[LogId(run, record.lane)].seen.contains(record.seq)
    }
    if let one = lost.min(by: { $0.short < $1.short }) {
      violate("\(node.name) lacks \(lost.count) that were promised, as \(one.short)")
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
    for node in nodes {
      guard let now = node.running else { continue }
      do throws(DatabaseError) {
        let folded = try now.store.folded()
        if !sameRegisters(folded.registers, now.registers) {
          violate("\(node.name): registers fold otherwise from zero")
        }
        if folded.siteCommands != now.commands {
          violate("\(node.name): commands fold otherwise from zero")
        }
        let notes = try now.store.annotations()
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

  private func sameRegisters(_ left: RegisterFold, _ right: RegisterFold) -> Bool {
    let keys = left.keys(.setting)
    return keys == right.keys(.setting)
      && keys.allSatisfy {
        left.siblings(RegisterKey(.setting, $0)) == right.siblings(RegisterKey(.setting, $0))
      }
  }

  /// Every sample that was made is in a commit, or the board's ring dropped it; and where it hung
  /// on one node all the time, that was declared.
  private func samples() {
    // What a copy has lost the boards had let go of.
    guard !nodes.contains(where: \.wasRestored) else { return }
    for board in boards {
      let here = witness.samples[board.identity] ?? []
      let gone = witness.gaps[board.identity] ?? []
      let lost = Set(board.lost.joined())
      let missing = (0..<board.made).filter {
        !here.contains($0) && !gone.contains($0) && !(plan.hasMoves && lost.contains($0))
      }
      if let one = missing.first {
        violate("\(board.identity): \(missing.count) samples are nowhere, as \(one)")
      }
      if let one = gone.subtracting(lost).subtracting(here).min() {
        violate("\(board.identity) \(one) was declared lost, and was not")
      }
    }
  }
}
