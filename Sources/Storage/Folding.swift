internal import Model
internal import Sync

/// Reads what is folded when a store is opened.
enum Folding {
  /// The cursors as of the commit named in `folded`.
  static func cursorTable(_ database: borrowing Database) throws(DatabaseError) -> [Cursor] {
    var rows = try database.prepare(
      "SELECT kind, identity, epoch, nonce, next, closed, ring FROM cursor "
        + "ORDER BY kind, identity, epoch")
    var cursors: [Cursor] = []
    while try rows.step() {
      guard let identity = identity(rows.int64(0), rows.blob(1)) else {
        throw DatabaseError(.damaged, path: database.path, message: "a cursor of no device")
      }
      cursors.append(
        Cursor(
          identity: identity, epoch: UInt32(truncatingIfNeeded: rows.int64(2)),
          nonce: UInt32(truncatingIfNeeded: rows.int64(3)),
          next: UInt32(truncatingIfNeeded: rows.int64(4)), isClosed: rows.int64(5) != 0,
          ringCapacity: UInt32(truncatingIfNeeded: rows.int64(6))))
    }
    return cursors
  }

  /// The cursors and devices of every commit after one, in order; of a range those of all its
  /// commits at once. One that is missing or altered is an error: without it nobody knows what
  /// boards were told is safe.
  ///
  /// After a checkpoint only rows of `hot` follow: what is compacted was folded before.
  static func hotTail(
    _ database: borrowing Database, after folded: Int64, _ continuity: Continuity,
    _ body: (_ ids: ClosedRange<Int64>, _ cursors: [Cursor], _ identities: [DeviceIdentity]) -> Void
  ) throws(DatabaseError) {
    // A range that came back may begin with commits that were folded before.
    let straddling = try range(holding: folded, database)
    if let straddling {
      body(straddling.id...straddling.last, straddling.cursors, straddling.header.devices)
    }
    let first = (straddling?.last ?? folded) + 1
    var watch = RangeWatch(first...(RowId.ownEnd - 1), isUp: true, continuity)
    var ranges = try database.prepare(
      "SELECT \(RangeRow.columns) FROM commit_range WHERE last > \(folded) AND id >= ? "
        + "AND id < \(RowId.ownEnd) ORDER BY id LIMIT 1")
    var next = first
    while true {
      ranges.bind(1, next)
      let row = try ranges.step() ? try RangeRow(ranges, path: database.path) : nil
      ranges.reset()
      try hotRows(database, next...(row?.id ?? RowId.ownEnd), &watch, body)
      guard let row else { break }
      if let missing = watch.pass(row.id...row.last) { throw missing.error(database.path) }
      body(row.id...row.last, row.cursors, row.header.devices)
      next = row.last + 1
    }
    if let missing = watch.end() { throw missing.error(database.path) }
  }

  /// The range that goes on behind a commit; nil where none does. One that is altered is not
  /// believed to.
  private static func range(
    holding id: Int64, _ database: borrowing Database
  ) throws(DatabaseError) -> RangeRow? {
    var row = try database.prepare(
      "SELECT \(RangeRow.columns) FROM commit_range WHERE id <= \(id) ORDER BY id DESC LIMIT 1")
    guard id > 0, try row.step(), row.int64(1) > id, RangeRow.holds(row) else { return nil }
    return try RangeRow(row, path: database.path)
  }

  /// Every row of `hot` from one key to before the other.
  private static func hotRows(
    _ database: borrowing Database, _ ids: ClosedRange<Int64>, _ watch: inout RangeWatch,
    _ body: (_ ids: ClosedRange<Int64>, _ cursors: [Cursor], _ identities: [DeviceIdentity]) -> Void
  ) throws(DatabaseError) {
    var rows = try database.prepare(
      "SELECT \(RowSeal.hotColumns) FROM hot WHERE id >= \(ids.lowerBound) "
        + "AND id < \(ids.upperBound) ORDER BY id")
    while try rows.step() {
      let hotId = rows.int64(0)
      if let missing = watch.pass(hotId) { throw missing.error(database.path) }
      guard RowSeal.hotHolds(rows) else {
        throw Damage(.altered, "hot", hotId...hotId).error(database.path)
      }
      do throws(DecodeError) {
        let cursors = try CursorColumn.decode(rows.blob(3))
        let commit = try CommitDecoder.decode(rows.blob(2))
        body(hotId...hotId, cursors, commit.sources.map(\.identity))
      } catch {
        throw DatabaseError(
          .damaged, path: database.path,
          message: "\(RowId.text(hotId, of: "hot")): \(error)")
      }
    }
  }

