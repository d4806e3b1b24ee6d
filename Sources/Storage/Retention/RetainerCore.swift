internal import Model
internal import Sync

/// The reader's part of a retention: finds what is to go, and writes packs without it.
///
/// Every look is a read transaction of its own, some packs long. What an order lets go by age goes
/// first, then what is above the quotas of channels, then what is above that of the database.
final class RetainerCore {
  /// Why the blocks of a pack are looked at.
  enum Purpose {
    case age
    case sacrifice(Sacrifice, ofSeries: Int64?, TrimReport.Reason)
  }

  private enum Phase {
    /// The ranges after one.
    case ages(after: Int64)
    /// The next of the series that have quotas.
    case quotas
    /// The blocks of a series after a part of a range, and how many bytes are still to go.
    case quota(Int64, Sacrifice, after: (commits: Int64, part: Int64), excess: Int64)
    /// The packs after one.
    case room(Sacrifice, after: (commits: Int64, pack: Int64))
    case done
  }

  struct Work {
    let commits: Int64
    let pack: Int64
    let purpose: Purpose
  }

  let history: HistoryCore
  let order: TrimOrder
  var report = TrimReport()
  private var phase = Phase.ages(after: 0)
  private var work: [Work] = []
  /// Packs of which an earlier look found that no minutes take less than their readings, and how
  /// many blocks it was about: what does not change is not unpacked again and again.
  var fruitless: [Int64: Int]
  private var seriesWithQuota: [Int64]?
  /// Packs that were read.
  var packsRead = 0
  /// Packs that cannot be written anew: named once.
  var damaged: Set<Int64>
  /// Packs that the disk could not read, now or before.
  var unreadable: Set<Int64>
  var names: [Int64: SeriesName] = [:]
  private var firstOfLevel: Statement
  private var rowsOfRange: Statement
  var rowsOfPack: Statement
  private var packAfter: Statement
  private var partAfter: Statement
  /// What keepers said and proved of ranges.
  let keeping: KeepingReader

  init(
    path: String, vfs: String?, order: TrimOrder, fruitless: [Int64: Int] = [:],
    unreadable: Set<Int64> = []
  ) throws(DatabaseError) {
    let history = try HistoryCore(path: path, vfs: vfs)
    self.history = history
    self.order = order
    keeping = try KeepingReader(history.database, order)
    self.fruitless = fruitless
    self.unreadable = unreadable
    damaged = unreadable
    firstOfLevel = try history.database.prepare(
      "SELECT min(commits) FROM block INDEXED BY block_by_level WHERE level = ? AND commits > ?")
    let rows = "SELECT \(BlockRow.columns) FROM block INDEXED BY block_by_level "
    rowsOfRange = try history.database.prepare(rows + "WHERE level = ? AND commits = ?")
    rowsOfPack = try history.database.prepare(
      rows + "WHERE level IN (0, 1) AND commits = ? AND pack = ?")
    packAfter = try history.database.prepare(
      "SELECT commits, pack FROM block INDEXED BY block_by_level WHERE level = ?1 "
        + "AND commits >= ?2 AND (commits > ?2 OR pack > ?3) ORDER BY commits, pack LIMIT 1")
    partAfter = try history.database.prepare(
      "SELECT commits, part, pack FROM block WHERE series = ?1 AND level <= ?2 AND level < 2 "
        + "AND commits >= ?3 AND (commits > ?3 OR part > ?4) AND (about & 3) <> 2 "
        + "AND length(summary) > 0 ORDER BY commits, part LIMIT 1")
  }

  /// The next pack that is to be written; nil when nothing more is to go.
  func next() throws(DatabaseError) -> PackTrim? {
    while true {
      let (trim, isDone) = try history.reading { () throws(DatabaseError) in
        defer { reset() }
        if let next = work.popLast() { return (try make(next), false) }
        try plan()
        if case .done = phase { return (nil, true) }
        return (nil, false)
      }
      if let trim { return trim }
      if isDone {
        report.isComplete = true
        return nil
      }
    }
  }

