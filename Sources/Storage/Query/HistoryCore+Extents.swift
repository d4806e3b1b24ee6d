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

/// Every series that has readings.
public struct SeriesExtents: Hashable, Sendable {
  /// Those that the derived table answers for, in no order.
  public var known: [SeriesExtent] = []
  /// Those that must be summed up: their blocks are not all dated yet, or some of them is hidden.
  public var unknown: [SeriesName] = []
}

/// Counts and spans of series from the derived table, and from what is in no block yet.
extension HistoryCore {
  func extents() throws(DatabaseError) -> SeriesExtents {
    var rest = try restExtents()
    var found = SeriesExtents()
    let isDated = try isWhollyDated()
    var rows = try database.prepare("SELECT id, kind, identity, channel FROM series")
    while try rows.step() {
      guard
        let kind = UInt8(exactly: rows.int64(1)).flatMap(DeviceIdentity.Kind.init(rawValue:)),
        let device = DeviceIdentity(kind: kind, bytes: rows.blob(2))
      else { throw Damage(.altered, "series").error(database.path) }
      let name = SeriesName(device: device, channel: rows.text(3))
      let other = rest.removeValue(forKey: name)
      guard isDated, facts.hidden.series(device, name.channel).isEmpty else {
        found.unknown.append(name)
        continue
      }
      switch try extent(rows.int64(0), name) {
      case .none: if let other { found.known.append(other) }
      case .unknown: found.unknown.append(name)
      case .known(let extent): found.known.append(other.map { extent.joined($0) } ?? extent)
      }
    }
    for (name, extent) in rest {
      if facts.hidden.series(name.device, name.channel).isEmpty {
        found.known.append(extent)
      } else {
        found.unknown.append(name)
      }
    }
    return found
  }

  private enum Found {
    case none, unknown
    case known(SeriesExtent)
  }

  /// Whether every range of blocks has its rows, by everything that dates them now.
  private func isWhollyDated() throws(DatabaseError) -> Bool {
    guard let newest = try database.number("SELECT max(id) FROM commit_range") else { return true }
    guard let (journal, mark) = try lookups.dating() else { return false }
    return journal == datingId && mark >= newest
  }

  /// What the blocks of a series come to.
  private func extent(_ series: Int64, _ name: SeriesName) throws(DatabaseError) -> Found {
    let least = Int64.min
    let table = "FROM dated INDEXED BY dated_by_time WHERE series = \(series)"
    let (count, longest) = try numbers(
      "SELECT readings, longest FROM extent WHERE series = \(series)")
    guard let count, count > 0, let longest else { return .none }
    // What only its commits date lies anywhere.
    guard try database.number("SELECT 1 \(table) AND from_utc = \(least) LIMIT 1") == nil,
      let from = try database.number("SELECT min(from_utc) \(table)"),
      let last = try database.number("SELECT max(from_utc) \(table)")
    else { return .unknown }
    let reach = Self.less(last, longest)
    guard
      let to = try database.number("SELECT max(to_utc) \(table) AND from_utc >= \(reach)")
    else { return .unknown }
    var newest = try database.prepare(
      "SELECT commits, part FROM block WHERE series = ? ORDER BY commits DESC, part DESC LIMIT 1")
    newest.bind(1, series)
    guard try newest.step() else { return .none }
    let place = BlockPlace(
      series: series, commits: newest.int64(0), part: newest.int64(1), utc: BlockPlace.anywhere)
    let description = try lookups.block(place, database.path).description
    return .known(
      SeriesExtent(
        name: name, count: count, fromUs: from, toUs: to,
        unit: String(decoding: description.unit, as: UTF8.self),
        kind: Channel.Kind(rawValue: description.kind)))
  }

  private func numbers(_ sql: String) throws(DatabaseError) -> (Int64?, Int64?) {
    var row = try database.prepare(sql)
    return try row.step() ? (row.int64(0), row.int64(1)) : (nil, nil)
  }

  /// Takes the samples of a source in a commit, dated as windows date them.
  private func add(
    _ source: CommitSource, _ clock: CommitClock, to found: inout [SeriesName: SeriesExtent]
  ) {
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
      found[name] = found[name]?.joined(one) ?? one
    }
  }

  /// What is in no block yet, and what people added: one pass for all series.
  private func restExtents() throws(DatabaseError) -> [SeriesName: SeriesExtent] {
    var found: [SeriesName: SeriesExtent] = [:]
    try uncovered { (statement) throws(DatabaseError) in
      let (_, body, clock) = try commit(statement)
      for source in body.sources { add(source, clock, to: &found) }
    }
    for (device, channels) in facts.lateEntries {
      for (channel, entries) in channels {
        let name = SeriesName(device: device, channel: channel)
        for entry in entries.map(\.fact) {
          let one = SeriesExtent(
            name: name, count: Int64(entry.count), fromUs: entry.utc.lowerBound,
            toUs: entry.utc.upperBound, unit: entry.channel.unit, kind: entry.channel.kind)
          found[name] = found[name]?.joined(one) ?? one
        }
      }
    }
    return found
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

extension History {
  /// Every series that has readings: what the derived table knows costs no summary.
  public func extents() throws(DatabaseError) -> SeriesExtents {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.extents() }
  }
}
