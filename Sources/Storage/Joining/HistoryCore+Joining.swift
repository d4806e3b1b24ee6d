internal import Codec
internal import Model
internal import Sync

/// What is known of samples that are held twice: a board that was not acknowledged sends them
/// again, also to another gateway.
struct Joining {
  /// A block by its key.
  struct Block: Hashable {
    let series: Int64
    let commits: Int64
    let part: Int64
  }

  /// Where a block lies on its board's clock.
  struct Ticks {
    let epoch: UInt32?
    let ticks: ClosedRange<Int64>
  }

  struct HotRun: Hashable {
    let clock: HotNumbers.Clock
    let incarnation: Int64
    /// Nil for all channels.
    let channel: String?
  }

  /// As of what the rows of `hot` were looked at.
  struct State: Hashable {
    var arrived = ArrivedCounts()
    var newest: Int64 = 0
    var range: Int64 = 0
  }

  var hot = HotNumbers()
  var state = State()
  /// Who began which incarnation.
  var owners: [Int64: RunId] = [:]
  /// The following are of one transaction: retention may take a copy before the next.
  var samples: [Block: Intervals] = [:]
  var ticks: [Block: Ticks] = [:]
  var lost: [Block: Intervals] = [:]
  var lostHot: [HotRun: Intervals] = [:]
  /// Contents that were unpacked to compare numbers.
  var decodedCount = 0

  mutating func begin() {
    guard decodedCount > 0 || !ticks.isEmpty || !lost.isEmpty || !lostHot.isEmpty else { return }
    (samples, ticks, lost, lostHot, decodedCount) = ([:], [:], [:], [:], 0)
  }
}

/// Of a sample that several runs of nodes hold, the one of the lowest identity counts: by origin,
/// then incarnation (within one run nothing is doubled), on every node the same. What retention has
/// taken is not held.
///
/// Copies have the ticks of their board, so they lie in blocks that overlap there: two seeks for
/// each block, and nothing at all where no commit of another node ever came.
extension HistoryCore {
  /// Whether anything can be held twice.
  var isJoined: Bool { arrived != ArrivedCounts() && !SeededBug.deviceOverlapCounted.isOn }

  /// Looks at the rows of `hot` that came since; to be called before copies are looked for.
  func join() throws(DatabaseError) {
    guard isJoined else { return }
    let newest = continuity.last(to: RowId.ownEnd - 1) ?? 0
    let state = Joining.State(arrived: arrived, newest: newest, range: knownRange)
    guard state != joining.state else { return }
    joining.state = state
    for rows in joining.hot.rows {
      let first = try blocks.range(holding: rows.lowerBound)
      let next = try blocks.range(after: rows.lowerBound)
      guard first != nil || next.map({ $0.lowerBound <= rows.upperBound }) ?? false else {
        continue
      }
      joining.hot.forget(RowId.incarnationId(rows.lowerBound))
    }
    for (incarnation, seqs) in continuity.logs {
      for fresh in joining.hot.look(at: seqs, of: incarnation).ranges {
        let base = incarnation << 40
        try look((base + Int64(fresh.lowerBound))...(base + Int64(fresh.upperBound)))
      }
    }
  }

  /// A row that cannot be read is left out: what goes through it says so.
  private func look(_ ids: ClosedRange<Int64>) throws(DatabaseError) {
    rowsUp.bind(1, ids.lowerBound)
    rowsUp.bind(2, ids.upperBound)
    defer { rowsUp.reset() }
    do throws(DatabaseError) {
      while try rowsUp.step() {
        let id = rowsUp.int64(0)
        guard RowSeal.hotHolds(rowsUp), try blocks.range(holding: id) == nil else { continue }
        do throws(DecodeError) {
          joining.hot.add(try CommitDecoder.decode(rowsUp.blob(2)), id)
        } catch { continue }
      }
    } catch {
      guard error.kind == .damaged else { throw error }
    }
  }

