internal import Model
internal import Sync

/// Taking records of other nodes: everything of one batch in one transaction with what was seen.
extension StoreCore {
  /// Takes verified records of a carrier; afterwards what the report counts is on the disk. When it
  /// throws, nothing is, and the same may be tried again; what was received before changes nothing.
  func receive(
    _ batch: CarriedBatch, from carrier: NodeId, _ rules: ReceiveRules
  ) throws(DatabaseError) -> ReceiveReport {
    precondition(batch.records.count <= 2 * Limits.carriedRecordsMax, "\(batch.records.count)")
    guard !batch.isEmpty else { return ReceiveReport() }
    if SeededBug.seenBeforeRecord.isOn { try writeSeenFirst(batch.records) }
    if SeededBug.acknowledgedBeforeWrite.isOn { try database.execute("PRAGMA synchronous=OFF") }
    do throws(DatabaseError) {
      return try database.transaction { () throws(DatabaseError) in
        try receive(batch.records, from: carrier, rules)
      }
    } catch {
      merging.forget()
      throw error
    }
  }

  /// The same within a transaction.
  func receive(
    _ records: [(run: RunId, record: CarriedBatch.Record)], from carrier: NodeId,
    _ rules: ReceiveRules
  ) throws(DatabaseError) -> ReceiveReport {
    // The first row of `node` is always this one's, so that nobody else gets it.
    _ = try ownNode()
    var receiving = Receiving(rules: rules, carrier: carrier)
    for (run, record) in records {
      switch record {
      case .entry(let entry): try receive(entry, of: run, &receiving)
      case .live(let live): try receive(live, of: run, &receiving)
      case .range(let carried):
        merging.changed.areBegun = true
        if carried.isRollup {
          try receive(rollups: carried, of: run, &receiving)
        } else {
          try receive(carried, of: run, &receiving)
        }
      case .continuation(let carried):
        merging.changed.areBegun = true
        try receive(carried, of: run, &receiving)
      }
    }
    merging.changed.logs.formUnion(receiving.changed)
    for log in receiving.changed {
      try SeenRows.write(database, log.incarnation, log.lane, merging.seen[log] ?? Intervals())
    }
    try noteRegained(receiving.regained)
    try finish(receiving)
    return receiving.report
  }

  // MARK: Entries

  private func receive(
    _ entry: SignedEntry, of run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    let record = run.record(entry.lane, entry.seq)
    let local = try localRun(run)
    let hash = entry.contentHash(of: run)
    let known = try self.known(entry.lane, entry.seq, local, run, hash)
    if case .none = known, options.isOwn(run.origin) {
      receiving.report.ownBeyond.insert(run)
      if isPresent(run) { return }
    }
    let log = SeenLog(incarnation: local ?? 0, lane: entry.lane)
    let isMember = isMember(.entry(entry), of: run, receiving.rules)
    var acceptance = Acceptance(
      isMember: isMember, seen: local == nil ? Intervals() : try seen(log))
    // Nobody known leaves a trace outside the spool.
    let reading = isMember ? try self.reading(entry, record, receiving.rules) : EntryReading()
    if SeededBug.futureRefused.isOn, reading.entry?.stamp.wallUs ?? 0 > SeededBug.futureUs {
      return
    }
    let verdict = acceptance.judge(
      entry.seq, hash: hash, signatureHolds: true, known: known, reason: { reading.reason })
    switch verdict {
    case .dropped: break
    case .known: receiving.report.knownCount += 1
    case .waits:
      try spool(.entry(entry), of: run, &receiving)
      if SeededBug.spoolCountsAsSeen.isOn { try noteSeen(entry.lane, entry.seq, run, &receiving) }
    case .refused(let hole): receiving.report.refused[LogId(run, entry.lane)] = .some(hole)
    case .conflict(let isLower):
      receiving.report.conflicts.append(record)
      try keep(entry, of: run, local ?? 0, hash, isLower: isLower, reading, &receiving)
    case .kept(let reason):
      guard let local = try localRun(making: run) else { return }
      try noteForks(entry, of: run, local, &receiving)
      let place = SeenLog(incarnation: local, lane: entry.lane)
      let carried = try carried(of: acceptance.seen, place)
      if SeededBug.unknownKindDropped.isOn, reason == .kind {
        return receiving.note(carried, of: place, &merging)
      }
      try write(entry, local, reason)
      receiving.note(carried, of: place, &merging)
      receiving.report.entriesKept += 1
      receiving.note(reading, reason, record, entry.clockEpoch)
    }
  }

