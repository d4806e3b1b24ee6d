internal import Codec
internal import Model
internal import Sync

/// Taking compacted ranges of other nodes: their blocks are the block rows, stored once.
extension StoreCore {
  func receive(
    _ carried: CarriedRange, of run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    guard receiving.rules.isMember(run.origin) else {
      // It is not spooled, being long: whoever has it names it in a vector, and it is asked for.
      receiving.report.waitingCount += 1
      return
    }
    let (seqs, known) = (carried.seqs, try localRun(run))
    if let known, known < RowId.foreignFirst {
      let head = try Continuity.head(database, known)
      if UInt64(head) < seqs.upperBound {
        receiving.report.ownBeyond.insert(run)
      } else {
        receiving.report.knownCount += 1
      }
      return
    }
    guard let local = try localRun(making: run) else { return }
    let log = SeenLog(incarnation: local, lane: .telemetry)
    let id = RowId.make(incarnation: local, lane: .telemetry, seq: Int64(seqs.lowerBound))
    let last = id + Int64(seqs.count) - 1
    if let isSame = try isCovered(id...last, carried.signed.header) {
      if isSame {
        receiving.report.knownCount += 1
      } else {
        receiving.report.conflicts.append(run.record(.telemetry, seqs.lowerBound))
      }
      return
    }
    let seen = try self.seen(log)
    if seen.ranges.count >= Sync.Limits.intervalsMax, seen.wouldOpen(seqs) {
      receiving.report.refused[LogId(run, .telemetry)] = .some(seen.smallestHole)
      return
    }
    let begun = try BegunRanges.find(database, id, of: run)
    if let begun, begun.signed.header != carried.signed.header {
      receiving.report.conflicts.append(run.record(.telemetry, seqs.lowerBound))
      return
    }
    let places = begun?.places ?? []
    let here = places.union(carried.blocks.map(\.place))
    guard here.count == carried.header.blocks.count,
      let whole = try whole(carried, id, isBegun: begun != nil)
    else {
      receiving.report.blocksKept += try BegunRanges.add(database, carried, id, begun)
      return
    }
    receiving.report.blocksKept += here.count - places.count
    try publish(whole, id...last, run)
    if begun != nil { try BegunRanges.drop(database, id) }
    let fresh = Intervals(seqs).subtracting(seen).count
    receiving.note(seen: seen.union(Intervals(seqs)), of: log, &merging)
    receiving.report.commitsKept += Int(fresh)
    receiving.report.rangesKept += 1
  }

  /// A range with all of its blocks, in their order; nil where the disk has altered one that
  /// waited.
  private func whole(
    _ carried: CarriedRange, _ id: Int64, isBegun: Bool
  ) throws(DatabaseError) -> CarriedRange? {
    var blocks = isBegun ? try BegunRanges.blocks(database, id, carried.header) : [:]
    for block in carried.blocks { blocks[block.place] = block }
    var whole = carried
    whole.blocks = []
    whole.blocks.reserveCapacity(carried.header.blocks.count)
    for place in carried.header.blocks.indices {
      guard let block = blocks[place] else { return nil }
      whole.blocks.append(block)
    }
    return whole
  }

  /// Whether a range of other commits lies there, or this one does; nil where none does.
  private func isCovered(
    _ ids: ClosedRange<Int64>, _ header: [UInt8]
  ) throws(DatabaseError) -> Bool? {
    let base = RowId.incarnationId(ids.lowerBound) << 40
    var rows = try database.prepare(
      "SELECT id, header FROM commit_range WHERE id BETWEEN "
        + "\(max(base, ids.lowerBound - Int64(Sync.Limits.rangeCommitsMax))) "
        + "AND \(ids.upperBound) AND last >= \(ids.lowerBound) ORDER BY id LIMIT 1")
    guard try rows.step() else { return nil }
    return rows.int64(0) == ids.lowerBound && rows.blob(1) == header
  }

