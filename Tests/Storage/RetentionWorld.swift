import Model
import Sync
import TestSupport

@testable import Storage

extension StoreCore {
  /// Trims as `Retainer` does, without a thread; with a limit to the packs written, as if it had
  /// been stopped.
  func trim(
    _ options: StoreOptions, _ order: TrimOrder, packsMax: Int = .max
  ) throws(DatabaseError) -> TrimReport {
    let core = try RetainerCore(path: options.path, vfs: options.vfs, order: order)
    while core.report.packs < packsMax, let trim = try core.next() {
      try self.trim(trim)
      core.wrote(trim)
      if core.report.packs.isMultiple(of: 3) { try shortenLog() }
    }
    return core.report
  }
}

/// A look at the directory of blocks.
enum Directory {
  /// Every block that means something, in the order of the directory.
  static func rows(_ path: String, vfs: String? = nil) throws(DatabaseError) -> [BlockRow] {
    let database = try Database.open(.init(path: path, vfs: vfs))
    var rows = try database.prepare(
      "SELECT \(BlockRow.columns) FROM block WHERE commits IN (SELECT id FROM commit_range) "
        + "ORDER BY series, commits, part")
    var found: [BlockRow] = []
    while try rows.step() { found.append(try BlockRow(rows, path: path)) }
    return found
  }

  static func damages(_ path: String, vfs: String? = nil) throws(DatabaseError) -> [Damage] {
    var inspection = Inspection()
    let history = try HistoryCore(path: path, vfs: vfs)
    while !inspection.isComplete { inspection = try history.inspect(inspection) }
    return inspection.damages
  }
}

extension TrimOrder {
  /// Any rules, quotas and limits of bytes.
  static func any(_ prng: inout Prng, nowUs: Int64, usedBytes: Int64) -> TrimOrder {
    var order = TrimOrder()
    func age() -> Int64? {
      prng.chance(40) ? nil : Int64(prng.below(300_000)) * 1_000_000
    }
    func rule() -> RetentionRule {
      RetentionRule(
        rawUs: age(), minutesUs: age(),
        quotaBytes: prng.chance(70) ? nil : Int64(prng.below(6_000)))
    }
    order.nowUs = prng.chance(80) ? nowUs : nil
    if prng.chance(60) { order.rule = rule() }
    for number in 1...3 as ClosedRange<UInt8> where prng.chance(40) {
      let channel = QueryWorld.channels[prng.below(3)]
      order.rules[SeriesName(device: Fixture.companion(number), channel: channel)] = rule()
    }
    if prng.chance(20) { order.deviceRules[Fixture.companion(2)] = rule() }
    if prng.chance(30) { order.databaseBytesMax = Int64(prng.below(Int(max(1, usedBytes)))) }
    if prng.chance(20) { order.freeBytesWanted = Int64(prng.below(100_000)) }
    return order
  }
}
