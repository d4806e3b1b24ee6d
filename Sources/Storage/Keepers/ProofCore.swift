internal import Codec
internal import Model
internal import Sync

/// Reads what is to be proven: the contents of ranges as they are on the disk now, whether they
/// lie in blocks or are rows of `hot` still.
///
/// It has a connection of its own, so that it holds no one up, and is made for each question, so
/// that nothing of an earlier one is in its memory.
struct ProofCore: ~Copyable {
  private let core: CompactionCore

  init(path: String, vfs: String?, bounds: RangeBounds) throws(DatabaseError) {
    core = try CompactionCore(path: path, vfs: vfs, bounds: bounds)
  }

  /// The hash over a span; nil where it is not here, or not as it was written.
  func hash(_ part: ProofPart, nonce: [UInt8]) throws(DatabaseError) -> [UInt8]? {
    guard part.log.lane == .telemetry else { return nil }
    do throws(DatabaseError) {
      return try core.database.reading { () throws(DatabaseError) in
        guard let local = try localRun(part.log.run) else { return nil }
        let base = RowId.range(incarnation: local, lane: .telemetry).lowerBound
        let ids = (base + Int64(part.seqs.lowerBound))...(base + Int64(part.seqs.upperBound))
        defer { core.endProof() }
        return try core.proof(of: ids, part.log.run, nonce: nonce)
      }
    } catch {
      // What the disk has altered or cannot read any more is not here.
      guard error.kind == .damaged || error.kind == .inputOutput else { throw error }
      return nil
    }
  }

  /// The range of just these commits; nil where they are in none, or in another.
  func range(of part: ProofPart) throws(DatabaseError) -> KeptRange? {
    try core.database.reading { () throws(DatabaseError) in
      guard let local = try localRun(part.log.run) else { return nil }
      let base = RowId.range(incarnation: local, lane: .telemetry).lowerBound
      let ids = (base + Int64(part.seqs.lowerBound))...(base + Int64(part.seqs.upperBound))
      defer { core.endProof() }
      return try core.blocks.range(holding: ids.lowerBound) == ids
        ? KeptRange(ids: ids, part: part) : nil
    }
  }

  private func localRun(_ run: RunId) throws(DatabaseError) -> Int64? {
    var rows = try core.database.prepare(
      "SELECT incarnation.id FROM incarnation JOIN node ON node.id = incarnation.node "
        + "WHERE node.key = ? AND incarnation.number = ?")
    rows.bind(1, run.origin.bytes)
    rows.bind(2, RowId.bytes(run.incarnation))
    return try rows.step() ? rows.int64(0) : nil
  }

  /// What a keeper whose vector names `held` has of this node's own ranges, of which this node has
  /// `mine` whole.
  func ledger(
    of keeper: NodeId, held: HaveVector, mine: HaveVector
  ) throws(DatabaseError) -> KeeperLedger {
    try core.database.reading { () throws(DatabaseError) in
      let id = try KeepingRows.keeper(core.database, keeper)
      let known = try id.map { (id) throws(DatabaseError) in
        try KeepingRows.all(core.database, keeper: id)
      }
      var ledger = KeeperLedger()
      let owners = try Folding.incarnations(core.database)
      var rows = try core.database.prepare(
        "SELECT id, last FROM commit_range WHERE id < \(RowId.ownEnd) ORDER BY id")
      while try rows.step() {
        let (first, last) = (rows.int64(0), rows.int64(1))
        guard first <= last, let owner = owners[RowId.incarnationId(first)] else { continue }
        let run = RunId(origin: owner.0, incarnation: owner.1)
        let base = RowId.incarnationId(first) << 40
        let range = KeptRange(
          ids: first...last,
          part: ProofPart(LogId(run, .telemetry), UInt64(first - base)...UInt64(last - base)))
        ledger.take(range, known?[first], held: held, mine: mine)
      }
      return ledger
    }
  }
}

extension KeeperLedger {
  fileprivate mutating func take(
    _ range: KeptRange, _ known: KeepingRows.Row?, held: HaveVector, mine: HaveVector
  ) {
    let known = known?.last == range.ids.upperBound ? known : nil
    guard held[range.part.log].held.contains(range.part.seqs) else {
      if known != nil { lost.append(range) }
      return
    }
    if known == nil { unnoted.append(range) }
    // What is not whole here any more cannot be compared with anything.
    guard mine[range.part.log].held.contains(range.part.seqs) else { return }
    if known?.level == .proven { proven.append(range) } else { fresh.append(range) }
  }
}