  /// Whether a record is of somebody known, or makes its origin known.
  func isMember(
    _ record: CarriedBatch.Record, of run: RunId, _ rules: ReceiveRules
  ) -> Bool {
    if rules.isMember(run.origin) { return true }
    guard case .entry(let entry) = record, (20...22).contains(entry.kind) else { return false }
    do throws(DecodeError) {
      let content = try JournalDecoder.decode(kind: entry.kind, entry.body)?.content
      return content.map { rules.introduces(run.record(entry.lane, entry.seq), $0) } ?? false
    } catch {
      return false
    }
  }

  /// What an entry says, or why that cannot be applied.
  func reading(
    _ entry: SignedEntry, _ record: RecordId, _ rules: ReceiveRules
  ) throws(DatabaseError) -> EntryReading {
    let content: JournalEntry?
    do throws(DecodeError) {
      content = try JournalDecoder.decode(kind: entry.kind, entry.body)
    } catch {
      return EntryReading(reason: error.reason == .version ? .kind : .rule)
    }
    guard let content else { return EntryReading(reason: .kind) }
    guard content.content.lane == entry.lane else { return EntryReading(reason: .rule) }
    switch content.content {
    case .incarnation where entry.seq != 1: return EntryReading(reason: .rule)
    case .anchor, .clockFit:
      // Only its origin dates a boot; one of this node's is no other's.
      let epoch = try localEpoch(making: entry.clockEpoch)
      let isOwn = epoch < RowId.foreignFirst && !options.isOwn(record.origin)
      if isOwn { return EntryReading(reason: .rule) }
    default: break
    }
    return EntryReading(entry: content, reason: rules.unapplied(record, content))
  }

  /// Both neighbours, where they are here, against what this entry says and is.
  private func noteForks(
    _ entry: SignedEntry, of run: RunId, _ local: Int64, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    let log = SeenLog(incarnation: local, lane: entry.lane)
    let (seen, own) = (try seen(log), entry.link(of: run))
    // A log mostly comes in its order: then the one before was here a moment ago.
    var before: [UInt8]?
    if let last = receiving.lastLink, last.log == log, last.seq == entry.seq - 1 {
      before = last.link
    } else if seen.contains(entry.seq - 1) {
      before = try link(log, entry.seq - 1, run)
    }
    let after =
      seen.contains(entry.seq + 1)
      ? try storedEntry(entry.lane, entry.seq + 1, local)?.previousLink : nil
    receiving.lastLink = (log, entry.seq, own)
    if ChainEvidence(linkBefore: before, named: entry.previousLink) == .fork
      || after.map({ ChainEvidence(linkBefore: own, named: $0) == .fork }) ?? false
    {
      receiving.report.forks.append(run.record(entry.lane, entry.seq))
    }
  }

  private func write(
    _ entry: SignedEntry, _ local: Int64, _ reason: Unapplied?
  ) throws(DatabaseError) {
    let id = RowId.make(incarnation: local, lane: entry.lane, seq: Int64(entry.seq))
    let epoch = try localEpoch(making: entry.clockEpoch)
    let check = RowSeal.journal(id, epoch, Int64(entry.kind), entry.body.span)
    if let reason {
      try writeAside(entry.lane, id, epoch, Int64(entry.kind), entry.body, reason, check)
    } else {
      try writeApplied(id, epoch, entry, check)
    }
    statements.insertEntrySignature.bind(1, id)
    statements.insertEntrySignature.bind(2, entry.previousLink)
    statements.insertEntrySignature.bind(3, entry.signature)
    try statements.insertEntrySignature.run()
  }

  func writeApplied(
    _ id: Int64, _ epoch: Int64, _ entry: SignedEntry, _ check: Int64
  ) throws(DatabaseError) {
    statements.insertJournal.bind(1, id)
    statements.insertJournal.bind(2, epoch)
    statements.insertJournal.bind(3, Int64(entry.kind))
    statements.insertJournal.bind(4, entry.body)
    statements.insertJournal.bind(5, check)
    try statements.insertJournal.run()
  }

  func writeAside(
    _ lane: Lane, _ id: Int64, _ epoch: Int64, _ kind: Int64, _ body: [UInt8],
    _ reason: Unapplied, _ check: Int64
  ) throws(DatabaseError) {
    var insert = try database.prepare("INSERT INTO aside VALUES(?, ?, ?, ?, ?, ?, ?)")
    insert.bind(1, Int64(lane.rawValue))
    insert.bind(2, id)
    insert.bind(3, epoch)
    insert.bind(4, kind)
    insert.bind(5, body)
    insert.bind(6, Int64(reason.rawValue))
    insert.bind(7, check)
    try insert.run()
  }

  // MARK: Two contents under one identity

