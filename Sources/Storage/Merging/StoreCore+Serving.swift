internal import Model
public import Sync

/// Giving records to whoever asks: this node's own, signed now, and others' as they came.
extension StoreCore {
  /// A batch of what is asked for, as far as it is here: lanes 0, 1, 4, 3, then 2. It ends with the
  /// record that passes `bytesMax`, of ranges with the last block; what is left is asked for again.
  func serve(
    _ asked: [LogId: Intervals], bytesMax: Int, key: NodeKey
  ) throws(DatabaseError) -> ServedBatch {
    let order: [Lane] = [.control, .state, .blobs, .rollups, .telemetry]
    var parts: [LogPart] = []
    for lane in order {
      for log in asked.keys.sorted() where log.lane == lane {
        parts.append(LogPart(log, asked[log] ?? Intervals()))
      }
    }
    var serving = Serving(key: key, bytesMax: bytesMax)
    // Who does not say what it has of a range would never come to its end.
    serving.isWhole = true
    return try serve(parts, serving)
  }

  /// The same in the order that is asked for; of a range that was begun there the blocks that are
  /// missing, up to one that passes `bytesMax`.
  func serve(
    _ parts: [LogPart], bytesMax: Int, key: NodeKey
  ) throws(DatabaseError) -> ServedBatch {
    var serving = Serving(key: key, bytesMax: bytesMax)
    for part in parts { serving.begun[part.log] = part.begun }
    return try serve(parts, serving)
  }

  private func serve(
    _ parts: [LogPart], _ started: consuming Serving
  ) throws(DatabaseError) -> ServedBatch {
    var serving = started
    precondition(serving.key.id == options.node, "another node's key")
    for part in parts where !serving.isFull {
      let (lane, run) = (part.log.lane, part.log.run)
      guard let local = try localRun(run) else { continue }
      let place = SeenLog(incarnation: local, lane: lane)
      // Of telemetry the newest first.
      for seqs in lane.hasEntries ? part.seqs.ranges : part.seqs.ranges.reversed()
      where !serving.isFull {
        if lane == .rollups {
          try serveRollups(local, run, seqs, &serving)
          continue
        }
        if lane.hasEntries {
          try serveEntries(place, run, seqs, &serving)
        } else {
          if local < RowId.foreignFirst {
            try serveOwnCommits(place, run, seqs, &serving)
          } else {
            try serveCommits(place, run, seqs, &serving)
          }
          try serveRanges(place, run, seqs, &serving)
        }
        try serveOthers(place, run, seqs, &serving)
      }
    }
    return serving.finish(of: parts)
  }

  private func serveEntries(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    if log.incarnation < RowId.foreignFirst { try serveOwnEntries(log, run, seqs, &serving) }
    for seq in try carried(log).intersection(Intervals(seqs)).ranges.joined() {
      guard !serving.isFull else { return }
      guard let entry = try storedEntry(log.lane, seq, log.incarnation),
        entry.signature.count == Signatures.byteCount
      else {
        serving.unreadable += 1
        continue
      }
      serving.add(entry, of: run)
    }
  }

  /// Own entries, signed now.
  private func serveOwnEntries(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    // What was never written is not asked for; who does so ends at the last entry there is.
    let head = try ownHead(log)
    guard seqs.lowerBound <= head else { return }
    let wanted = seqs.lowerBound...min(seqs.upperBound, head)
    guard let key = serving.key.signer(of: run.origin) else {
      serving.unreadable += 1
      return
    }
    let isWhole = try ownEntries(log, run, wanted) { (entry) throws(DatabaseError) in
      serving.add(
        SignedEntry(
          lane: entry.lane, seq: entry.seq, clockEpoch: entry.clockEpoch, kind: entry.kind,
          body: entry.body, previousLink: entry.previousLink, incarnation: run.incarnation,
          key: key), of: run)
      return !serving.isFull
    }
    if !isWhole { serving.unreadable += 1 }
  }

  // MARK: Commits

  /// Own commits that are rows, in live ranges that are as long as they may be; those that came
  /// back from others too, since their bodies were verified.
  private func serveOwnCommits(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    let base = log.incarnation << 40
    let aside = try asideCommits(log.incarnation)
    for part in try ownCommits(log).intersection(Intervals(seqs)).subtracting(aside).ranges {
      // A cut loses what one signature covers: a part of what is asked for at once, so that over a
      // slow link something comes whole however short it lasts.
      let bytesMax = min(
        Sync.Limits.liveBytesMax, max(Limits.liveServedBytesMin, serving.bytesMax / 4))
      var live = LiveUnderWay(bytesMax)
      var rows = try database.prepare(
        "SELECT \(RowSeal.hotColumns) FROM hot WHERE id BETWEEN "
          + "\(base + Int64(part.lowerBound)) AND \(base + Int64(part.upperBound)) ORDER BY id")
      while !serving.isFull, try rows.step() {
        let seq = UInt64(rows.int64(0) - base)
        guard RowSeal.hotHolds(rows) else {
          serving.unreadable += 1
          continue
        }
        let body = rows.blob(2)
        if !live.takes(seq, rows.int64(1), body) {
          try add(live, run, &serving)
          live = LiveUnderWay(bytesMax)
          _ = live.takes(seq, rows.int64(1), body)
        }
      }
      // A range may be begun and the batch be full: then it is asked for again.
      if !serving.isFull { try add(live, run, &serving) }
    }
    for seq in aside.intersection(Intervals(seqs)).ranges.joined() where !serving.isFull {
      var live = LiveUnderWay()
      guard let (epoch, body) = try storedCommit(seq, log.incarnation) else {
        serving.unreadable += 1
        continue
      }
      _ = live.takes(seq, epoch, body)
      try add(live, run, &serving)
    }
  }

