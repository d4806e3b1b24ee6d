internal import Codec
public import Model
internal import Sync

/// What is stored of one series, all together.
public struct SeriesExtent: Hashable, Sendable {
  /// Which.
  public var name: SeriesName
  /// Readings, texts and those that people added among them.
  public var count: Int64
  /// The dates of the earliest and the latest one, in µs of UTC.
  public var fromUs: Int64, toUs: Int64
  /// The unit, as of the newest.
  public var unit: String
  /// What the values mean, as of the newest; nil when a later version wrote it.
  public var kind: Channel.Kind?
}

/// Some of the series that have readings.
public struct SeriesExtents: Hashable, Sendable {
  /// Those that the derived table answers for, by name.
  public var known: [SeriesExtent] = []
  /// Those that must be summed up: their blocks are not all dated yet, some of them is hidden, or
  /// held twice.
  public var unknown: [SeriesName] = []
  /// The last of the page, after which the next one goes on; nil when this is the last page.
  public var last: SeriesName?
}

/// Counts and spans of series from the derived table, and from what is in no block yet.
extension HistoryCore {
  func extents(_ query: SeriesQuery = SeriesQuery()) throws(DatabaseError) -> SeriesExtents {
    let limit = min(max(query.limit, 1), Limits.seriesPageMax)
    try join()
    // One more than is given says whether there are more.
    let rest = try restExtents(query, limit + 1)
    let rows = try compacted(query, limit + 1)
    let ids = Dictionary(rows.map { ($0.name, $0.id) }) { first, _ in first }
    let names = Set(ids.keys).union(rest.keys).sorted()
    var found = SeriesExtents()
    let isDated = try isWhollyDated()
    var lookups = try ExtentLookups.open(database)
    var doubled = try DoubledLookups.open(database)
    for name in names.prefix(limit) {
      guard facts.hidden.series(name.device, name.channel).isEmpty,
        isDated || ids[name] == nil, try !mayBeDoubled(name, ids[name], &doubled)
      else {
        found.unknown.append(name)
        continue
      }
      guard let id = ids[name] else {
        if let other = rest[name] { found.known.append(other) }
        continue
      }
      switch try extent(id, name, &lookups) {
      case .none: if let other = rest[name] { found.known.append(other) }
      case .unknown: found.unknown.append(name)
      case .known(let extent):
        found.known.append(rest[name].map { extent.joined($0) } ?? extent)
      }
    }
    if names.count > limit { found.last = names[limit - 1] }
    return found
  }

  private enum Found {
    case none, unknown
    case known(SeriesExtent)
  }

  /// Whether every range of blocks has its rows, by everything that dates them now.
  private func isWhollyDated() throws(DatabaseError) -> Bool {
    guard let newest = try database.number("SELECT max(id) FROM commit_range") else { return true }
    guard let (journal, mark, _) = try lookups.dating() else { return false }
    return journal == datingId && mark >= newest
  }

  /// What the blocks of a series come to.
  private func extent(
    _ series: Int64, _ name: SeriesName, _ lookups: inout ExtentLookups
  ) throws(DatabaseError) -> Found {
    guard let (count, longest) = try lookups.sum(series), count > 0 else { return .none }
    // What only its commits date lies anywhere.
    guard let (from, last) = try lookups.begins(series), from > .min,
      let to = try lookups.end(series, from: Self.less(last, longest))
    else { return .unknown }
    guard let newest = try lookups.newest(series) else { return .none }
    let place = BlockPlace(
      series: series, commits: newest.commits, part: newest.part, utc: BlockPlace.anywhere)
    let description = try self.lookups.block(place, database.path).description
    return .known(
      SeriesExtent(
        name: name, count: count, fromUs: from, toUs: to,
        unit: String(decoding: description.unit, as: UTF8.self),
        kind: Channel.Kind(rawValue: description.kind)))
  }

  /// Takes the samples of a source in a commit, dated as windows date them.
  private func add(
    _ source: CommitSource, _ clock: CommitClock, to found: inout FirstSeries
  ) {
    guard found.query.wants(source.identity) else { return }
    var epoch: UInt32?
    if case .device(let number, _, _) = source.clock { epoch = number }
    let pieces = dates.pieces(source.identity, epoch: epoch, in: clock.arrival.clockEpoch)
    let lastMs = source.samples.last?.time ?? 0
    func utcUs(_ time: Int64) -> Int64 {
      if let line = pieces[pieces.piece(at: time)].line { return line.utcUs(time) }
      guard let epoch else { return timeline.date(bootUs: time, in: clock).utc.utcUs }
      return timeline.date(
        ticksMs: time, of: source.identity, epoch: epoch, lastMs: lastMs, in: clock
      ).utc.utcUs
    }
    var counts = [Int64](repeating: 0, count: source.channels.count)
    var ends = [(from: Int64, to: Int64)](
      repeating: (.max, .min), count: source.channels.count)
    for sample in source.samples {
      let place = Int(sample.channel)
      let utcUs = utcUs(sample.time)
      counts[place] += 1
      ends[place] = (min(ends[place].from, utcUs), max(ends[place].to, utcUs))
    }
    for (place, channel) in source.channels.enumerated() where counts[place] > 0 {
      let name = SeriesName(device: source.identity, channel: channel.key)
      let one = SeriesExtent(
        name: name, count: counts[place], fromUs: ends[place].from, toUs: ends[place].to,
        unit: channel.unit, kind: channel.kind)
      found.add(one)
    }
  }

