internal import Model
internal import Sync

/// Taking commits of other nodes, and records of nobody known.
extension StoreCore {
  func receive(
    _ live: SignedLive, of run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    let local = try localRun(run)
    let hashes = live.commitHashes(of: run)
    let log = SeenLog(incarnation: local ?? 0, lane: .telemetry)
    let before = local == nil ? Intervals() : try seen(log)
    var acceptance = Acceptance(isMember: receiving.rules.isMember(run.origin), seen: before)
    var fresh: [(seq: UInt64, body: [UInt8])] = []
    var packed: [(seq: UInt64, body: [UInt8])] = []
    for (seq, (body, hash)) in zip(live.seqs, zip(live.bodies, hashes)) {
      let known = try self.known(.telemetry, seq, local, run, hash)
      if case .none = known, options.isOwn(run.origin) {
        receiving.report.ownBeyond.insert(run)
        if isPresent(run) { return }
      }
      let verdict = acceptance.judge(
        seq, hash: hash, signatureHolds: true, known: known, reason: { nil })
      switch verdict {
      case .dropped: break
      case .known:
        receiving.report.knownCount += 1
        if case .gone = known { packed.append((seq, body)) }
      case .waits: return try spool(.live(live), of: run, &receiving)
      case .refused(let hole):
        receiving.report.refused[LogId(run, .telemetry)] = .some(hole)
        return
      case .conflict:
        // The commits here stay; the others are kept as they came, under the first that differs.
        receiving.report.conflicts.append(run.record(.telemetry, seq))
        let id = RowId.make(incarnation: local ?? 0, lane: .telemetry, seq: Int64(seq))
        return try keepOther(.telemetry, id, hash, .live(live))
      case .kept:
        if SeededBug.duplicateByTime.isOn, try isLongAgo(body, local) { continue }
        fresh.append((seq, body))
      }
    }
    guard !fresh.isEmpty, let local = try localRun(making: run) else { return }
    let epoch = try localEpoch(making: live.clockEpoch)
    let place = SeenLog(incarnation: local, lane: .telemetry)
    let carried = try carried(of: acceptance.seen, place)
    for (seq, body) in fresh { try write(seq, body, local, epoch, &receiving) }
    receiving.note(carried, of: place, &merging)
    receiving.report.commitsKept += fresh.count
    try endRollups(under: live.seqs, local, seen: acceptance.seen)
    // What is this node's own is signed anew when it is given.
    guard local >= RowId.foreignFirst else { return }
    // The signature covers those too that are in a range here: without them the fresh ones could
    // not be given on. As rows under a range they mean nothing to readers.
    for (seq, body) in packed { try write(seq, body, local, epoch, &receiving) }
    var insert = try database.prepare("INSERT OR IGNORE INTO live_range VALUES(?, ?, ?)")
    insert.bind(1, RowId.make(incarnation: local, lane: .telemetry, seq: Int64(live.first)))
    insert.bind(
      2, RowId.make(incarnation: local, lane: .telemetry, seq: Int64(live.seqs.upperBound)))
    insert.bind(3, live.signature)
    try insert.run()
  }

  /// Cursors and clock are their origin's own, and not sent: none, and a clock of nothing, or of
  /// this node's own the one that its run began with.
  private func write(
    _ seq: UInt64, _ body: [UInt8], _ local: Int64, _ epoch: Int64, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    let id = RowId.make(incarnation: local, lane: .telemetry, seq: Int64(seq))
    let (commit, reason) = Self.reading(body)
    if let reason {
      receiving.report.unapplied[reason, default: 0] += 1
      let check = RowSeal.journal(id, epoch, 0, body.span)
      return try writeAside(.telemetry, id, epoch, 0, body, reason, check)
    }
    let cursors = CursorColumn.encode([])
    var observation = ClockObservation(bootUs: 0, wallUs: 0, trusted: false, errorUs: 0)
    if RowId.isOwn(id), let commit {
      observation = try regainedClock(local, commit.arrivalUs)
      receiving.note(regained: commit.sources.map(\.identity), in: id...id)
    }
    let clock = observation.encoded()
    statements.insertHot.bind(1, id)
    statements.insertHot.bind(2, epoch)
    statements.insertHot.bind(3, body)
    statements.insertHot.bind(4, cursors)
    statements.insertHot.bind(5, clock)
    statements.insertHot.bind(6, RowSeal.hot(id, epoch, body.span, cursors.span, clock.span))
    try statements.insertHot.run()
  }

  /// A commit, or why it cannot be shown.
  private static func reading(_ body: [UInt8]) -> (commit: CommitBody?, reason: Unapplied?) {
    do throws(DecodeError) {
      return (try CommitDecoder.decode(body), nil)
    } catch {
      return (nil, error.reason == .version ? .kind : .rule)
    }
  }

  // MARK: What is here already

  /// What is known of a record that came with this hash.
  func known(
    _ lane: Lane, _ seq: UInt64, _ local: Int64?, _ run: RunId, _ hash: [UInt8]
  ) throws(DatabaseError) -> KnownContent {
    guard let local else { return .none }
    guard try seen(SeenLog(incarnation: local, lane: lane)).contains(seq) else { return .none }
    let here =
      lane == .telemetry
      ? try commitHash(seq, local, run) : try storedEntry(lane, seq, local)?.contentHash(of: run)
    let id = RowId.make(incarnation: local, lane: lane, seq: Int64(seq))
    // One that is in a range has another hash there.
    guard let here else { return .gone }
    if here != hash, try isOther(lane, id, hash) { return .hash(hash) }
    return .hash(here)
  }