  /// Writes a range: from then on its commits are in its blocks, and live rows of them go, all in
  /// one transaction.
  private func publish(
    _ range: CarriedRange, _ ids: ClosedRange<Int64>, _ run: RunId
  ) throws(DatabaseError) {
    if SeededBug.liveAndRangeApart.isOn {
      try database.execute(
        "DELETE FROM hot WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound); "
          + "COMMIT; BEGIN IMMEDIATE")
    }
    let epoch = try localEpoch(making: range.signed.clockEpoch)
    var assembler = PackAssembler(
      range: ids.lowerBound, packBytesMax: Limits.packBytesMax,
      sliceBytesMax: Limits.sliceBytesMax)
    for (block, named) in zip(range.blocks, range.header.blocks) {
      let key = StreamKey(named, block.description)
      if let slice = assembler.add(block.made, of: key) { try insert(slice) }
    }
    if let slice = assembler.finish() { try insert(slice) }
    var clock = RangeClock()
    for arrivalMs in range.header.arrivalsMs {
      let bootUs = RangeTime.us(arrivalMs)
      clock.append(ClockObservation(bootUs: bootUs, wallUs: bootUs, trusted: false, errorUs: 0))
    }
    try insert(
      NewRange(
        ids: ids, clockEpoch: epoch, header: range.signed.header,
        cursors: CursorColumn.encode([]), clock: clock.encoded()))
    try writeSignature(range.signed, ids.lowerBound)
    try clearLive(under: ids)
  }

  private func writeSignature(_ signed: SignedRange, _ id: Int64) throws(DatabaseError) {
    var insert = try database.prepare("INSERT INTO range_signature VALUES(?, ?, ?)")
    insert.bind(1, id)
    insert.bind(2, signed.before)
    insert.bind(3, signed.signature)
    try insert.run()
  }

  /// Deletes the live rows that a new range stands for, but for those that a live range needs
  /// which goes beyond: its signature covers all of its commits. They mean nothing to readers.
  private func clearLive(under ids: ClosedRange<Int64>) throws(DatabaseError) {
    let base = RowId.incarnationId(ids.lowerBound) << 40
    let reach = Int64(Sync.Limits.liveCommitsMax) - 1
    let window = max(base + 1, ids.lowerBound - reach)...(ids.upperBound + reach)
    var covered = try self.covered(window, base)
    var rows = try database.prepare(
      "SELECT first, last FROM live_range WHERE first BETWEEN "
        + "\(max(base + 1, window.lowerBound - reach)) AND \(window.upperBound) "
        + "AND last >= \(window.lowerBound)")
    var done: [(Int64, Int64)] = []
    while try rows.step() {
      let (first, last) = (rows.int64(0), rows.int64(1))
      let live = UInt64(first - base)...UInt64(max(first, last) - base)
      if try self.covered(first...max(first, last), base).contains(live) {
        done.append((first, last))
      } else {
        covered = covered.subtracting(Intervals(live))
      }
    }
    rows.reset()
    for (first, last) in done {
      try database.execute("DELETE FROM live_range WHERE first = \(first) AND last = \(last)")
    }
    for range in covered.ranges {
      let (first, last) = (base + Int64(range.lowerBound), base + Int64(range.upperBound))
      try database.execute(
        "DELETE FROM hot WHERE id BETWEEN \(first) AND \(last); "
          + "DELETE FROM aside WHERE lane = 2 AND id BETWEEN \(first) AND \(last)")
    }
  }

  /// Which commits of some are in ranges.
  func covered(_ ids: ClosedRange<Int64>, _ base: Int64) throws(DatabaseError) -> Intervals {
    var rows = try database.prepare(
      "SELECT id, last FROM commit_range WHERE id BETWEEN "
        + "\(max(base, ids.lowerBound - Int64(Sync.Limits.rangeCommitsMax))) "
        + "AND \(ids.upperBound) AND last >= \(ids.lowerBound) ORDER BY id")
    var found: [ClosedRange<UInt64>] = []
    while try rows.step() {
      let (first, last) = (max(rows.int64(0), ids.lowerBound), min(rows.int64(1), ids.upperBound))
      if first <= last { found.append(UInt64(first - base)...UInt64(last - base)) }
    }
    return Intervals(found)
  }
}

extension StreamKey {
  /// The key of a block that a header names.
  init(_ named: RangeBlock, _ description: BlockDescription) {
    identity = named.identity
    channel = named.channel
    self.description = description
  }
}
