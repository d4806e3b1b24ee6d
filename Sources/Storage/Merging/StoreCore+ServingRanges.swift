internal import Codec
internal import Model
internal import Sync

/// Giving compacted ranges: the header, signed now where it is this node's own, and the contents
/// of its blocks as they are stored.
extension StoreCore {
  /// Ranges that hold some of these commits, the newest first.
  func serveRanges(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    let ids = try ranges(of: log.incarnation, seqs)
    let reader = try BlockReader(database)
    defer { reader.reset() }
    for id in ids where !serving.isFull && !serving.ranges.contains(id) {
      // What lacks a content is not held: whoever asks wants all of it.
      guard try !trimmedRanges().ids.contains(id) else { continue }
      serving.ranges.insert(id)
      do throws(DatabaseError) {
        guard let range = try signed(id, run, serving.key) else {
          serving.unreadable += 1
          continue
        }
        try serve(range, id, run, reader, &serving)
      } catch {
        guard error.kind == .damaged else { throw error }
        serving.unreadable += 1
      }
    }
  }

  /// Ranges of a run that hold some of these commits, the newest first.
  func ranges(
    of local: Int64, _ seqs: ClosedRange<UInt64>
  ) throws(DatabaseError) -> [Int64] {
    let base = local << 40
    let (first, last) = (base + Int64(seqs.lowerBound), base + Int64(seqs.upperBound))
    let reach = Int64(Sync.Limits.rangeCommitsMax)
    var rows = try database.prepare(
      "SELECT id FROM commit_range WHERE id BETWEEN \(max(base, first - reach)) AND \(last) "
        + "AND last >= \(first) ORDER BY id DESC")
    var ids: [Int64] = []
    while try rows.step() { ids.append(rows.int64(0)) }
    return ids
  }

  private func serve(
    _ range: SignedRange, _ id: Int64, _ run: RunId, _ reader: BlockReader,
    _ serving: inout Serving
  ) throws(DatabaseError) {
    let header: RangeHeader
    do throws(DecodeError) { header = try RangeHeader(decoding: range.header) } catch {
      throw Damage(.altered, "commit_range", id...id, message: "\(error)").error(database.path)
    }
    let log = LogId(run, .telemetry)
    let begun = serving.begun[log]?.first { $0.first == header.firstSeq }?.blocks ?? 0
    if begun > 0 {
      serving.writer.addContinuation(
        first: header.firstSeq, header: Blake2b.content(range.header), of: run)
    } else {
      // So that whoever has it can give its sums once the contents are gone.
      if let description = try description(id, range, header, run, serving.key, reader) {
        serving.writer.add(description, of: run)
      }
      serving.writer.add(range, of: run)
    }
    var place = 0
    var isFirst = true
    while place < header.blocks.count {
      let named = header.blocks[place]
      let parts = header.blocks[place...].prefix {
        $0.identity == named.identity && $0.channel == named.channel
      }
      let start = place
      place += parts.count
      guard place > begun else { continue }
      guard let series = try reader.seriesId(named.identity, named.channel) else {
        serving.unreadable += 1
        continue
      }
      let (rows, _) = try reader.examined(series: series, range: id)
      for index in start..<place where index >= begun {
        // One block goes at least, or a long header would be all that ever comes.
        if !isFirst, serving.isFull, !serving.isWhole { return }
        guard let row = rows.first(where: { $0.part == Int64(index - start) }),
          let stored = try serving.stored(row, reader)
        else {
          serving.unreadable += 1
          continue
        }
        isFirst = false
        serving.writer.add(BlockParcel(index: index, summary: nil, content: stored))
      }
    }
    serving.writer.endRange()
  }

  /// A range's header with its signature, made now where this disk made the range; nil where it
  /// has none or is not as it was written.
  func signed(
    _ id: Int64, _ run: RunId, _ key: NodeKey
  ) throws(DatabaseError) -> SignedRange? {
    var row = try database.prepare(
      "SELECT \(RangeRow.columns) FROM commit_range WHERE id = \(id)")
    guard try row.step(), RangeRow.holds(row) else { return nil }
    let (epoch, header) = (try clockEpoch(row.int64(2)), row.blob(3))
    row.reset()
    var signature = try database.prepare(
      "SELECT before, signature FROM range_signature WHERE id = \(id)")
    if try signature.step() {
      return SignedRange(
        clockEpoch: epoch, before: signature.blob(0), header: header, signature: signature.blob(1))
    }
    // Own ones came as well, if they came back.
    guard RowId.isOwn(id), let key = key.signer(of: run.origin) else { return nil }
    // The range before, where no commit stands between: borders are fixed once.
    let base = RowId.incarnationId(id) << 40
    let first = max(base, id - Int64(Sync.Limits.rangeCommitsMax))
    var before = try database.prepare(
      "SELECT header FROM commit_range WHERE id >= \(first) AND id < \(id) "
        + "AND last = \(id - 1)")
    let hash =
      try before.step() ? Blake2b.content(before.blob(0)) : [UInt8](repeating: 0, count: 32)
    return SignedRange(
      clockEpoch: epoch, before: hash, header: header, incarnation: run.incarnation, key: key)
  }

  // MARK: What is not whole any more

  /// The ranges that lack a content because retention took it.
  func trimmedRanges() throws(DatabaseError) -> MergingState.Trimmed {
    if let known = merging.trimmed { return known }
    var found = MergingState.Trimmed()
    for level in 1...2 as ClosedRange<Int64> {
      var next = try database.prepare(
        "SELECT min(commits) FROM block INDEXED BY block_by_level "
          + "WHERE level = \(level) AND commits > ?")
      var at = Int64.min
      while true {
        next.bind(1, at)
        defer { next.reset() }
        guard try next.step(), !next.isNull(0) else { break }
        at = next.int64(0)
        try add(at, to: &found)
      }
    }
    merging.trimmed = found
    return found
  }

  private func add(
    _ id: Int64, to trimmed: inout MergingState.Trimmed
  ) throws(DatabaseError) {
    guard trimmed.ids.insert(id).inserted,
      let last = try database.number("SELECT last FROM commit_range WHERE id = \(id)")
    else { return }
    let incarnation = RowId.incarnationId(id)
    let base = incarnation << 40
    let seqs = UInt64(id - base)...UInt64(max(id, last) - base)
    let contents = try database.number("SELECT contents FROM range_description WHERE id = \(id)")
    // Its origin describes a range whenever it is asked.
    if contents != nil || RowId.isOwn(id) {
      trimmed.rollups[incarnation, default: Intervals()].insert(seqs)
    }
    if contents != 0 { trimmed.seqs[incarnation, default: Intervals()].insert(seqs) }
  }

  /// A range came without contents.
  func noteTrimmed(_ id: Int64) throws(DatabaseError) {
    guard var trimmed = merging.trimmed else { return }
    // Else it would be copied.
    merging.trimmed = nil
    try add(id, to: &trimmed)
    merging.trimmed = trimmed
  }

  /// Blocks of a range have lost their contents.
  func noteTrimmed(_ ids: Set<Int64>) throws(DatabaseError) {
    merging.vector = nil
    guard var trimmed = merging.trimmed else { return }
    for id in ids { try add(id, to: &trimmed) }
    merging.trimmed = trimmed
  }
}