  /// An entry as it came or, of this node's own, without its signature; nil where it is not here or
  /// not as it was written.
  func storedEntry(
    _ lane: Lane, _ seq: UInt64, _ local: Int64
  ) throws(DatabaseError) -> SignedEntry? {
    guard seq > 0, seq < lane.seqEnd else { return nil }
    let id = RowId.make(incarnation: local, lane: lane, seq: Int64(seq))
    var row = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id = \(id) UNION ALL "
        + "SELECT \(RowSeal.journalColumns) FROM aside WHERE lane = \(lane.rawValue) AND id = \(id)"
    )
    guard try row.step(), RowSeal.journalHolds(row), let kind = UInt16(exactly: row.int64(2))
    else { return nil }
    let (epoch, body) = (row.int64(1), row.blob(3))
    var signed = try database.prepare(
      "SELECT previous, signature FROM entry_signature WHERE id = \(id)")
    let isSigned = try signed.step()
    return SignedEntry(
      lane: lane, seq: seq, clockEpoch: try clockEpoch(epoch), kind: kind, body: body,
      previousLink: isSigned ? signed.blob(0) : [], signature: isSigned ? signed.blob(1) : [])
  }

  /// A commit's boot and body; nil where it is not here as a row, or not as it was written.
  func storedCommit(
    _ seq: UInt64, _ local: Int64
  ) throws(DatabaseError) -> (epoch: Int64, body: [UInt8])? {
    let id = RowId.make(incarnation: local, lane: .telemetry, seq: Int64(seq))
    var row = try database.prepare("SELECT \(RowSeal.hotColumns) FROM hot WHERE id = \(id)")
    if try row.step() { return RowSeal.hotHolds(row) ? (row.int64(1), row.blob(2)) : nil }
    var aside = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM aside WHERE lane = 2 AND id = \(id)")
    guard try aside.step(), RowSeal.journalHolds(aside) else { return nil }
    return (aside.int64(1), aside.blob(3))
  }

  private func commitHash(
    _ seq: UInt64, _ local: Int64, _ run: RunId
  ) throws(DatabaseError) -> [UInt8]? {
    guard let (epoch, body) = try storedCommit(seq, local) else { return nil }
    return SignedLive.commitHash(
      of: run, seq: seq, clockEpoch: try clockEpoch(epoch), body: body)
  }

  // MARK: The spool

  /// Keeps a record of nobody known apart, at most so much of each carrier: the oldest go.
  func spool(
    _ record: CarriedBatch.Record, of run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    receiving.report.waitingCount += 1
    let (owner, bytes) = (run.origin.bytes + RowId.bytes(run.incarnation), record.encoded)
    var same = try database.prepare("SELECT 1 FROM spool WHERE run = ? AND record = ?")
    same.bind(1, owner)
    same.bind(2, bytes)
    if try same.step() { return }
    var insert = try database.prepare(
      "INSERT INTO spool(carrier, type, run, record) VALUES(?, ?, ?, ?)")
    insert.bind(1, receiving.carrier.bytes)
    insert.bind(2, record.type)
    insert.bind(3, owner)
    insert.bind(4, bytes)
    try insert.run()
    var rows = try database.prepare(
      "SELECT id, length(record) FROM spool WHERE carrier = ? ORDER BY id DESC")
    rows.bind(1, receiving.carrier.bytes)
    var (count, size) = (0, Int64(0))
    while try rows.step() {
      count += 1
      size += rows.int64(1)
      guard count > Limits.spoolRecordsMax || size > Limits.spoolBytesMax else { continue }
      let last = rows.int64(0)
      rows.reset()
      var delete = try database.prepare("DELETE FROM spool WHERE carrier = ? AND id <= \(last)")
      delete.bind(1, receiving.carrier.bytes)
      return try delete.run()
    }
  }

  /// Takes what waits of nodes that are members now; to be called again until it reports nothing
  /// kept and nothing known.
  func receiveSpool(_ rules: ReceiveRules) throws(DatabaseError) -> ReceiveReport {
    do throws(DatabaseError) {
      return try database.transaction { () throws(DatabaseError) in
        var carried = CarriedBatch()
        var taken: [Int64] = []
        var rows = try database.prepare("SELECT id, type, run, record FROM spool ORDER BY id")
        while !carried.isFull, taken.count < Limits.carriedRecordsMax, try rows.step() {
          guard let (run, record) = Self.spooled(rows) else {
            taken.append(rows.int64(0))  // Altered on the disk: nobody's any more.
            continue
          }
          guard isMember(record, of: run, rules) else { continue }
          carried.add(verified: record, of: run)
          taken.append(rows.int64(0))
        }
        rows.reset()
        for id in taken { try database.execute("DELETE FROM spool WHERE id = \(id)") }
        return try receive(carried.records, from: options.node, rules)
      }
    } catch {
      merging.forget()
      throw error
    }
  }

  /// A row of the spool, verified again: the disk may have changed it.
  private static func spooled(
    _ row: borrowing Statement
  ) -> (run: RunId, record: CarriedBatch.Record)? {
    let owner = row.blob(2)
    guard let origin = NodeId(Array(owner.prefix(32))), owner.count == 40 else { return nil }
    let run = RunId(
      origin: origin, incarnation: RowId.incarnation(Array(owner.suffix(8))))
    do throws(DecodeError) {
      if row.int64(1) == 2 {
        let entry = try SignedEntry(decoding: row.blob(3))
        return entry.holds(of: run) ? (run, .entry(entry)) : nil
      }
      let live = try SignedLive(decoding: row.blob(3))
      return live.holds(of: run) ? (run, .live(live)) : nil
    } catch {
      return nil
    }
  }
}
