internal import Codec
internal import Model
internal import Sync

/// What the store is asked for next.
enum CompactionStep {
  case write(PackSlice)
  case publish(NewRange)
}

/// A range while its blocks are made.
struct CompactionJob {
  let planner: RangePlanner
  let ids: ClosedRange<Int64>
  /// The streams of the passes to come.
  var passes: [[PlannedStream]]
  var assembler: PackAssembler
  /// Slices that the last pass filled.
  var slices: [PackSlice] = []
  var isPublished = false
  var report: CompactionReport

  init(_ planner: RangePlanner, _ ids: ClosedRange<Int64>, _ bounds: RangeBounds) {
    self.planner = planner
    self.ids = ids
    passes = planner.passes()
    assembler = PackAssembler(
      range: ids.lowerBound, packBytesMax: bounds.packBytes, sliceBytesMax: bounds.sliceBytes)
    report = CompactionReport(
      commits: planner.arrivalsMs.count, readings: planner.readings, bodyBytes: planner.bodyBytes)
  }
}

extension CompactionCore {
  /// What is to be done next for the range at work; nil when that is published: then what it has
  /// left in `hot` is to be cleared.
  func next() throws(DatabaseError) -> CompactionStep? {
    guard var job, !job.isPublished else { return nil }
    self.job = nil
    while job.slices.isEmpty, !job.passes.isEmpty {
      job.slices = try pass(job.passes.removeFirst(), of: job.ids, &job.assembler)
    }
    if job.slices.isEmpty, let last = job.assembler.finish() { job.slices.append(last) }
    defer { self.job = job }
    if !job.slices.isEmpty {
      let slice = job.slices.removeFirst()
      for pack in slice.packs {
        job.report.storedBytes += pack.body.count
        for block in pack.blocks { job.report.storedBytes += block.summary.count }
      }
      return .write(slice)
    }
    job.isPublished = true
    job.report.blocks = job.assembler.named.count
    let range = try range(job.planner, job.assembler.named)
    job.report.storedBytes += range.header.count + range.cursors.count + range.clock.count
    return .publish(range)
  }

  /// Goes over the commits of a range once and hands over what it makes, a slice at a time.
  func pass(
    _ streams: [PlannedStream], of ids: ClosedRange<Int64>, _ assembler: inout PackAssembler
  ) throws(DatabaseError) -> [PackSlice] {
    var collector = RangeCollector(streams, bounds)
    var slices: [PackSlice] = []
    func take(_ made: [MadeBlock], _ assembler: inout PackAssembler) {
      for block in made {
        if let slice = assembler.add(block, of: streams[block.stream].key) { slices.append(slice) }
      }
    }
    var next = ids.lowerBound
    while next <= ids.upperBound {
      rows.bind(1, next)
      defer { rows.reset() }
      let sliceStart = next
      while next <= ids.upperBound, try rows.step() {
        guard rows.int64(0) == next, RowSeal.hotHolds(rows) else { break }
        do throws(DecodeError) {
          try rows.withBlob(2) { (body) throws(DecodeError) in
            try collector.add(body, commit: Int(next - ids.lowerBound))
          }
        } catch {
          throw Damage(.altered, "hot", next...next, message: "\(error)").error(database.path)
        }
        next += 1
      }
      // What was there when the range was planned must still be there, or in one that came.
      guard next > sliceStart else {
        if try isInRange(next) { throw DatabaseError(.cancelled, path: database.path) }
        throw Damage(.altered, "hot", next...next).error(database.path)
      }
      if streams.count == 1 { take(collector.takeBlocks(), &assembler) }
    }
    try collector.finish()
    take(collector.takeBlocks(), &assembler)
    return slices
  }

  /// The row of a range whose blocks are all made.
  func range(_ planner: RangePlanner, _ blocks: [RangeBlock]) throws(DatabaseError)
    -> NewRange
  {
    guard let ids = planner.ids else { throw DatabaseError(.other, message: "an empty range") }
    guard blocks.reduce(0, { $0 + $1.count }) == planner.readings,
      blocks.count <= Sync.Limits.rangeBlocksMax
    else {
      throw DatabaseError(.other, path: database.path, message: "a range that does not add up")
    }
    let header = RangeHeader(
      firstSeq: UInt64(ids.lowerBound & (Limits.hotSeqEnd - 1)), arrivalsMs: planner.arrivalsMs,
      losses: planner.losses, blocks: blocks
    ).encoded()
    guard header.count <= Sync.Limits.rangeHeaderBytesMax else {
      throw DatabaseError(.other, path: database.path, message: "a header of \(header.count) bytes")
    }
    return NewRange(
      ids: ids, clockEpoch: planner.clockEpoch, header: header,
      cursors: CursorColumn.encode(planner.foldedCursors), clock: planner.clock.encoded())
  }
}
