internal import Model
internal import Storage
internal import Sync

/// A member whose key has signed two contents under one identity: a key that was copied, or a
/// daemon with a fault (trap 7e). Once both are everywhere, one of them counts everywhere.
extension SiteSimulation {
  /// Two entries under one identity.
  struct Forgery {
    let forger: Int
    let run: RunId
    let entries: [SignedEntry]
    /// Who has both.
    var taken: Set<Int> = []
  }

  /// Somebody writes an entry, and signs another one under its identity, which stays in a file.
  func forge() {
    guard !isHealed, plan.hasForger, forgery == nil else { return }
    let node = nodes[generator.below(nodes.count)]
    guard node.hasJoined, !node.isOut, let now = node.running else {
      return later(5_000_000, .forge)
    }
    let key = RegisterKey(.setting, Array("key \(generator.below(3))".utf8))
    let entry = JournalEntry(
      stamp: node.stamp(nowUs),
      content: .registerWrite(
        RegisterWrite(
          key: key, value: generator.bytes(3), replaces: now.registers.replaces(key))))
    guard let record = written(node.index, entry), let signed = signed(record, by: node),
      case .registerWrite(var other) = entry.content
    else { return later(5_000_000, .forge) }
    other.value = generator.bytes(4)
    let body = JournalEncoder.encode(
      JournalEntry(stamp: entry.stamp, content: .registerWrite(other)))
    let second = SignedEntry(
      lane: signed.lane, seq: signed.seq, clockEpoch: signed.clockEpoch, kind: signed.kind,
      body: body, previousLink: signed.previousLink, incarnation: record.incarnation,
      key: node.key)
    note("\(node.name) signs two contents of \(record.short)")
    witness.forge(record)
    node.isForger = true
    forgery = Forgery(forger: node.index, run: record.run, entries: [signed, second])
  }

  private func signed(_ record: RecordId, by node: SimulatedNode) -> SignedEntry? {
    do throws(DatabaseError) {
      let asked = [LogId(record.run, record.lane): Intervals(record.seq...record.seq)]
      let served = try node.run { (now) throws(DatabaseError) in
        try now.store.serve(asked, bytesMax: 1 << 20, key: node.key)
      }
      var items = BatchItems(served?.bytes ?? [])
      while let item = items.next() { if case .entry(let entry) = item { return entry } }
    } catch { failed(node.index, error) }
    return nil
  }

  /// In the end a file with both comes to everybody, in either order; it is noticed.
  func deliverForgery(to node: SimulatedNode) {
    guard isHealed, let forgery, node.index != forgery.forger, node.isUp, !node.isOut,
      !forgery.taken.contains(node.index),
      node.running?.membership.isKnown(forgery.run.origin) ?? false
    else { return }
    var writer = BatchWriter()
    for entry in generator.chance(50) ? forgery.entries : forgery.entries.reversed() {
      writer.add(entry, of: forgery.run)
    }
    writer.end()
    let (batch, site) = (writer.take(), site)
    do throws(DatabaseError) {
      let result = try node.run { (now) throws(DatabaseError) in
        try now.receive(batch, from: nodes[forgery.forger].key.id, site)
      }
      guard let result else { return }
      self.forgery?.taken.insert(node.index)
      note("\(node.name) takes a file with two contents")
      if !result.reports.contains(where: { !$0.conflicts.isEmpty }) {
        violate("\(node.name) does not notice two contents of one identity")
      }
      changedAtUs = nowUs
    } catch { failed(node.index, error) }
    takeNews(node.index)
  }
}
