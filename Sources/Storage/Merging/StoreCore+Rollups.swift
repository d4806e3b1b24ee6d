internal import Codec
internal import Model
internal import Sync

/// Taking lane 3: headers and summaries of ranges whose contents are not here. Their blocks are as
/// if retention had taken the contents, and their commits are not seen.
extension StoreCore {
  /// Takes a range without contents, in part or whole. Where any of its commits is here, or was,
  /// readings count, and never their sums beside them.
  func receive(
    rollups carried: CarriedRange, of run: RunId, _ receiving: inout Receiving
  ) throws(DatabaseError) {
    guard receiving.rules.isMember(run.origin) else {
      receiving.report.waitingCount += 1
      return
    }
    // An own run ends where its rows end: sums beyond these would seem to be written here.
    guard !options.isOwn(run.origin), let local = try localRun(making: run) else {
      receiving.report.knownCount += 1
      return
    }
    let seqs = carried.seqs
    let id = RowId.make(incarnation: local, lane: .telemetry, seq: Int64(seqs.lowerBound))
    let ids = id...(id + Int64(seqs.count) - 1)
    let log = SeenLog(incarnation: local, lane: .telemetry)
    guard try seen(log).intersection(Intervals(seqs)).isEmpty,
      let replaced = try rollups(within: ids)
    else {
      receiving.report.knownCount += 1
      return try BegunRanges.drop(database, -id)
    }
    let listed = try trimmedRanges().rollups[local] ?? Intervals()
    if listed.ranges.count >= Sync.Limits.intervalsMax, listed.wouldOpen(seqs) {
      receiving.report.refused[LogId(run, .rollups)] = .some(listed.smallestHole)
      return
    }
    var begun = try BegunRanges.find(database, -id, of: run)
    if let other = begun?.signed.header, other != carried.signed.header {
      try BegunRanges.drop(database, -id)
      begun = nil
    }
    guard let description = carried.description else {
      receiving.report.forgedCount += carried.blocks.count
      return
    }
    let places = begun?.places ?? []
    let here = places.union(carried.blocks.map(\.place))
    guard here.count == carried.header.blocks.count,
      let whole = try whole(carried, -id, isBegun: begun != nil)
    else {
      receiving.report.blocksKept += try BegunRanges.add(database, carried, -id, begun)
      return try write(description, id)
    }
    receiving.report.blocksKept += here.count - places.count
    try publish(rollups: whole, ids, replaced)
    if begun != nil { try BegunRanges.drop(database, -id) }
    try write(description, id)
    receiving.report.rollupsKept += 1
    try noteTrimmed(id)
    merging.changed.logs.insert(log)
  }

  /// The ranges of lane 3 for which one would stand that has these commits; nil where the same is
  /// here, or one whose commits are not all in it.
  private func rollups(
    within ids: ClosedRange<Int64>
  ) throws(DatabaseError) -> [ClosedRange<Int64>]? {
    let found = try rollupRanges(over: ids)
    let isNew = found.allSatisfy {
      $0 != ids && ids.lowerBound <= $0.lowerBound && $0.upperBound <= ids.upperBound
    }
    return isNew ? found : nil
  }

  /// The ranges whose contents never were here and that share commits with these.
  func rollupRanges(over ids: ClosedRange<Int64>) throws(DatabaseError) -> [ClosedRange<Int64>] {
    let base = RowId.incarnationId(ids.lowerBound) << 40
    let first = max(base, ids.lowerBound - Int64(Sync.Limits.rangeCommitsMax))
    var rows = try database.prepare(
      "SELECT commit_range.id, last FROM commit_range JOIN range_description "
        + "ON range_description.id = commit_range.id WHERE contents = 0 AND commit_range.id "
        + "BETWEEN \(first) AND \(ids.upperBound) AND last >= \(ids.lowerBound)")
    var found: [ClosedRange<Int64>] = []
    while try rows.step() { found.append(rows.int64(0)...max(rows.int64(0), rows.int64(1))) }
    return found
  }