  /// A pack is on the disk.
  func wrote(_ trim: PackTrim) {
    report.packs += 1
    fruitless[trim.pack] = nil
    for gone in trim.gone {
      report.note(
        gone.name, gone.level, gone.reason, readings: gone.readings, bytes: gone.bytes,
        utc: gone.utc)
      if case .quota(let series, let sacrifice, let after, let excess) = phase,
        gone.series == series
      {
        phase = .quota(series, sacrifice, after: after, excess: excess - gone.bytes)
      }
    }
  }

  private func reset() {
    firstOfLevel.reset()
    rowsOfRange.reset()
    rowsOfPack.reset()
    packAfter.reset()
    partAfter.reset()
    keeping.reset()
  }

  // MARK: Finding

  private func plan() throws(DatabaseError) {
    switch phase {
    case .ages(let after): try planAges(after: after)
    case .quotas: try planQuotas()
    case .quota(let series, let sacrifice, let after, let excess):
      try planQuota(series, sacrifice, after: after, excess: excess)
    case .room(let sacrifice, let after): try planRoom(sacrifice, after: after)
    case .done: return
    }
  }

  /// Looks through some ranges for what is old enough.
  private func planAges(after: Int64) throws(DatabaseError) {
    guard order.hasAges else {
      phase = .quotas
      return
    }
    var after = after
    for _ in 0..<Limits.trimmedRangesPerLook {
      guard let commits = try firstRange(after: after) else {
        phase = .quotas
        return
      }
      after = commits
      guard try history.lookups.isRange(commits) else { continue }
      let packs = try agedPacks(of: commits)
      guard packs.isEmpty else {
        // Taken from the end.
        work = packs.sorted(by: >).map { Work(commits: commits, pack: $0, purpose: .age) }
        break
      }
    }
    phase = .ages(after: after)
  }

  private func firstRange(after: Int64) throws(DatabaseError) -> Int64? {
    var first: Int64?
    for level in 0...1 as ClosedRange<Int64> {
      firstOfLevel.bind(1, level)
      firstOfLevel.bind(2, after)
      defer { firstOfLevel.reset() }
      if try firstOfLevel.step(), !firstOfLevel.isNull(0) {
        first = min(first ?? .max, firstOfLevel.int64(0))
      }
    }
    return first
  }

  /// The packs of a range that hold a block that is old enough.
  private func agedPacks(of commits: Int64) throws(DatabaseError) -> Set<Int64> {
    var packs: Set<Int64> = []
    var wanted: [Int64: Int] = [:]
    let isFree = try keeping.mayGoByAge(commits)
    for level in 0...1 as ClosedRange<Int64> {
      rowsOfRange.bind(1, level)
      rowsOfRange.bind(2, commits)
      defer { rowsOfRange.reset() }
      while try rowsOfRange.step() {
        let (row, isSound) = BlockRow.read(rowsOfRange)
        guard !damaged.contains(row.pack), !packs.contains(row.pack) else { continue }
        guard isSound else {
          note(row.damage(.altered), pack: row.pack)
          continue
        }
        let level = try wantedLevel(row)
        guard level > row.level else { continue }
        guard isFree else {
          report.waiting += row.count
          continue
        }
        if level == .gone { packs.insert(row.pack) } else { wanted[row.pack, default: 0] += 1 }
      }
    }
    return packs.union(wanted.keys.filter { fruitless[$0] != wanted[$0] })
  }