extension CompactionCore {
  /// Ends whatever is open: before the transaction does.
  fileprivate func endProof() {
    rows.reset()
    blocks.reset()
  }

  /// The hash over the commits of a range; nil where they are not all here, or lie in other ranges.
  fileprivate func proof(
    of ids: ClosedRange<Int64>, _ run: RunId, nonce: [UInt8]
  ) throws(DatabaseError) -> [UInt8]? {
    if let range = try blocks.range(holding: ids.lowerBound) {
      return range == ids ? try proofOfBlocks(range.lowerBound, run, nonce) : nil
    }
    return try proofOfCommits(ids, run, nonce)
  }

  private func proofOfBlocks(
    _ id: Int64, _ run: RunId, _ nonce: [UInt8]
  ) throws(DatabaseError) -> [UInt8]? {
    guard let range = try blocks.rangeRow(id) else { return nil }
    var proof = RangeProof(nonce: nonce)
    var next = range.header.blocks[...]
    while let first = next.first {
      let named = next.prefix { $0.identity == first.identity && $0.channel == first.channel }
      next = next.dropFirst(named.count)
      guard let series = try blocks.seriesId(first.identity, first.channel) else { return nil }
      let rows = try blocks.blocks(series: series, range: id)
      guard rows.map(\.part) == Array(0..<Int64(named.count)) else { return nil }
      for (row, block) in zip(rows, named) {
        guard row.level == .raw else { return nil }
        let content = try blocks.contentBytes(row)
        guard Blake2b.content(content) == block.contentHash else { return nil }
        proof.add(content)
      }
    }
    let epoch = try boot(range.clockEpoch)
    return proof.finish(run, epoch, header: range.header.encoded())
  }

  /// Makes the blocks of commits that are rows: they are canonical, so whoever has the commits
  /// makes the same ones.
  private func proofOfCommits(
    _ ids: ClosedRange<Int64>, _ run: RunId, _ nonce: [UInt8]
  ) throws(DatabaseError) -> [UInt8]? {
    guard let planner = try plan(all: ids) else { return nil }
    var assembler = PackAssembler(
      range: ids.lowerBound, packBytesMax: bounds.packBytes, sliceBytesMax: bounds.sliceBytes)
    var proof = RangeProof(nonce: nonce)
    for streams in planner.passes() {
      for slice in try pass(streams, of: ids, &assembler) { try add(slice, to: &proof) }
    }
    if let slice = assembler.finish() { try add(slice, to: &proof) }
    let header = try range(planner, assembler.named).header
    return proof.finish(run, try boot(planner.clockEpoch), header: header)
  }

  private func add(_ slice: PackSlice, to proof: inout RangeProof) throws(DatabaseError) {
    for pack in slice.packs {
      for block in pack.blocks {
        let stored = pack.body.span.extracting(block.place..<(block.place + block.bytes))
        do throws(DecodeError) { proof.add(try StoredContent.unpack(stored)) } catch {
          throw DatabaseError(.other, message: "a block does not come back: \(error)")
        }
      }
    }
  }

  /// A plan of one range that holds just these commits; nil where one is not here, or not as it was
  /// written.
  private func plan(all ids: ClosedRange<Int64>) throws(DatabaseError) -> RangePlanner? {
    var planner = RangePlanner(bounds)
    var next = ids.lowerBound
    while next <= ids.upperBound {
      rows.bind(1, next)
      defer { rows.reset() }
      let sliceStart = next
      while next <= ids.upperBound, try rows.step() {
        guard rows.int64(0) == next else { return nil }
        switch try add(next, to: &planner) {
        case .taken: next += 1
        case .takenLast where next == ids.upperBound: next += 1
        case .takenLast, .full, .oversize: return nil
        }
      }
      guard next > sliceStart else { return nil }
    }
    return planner
  }

  private func boot(_ id: Int64) throws(DatabaseError) -> ClockEpoch {
    var row = try database.prepare("SELECT boot FROM clock_epoch WHERE id = \(id)")
    guard try row.step(), let clockEpoch = ClockEpoch(row.blob(0)) else {
      throw Damage(.missing, "clock_epoch", id...id).error(database.path)
    }
    return clockEpoch
  }
}

extension Database {
  /// Runs the body in one read transaction.
  borrowing func reading<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(DatabaseError) -> Result {
    try execute("BEGIN")
    do throws(DatabaseError) {
      let result = try body()
      try execute("ROLLBACK")
      return result
    } catch {
      // A read transaction has nothing to lose; what failed is in `error`.
      do throws(DatabaseError) { try execute("ROLLBACK") } catch {}
      throw error
    }
  }
}