  /// Live commits came: a range of lane 3 of which all commits are here now gives way to them, in
  /// the transaction of the last. Until then no reader looks at these rows, and each reading counts
  /// once, in its sums.
  func endRollups(
    under seqs: ClosedRange<UInt64>, _ local: Int64, seen: Intervals
  ) throws(DatabaseError) {
    guard local >= RowId.foreignFirst else { return }
    let base = local << 40
    let ids = (base + Int64(seqs.lowerBound))...(base + Int64(seqs.upperBound))
    for range in try rollupRanges(over: ids) {
      let commits = UInt64(range.lowerBound - base)...UInt64(range.upperBound - base)
      if SeededBug.sumsOutliveReadings.isOn { continue }
      if seen.contains(commits) { try drop(range.lowerBound) }
    }
  }

  private func publish(
    rollups range: CarriedRange, _ ids: ClosedRange<Int64>, _ replaced: [ClosedRange<Int64>]
  ) throws(DatabaseError) {
    let epoch = try localEpoch(making: range.signed.clockEpoch)
    let (cursors, clock) = try columns(ids, range.header.arrivalsMs)
    for old in replaced { try drop(old.lowerBound) }
    var blocks: [PackedBlock] = []
    for (block, named) in zip(range.blocks, range.header.blocks) {
      let isSame = blocks.last?.identity == named.identity && blocks.last?.channel == named.channel
      blocks.append(
        PackedBlock(
          identity: named.identity, channel: named.channel,
          part: isSame ? (blocks.last?.part ?? 0) + 1 : 0,
          about: BlockRow.about(block.description), kind: Int64(block.description.kind),
          unit: block.description.unit, start: block.made.start, end: block.made.end,
          count: block.made.count, summary: block.made.summary, place: 0, bytes: 0, bodyCheck: 0))
    }
    try insert(withoutContents: blocks, of: ids.lowerBound)
    try insert(
      NewRange(
        ids: ids, clockEpoch: epoch, header: range.signed.header,
        cursors: CursorColumn.encode(cursors), clock: clock.encoded()))
    try writeSignature(range.signed, ids.lowerBound)
  }

  // MARK: Descriptions

  /// Keeps what the blocks of a range are, as its origin said it. Of one whose contents are here
  /// `contents` is set.
  func write(
    _ description: SignedDescription, _ id: Int64, contents: Bool = false
  ) throws(DatabaseError) {
    var row = try database.prepare(
      "INSERT INTO range_description VALUES(?1, ?2, ?3) "
        + "ON CONFLICT DO UPDATE SET record = ?2, contents = ?3")
    row.bind(1, id)
    row.bind(2, description.encoded())
    row.bind(3, Int64(contents ? 1 : 0))
    try row.run()
  }

  /// The same for a range that has come in part, until it is whole.
  func keep(_ description: SignedDescription, _ id: Int64) throws(DatabaseError) {
    var row = try database.prepare("INSERT OR IGNORE INTO range_description VALUES(?, ?, 0)")
    row.bind(1, id)
    row.bind(2, description.encoded())
    try row.run()
  }

  /// What the blocks of a range are, as its origin said it; nil where that is not here, or not as
  /// it was written.
  func storedDescription(
    _ id: Int64, of run: RunId, header: [UInt8]
  ) throws(DatabaseError) -> SignedDescription? {
    var row = try database.prepare("SELECT record FROM range_description WHERE id = \(id)")
    guard try row.step() else { return nil }
    do throws(DecodeError) {
      let found = try SignedDescription(decoding: row.blob(0))
      guard found.headerHash == Blake2b.content(header), found.holds(of: run) else { return nil }
      return found
    } catch {
      return nil
    }
  }

  /// Notes what the blocks of a range are whose contents have come: only where it is true of them.
  func describe(
    _ range: CarriedRange, _ id: Int64, _ described: SignedDescription?
  ) throws(DatabaseError) {
    let isTrue =
      described?.blocks.elementsEqual(range.blocks) {
        $0.description == $1.description && $0.start == $1.made.start && $0.end == $1.made.end
      } ?? false
    if let described, isTrue { return try write(described, id, contents: true) }
    try database.execute("DELETE FROM range_description WHERE id = \(id)")
  }