  /// Commits of an own run that came back and that nobody here can read.
  private func asideCommits(_ local: Int64) throws(DatabaseError) -> Intervals {
    let ids = RowId.range(incarnation: local, lane: .telemetry)
    var rows = try database.prepare(
      "SELECT id FROM aside WHERE lane = \(Lane.telemetry.rawValue) "
        + "AND id BETWEEN \(ids.lowerBound) AND \(ids.upperBound)")
    var found: [ClosedRange<UInt64>] = []
    while try rows.step() {
      let seq = UInt64(rows.int64(0) - ids.lowerBound)
      found.append(seq...seq)
    }
    return Intervals(found)
  }

  private func add(
    _ live: LiveUnderWay, _ run: RunId, _ serving: inout Serving
  ) throws(DatabaseError) {
    guard !live.bodies.isEmpty else { return }
    guard let key = serving.key.signer(of: run.origin) else {
      serving.unreadable += 1
      return
    }
    let isSealing = SeededBug.seqAtSealing.isOn
    serving.writer.add(
      SignedLive(
        first: isSealing ? try place(of: live.first, run) : live.first,
        clockEpoch: try clockEpoch(live.epoch), bodies: live.bodies,
        incarnation: run.incarnation, key: key), of: run)
  }

  /// The commits of an own run that are rows and in no range.
  func ownCommits(_ log: SeenLog) throws(DatabaseError) -> Intervals {
    let ids = RowId.range(incarnation: log.incarnation, lane: .telemetry)
    var rows = try database.prepare(
      "SELECT id, last FROM commit_range WHERE id BETWEEN \(ids.lowerBound) AND "
        + "\(ids.upperBound) ORDER BY id")
    var packed: [ClosedRange<UInt64>] = []
    while try rows.step() {
      let first = UInt64(rows.int64(0) - ids.lowerBound)
      packed.append(first...max(first, UInt64(clamping: rows.int64(1) - ids.lowerBound)))
    }
    return try seen(log).subtracting(Intervals(packed))
  }

  /// Commits of another node in the live ranges that they came in: a signature covers all of one.
  private func serveCommits(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    let base = log.incarnation << 40
    let reach = UInt64(Sync.Limits.liveCommitsMax)
    let low = base + Int64(seqs.lowerBound > reach ? seqs.lowerBound - reach : 0)
    let ids = (base + Int64(seqs.lowerBound))...(base + Int64(seqs.upperBound))
    var left = try seen(log).intersection(Intervals(seqs)).subtracting(covered(ids, base))
    guard !left.isEmpty else { return }
    // Of those that begin together the longest first: others often bring nothing more.
    var rows = try database.prepare(
      "SELECT first, last, signature FROM live_range WHERE first BETWEEN \(low) AND "
        + "\(base + Int64(seqs.upperBound)) AND last >= \(base + Int64(seqs.lowerBound)) "
        + "ORDER BY first, last DESC")
    while !serving.isFull, !left.isEmpty, try rows.step() {
      let range = UInt64(rows.int64(0) - base)...UInt64(max(rows.int64(1), rows.int64(0)) - base)
      guard !left.intersection(Intervals(range)).isEmpty else { continue }
      guard let live = try storedLive(log.incarnation, range, rows.blob(2)) else {
        serving.unreadable += 1
        continue
      }
      serving.writer.add(live, of: run)
      left = left.subtracting(Intervals(range))
    }
  }

  /// A live range as it came; nil where one of its commits is not here as it was written.
  private func storedLive(
    _ local: Int64, _ seqs: ClosedRange<UInt64>, _ signature: [UInt8]
  ) throws(DatabaseError) -> SignedLive? {
    guard seqs.count <= Sync.Limits.liveCommitsMax else { return nil }
    var live = LiveUnderWay()
    for seq in seqs {
      guard let (epoch, body) = try storedCommit(seq, local), live.takes(seq, epoch, body) else {
        return nil
      }
    }
    return SignedLive(
      first: live.first, clockEpoch: try clockEpoch(live.epoch), bodies: live.bodies,
      signature: signature)
  }

