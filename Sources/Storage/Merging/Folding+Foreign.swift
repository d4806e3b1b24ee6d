internal import Model
internal import Sync

/// Reading what other nodes wrote.
extension Folding {
  /// Runs in an order that is the same for whoever has the same records: by origin, then along the
  /// chain of parents, of two children of one parent the lower first.
  static func runsInOrder(
    _ database: borrowing Database, ownToo: Bool
  ) throws(DatabaseError) -> [Int64] {
    let owners = try incarnations(database)
    var local: [RunId: Int64] = [:]
    for (id, owner) in owners { local[RunId(origin: owner.0, incarnation: owner.1)] = id }
    var parents: [Int64: Int64] = [:]
    for (id, owner) in owners where ownToo || id >= RowId.foreignFirst {
      guard let parent = try Continuity.begun(database, id)?.parent else { continue }
      parents[id] = local[RunId(origin: owner.0, incarnation: parent.incarnation)]
    }
    let runs = owners.keys.filter { ownToo || $0 >= RowId.foreignFirst }
    var depths: [Int64: Int] = [:]
    for run in runs {
      // Down to one whose depth is known; a circle ends there as well.
      var path: [Int64] = []
      var at: Int64? = run
      while let id = at, depths[id] == nil {
        depths[id] = 0
        path.append(id)
        at = parents[id]
      }
      for id in path.reversed() {
        depths[id] = parents[id].flatMap { depths[$0] }.map { $0 + 1 } ?? 0
      }
    }
    return runs.sorted { left, right in
      guard let one = owners[left], let two = owners[right] else { return left < right }
      if one.0 != two.0 { return one.0.bytes.lexicographicallyPrecedes(two.0.bytes) }
      let (depth, other) = (depths[left] ?? 0, depths[right] ?? 0)
      return depth != other ? depth < other : one.1.number < two.1.number
    }
  }

  /// Hands out the applied entries of other nodes that have one of some kinds.
  static func foreignEntries(
    _ database: borrowing Database, kinds: String, ownToo: Bool = false,
    _ body: (_ row: Int64, _ entry: JournalEntry, _ record: RecordId, _ boot: ClockEpoch) -> Void
  ) throws(DatabaseError) {
    let owners = try incarnations(database)
    let clockEpochs = try clockEpochs(database)
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id BETWEEN ? AND ? "
        + "AND kind IN (\(kinds)) ORDER BY id")
    for run in try runsInOrder(database, ownToo: ownToo) {
      rows.bind(1, run << 40)
      rows.bind(2, run << 40 | (1 << 40 - 1))
      defer { rows.reset() }
      while try rows.step() {
        // What cannot be read is counted when the store is opened.
        guard RowSeal.journalHolds(rows), let kind = UInt16(exactly: rows.int64(2)),
          let clockEpoch = clockEpochs[rows.int64(1)],
          let record = owners[run].flatMap({ RowId.record(rows.int64(0), $0) })
        else { continue }
        do throws(DecodeError) {
          guard let entry = try JournalDecoder.decode(kind: kind, rows.blob(3)) else { continue }
          body(rows.int64(0), entry, record, clockEpoch)
        } catch { continue }
      }
    }
  }

  /// What the first entry of each run of another node says of its clocks.
  static func foreignStamps(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [Int64: Stamp] {
    var stamps: [Int64: Stamp] = [:]
    try foreignEntries(database, kinds: "1") { (row, entry, _, _) in
      stamps[RowId.incarnationId(row)] = entry.stamp
    }
    return stamps
  }

  /// What other nodes wrote, on top of this node's own: names and settings, who counts no more,
  /// descriptors, and the alarms and commands of the site. What quotas took stays each node's.
  static func foreignJournal(
    _ database: borrowing Database, into opening: inout StoreOpening
  ) throws(DatabaseError) {
    // What this node wrote under another key is another origin's too (docs/adr/0023).
    let isAny = try database.number(
      "SELECT 1 FROM incarnation WHERE id >= \(RowId.foreignFirst) OR node > 1 LIMIT 1")
    guard isAny != nil else {
      opening.siteCommands = opening.commands
      return
    }
    try noteForeignDamage(database, &opening)
    try foreignEntries(database, kinds: "2, 14") { (_, entry, record, _) in
      switch entry.content {
      case .registerWrite(let write):
        opening.registers.apply(write, record: record, stamp: entry.stamp)
      case .accessRevoked(let revocation): opening.access.apply(revocation)
      default: break
      }
    }
    var ranks: [DeviceIdentity: [NodeId: RankedDescriptor]] = [:]
    try foreignEntries(database, kinds: "3", ownToo: true) { (_, entry, record, _) in
      guard case .descriptor(let seen) = entry.content else { return }
      guard ranks.count < Limits.devicesMax || ranks[seen.identity] != nil else { return }
      ranks[seen.identity, default: [:]][record.origin] = RankedDescriptor(
        seen: seen,
        rank: RegisterSibling(record: record, stamp: entry.stamp, value: nil))
    }
    opening.descriptors = ranks.compactMapValues { nodes in
      nodes.values.max { $1.rank.outranks($0.rank) }?.seen
    }
    try foreignEntries(database, kinds: "24, 25, 26, 27") { (_, entry, record, boot) in
      opening.alarms.apply(entry, record: record, clockEpoch: boot)
    }
    try foreignEntries(database, kinds: "28") { (_, entry, record, boot) in
      opening.snapshots.apply(entry, record: record, clockEpoch: boot)
    }
    try foreignEntries(database, kinds: "16, 17, 18", ownToo: true) { (_, entry, record, boot) in
      opening.siteCommands.apply(entry, record: record, clockEpoch: boot)
    }
  }

  /// Entries that were seen and are not there, or not as they were written.
  private static func noteForeignDamage(
    _ database: borrowing Database, _ opening: inout StoreOpening
  ) throws(DatabaseError) {
    var here: [Int64: [ClosedRange<UInt64>]] = [:]
    func note(_ id: Int64) {
      let seq = UInt64(id & (Limits.journalSeqEnd - 1))
      var ranges = here.removeValue(forKey: id >> 36) ?? []
      if let last = ranges.last, last.upperBound + 1 == seq {
        ranges[ranges.count - 1] = last.lowerBound...seq
      } else {
        ranges.append(seq...seq)
      }
      here[id >> 36] = ranges
    }
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id >= \(RowId.ownEnd) ORDER BY id")
    while try rows.step() {
      note(rows.int64(0))
      if !RowSeal.journalHolds(rows) {
        opening.note(Damage(.altered, "journal", rows.int64(0)...rows.int64(0)))
      }
    }
    var aside = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM aside WHERE lane <> 2 ORDER BY id")
    while try aside.step() {
      note(aside.int64(0))
      opening.unappliedCount += 1
    }
    for log in try SeenRows.all(database)
    where log.lane.hasEntries && log.incarnation >= RowId.foreignFirst {
      let base = RowId.range(incarnation: log.incarnation, lane: log.lane).lowerBound
      let missing = log.seen.subtracting(Intervals(here[base >> 36] ?? []))
      for range in missing.ranges {
        opening.note(
          Damage(
            .missing, "journal",
            (base + Int64(range.lowerBound))...(base + Int64(range.upperBound))))
      }
    }
  }
}

/// A node's newest descriptor of a device, and what ranks it among those of other nodes.
private struct RankedDescriptor {
  let seen: DescriptorSeen
  let rank: RegisterSibling
}
