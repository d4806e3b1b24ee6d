import Sync
import TestSupport

@testable import Model
@testable import Storage

/// A node's history with several boots, boards and clocks, and beside it the same readings as plain
/// rows of SQL, each with the date that a page of readings gives it.
final class QueryWorld {
  static let channels = ["temp", "pH", "note"]
  static let paris = zone("CET-1CEST,M3.5.0,M10.5.0/3", offset: 3_600)
  static let kolkata = zone("IST-5:30", offset: 19_800)
  /// Saturday 28 March 2026: the night after it clocks change in Paris.
  static let beginUs: Int64 = 1_774_690_000_000_000

  let path: String
  private var prng: Prng
  private var run: UInt64 = 0
  private var wallUs = beginUs
  private var bootUs: Int64 = 0
  private var ticks: [DeviceIdentity: Int64] = [:]
  private var store: StoreCore?
  private var batch = ReadingBatch(cursors: CursorFold())
  let plain: Database
  private(set) var readingCount = 0
  /// The last write of the register of each boot.
  private var overrides: [UInt8: RecordId] = [:]
  let history: HistoryCore
  /// How many times as many readings as commits of a few.
  private let density: Int
  /// Whether every clock of every boot is dated from its beginning.
  private let isDated: Bool

  static func zone(_ text: String, offset: Int64) -> TimeZoneRules {
    do throws(TimeZoneFileError) {
      let rule = try PosixTimeZone(text.utf8)
      return TimeZoneRules(
        name: text, changes: [], offsets: [], firstOffset: offset, rule: rule)
    } catch {
      preconditionFailure("\(text): \(error)")
    }
  }

  init(_ path: String, seed: UInt64, density: Int = 1, isDated: Bool = false) throws {
    self.path = path
    self.density = density
    self.isDated = isDated
    prng = Prng(seed: seed)
    plain = try Database.open(.init(path: ":memory:"))
    try plain.execute(
      "CREATE TABLE plain(device INTEGER, channel TEXT, utc INTEGER, place INTEGER, "
        + "mantissa INTEGER, exponent INTEGER, number REAL, isnan INTEGER, words TEXT, "
        + "bound INTEGER);"
        + "CREATE INDEX plain_by_time ON plain(device, channel, utc)")
    store = try StoreCore(Fixture.options(path, run: 1))
    history = try HistoryCore(path: path, vfs: nil)
    store = nil
    try boot()
  }

  /// Closes the store: another one may be opened.
  func close() { store = nil }

  /// A new boot of the node, some time later; the boards may go on as they were.
  func boot() throws {
    run += 1
    wallUs += Int64(prng.below(20_000)) * 1_000_000
    bootUs = 1_000_000_000
    store = nil
    let store = try StoreCore(Fixture.options(path, run: run, boot: UInt8(run)))
    batch = ReadingBatch(cursors: try store.open().cursors)
    self.store = store
    guard isDated else { return }
    var contents: [JournalContent] = [
      .anchor(Anchor(bootUs: bootUs, utcUs: wallUs, errorUs: 500, origin: .kernel))
    ]
    let now = (wallUs - Self.beginUs) / 1_000 + 1_000_000
    for number in 1...3 as ClosedRange<UInt8> {
      contents.append(
        .clockFit(
          ClockFit(
            identity: Fixture.companion(number), epoch: UInt32(run / 2), segmentStartMs: 0,
            referenceTicksMs: now, referenceBootUs: bootUs, ratePpb: 0, boundUs: 9, isGood: true)))
    }
    let clock = ClockObservation(bootUs: bootUs, wallUs: wallUs, trusted: false, errorUs: 0)
    let journal = contents.map { JournalEntry(stamp: Fixture.stamp(), content: $0) }
    _ = try store.commit(PendingCommit(content: nil, clock: clock, journal: journal))
  }

  /// Commits some readings, now and then an anchor or a fit.
  func commit() throws {
    let stepUs = Int64(30 + prng.below(400)) * 1_000_000
    bootUs += stepUs
    wallUs += stepUs
    for number in 1...3 as ClosedRange<UInt8> where prng.chance(70) { add(number, stepUs) }
    let content = batch.take(arrivalUs: bootUs)
    let clock = ClockObservation(
      bootUs: bootUs, wallUs: wallUs, trusted: false, errorUs: 0)
    try commit(content, clock, journal(percent: 6))
  }

  private func commit(
    _ content: CommitContent?, _ clock: ClockObservation, _ journal: [JournalEntry]
  ) throws {
    let receipt = try store?.commit(
      PendingCommit(content: content, clock: clock, journal: journal))
    for (entry, record) in zip(journal, receipt?.journal ?? []) {
      guard case .registerWrite(let write) = entry.content, let boot = write.key.bytes.first
      else { continue }
      overrides[boot] = record
    }
  }

  private func add(_ number: UInt8, _ stepUs: Int64) {
    let device = Fixture.companion(number)
    let epoch = UInt32(run / 2)
    let readings = prng.below(12 * density)
    if prng.chance(30) {
      for index in 0..<readings {
        let channel = channel()
        let time = bootUs - stepUs + stepUs / Int64(12 * density) * Int64(index)
        _ = batch.append(
          device: device, bootUs: prng.chance(5) ? max(0, time - 9_000_000) : time,
          channel: channel, value: value(channel))
      }
      return
    }
    _ = batch.open(Cursor(identity: device, epoch: epoch, nonce: 7, ringCapacity: 64))
    let now = (wallUs - Self.beginUs) / 1_000 + 1_000_000
    let from = max(ticks[device] ?? 0, now - stepUs / 1_000)
    for index in 0..<readings {
      let channel = channel()
      let seq = batch.cursor(of: device, epoch: epoch)?.next ?? 0
      let ticksMs = from + (now - from) / Int64(12 * density) * Int64(index)
      _ = batch.append(
        device: device, epoch: epoch, seq: seq, ticksMs: ticksMs, channel: channel,
        value: value(channel))
    }
    ticks[device] = now
  }

