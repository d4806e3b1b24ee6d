internal import Model
internal import Sync

/// What went and is not on record yet, counted in the transactions that take it: a power cut
/// between these and the record forgets nothing.
extension StoreCore {
  func noteTrimmed(_ gone: [PackTrim.Gone]) throws(DatabaseError) {
    guard gone.contains(where: { TrimmedSeries.Reason($0) != nil }) else { return }
    var upsert = try database.prepare(
      "INSERT INTO trimmed VALUES(?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9) "
        + "ON CONFLICT DO UPDATE SET readings = readings + ?6, blocks = blocks + 1, "
        + "bytes = bytes + ?7, from_utc = min(ifnull(from_utc, ?8), ifnull(?8, from_utc)), "
        + "to_utc = max(ifnull(to_utc, ?9), ifnull(?9, to_utc))")
    for one in gone {
      // What goes by its age is not recorded: somebody wanted it so.
      guard let reason = TrimmedSeries.Reason(one) else { continue }
      upsert.bind(1, Int64(one.name.device.kind.rawValue))
      upsert.bind(2, one.name.device.bytes)
      upsert.bind(3, one.name.channel)
      upsert.bind(4, Int64(one.level.rawValue))
      upsert.bind(5, Int64(reason.rawValue))
      upsert.bind(6, one.readings)
      upsert.bind(7, max(0, one.bytes))
      if let utc = one.utc {
        upsert.bind(8, utc.lowerBound)
        upsert.bind(9, utc.upperBound)
      } else {
        upsert.bindNull(8)
        upsert.bindNull(9)
      }
      try upsert.run()
    }
  }

  /// What is not on record yet, by device and channel.
  func trimmed() throws(DatabaseError) -> [TrimmedSeries] {
    var rows = try database.prepare("SELECT * FROM trimmed ORDER BY 1, 2, 3, 4, 5")
    var found: [TrimmedSeries] = []
    while try rows.step() {
      guard let device = Folding.identity(rows.int64(0), rows.blob(1)),
        SeriesScope(device, rows.text(2)).isValid,
        let level = UInt8(exactly: rows.int64(3)).flatMap(TrimmedSeries.Level.init(rawValue:)),
        let reason = UInt8(exactly: rows.int64(4)).flatMap(TrimmedSeries.Reason.init(rawValue:))
      else { continue }
      var utc: ClosedRange<Int64>?
      if !rows.isNull(8), !rows.isNull(9), rows.int64(8) <= rows.int64(9) {
        utc = rows.int64(8)...rows.int64(9)
      }
      found.append(
        TrimmedSeries(
          device: device, channel: rows.text(2), level: level, reason: reason,
          readings: max(0, rows.int64(5)), blocks: max(0, rows.int64(6)),
          bytes: max(0, rows.int64(7)), utc: utc))
    }
    return found
  }
}

extension TrimmedSeries.Reason {
  /// The reason as it is recorded; nil for what is not.
  fileprivate init?(_ gone: PackTrim.Gone) {
    switch gone.reason {
    case .age: return nil
    case .quota: self = gone.isUnacknowledged ? .quotaUnacknowledged : .quota
    case .space: self = gone.isUnacknowledged ? .spaceUnacknowledged : .space
    }
  }
}