  /// Registers, commands and descriptors, of this node's own journal: what other nodes wrote comes
  /// on top of it (`foreignJournal`). What cannot be read is counted and left where it is.
  static func journal(
    _ database: borrowing Database, options: StoreOptions, into opening: inout StoreOpening
  ) throws(DatabaseError) {
    let incarnations = try self.incarnations(database)
    let clockEpochs = try self.clockEpochs(database)
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id < \(RowId.ownEnd) ORDER BY id")
    var previous: Int64 = 0
    var heads: [Int64: Int64] = [:]
    var missed: Set<Int64> = []
    let regained = try regained(database)
    while try rows.step() {
      let id = rows.int64(0)
      let seq = id & (Limits.journalSeqEnd - 1)
      // What others gave back came in any order.
      if regained[id >> 36]?.contains(UInt64(seq)) != true {
        if let missing = missingEntries(between: previous, and: id) { opening.note(missing) }
        heads[id >> 36] = seq
      }
      previous = id
      guard RowSeal.journalHolds(rows) else {
        opening.note(Damage(.altered, "journal", id...id))
        continue
      }
      let record = incarnations[RowId.incarnationId(id)].flatMap { RowId.record(id, $0) }
      let kind = UInt16(exactly: rows.int64(2))
      guard let record, let clockEpoch = clockEpochs[rows.int64(1)], let kind else {
        opening.unappliedCount += 1
        continue
      }
      do throws(DecodeError) {
        if let entry = try JournalDecoder.decode(kind: kind, rows.blob(3)) {
          if case .incarnation(let begun) = entry.content, let parent = begun.parent,
            let local = incarnations.first(where: {
              $0.key < RowId.foreignFirst && $0.value.1 == parent.incarnation
            })?.key
          {
            missed.insert(local)
            for missing in missingEntries(of: local, parent, heads) { opening.note(missing) }
          }
          opening.apply(entry, record, clockEpoch, isPresent: clockEpoch == options.clockEpoch)
        } else {
          opening.unappliedCount += 1
        }
      } catch {
        opening.unappliedCount += 1
      }
    }
    for local in incarnations.keys.sorted() where local < RowId.foreignFirst {
      guard !missed.contains(local), let missing = missingFirst(of: local, heads) else { continue }
      opening.note(missing)
    }
    try noteMissing(of: regained, database, &opening)
  }