  /// What is in no block yet, and what people added: one pass for all series. The first ones by
  /// name after that of the query.
  private func restExtents(
    _ query: SeriesQuery, _ count: Int
  ) throws(DatabaseError) -> [SeriesName: SeriesExtent] {
    var found = FirstSeries(query, count)
    try uncovered { (statement) throws(DatabaseError) in
      let (_, body, clock) = try commit(statement)
      for source in body.sources { add(source, clock, to: &found) }
    }
    for (device, channels) in facts.lateEntries where query.wants(device) {
      for (channel, entries) in channels {
        for entry in entries.map(\.fact) {
          found.add(
            SeriesExtent(
              name: SeriesName(device: device, channel: channel), count: Int64(entry.count),
              fromUs: entry.utc.lowerBound, toUs: entry.utc.upperBound, unit: entry.channel.unit,
              kind: entry.channel.kind))
        }
      }
    }
    return found.all
  }
}

/// The first series by name of all that are added, however many those are.
private struct FirstSeries {
  let query: SeriesQuery
  private let count: Int
  private var found: [SeriesName: SeriesExtent] = [:]
  /// Whatever comes behind is not among them.
  private var last: SeriesName?

  init(_ query: SeriesQuery, _ count: Int) {
    self.query = query
    self.count = count
  }

  mutating func add(_ one: SeriesExtent) {
    if let after = query.after, !(after < one.name) { return }
    if let last, last < one.name { return }
    found[one.name] = found[one.name]?.joined(one) ?? one
    if found.count >= 2 * count { cut() }
  }

  private mutating func cut() {
    let names = found.keys.sorted()
    guard names.count > count else { return }
    for name in names[count...] { found[name] = nil }
    last = names[count - 1]
  }

  /// Not all of those behind the first ones.
  var all: [SeriesName: SeriesExtent] {
    var first = self
    first.cut()
    return first.found
  }
}

/// The statements that tell of a series.
private struct ExtentLookups: ~Copyable {
  private var sumRow: Statement
  private var beginRow: Statement
  private var endRow: Statement
  private var newestRow: Statement

  static func open(_ database: borrowing Database) throws(DatabaseError) -> ExtentLookups {
    let table = "FROM dated INDEXED BY dated_by_time WHERE series = ?1"
    return ExtentLookups(
      sumRow: try database.prepare("SELECT readings, longest FROM extent WHERE series = ?"),
      // Each a seek of its own: SQLite looks up one extreme at a time.
      beginRow: try database.prepare(
        "SELECT (SELECT min(from_utc) \(table)), (SELECT max(from_utc) \(table))"),
      endRow: try database.prepare("SELECT max(to_utc) \(table) AND from_utc >= ?2"),
      newestRow: try database.prepare(
        "SELECT commits, part FROM block WHERE series = ? ORDER BY commits DESC, part DESC "
          + "LIMIT 1"))
  }

  mutating func sum(_ series: Int64) throws(DatabaseError) -> (Int64, Int64)? {
    sumRow.bind(1, series)
    defer { sumRow.reset() }
    return try sumRow.step() ? (sumRow.int64(0), sumRow.int64(1)) : nil
  }

  /// The first and the last time at which a block begins; the first is `Int64.min` where only the
  /// commits of a block date it.
  mutating func begins(_ series: Int64) throws(DatabaseError) -> (Int64, Int64)? {
    beginRow.bind(1, series)
    defer { beginRow.reset() }
    guard try beginRow.step(), !beginRow.isNull(0) else { return nil }
    return (beginRow.int64(0), beginRow.int64(1))
  }

  /// When the last of those blocks ends that begin at or after a time.
  mutating func end(_ series: Int64, from: Int64) throws(DatabaseError) -> Int64? {
    endRow.bind(1, series)
    endRow.bind(2, from)
    defer { endRow.reset() }
    return try endRow.step() && !endRow.isNull(0) ? endRow.int64(0) : nil
  }

  mutating func newest(
    _ series: Int64
  ) throws(DatabaseError) -> (commits: Int64, part: Int64)? {
    newestRow.bind(1, series)
    defer { newestRow.reset() }
    return try newestRow.step() ? (newestRow.int64(0), newestRow.int64(1)) : nil
  }
}

extension SeriesExtent {
  /// This and more of the same series, which is newer.
  public func joined(_ other: SeriesExtent) -> SeriesExtent {
    var joined = other
    joined.name = name
    joined.count += count
    (joined.fromUs, joined.toUs) = (min(fromUs, other.fromUs), max(toUs, other.toUs))
    return joined
  }
}

extension HistoryCore {
  /// Series that have, or had, readings: in blocks, and in the rows that are in no block yet.
  func seriesCount() throws(DatabaseError) -> Int {
    var others: Set<[UInt8]> = []
    try uncovered { (statement) throws(DatabaseError) in
      for source in try commit(statement).body.sources {
        for channel in source.channels
        where try blocks.seriesId(source.identity, channel.key) == nil {
          others.insert(SeriesId(device: source.identity, channel: channel.key).bytes)
        }
      }
    }
    return Int(try database.number("SELECT max(id) FROM series") ?? 0) + others.count
  }
}

extension History {
  /// Series that have, or had, readings.
  public func seriesCount() throws(DatabaseError) -> Int {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.seriesCount() }
  }

  /// Some series that have readings: what the derived table knows costs no summary.
  public func extents(_ query: SeriesQuery) throws(DatabaseError) -> SeriesExtents {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.extents(query) }
  }
}
