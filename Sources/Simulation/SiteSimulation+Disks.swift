internal import Model
internal import Storage
internal import Sync

/// What becomes of nodes whose disks, cards and clocks are not what they seem.
extension SiteSimulation {
  /// The daemon ends where it is, and begins again within the same boot.
  func kill(_ index: Int) {
    let node = nodes[index]
    guard node.isUp else { return }
    note("\(node.name): is killed")
    end(node)
    later(generator.within(100_000...3_000_000), .start(index))
  }

  /// Whatever a run knew is gone.
  func end(_ node: SimulatedNode) {
    node.stop()
    for link in links.indices where links[link].asker == node.index { links[link].forget() }
  }

  /// The card is copied while the daemon does not run, and the copy goes on beside it elsewhere.
  func copyCard(_ node: SimulatedNode) {
    guard plan.hasTwin, !node.isHub, !nodes.contains(where: \.isTwinned), node.hasJoined,
      !node.isOut, node.nextKey == nil
    else { return }
    let disk = FaultDisk(seed: generator.next())
    disk.copy(node.disk)
    let twin = SimulatedNode(
      index: nodes.count, isHub: false, key: node.key, clockEpoch: Self.clockEpoch(&generator),
      disk: disk)
    (twin.isTwinned, twin.hasJoined, node.isTwinned) = (true, true, true)
    twin.hasLostRights = node.hasLostRights
    twin.incarnations = node.incarnations
    twin.bootedAtUs = nowUs
    nodes.append(twin)
    note("\(node.name): its card is copied, and runs as \(twin.name) too")
    let hub = generator.below(plan.hubs)
    links.append(SimulatedLink(asker: twin.index, other: hub, peer: nodes[hub].key.id))
    later(generator.within(0...3_000_000), .look(links.count - 1, repeats: true))
    later(generator.within(0...3_000_000), .weather(links.count - 1))
    later(generator.within(0...plan.workUs), .work(twin.index))
    start(twin.index)
  }

  /// A disk begins to lie: only a power cut shows it.
  func lie(_ node: SimulatedNode) {
    note("\(node.name): its disk lies")
    node.isDiskLying = true
    node.disk.lie()
  }

  /// After a power cut: what the disk lied about is gone, as after a restore.
  func unmask(_ node: SimulatedNode) {
    guard node.isDiskLying else { return }
    node.isDiskLying = false
    node.disk.lie(false)
    putBack(node)
    node.isUnsound = true
  }

  /// A disk that lied may have lost any sector: whoever finds it so begins with a new card.
  func replaceDisk(_ node: SimulatedNode) {
    note("\(node.name): gets a new card")
    node.stop()
    node.disk.wipe()
    putBack(node)
    (node.hasJoined, node.isUnsound) = (false, false)
  }

  /// A node cannot read what it wrote: only a disk that lied may have lost that.
  func foundUnreadable(_ node: SimulatedNode) {
    guard node.isUnsound else { return violate("\(node.name) cannot read its own records") }
    end(node)
    replaceDisk(node)
    later(1_000_000, .start(node.index))
  }

  /// The wall clock leaps while the node runs; the running clock does not.
  func leap(_ node: SimulatedNode) {
    changeClock(node)
    note("\(node.name): its wall clock leaps")
  }

  // MARK: Files that people carry

  /// Somebody carries what one node has to another, as far as it was written, perhaps twice.
  func carry() {
    guard !isHealed, plan.hasBundles else { return }
    later(generator.within(5_000_000...25_000_000), .carry)
    // Files are carried to whom nothing else reaches: of three ways the one with the most to bring.
    let ways = (0..<3).compactMap { _ in way() }
    guard let (giver, taker, wanted) = ways.max(by: { $0.2.recordCount < $1.2.recordCount }) else {
      return
    }
    let last = lastFile(of: wanted)
    carry(last, from: giver, to: taker)
    // Those before it come afterwards, later by another way, or never.
    let rest = wanted.map { ($0, $1.subtracting(last[$0] ?? Intervals())) }
    guard generator.chance(50), giver.isUp, taker.isUp else { return }
    carry(Dictionary(uniqueKeysWithValues: rest), from: giver, to: taker)
  }

  /// Carries a file with these.
  func carry(
    _ parts: [LogId: Intervals], from giver: SimulatedNode, to taker: SimulatedNode
  ) {
    guard parts.recordCount > 0 else { return }
    var writer = BundleWriter(site: site, key: giver.key, recipient: taker.key.id)
    var items: [[UInt8]] = []
    do throws(DatabaseError) {
      let served = try giver.run { (now) throws(DatabaseError) in
        try now.store.serve(parts, bytesMax: 1 << 20, key: giver.key)
      }
      if let served { items.append(given(served.bytes, giver)) }
    } catch { return failed(giver.index, error) }
    for bytes in items { writer.add(all: bytes) }
    let (bytes, _) = writer.finish()
    let end = generator.chance(60) ? bytes.count : generator.below(bytes.count + 1)
    for _ in 0..<(generator.chance(30) ? 2 : 1) {
      take(Array(bytes.prefix(end)), taker, giver, isWhole: end == bytes.count)
    }
  }

  /// Two nodes, and what the one could bring the other.
  private func way() -> (SimulatedNode, SimulatedNode, [LogId: Intervals])? {
    let (giver, taker) = (nodes[generator.below(nodes.count)], nodes[generator.below(nodes.count)])
    guard giver !== taker, giver.hasJoined, taker.hasJoined, !giver.isOut, !taker.isOut,
      !giver.isLiar, let have = giver.running?.vector, let lack = taker.running?.vector
    else { return nil }
    let isOld = giver.running?.isOld == true
    return (giver, taker, lack.wanted(from: isOld ? have.withoutRollups : have))
  }

  /// What is in the last of several files: those before it, with what is older, come later, or
  /// never.
  private func lastFile(of wanted: [LogId: Intervals]) -> [LogId: Intervals] {
    guard generator.chance(50) else { return wanted }
    let share = UInt64(generator.below(100))
    return wanted.mapValues { $0.newest(1 + $0.count * share / 100) }
  }

  private func take(
    _ bytes: [UInt8], _ taker: SimulatedNode, _ giver: SimulatedNode, isWhole: Bool
  ) {
    var reader = BundleReader(site: site)
    reader.push(bytes)
    reader.end()
    var items: [BatchItem] = []
    do throws(BundleReader.Failure) {
      while let item = try reader.next() { items.append(item) }
    } catch {
      // What came before the place where it was cut counts.
      if isWhole { violate("a bundle of \(giver.name) cannot be read: \(error)") }
    }
    let site = site
    do throws(DatabaseError) {
      let result = try taker.run { (now) throws(DatabaseError) in
        try now.receive(items, from: giver.key.id, site)
      }
      note("\(taker.name) takes a file of \(giver.name): \(result?.kept ?? 0)")
      if result?.dropped ?? 0 > 0 { violate("\(taker.name) dropped what a file held") }
      if result?.kept ?? 0 > 0 { changedAtUs = nowUs }
    } catch { failed(taker.index, error) }
    takeNews(taker.index)
  }
}

extension BundleWriter {
  /// Adds every record of a batch.
  fileprivate mutating func add(all bytes: [UInt8]) {
    var items = BatchItems(bytes)
    while let item = items.next() {
      guard let run = items.run else { continue }
      add { $0.add(item, of: run) }
    }
  }
}

extension [LogId: Intervals] {
  /// How many records are named.
  fileprivate var recordCount: UInt64 { values.reduce(0) { $0 + $1.count } }
}