  /// Whether what one run of a node holds counts rather than what another holds, both by the local
  /// ids of their incarnations.
  func precedes(_ left: Int64, _ right: Int64) throws(DatabaseError) -> Bool {
    if joining.owners[left] == nil || joining.owners[right] == nil {
      joining.owners = try Folding.incarnations(database).mapValues {
        RunId(origin: $0.0, incarnation: $0.1)
      }
    }
    guard let left = joining.owners[left], let right = joining.owners[right] else { return false }
    return left < right
  }

  // MARK: Copies

  /// The blocks of a series that may hold samples that a run holds too: those of other runs, of the
  /// same epoch, whose ticks overlap.
  func copies(
    _ series: Int64, _ clock: HotNumbers.Clock, _ ticks: ClosedRange<Int64>, not run: Int64
  ) throws(DatabaseError) -> [BlockRow] {
    let pieces = dates.pieces(clock.device, epoch: clock.epoch)
    let span = BlockDates.span(ticks, pieces) ?? BlockPlace.anywhere
    var cost = QueryCost()
    let (places, _) = try self.places(series, clock.device, in: span, limit: .max, &cost)
    return try copies(places, epoch: clock.epoch, ticks, not: run)
  }

  /// The same among blocks that are known to lie near.
  func copies(
    _ places: [BlockPlace], epoch: UInt32, _ ticks: ClosedRange<Int64>, not run: Int64
  ) throws(DatabaseError) -> [BlockRow] {
    var found: [BlockRow] = []
    for place in places where RowId.incarnationId(place.commits) != run {
      let other = try self.ticks(place)
      guard other.epoch == epoch, other.ticks.overlaps(ticks) else { continue }
      found.append(try lookups.block(place, database.path))
    }
    return found
  }

  func ticks(_ place: BlockPlace) throws(DatabaseError) -> Joining.Ticks {
    let key = Joining.Block(series: place.series, commits: place.commits, part: place.part)
    if let known = joining.ticks[key] { return known }
    let row = try lookups.block(place, database.path)
    let found = Joining.Ticks(epoch: row.epoch, ticks: row.start...max(row.start, row.end))
    if joining.ticks.count >= Limits.joinedBlocksKept { joining.ticks = [:] }
    joining.ticks[key] = found
    return found
  }

  /// The numbers of a block's samples.
  private func samples(_ row: BlockRow) throws(DatabaseError) -> Intervals {
    if let known = joining.samples[row.key] { return known }
    let found = Intervals(samples: try blocks.content(row).seqs)
    joining.decodedCount += 1
    if joining.samples.count >= Limits.joinedContentsKept { joining.samples = [:] }
    joining.samples[row.key] = found
    return found
  }

  // MARK: What counts elsewhere

  /// The samples of a block that count elsewhere; nil where it has none. Its copies are among some
  /// blocks, or are looked for.
  func lost(
    _ row: BlockRow, _ device: DeviceIdentity, copies: [BlockRow]? = nil
  ) throws(DatabaseError) -> Intervals? {
    guard isJoined, let epoch = row.epoch, row.level == .raw else { return nil }
    if let known = joining.lost[row.key] { return known.isEmpty ? nil : known }
    let clock = HotNumbers.Clock(device: device, epoch: epoch)
    let run = RowId.incarnationId(row.commits)
    let ticks = row.start...max(row.start, row.end)
    var others = Intervals()
    for other in joining.hot.runs(clock) where other.incarnation != run {
      guard other.ticks.overlaps(ticks), try precedes(other.incarnation, run) else { continue }
      others = others.union(other.samples)
    }
    var copies = copies
    if copies == nil { copies = try self.copies(row.series, clock, ticks, not: run) }
    for copy in copies ?? [] where copy.level == .raw {
      guard try precedes(RowId.incarnationId(copy.commits), run) else { continue }
      others = others.union(try samples(copy))
    }
    let lost = others.isEmpty ? others : try samples(row).intersection(others)
    if joining.lost.count >= Limits.joinedBlocksKept { joining.lost = [:] }
    joining.lost[row.key] = lost
    return lost.isEmpty ? nil : lost
  }