  private func channel() -> Channel {
    let key = Self.channels[prng.below(10) < 7 ? 0 : 1 + prng.below(2)]
    return Channel(key: key, unit: key == "temp" ? "Cel" : "", exponent: -1)
  }

  private func value(_ channel: Channel) -> Value {
    if channel.key == "note" { return .text("t\(prng.below(9))") }
    if channel.key == "pH" {
      switch prng.below(20) {
      case 0: return .float(.nan)
      case 1: return .float(-.infinity)
      default: return .float(Double(prng.below(1_000)) / 8)
      }
    }
    return .decimal(Int64(prng.below(600)) - 100, exponent: prng.chance(3) ? -2 : -1)
  }

  /// Says that the clocks were otherwise: earlier readings move.
  func correct() throws {
    let clock = ClockObservation(bootUs: bootUs, wallUs: wallUs, trusted: false, errorUs: 0)
    try commit(nil, clock, journal(percent: 100))
  }

  private func journal(percent: Int) -> [JournalEntry] {
    guard prng.chance(percent) else { return [] }
    let content: JournalContent
    if prng.chance(15) {
      content = .registerWrite(override(UInt8(1 + prng.below(Int(run)))))
    } else if prng.chance(50) {
      let early = Int64(prng.below(5_000)) * 1_000_000
      let jump = prng.chance(10) ? -Int64(prng.below(40_000)) * 1_000_000 : 0
      content = .anchor(
        Anchor(
          bootUs: max(0, bootUs - early), utcUs: wallUs - early + Int64(prng.below(900)) + jump,
          errorUs: 500, origin: .kernel))
    } else {
      let now = (wallUs - Self.beginUs) / 1_000 + 1_000_000
      content = .clockFit(
        ClockFit(
          identity: Fixture.companion(UInt8(1 + prng.below(3))), epoch: UInt32(run / 2),
          segmentStartMs: prng.chance(50) ? 0 : now - 2_000_000, referenceTicksMs: now,
          referenceBootUs: bootUs - Int64(prng.below(2_000)),
          ratePpb: Int64(prng.below(80_000)) - 40_000, boundUs: 9, isGood: prng.chance(60)))
    }
    return [JournalEntry(stamp: Fixture.stamp(), content: content)]
  }

  /// An administrator says when a boot was, or takes that back.
  private func override(_ boot: UInt8) -> RegisterWrite {
    let override = ClockOverride(
      bootUs: Int64(prng.below(5_000)) * 1_000_000,
      utcUs: Self.beginUs + Int64(prng.below(200_000)) * 1_000_000, boundUs: 700, note: "")
    let isTakenBack = overrides[boot] != nil && prng.chance(40)
    return RegisterWrite(
      key: ClockOverride.key(Fixture.clockEpoch(boot)),
      value: isTakenBack ? nil : override.encoded(),
      replaces: overrides[boot].map { [$0] } ?? [])
  }

  /// Turns what is due into ranges, of a size of its own each time; or leaves one half written.
  /// Where `isCleared` is false, the commits of the first range stay under it.
  func compact(isCleared: Bool = true) throws {
    guard let store else { return }
    try store.checkpoint()
    while try store.clearLeftovers() {}
    let bounds = RangeBounds(
      readings: 20 + prng.below(100), commits: 4 + prng.below(40), packBytes: 1_000)
    let core = try CompactionCore(path: path, vfs: nil, bounds: bounds)
    var steps = prng.chance(20) ? prng.below(6) : .max
    while try core.begin(try store.compactionBounds()) {
      while let step = try core.next() {
        guard steps > 0 else { return }
        steps -= 1
        switch step {
        case .write(let slice): try store.write(slice)
        case .publish(let range):
          try store.publish(range)
          if !isCleared { return }
        }
      }
      while try store.clearLeftovers() {}
    }
  }

  /// Some steps of the upkeep, or all of them.
  func date() throws {
    var steps = prng.chance(50) ? 1_000 : 1 + prng.below(2)
    while steps > 0, try store?.dateBlocks() ?? false { steps -= 1 }
  }

  /// Writes the plain rows anew, as readings are dated now.
  func mirror() throws {
    var rows: [String] = []
    var query = ReadingQuery()
    query.limit = 50_000
    for reading in try RangePageTests.all(history, query) {
      var row = "(\(reading.device.bytes[0]), '\(reading.channel)', "
      row += "\(reading.date.utc.utcUs), \(rows.count)"
      switch reading.value {
      case .decimal(let mantissa, let exponent):
        row += ", \(mantissa), \(exponent), \(reading.value.number ?? 0), 0, NULL)"
      case .float(let number):
        let text = number.isNaN ? "NULL" : number.isFinite ? "\(number)" : "-9e999"
        row += ", NULL, NULL, \(text), \(number.isNaN ? 1 : 0), NULL)"
      case .text(let text): row += ", NULL, NULL, NULL, 0, '\(text)')"
      }
      row.removeLast()
      rows.append(row + ", \(reading.date.utc.boundUs.map { "\($0)" } ?? "NULL"))")
    }
    try plain.execute("DELETE FROM plain; BEGIN")
    for start in stride(from: 0, to: rows.count, by: 500) {
      let some = rows[start..<min(start + 500, rows.count)]
      try plain.execute("INSERT INTO plain VALUES" + some.joined(separator: ","))
    }
    try plain.execute("COMMIT")
    readingCount = rows.count
  }
}
