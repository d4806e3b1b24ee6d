public import Model
public import Sync

/// The blocks of one channel that are in one form.
public struct HeldBlocks: Hashable, Sendable {
  /// What is left of them.
  public var level: BlockLevel
  /// Readings that they were made of.
  public var readings: Int64
  /// Stored bytes of them, summaries left out.
  public var bytes: Int64
  /// The first and the last time in them, in µs of UTC; nil where none is dated.
  public var utc: ClosedRange<Int64>?
}

extension History {
  /// What blocks hold of the channels of some identities taken together, by channel.
  public func held(
    _ devices: [DeviceIdentity]
  ) throws(DatabaseError) -> [String: [HeldBlocks]] {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in
      var held: [String: [BlockLevel: HeldBlocks]] = [:]
      for device in devices { try core.addHeld(of: device, to: &held) }
      return held.mapValues { levels in levels.values.sorted { $0.level < $1.level } }
    }
  }
}

extension HistoryCore {
  fileprivate func addHeld(
    of device: DeviceIdentity, to held: inout [String: [BlockLevel: HeldBlocks]]
  ) throws(DatabaseError) {
    var rows = try database.prepare(
      "SELECT series.channel, block.level, sum(block.count), sum(block.bytes), "
        + "min(dated.from_utc), max(dated.to_utc) FROM series "
        + "JOIN block ON block.series = series.id "
        + "LEFT JOIN dated ON dated.series = block.series AND dated.commits = block.commits "
        + "AND dated.part = block.part "
        // What nothing dates lies anywhere, from one end of time to the other.
        + "AND dated.from_utc > \(Int64.min / 2) AND dated.to_utc < \(Int64.max / 2) "
        + "WHERE series.kind = ? AND series.identity = ? GROUP BY block.series, block.level")
    rows.bind(1, Int64(device.kind.rawValue))
    rows.bind(2, device.bytes)
    while try rows.step() {
      guard let level = UInt8(exactly: rows.int64(1)).flatMap(BlockLevel.init(rawValue:)) else {
        continue
      }
      let channel = rows.text(0)
      var sum =
        held[channel]?[level]
        ?? HeldBlocks(level: level, readings: 0, bytes: 0, utc: nil)
      sum.readings += rows.int64(2)
      sum.bytes += rows.int64(3)
      if !rows.isNull(4), !rows.isNull(5), rows.int64(4) <= rows.int64(5) {
        let from = min(sum.utc?.lowerBound ?? .max, rows.int64(4))
        sum.utc = from...max(sum.utc?.upperBound ?? .min, rows.int64(5))
      }
      held[channel, default: [:]][level] = sum
    }
  }
}
