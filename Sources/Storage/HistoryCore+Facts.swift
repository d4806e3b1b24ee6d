internal import Model
internal import Sync

/// A value that a person added, with the entry that it came in.
struct LateReading: Hashable, Sendable {
  let utcUs: Int64
  let value: SampleValue
  let entry: LateEntry
  let stamp: Stamp
}

extension HistoryCore {
  /// The late values of one series with times in a span, by time; to be called while reading.
  ///
  /// Each entry is read from the journal again: at most `Sync.Limits.latePointsMax` values are
  /// decoded at a time.
  func lateReadings(
    _ device: DeviceIdentity, _ channel: String, utc span: Range<Int64>
  ) throws(DatabaseError) -> [LateReading] {
    var found: [LateReading] = []
    for noted in facts.lateEntries[device]?[channel] ?? [] {
      guard !span.isEmpty, noted.fact.utc.overlaps(span.lowerBound...(span.upperBound - 1)) else {
        continue
      }
      let points = try latePoints(noted.fact)
      for point in points where span.contains(point.utcUs) {
        found.append(
          LateReading(
            utcUs: point.utcUs, value: point.value, entry: noted.fact, stamp: noted.stamp))
      }
    }
    // Entries may overlap; sorting keeps those of one time in the order of their rows.
    return found.sorted { ($0.utcUs, $0.entry.row) < ($1.utcUs, $1.entry.row) }
  }

  private func latePoints(_ entry: LateEntry) throws(DatabaseError) -> [LateValues.Point] {
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal WHERE id = ?")
    rows.bind(1, entry.row)
    guard try rows.step() else {
      throw Damage(.missing, "journal", entry.row...entry.row).error(database.path)
    }
    guard RowSeal.journalHolds(rows) else {
      throw Damage(.altered, "journal", entry.row...entry.row).error(database.path)
    }
    do throws(DecodeError) {
      guard
        case .lateValues(let late) = try JournalDecoder.decode(
          kind: UInt16(clamping: rows.int64(2)), rows.blob(3))?.content
      else { throw DecodeError(.range, at: 0) }
      return late.points
    } catch {
      throw DatabaseError(
        .damaged, path: database.path,
        message: "\(RowId.text(entry.row, of: "journal")): \(error)")
    }
  }

  /// A span of UTC on the clocks that date a device's readings now.
  func pieces(of utc: Range<Int64>, _ device: DeviceIdentity) -> [Deletion.Piece] {
    timeline.pieces(
      of: utc, device, clockEpochs: clockEpochs.keys.sorted().compactMap { clockEpochs[$0] })
  }

  // MARK: Pages

  /// Adds late values to a page that has come to the end of the commits, or goes on with them.
  ///
  /// They come after everything that devices said, in either order: they have no place among
  /// commits. Their cursor names the journal's row and the value within it.
  func addLate(
    to page: inout ReadingPage, _ query: ReadingQuery
  ) throws(DatabaseError) {
    guard page.next == nil else { return }
    let entries = lateEntries(of: query)
    let limit = min(max(query.limit, 1), Limits.pageReadingsMax)
    var counts: [String: Int] = [:]
    if query.perSeriesMax != nil {
      for reading in page.readings { counts[Self.series(reading), default: 0] += 1 }
    }
    let resumed = query.cursor.flatMap { $0.isLate ? $0 : nil }
    for noted in entries {
      let entry = noted.fact
      let series = entry.device.text + "/" + entry.channel.key
      let points = try latePoints(entry)
      let isUp = query.order == .oldestFirst
      for place in 0..<points.count {
        if let resumed, resumed.hotId == entry.row, place < resumed.sample { continue }
        let point = points[isUp ? place : points.count - 1 - place]
        if case .utc(let span) = query.span, !span.contains(point.utcUs) { continue }
        if let most = query.perSeriesMax, counts[series, default: 0] >= most { continue }
        guard page.readings.count < limit else {
          page.next = QueryCursor(hotId: entry.row, sample: place, isLate: true)
          return
        }
        counts[series, default: 0] += 1
        page.readings.append(StoredReading(point, noted))
      }
    }
  }

  private static func series(_ reading: StoredReading) -> String {
    reading.device.text + "/" + reading.channel
  }

  /// The entries that a query asks for and has not had, in its order: by their first times.
  private func lateEntries(of query: ReadingQuery) -> [Noted<LateEntry>] {
    // On a node's clock they have no time.
    if case .node = query.span { return [] }
    var found: [Noted<LateEntry>] = []
    for (device, channels) in facts.lateEntries
    where query.device == nil || query.device == device {
      for (channel, entries) in channels
      where query.channel == nil || query.channel == channel {
        found += entries
      }
    }
    let isUp = query.order == .oldestFirst
    found.sort { isUp ? Self.goesBefore($0, $1) : Self.goesBefore($1, $0) }
    if let cursor = query.cursor, cursor.isLate {
      // It may have been withdrawn since: then what follows its place is what was not given.
      let last = facts.late.all.first { $0.stated.fact.row == cursor.hotId }?.stated
      guard let last else { return [] }
      found.removeAll { isUp ? Self.goesBefore($0, last) : Self.goesBefore(last, $0) }
    }
    if case .utc(let span) = query.span {
      found.removeAll {
        span.isEmpty || !$0.fact.utc.overlaps(span.lowerBound...(span.upperBound - 1))
      }
    }
    return found
  }
}

extension HistoryCore {
  private static func goesBefore(_ left: Noted<LateEntry>, _ right: Noted<LateEntry>) -> Bool {
    (left.fact.utc.lowerBound, left.fact.row) < (right.fact.utc.lowerBound, right.fact.row)
  }
}

extension StoredReading {
  init(_ point: LateValues.Point, _ noted: Noted<LateEntry>) {
    let entry = noted.fact
    let written = NodeTime(clockEpoch: entry.clockEpoch, bootUs: noted.stamp.bootUs)
    self.init(
      device: entry.device, channel: entry.channel.key, unit: entry.channel.unit,
      kind: entry.channel.kind, value: point.value.value(entry.channel.form), numbering: nil,
      arrival: written,
      date: ReadingDate(
        node: written,
        utc: Dating(utcUs: point.utcUs, boundUs: entry.boundUs, quality: .good)),
      late: Late(id: entry.id, author: noted.stamp.author, note: entry.note))
  }
}