  private func planQuotas() throws(DatabaseError) {
    if seriesWithQuota == nil {
      seriesWithQuota = order.hasQuotas ? try seriesUnderQuota() : []
    }
    guard let series = seriesWithQuota?.popLast() else {
      phase = .room(firstSacrifice, after: (0, 0))
      return
    }
    guard let name = try name(series), let quota = order.rule(of: name).quotaBytes else { return }
    let bytes =
      try history.database.number("SELECT sum(bytes) FROM block WHERE series = \(series)") ?? 0
    if bytes > quota {
      phase = .quota(series, firstSacrifice, after: (0, -1), excess: bytes - max(0, quota))
    }
  }

  private func seriesUnderQuota() throws(DatabaseError) -> [Int64] {
    var ids = try history.database.prepare("SELECT id FROM series ORDER BY id DESC")
    var found: [Int64] = []
    while try ids.step() { found.append(ids.int64(0)) }
    return found
  }

  private func planQuota(
    _ series: Int64, _ sacrifice: Sacrifice, after: (commits: Int64, part: Int64), excess: Int64
  ) throws(DatabaseError) {
    guard excess > 0 else {
      phase = .quotas
      return
    }
    partAfter.bind(1, series)
    partAfter.bind(2, Int64(sacrifice == .minutes ? 1 : 0))
    partAfter.bind(3, after.commits)
    partAfter.bind(4, after.part)
    guard try partAfter.step() else {
      phase =
        sacrifice.next.map { .quota(series, $0, after: (0, -1), excess: excess) } ?? .quotas
      return
    }
    let found = (commits: partAfter.int64(0), part: partAfter.int64(1))
    if sacrifice == .acknowledged, try !keeping.isAcknowledged(found.commits) {
      // No block of that range is what goes first.
      phase = .quota(series, sacrifice, after: (found.commits, .max), excess: excess)
      return
    }
    phase = .quota(series, sacrifice, after: found, excess: excess)
    work = [
      Work(
        commits: found.commits, pack: partAfter.int64(2),
        purpose: .sacrifice(sacrifice, ofSeries: series, .quota))
    ]
  }

  private func planRoom(
    _ sacrifice: Sacrifice, after: (commits: Int64, pack: Int64)
  ) throws(DatabaseError) {
    let reason = try reasonForRoom()
    guard let reason else {
      phase = .done
      return
    }
    var found: (commits: Int64, pack: Int64)?
    for level in [BlockLevel.raw, .minutes] where level == .raw || sacrifice == .minutes {
      packAfter.bind(1, Int64(level.rawValue))
      packAfter.bind(2, after.commits)
      packAfter.bind(3, after.pack)
      defer { packAfter.reset() }
      guard try packAfter.step() else { continue }
      let next = (commits: packAfter.int64(0), pack: packAfter.int64(1))
      if found.map({ next < $0 }) ?? true { found = next }
    }
    guard let found else {
      phase = sacrifice.next.map { .room($0, after: (0, 0)) } ?? .done
      return
    }
    if sacrifice == .acknowledged, try !keeping.isAcknowledged(found.commits) {
      phase = .room(sacrifice, after: (found.commits, .max))
      return
    }
    phase = .room(sacrifice, after: found)
    work = [
      Work(
        commits: found.commits, pack: found.pack,
        purpose: .sacrifice(sacrifice, ofSeries: nil, reason))
    ]
  }

  /// What goes first: without keepers nothing is acknowledged.
  private var firstSacrifice: Sacrifice { order.keepers.isEmpty ? .raw : .acknowledged }

  /// Why more has to go; nil when there is room enough.
  private func reasonForRoom() throws(DatabaseError) -> TrimReport.Reason? {
    let pageBytes = try history.database.number("PRAGMA page_size") ?? 0
    let free = try history.database.number("PRAGMA freelist_count") ?? 0
    let pages = try history.database.number("PRAGMA page_count") ?? 0
    report.usedBytes = (pages - free) * pageBytes
    report.freeBytes = free * pageBytes
    if let most = order.databaseBytesMax, report.usedBytes > most { return .quota }
    return report.freeBytes < order.freeBytesWanted ? .space : nil
  }
}