  /// The other contents under the identities that are asked for.
  private func serveOthers(
    _ log: SeenLog, _ run: RunId, _ seqs: ClosedRange<UInt64>, _ serving: inout Serving
  ) throws(DatabaseError) {
    let base = RowId.range(incarnation: log.incarnation, lane: log.lane).lowerBound
    var rows = try database.prepare(
      "SELECT record FROM other_content WHERE lane = \(log.lane.rawValue) AND id BETWEEN "
        + "\(base + Int64(seqs.lowerBound)) AND \(base + Int64(seqs.upperBound)) ORDER BY id, hash")
    while !serving.isFull, try rows.step() {
      do throws(DecodeError) {
        if log.lane.hasEntries {
          serving.writer.add(try SignedEntry(decoding: rows.blob(0)), of: run)
        } else {
          serving.writer.add(try SignedLive(decoding: rows.blob(0)), of: run)
        }
      } catch {
        serving.unreadable += 1
      }
    }
  }
}

/// A batch under way.
struct Serving {
  let key: NodeKey
  let bytesMax: Int
  var writer = BatchWriter()
  var unreadable = 0
  /// The entry that went last.
  private var last: (log: LogId, seq: UInt64)?
  /// What whoever asks has of ranges.
  var begun: [LogId: [BegunRange]] = [:]
  /// Whether a range that is begun is served to its end.
  var isWhole = false
  /// Ranges that are in the batch, those of lane 3 by the negated key.
  var ranges: Set<Int64> = []
  /// The pack that was read last: its blocks follow one another.
  private var pack: (id: Int64, body: [UInt8])?

  init(key: NodeKey, bytesMax: Int) {
    self.key = key
    self.bytesMax = bytesMax
  }

  var isFull: Bool { writer.byteCount >= bytesMax }

  /// The content of a block as it is stored; nil where it is not here, or not as it was written.
  mutating func stored(
    _ row: BlockRow, _ reader: BlockReader
  ) throws(DatabaseError) -> [UInt8]? {
    guard row.level == .raw else { return nil }
    if pack?.id != row.pack {
      guard case .success(let body) = try reader.pack(of: row) else { return nil }
      pack = (row.pack, body)
    }
    guard let body = pack?.body, row.place >= 0, row.bytes >= 0, row.place <= body.count,
      row.bytes <= body.count - row.place
    else { return nil }
    let stored = Array(body[row.place..<(row.place + row.bytes)])
    return BlockRow.check(stored.span) == row.bodyCheck ? stored : nil
  }

  mutating func add(_ entry: SignedEntry, of run: RunId) {
    writer.add(entry, of: run)
    last = (LogId(run, entry.lane), entry.seq)
  }

  mutating func finish(of parts: [LogPart]) -> ServedBatch {
    let rest = isFull ? rest(of: parts) : []
    let isFull = isFull
    writer.end()
    return ServedBatch(
      bytes: writer.take(), isFull: isFull, rest: rest, unreadableCount: unreadable)
  }

  /// What comes behind the entry that went last: entries go in their order.
  private func rest(of parts: [LogPart]) -> [LogPart] {
    guard let last, let index = parts.firstIndex(where: { $0.log == last.log }) else { return [] }
    let behind = parts[index].seqs.subtracting(Intervals(1...last.seq))
    let left = behind.isEmpty ? [] : [LogPart(last.log, behind, begun: parts[index].begun)]
    return left + parts[(index + 1)...]
  }
}

/// Consecutive commits of one boot, until they are as many as one signature covers.
private struct LiveUnderWay {
  var first: UInt64 = 0
  var epoch: Int64 = 0
  var bodies: [[UInt8]] = []
  private var bytes = 0
  private let bytesMax: Int

  init(_ bytesMax: Int = Sync.Limits.liveBytesMax) { self.bytesMax = bytesMax }

  /// Takes a commit, one at least; false where it belongs to the next range.
  mutating func takes(_ seq: UInt64, _ epoch: Int64, _ body: [UInt8]) -> Bool {
    if bodies.isEmpty { (first, self.epoch) = (seq, epoch) }
    guard seq == first + UInt64(bodies.count), epoch == self.epoch,
      bodies.count < Sync.Limits.liveCommitsMax,
      bodies.isEmpty || bytes + body.count <= bytesMax
    else { return false }
    bodies.append(body)
    bytes += body.count
    return true
  }
}

/// What is sent to somebody who asked.
public struct ServedBatch: Hashable, Sendable {
  /// The batch, its end included; without a seal.
  public let bytes: [UInt8]
  /// Whether it ended because of its size: what did not come is to be asked for again.
  public let isFull: Bool
  /// Of entries, what was asked for and did not fit; empty where nothing is known of it.
  public let rest: [LogPart]
  /// Records that are here and are not as they were written: they cannot be given.
  public let unreadableCount: Int
}
