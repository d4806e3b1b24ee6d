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
    let seqs = carried.seqs
    let seen = try seenCommits(of: run)
    if options.isOwn(run.origin) {
      // What this disk has written itself it has in its own borders.
      if seen.contains(seqs) {
        receiving.report.knownCount += 1
        return
      }
      receiving.report.ownBeyond.insert(run)
      if isPresent(run) { return }
    }
    guard let local = try localRun(making: run) else { return }
    let id = RowId.make(incarnation: local, lane: .telemetry, seq: Int64(seqs.lowerBound))
    let last = id + Int64(seqs.count) - 1
    let place = try place(of: id...last, carried.signed.header)
    switch place {
    case .known:
      receiving.report.knownCount += 1
      return
    case .conflict:
      receiving.report.conflicts.append(run.record(.telemetry, seqs.lowerBound))
      return
    case .free: break
    }
    if seen.ranges.count >= Sync.Limits.intervalsMax, seen.wouldOpen(seqs) {
      receiving.report.refused[LogId(run, .telemetry)] = .some(seen.smallestHole)
      return
    }
    var begun = try BegunRanges.find(database, id, of: run)
    if let other = begun?.signed.header, other != carried.signed.header {
      guard try givesWay(other, to: carried, id, of: run, &receiving) else { return }
      begun = nil
    }
    let places = begun?.places ?? []
    let here = places.union(carried.blocks.map(\.place))
    guard here.count == carried.header.blocks.count,
      let whole = try whole(carried, id, isBegun: begun != nil)
    else {
      // A header alone is of no use: it is sent again with the first block, or with a summary.
      if begun == nil, carried.blocks.isEmpty, !SeededBug.begunCountsAsSeen.isOn { return }
      receiving.report.blocksKept += try BegunRanges.add(database, carried, id, begun)
      if let description = carried.description { try keep(description, id) }
      if SeededBug.begunCountsAsSeen.isOn { try noteSeen(seqs, local, &receiving) }
      return
    }
    receiving.report.blocksKept += here.count - places.count
    let log = SeenLog(incarnation: local, lane: .telemetry)
    let noted = try self.carried(of: seen.union(Intervals(seqs)), log)
    // Before the sums go for which it stands: these bring it as well.
    var described = carried.description
    if described == nil {
      described = try storedDescription(id, of: run, header: carried.signed.header)
    }
    if case .free(let replaced) = place { try publish(whole, id...last, replaced) }
    for begun in [id, -id] { try BegunRanges.drop(database, begun) }
    try describe(whole, id, described)
    receiving.note(noted, of: log, &merging)
    if RowId.isOwn(id) { receiving.note(regained: whole.header.devices, in: id...last) }
    receiving.report.commitsKept += Int(Intervals(seqs).subtracting(seen).count)
    receiving.report.rangesKept += 1
  }

  private func seenCommits(of run: RunId) throws(DatabaseError) -> Intervals {
    guard let local = try localRun(run) else { return Intervals() }
    return try seen(SeenLog(incarnation: local, lane: .telemetry))
  }

  /// Drops what was begun under another header at the place of a range that is longer: of two that
  /// begin together the longer one stands for both. False where the other one stays.
  private func givesWay(
    _ header: [UInt8], to carried: CarriedRange, _ id: Int64, of run: RunId,
    _ receiving: inout Receiving
  ) throws(DatabaseError) -> Bool {
    guard let count = Self.commitCount(header), count != carried.seqs.count else {
      receiving.report.conflicts.append(run.record(.telemetry, carried.seqs.lowerBound))
      return false
    }
    guard count < carried.seqs.count else { return false }
    try BegunRanges.drop(database, id)
    merging.unlisted.remove(id)
    return true
  }

  /// Blocks of a range that was begun here.
  ///
  /// Where another header is here than the sender means, the range is no longer listed as begun:
  /// whoever has it sends the header along, and of the two the rules above choose.
  func receive(
    _ carried: CarriedContinuation, of run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    guard let local = try localRun(run) else {
      receiving.report.forgedCount += carried.parcels.count
      return
    }
    let place = RowId.make(incarnation: local, lane: .telemetry, seq: Int64(carried.first))
    let id = carried.isRollup ? -place : place
    let seen = try self.seen(SeenLog(incarnation: local, lane: .telemetry))
    guard let begun = try BegunRanges.find(database, id, of: run) else {
      // Somebody else has brought the rest of it meanwhile.
      if seen.contains(carried.first) {
        receiving.report.knownCount += 1
      } else {
        receiving.report.forgedCount += carried.parcels.count
      }
      return
    }
    guard Blake2b.content(begun.signed.header) == carried.headerHash else {
      // No more of them than can be begun: who is forgotten here is told so again.
      if merging.unlisted.count >= Limits.begunRangesMax { merging.unlisted.removeAll() }
      merging.unlisted.insert(id)
      receiving.report.forgedCount += carried.parcels.count
      return
    }
    var range: CarriedRange
    do throws(DecodeError) {
      range = CarriedRange(
        signed: begun.signed, header: try RangeHeader(decoding: begun.signed.header))
    } catch {
      throw Damage(.altered, "begun_range", place...place, message: "\(error)")
        .error(database.path)
    }
    range.isRollup = carried.isRollup
    if carried.isRollup {
      range.description = try storedDescription(place, of: run, header: begun.signed.header)
    }
    for parcel in carried.parcels {
      do throws(DecodeError) {
        let block =
          carried.isRollup
          ? try CarriedBlock(summary: parcel, of: range.header, range.description)
          : try CarriedBlock(parcel, of: range.header)
        guard let block else {
          receiving.report.forgedCount += 1
          continue
        }
        range.blocks.append(block)
      } catch {
        receiving.report.forgedCount += 1
      }
    }
    guard !range.blocks.isEmpty else { return }
    if range.isRollup {
      try receive(rollups: range, of: run, &receiving)
    } else {
      try receive(range, of: run, &receiving)
    }
  }

  /// A range with all of its blocks, in their order; nil where the disk has altered one that
  /// waited.
  func whole(
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

  private static func commitCount(_ header: [UInt8]) -> Int? {
    do throws(DecodeError) {
      return try RangeHeader(decoding: header).arrivalsMs.count
    } catch { return nil }
  }

  /// What lies where a range is to be.
  private enum Place {
    /// The same, or one that reaches further on both sides.
    case known
    /// Others, whose commits are not all in this one.
    case conflict
    /// Nothing, or these, for all of which it stands: after a restore a run's last range is
    /// shorter on the disk of its origin than on that of others.
    case free(replaces: [ClosedRange<Int64>])
  }

  /// Whether a range is of lane 3, as a column of `commit_range`.
  private static let isRollup =
    "EXISTS(SELECT 1 FROM range_description WHERE range_description.id = commit_range.id "
    + "AND contents = 0)"

  private func place(
    of ids: ClosedRange<Int64>, _ header: [UInt8]
  ) throws(DatabaseError) -> Place {
    let base = RowId.incarnationId(ids.lowerBound) << 40
    var rows = try database.prepare(
      "SELECT id, last, header, \(Self.isRollup) FROM commit_range WHERE id BETWEEN "
        + "\(max(base, ids.lowerBound - Int64(Sync.Limits.rangeCommitsMax))) "
        + "AND \(ids.upperBound) AND last >= \(ids.lowerBound) ORDER BY id")
    var replaced: [ClosedRange<Int64>] = []
    while try rows.step() {
      let there = rows.int64(0)...max(rows.int64(0), rows.int64(1))
      // Readings take the place of their sums.
      let isSums = rows.int64(3) == 1 && !SeededBug.sumsKeepReadingsOut.isOn
      if isSums, ids.lowerBound <= there.lowerBound, there.upperBound <= ids.upperBound {
        replaced.append(there)
        continue
      }
      if there == ids { return rows.blob(2) == header ? .known : .conflict }
      if there.lowerBound <= ids.lowerBound, there.upperBound >= ids.upperBound { return .known }
      guard there.lowerBound >= ids.lowerBound, there.upperBound <= ids.upperBound else {
        return .conflict
      }
      replaced.append(there)
    }
    return .free(replaces: replaced)
  }

  /// Writes a range: from then on its commits are in its blocks, and live rows of them go, all in
  /// one transaction.
  private func publish(
    _ range: CarriedRange, _ ids: ClosedRange<Int64>, _ replaced: [ClosedRange<Int64>]
  ) throws(DatabaseError) {
    if SeededBug.liveAndRangeApart.isOn {
      try database.execute(
        "DELETE FROM hot WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound); "
          + "COMMIT; BEGIN IMMEDIATE")
    }
    let epoch = try localEpoch(making: range.signed.clockEpoch)
    let (cursors, clock) = try columns(ids, range.header.arrivalsMs)
    try endCompaction(of: ids)
    for old in replaced { try drop(old.lowerBound) }
    let row = NewRange(
      ids: ids, clockEpoch: epoch, header: range.signed.header,
      cursors: CursorColumn.encode(cursors), clock: clock.encoded())
    if SeededBug.recordAndBlocksApart.isOn {
      try insert(row)
      try database.execute("COMMIT; BEGIN IMMEDIATE")
    }
    var assembler = PackAssembler(
      range: ids.lowerBound, packBytesMax: Limits.packBytesMax,
      sliceBytesMax: Limits.sliceBytesMax)
    for (block, named) in zip(range.blocks, range.header.blocks) {
      let key = StreamKey(named, block.description)
      if let slice = assembler.add(block.made, of: key) { try insert(slice) }
    }
    if let slice = assembler.finish() { try insert(slice) }
    if !SeededBug.recordAndBlocksApart.isOn { try insert(row) }
    try writeSignature(range.signed, ids.lowerBound)
    try clearLive(under: ids)
  }

  func writeSignature(_ signed: SignedRange, _ id: Int64) throws(DatabaseError) {
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
      } else if !SeededBug.liveRangeCutShort.isOn {
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

  /// Which commits of some are in ranges, with their readings or what is left of these: rows under
  /// a range of lane 3 are all that is here of their commits.
  func covered(_ ids: ClosedRange<Int64>, _ base: Int64) throws(DatabaseError) -> Intervals {
    var rows = try database.prepare(
      "SELECT id, last FROM commit_range WHERE id BETWEEN "
        + "\(max(base, ids.lowerBound - Int64(Sync.Limits.rangeCommitsMax))) "
        + "AND \(ids.upperBound) AND last >= \(ids.lowerBound) AND NOT \(Self.isRollup) "
        + "ORDER BY id")
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