  /// What others gave back of logs of this node's own earlier runs, by the upper bits of its keys;
  /// nothing where the table that says so is damaged.
  private static func regained(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [Int64: Intervals] {
    var found: [Int64: Intervals] = [:]
    do throws(DatabaseError) {
      for log in try SeenRows.all(database)
      where log.incarnation < RowId.foreignFirst && log.lane.hasEntries {
        found[RowId.range(incarnation: log.incarnation, lane: log.lane).lowerBound >> 36] = log.seen
      }
    } catch {
      guard error.kind == .damaged else { throw error }
    }
    return found
  }

  /// Entries that others gave back and that are neither applied nor put aside.
  private static func noteMissing(
    of regained: [Int64: Intervals], _ database: borrowing Database,
    _ opening: inout StoreOpening
  ) throws(DatabaseError) {
    for (log, seen) in regained.sorted(by: { $0.key < $1.key }) {
      let ids = "BETWEEN \(log << 36) AND \(log << 36 | (Limits.journalSeqEnd - 1))"
      var rows = try database.prepare(
        "SELECT id FROM journal WHERE id \(ids) UNION ALL "
          + "SELECT id FROM aside WHERE lane = \(log & 15) AND id \(ids) ORDER BY id")
      var here: [ClosedRange<UInt64>] = []
      while try rows.step() {
        let seq = UInt64(rows.int64(0) & (Limits.journalSeqEnd - 1))
        if let last = here.last, last.upperBound + 1 == seq {
          here[here.count - 1] = last.lowerBound...seq
        } else {
          here.append(seq...seq)
        }
      }
      for range in seen.subtracting(Intervals(here)).ranges {
        let ids = (log << 36 + Int64(range.lowerBound))...(log << 36 + Int64(range.upperBound))
        opening.note(Damage(.missing, "journal", ids))
      }
    }
  }

  /// The entry that every incarnation began with, where nothing of its lane of state is there: of
  /// an emptied journal nothing else tells.
  private static func missingFirst(of incarnation: Int64, _ heads: [Int64: Int64]) -> Damage? {
    let first = RowId.range(incarnation: incarnation, lane: .state).lowerBound + 1
    return heads[first >> 36] == nil ? Damage(.missing, "journal", first...first) : nil
  }

  /// Entries that must lie between two that follow each other in the table: seqs count from 1 in
  /// each lane of each incarnation.
  private static func missingEntries(between previous: Int64, and id: Int64) -> Damage? {
    let isSameLane = previous >> 36 == id >> 36
    let expected = isSameLane ? previous + 1 : (id >> 36) << 36 | 1
    return id == expected ? nil : Damage(.missing, "journal", expected...max(expected, id - 1))
  }

  /// Entries that an incarnation must have had when its child began, and that are not there.
  private static func missingEntries(
    of incarnation: Int64, _ parent: IncarnationBegun.Parent, _ heads: [Int64: Int64]
  ) -> [Damage] {
    Lane.allCases.filter { $0 != .telemetry }.compactMap { lane in
      let base = RowId.range(incarnation: incarnation, lane: lane).lowerBound
      let found = heads[base >> 36] ?? 0
      let told = Int64(clamping: parent.heads[Int(lane.rawValue)])
      return told <= found ? nil : Damage(.missing, "journal", (base + found + 1)...(base + told))
    }
  }

  /// Who began which incarnation, by local id.
  static func incarnations(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [Int64: (NodeId, Incarnation)] {
    var rows = try database.prepare(
      "SELECT incarnation.id, node.key, incarnation.number FROM incarnation "
        + "JOIN node ON node.id = incarnation.node")
    var found: [Int64: (NodeId, Incarnation)] = [:]
    while try rows.step() {
      if let node = NodeId(rows.blob(1)) {
        found[rows.int64(0)] = (node, RowId.incarnation(rows.blob(2)))
      }
    }
    return found
  }

  /// The boots of nodes, by local id.
  static func clockEpochs(
    _ database: borrowing Database
  ) throws(DatabaseError) -> [Int64: ClockEpoch] {
    var rows = try database.prepare("SELECT id, boot FROM clock_epoch")
    var found: [Int64: ClockEpoch] = [:]
    while try rows.step() { found[rows.int64(0)] = ClockEpoch(rows.blob(1)) }
    return found
  }

  static func identity(_ kind: Int64, _ bytes: [UInt8]) -> DeviceIdentity? {
    guard let raw = UInt8(exactly: kind), let kind = DeviceIdentity.Kind(rawValue: raw) else {
      return nil
    }
    return DeviceIdentity(kind: kind, bytes: bytes)
  }
}

extension StoreOpening {
  mutating func apply(
    _ entry: JournalEntry, _ record: RecordId, _ clockEpoch: ClockEpoch, isPresent: Bool
  ) {
    switch entry.content {
    case .registerWrite(let write):
      registers.apply(write, record: record, stamp: entry.stamp)
    case .descriptor(let seen):
      if descriptors.count < Limits.devicesMax || descriptors[seen.identity] != nil {
        descriptors[seen.identity] = seen
      }
    case .anchor(let anchor):
      isAnchored = isAnchored || isPresent
      if !isPresent { earlierAnchorUs = max(earlierAnchorUs ?? .min, anchor.utcUs) }
    case .trimming, .trimmingSeen: trimmings.apply(entry)
    case .alarmRaised, .alarmCleared, .alarmAcknowledged, .alarmDelivered:
      alarms.apply(entry, record: record, clockEpoch: clockEpoch)
    case .snapshotTaken:
      snapshots.apply(entry, record: record, clockEpoch: clockEpoch)
    case .accessRevoked(let revocation): access.apply(revocation)
    case .commandIssued, .commandClaimed, .commandOutcome:
      commands.apply(entry, record: record, clockEpoch: clockEpoch)
    default: break  // dates and hides readings: the readers' side folds it
    }
  }
}