  // MARK: Giving

  /// What the blocks of a range are, said now where this disk wrote it; nil where nobody can.
  func description(
    _ id: Int64, _ range: SignedRange, _ header: RangeHeader, _ run: RunId, _ key: NodeKey,
    _ reader: BlockReader
  ) throws(DatabaseError) -> SignedDescription? {
    if let known = try storedDescription(id, of: run, header: range.header) { return known }
    guard RowId.isOwn(id), let key = key.signer(of: run.origin) else { return nil }
    var blocks: [SignedDescription.Block] = []
    for row in try rows(of: header, id, reader) {
      guard let row, row.start <= row.end else { return nil }
      blocks.append(
        SignedDescription.Block(row.description, start: row.start, end: row.end))
    }
    return SignedDescription(
      headerHash: range.headerHash, blocks: blocks, incarnation: run.incarnation, key: key)
  }

  /// The blocks of a range in the order of its header; nil for one that is not here as it was
  /// written.
  private func rows(
    of header: RangeHeader, _ id: Int64, _ reader: BlockReader
  ) throws(DatabaseError) -> [BlockRow?] {
    var found: [BlockRow?] = []
    var next = header.blocks[...]
    while let first = next.first {
      let named = next.prefix { $0.identity == first.identity && $0.channel == first.channel }
      next = next.dropFirst(named.count)
      var rows: [BlockRow] = []
      if let series = try reader.seriesId(first.identity, first.channel) {
        let (examined, damages) = try reader.examined(series: series, range: id)
        if damages.isEmpty { rows = examined }
      }
      for part in 0..<Int64(named.count) { found.append(rows.first { $0.part == part }) }
    }
    return found
  }

  /// Headers and summaries of ranges that lack a content, the newest first.
  func serveRollups(
    _ local: Int64, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    let ids = try ranges(of: local, seqs)
    let reader = try BlockReader(database)
    defer { reader.reset() }
    for id in ids where !serving.isFull && !serving.ranges.contains(-id) {
      guard try trimmedRanges().ids.contains(id) else { continue }
      serving.ranges.insert(-id)
      do throws(DatabaseError) {
        guard let range = try signed(id, run, serving.key) else {
          serving.unreadable += 1
          continue
        }
        try serve(rollups: range, id, run, reader, &serving)
      } catch {
        guard error.kind == .damaged else { throw error }
        serving.unreadable += 1
      }
    }
  }

  private func serve(
    rollups range: SignedRange, _ id: Int64, _ run: RunId, _ reader: BlockReader,
    _ serving: inout Serving
  ) throws(DatabaseError) {
    let header: RangeHeader
    do throws(DecodeError) { header = try RangeHeader(decoding: range.header) } catch {
      throw Damage(.altered, "commit_range", id...id, message: "\(error)").error(database.path)
    }
    let log = LogId(run, .rollups)
    let begun = serving.begun[log]?.first { $0.first == header.firstSeq }?.blocks ?? 0
    if begun > 0 {
      serving.writer.addContinuation(
        first: header.firstSeq, header: Blake2b.content(range.header), of: run)
    } else {
      guard let description = try description(id, range, header, run, serving.key, reader) else {
        serving.unreadable += 1
        return
      }
      serving.writer.add(description, of: run)
      serving.writer.add(range, of: run)
    }
    let rows = try rows(of: header, id, reader)
    for (index, row) in rows.enumerated() where index >= begun {
      // One at least, or a long header would be all that ever comes.
      if index > begun, serving.isFull, !serving.isWhole { return }
      guard let row else {
        serving.unreadable += 1
        continue
      }
      serving.writer.add(BlockParcel(index: index, summary: row.summary, content: nil))
    }
    serving.writer.endRange()
  }
}