  /// Keeps both: what counts where its kind is read, the other by its hash.
  ///
  /// An entry that this node wrote itself stays where it is: its log is a chain.
  private func keep(
    _ entry: SignedEntry, of run: RunId, _ local: Int64, _ hash: [UInt8], isLower: Bool,
    _ reading: EntryReading, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    let id = RowId.make(incarnation: local, lane: entry.lane, seq: Int64(entry.seq))
    let log = SeenLog(incarnation: local, lane: entry.lane)
    let ownHead = RowId.isOwn(id) ? try ownHead(log) : 0
    let isWritten = entry.seq <= ownHead
    guard isLower, !isWritten, let here = try storedEntry(entry.lane, entry.seq, local)
    else {
      return try keepOther(entry.lane, id, hash, .entry(entry))
    }
    try keepOther(entry.lane, id, here.contentHash(of: run), .entry(here))
    try database.execute(
      "DELETE FROM journal WHERE id = \(id); DELETE FROM entry_signature WHERE id = \(id); "
        + "DELETE FROM aside WHERE lane = \(entry.lane.rawValue) AND id = \(id)")
    try write(entry, local, reading.reason)
    receiving.note(
      reading, reading.reason, run.record(entry.lane, entry.seq), entry.clockEpoch)
    receiving.report.foldsAnew = true
    // What was applied until now may have dated readings.
    receiving.report.isDating = true
  }

  func keepOther(
    _ lane: Lane, _ id: Int64, _ hash: [UInt8], _ record: CarriedBatch.Record
  ) throws(DatabaseError) {
    let count = try database.number("SELECT count(*) FROM other_content") ?? 0
    guard count < Limits.otherContentsMax else { return }
    var insert = try database.prepare("INSERT OR IGNORE INTO other_content VALUES(?, ?, ?, ?)")
    insert.bind(1, Int64(lane.rawValue))
    insert.bind(2, id)
    insert.bind(3, hash)
    insert.bind(4, record.encoded)
    try insert.run()
  }

  func isOther(_ lane: Lane, _ id: Int64, _ hash: [UInt8]) throws(DatabaseError) -> Bool {
    var rows = try database.prepare(
      "SELECT 1 FROM other_content WHERE lane = ? AND id = ? AND hash = ?")
    rows.bind(1, Int64(lane.rawValue))
    rows.bind(2, id)
    rows.bind(3, hash)
    return try rows.step()
  }
}

extension JournalContent {
  /// Whether readers fold it: what dates, hides, adds or explains readings. The first entry of an
  /// incarnation is the clock of its commits where no anchor is.
  var isFoldedByReaders: Bool {
    switch self {
    case .incarnation, .deletion, .deletionUndone, .lateValues, .lateValuesWithdrawn, .annotation,
      .annotationRemoved:
      return true
    default: return isDating
    }
  }
}

/// What an entry says, and why it is not applied.
struct EntryReading {
  var entry: JournalEntry?
  var reason: Unapplied?
}

/// A batch under way.
struct Receiving {
  let rules: ReceiveRules
  let carrier: NodeId
  var report = ReceiveReport()
  var changed: Set<MergingState.SeenLog> = []
  /// Devices of commits of this node's own that came back, and between which.
  var regained: [DeviceIdentity: ClosedRange<Int64>] = [:]
  /// The entry that was taken last, and its link.
  var lastLink: (log: MergingState.SeenLog, seq: UInt64, link: [UInt8])?

  init(rules: ReceiveRules, carrier: NodeId) {
    self.rules = rules
    self.carrier = carrier
  }

  mutating func note(
    _ carried: Intervals, of log: MergingState.SeenLog, _ merging: inout MergingState
  ) {
    merging.seen[log] = carried
    changed.insert(log)
  }

  mutating func note(regained devices: [DeviceIdentity], in ids: ClosedRange<Int64>) {
    for device in devices {
      let known = regained[device] ?? ids
      regained[device] =
        min(known.lowerBound, ids.lowerBound)...max(known.upperBound, ids.upperBound)
    }
  }

  mutating func note(
    _ reading: EntryReading, _ reason: Unapplied?, _ record: RecordId, _ clockEpoch: ClockEpoch
  ) {
    if let reason {
      report.unapplied[reason, default: 0] += 1
    } else if let entry = reading.entry {
      report.applied.append(
        ReceiveReport.Applied(record: record, entry: entry, clockEpoch: clockEpoch))
      if entry.content.isDating { report.isDating = true }
    }
  }
}

extension CarriedBatch.Record {
  var encoded: [UInt8] {
    switch self {
    case .entry(let entry): return entry.encoded()
    case .live(let live): return live.encoded()
    case .range(let carried): return carried.signed.encoded()
    case .continuation: preconditionFailure("blocks alone are not kept aside")
    }
  }

  /// The type of its frame in a batch, which the spool keeps.
  var type: Int64 {
    switch self {
    case .entry: return 2
    case .live: return 3
    case .range: return 4
    case .continuation: return 9
    }
  }
}