  /// The samples that a run has in rows of `hot`, of one channel or of all, and that count
  /// elsewhere; nil where there is none.
  func lostOfHot(
    _ device: DeviceIdentity, epoch: UInt32?, commit id: Int64, channel: String?
  ) throws(DatabaseError) -> Intervals? {
    guard isJoined, let epoch else { return nil }
    let clock = HotNumbers.Clock(device: device, epoch: epoch)
    let key = Joining.HotRun(
      clock: clock, incarnation: RowId.incarnationId(id), channel: channel)
    if let known = joining.lostHot[key] { return known.isEmpty ? nil : known }
    var lost = Intervals()
    let runs = joining.hot.runs(clock)
    if let run = runs.first(where: { $0.incarnation == key.incarnation }) {
      for other in runs where try precedes(other.incarnation, key.incarnation) {
        lost = lost.union(run.samples.intersection(other.samples))
      }
      for series in try seriesIds(device, channel) {
        for copy in try copies(series, clock, run.ticks, not: key.incarnation)
        where copy.level == .raw {
          guard try precedes(RowId.incarnationId(copy.commits), key.incarnation) else { continue }
          lost = lost.union(run.samples.intersection(try samples(copy)))
        }
      }
    }
    joining.lostHot[key] = lost
    return lost.isEmpty ? nil : lost
  }

  /// The local numbers of a device's series, or of one of them.
  private func seriesIds(
    _ device: DeviceIdentity, _ channel: String?
  ) throws(DatabaseError) -> [Int64] {
    if let channel { return try blocks.seriesId(device, channel).map { [$0] } ?? [] }
    return try compacted(SeriesQuery(devices: [device]), Limits.seriesPageMax).map(\.id)
  }
}

extension BlockRow {
  var key: Joining.Block { Joining.Block(series: series, commits: commits, part: part) }
}

extension DecodedReadings {
  /// Leaves out the samples that count elsewhere, of all of a block's.
  mutating func drop(_ lost: Intervals, of seqs: [Int64]) {
    func keep<Element>(_ column: inout [Element]) {
      guard column.count == seqs.count else { return }
      var end = 0
      for index in seqs.indices where !lost.contains(sample: seqs[index]) {
        column[end] = column[index]
        end += 1
      }
      column.removeSubrange(end...)
    }
    keep(&columns.times)
    keep(&columns.values)
    keep(&columns.texts)
    keep(&utcs)
    keep(&bounds)
  }
}

/// Windows know all blocks of their span: which of them overlap is found by one pass over these.
extension HistoryCore {
  /// Notes which blocks may hold samples that another run holds too.
  func findCopies(_ scan: inout WindowScan) throws(DatabaseError) {
    guard isJoined else { return }
    var stretches: [OverlapSweep.Stretch] = []
    let isDated = !scan.places.contains { $0.block.utc == BlockPlace.anywhere }
    let isAlone = scan.places.allSatisfy {
      RowId.incarnationId($0.block.commits)
        == RowId.incarnationId(scan.places[0].block.commits)
    }
    guard !isAlone else { return }
    for place in scan.places {
      let run = RowId.incarnationId(place.block.commits)
      // Where only commits date some, the board's own clock says which overlap.
      let times = isDated ? place.block.utc : try ticks(place.block).ticks
      stretches.append(OverlapSweep.Stretch(group: place.device, run: run, times: times))
    }
    for (left, right) in OverlapSweep.pairs(stretches) {
      let (one, other) = (scan.places[left].block, scan.places[right].block)
      scan.copies[one, default: []].append(other)
      scan.copies[other, default: []].append(one)
    }
  }

  func copies(
    of row: BlockRow, _ place: BlockPlace, _ scan: WindowScan
  ) throws(DatabaseError) -> [BlockRow] {
    guard let epoch = row.epoch, let places = scan.copies[place] else { return [] }
    return try copies(
      places, epoch: epoch, row.start...max(row.start, row.end),
      not: RowId.incarnationId(row.commits))
  }
}
