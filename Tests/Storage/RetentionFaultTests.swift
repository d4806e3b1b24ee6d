import Model
import Simulation
import Sync
import Testing

@testable import Storage

/// A node with ranges of blocks of two boards at 10 Hz, on a disk that may fail.
struct RetentionSite {
  static let bounds = RangeBounds(
    readings: 700, commits: 8, passBytes: 60_000, contentBytes: 900, packBytes: 2_000,
    sliceBytes: 8_000)
  /// What ages are counted to: a while after the last reading.
  static let nowUs: Int64 = 1_700_000_000_000_000 + 4_000_000_000

  let disk: FaultDisk
  let core: StoreCore
  let options: StoreOptions
  var batch: ReadingBatch
  /// Readings that are safe on the disk.
  var readings: Int64 = 0

  init(
    _ disk: FaultDisk, run: UInt64 = 1, walPagesMax: Int = 10
  ) throws(DatabaseError) {
    self.disk = disk
    var options = disk.options(run: run)
    options.walPagesMax = walPagesMax
    self.options = options
    core = try StoreCore(options)
    batch = ReadingBatch(cursors: try core.open().cursors)
  }

  /// Commits of ten seconds.
  mutating func commit(_ count: Int, dates: Bool = false) throws(DatabaseError) {
    for index in 0..<count {
      for number in 1...2 as ClosedRange<UInt8> {
        let device = Fixture.companion(number)
        _ = batch.open(Cursor(identity: device, epoch: 1, nonce: 7, ringCapacity: 64))
        let first = batch.cursor(of: device, epoch: 1)?.next ?? 0
        for seq in first..<(first + 100) {
          _ = batch.append(
            device: device, epoch: 1, seq: seq, ticksMs: Int64(seq) * 100,
            channel: Fixture.temperature, value: Witness.value(device, seq))
        }
      }
      let next = Int64(batch.cursor(of: Fixture.companion(1), epoch: 1)?.next ?? 0)
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: next * 100_000), clock: Fixture.clock(),
          journal: dates && index == 0 ? Self.dates(rate: 0) : []))
      readings += 200
    }
  }

  /// An anchor, and a fit of each board.
  static func dates(rate: Int64) -> [JournalEntry] {
    var contents: [JournalContent] = [
      .anchor(
        Anchor(bootUs: 0, utcUs: 1_700_000_000_000_000 + rate, errorUs: 5, origin: .kernel))
    ]
    for number in 1...2 as ClosedRange<UInt8> {
      contents.append(
        .clockFit(
          ClockFit(
            identity: Fixture.companion(number), epoch: 1, segmentStartMs: 0, referenceTicksMs: 0,
            referenceBootUs: 0, ratePpb: rate, boundUs: 9, isGood: true)))
    }
    return contents.map { JournalEntry(stamp: Fixture.stamp(), content: $0) }
  }

  /// Everything becomes minutes but the last of the readings, and what is left of the first goes.
  static var order: TrimOrder {
    var order = TrimOrder()
    order.nowUs = nowUs
    // The readings are of the first 180 seconds.
    order.rule.rawUs = 3_870_000_000
    order.rule.minutesUs = 3_930_000_000
    return order
  }

  /// Everything that may go does.
  static var all: TrimOrder {
    var order = TrimOrder()
    order.databaseBytesMax = 1
    return order
  }

  /// What must hold whenever the power went: no damage, each pack just what its blocks say, and of
  /// every reading that was safe exactly one trace, be it itself or a part of a sum.
  static func violations(_ options: StoreOptions, readings: Int64) throws -> [String] {
    var found = try Directory.damages(options.path, vfs: options.vfs).map { "\($0)" }
    let database = try Database.open(.init(path: options.path, vfs: options.vfs))
    let questions = [
      "SELECT count(*) FROM pack WHERE id NOT IN (SELECT pack FROM block)",
      "SELECT count(*) FROM pack WHERE length(body) <> "
        + "(SELECT sum(bytes) FROM block WHERE block.pack = pack.id)",
      "SELECT count(*) FROM block WHERE level < 2 AND pack NOT IN (SELECT id FROM pack)",
      "SELECT count(*) FROM block WHERE level = 2 AND (pack <> 0 OR bytes <> 0 OR place <> 0)",
    ]
    for question in questions where try database.number(question) != 0 { found.append(question) }
    for line in try Soundness.findings(database, "integrity_check(9)") { found.append(line) }
    let counted = try Self.counted(options)
    if counted != readings { found.append("\(counted) of \(readings) readings") }
    return found
  }

  /// Readings that all windows count together.
  static func counted(_ options: StoreOptions) throws -> Int64 {
    let history = try HistoryCore(path: options.path, vfs: options.vfs)
    var count: Int64 = 0
    for number in 1...2 as ClosedRange<UInt8> {
      let query = WindowQuery(
        devices: [Fixture.companion(number)], channel: Fixture.temperature.key,
        span: .min..<(.max), grid: .whole)
      count += try WindowDifferentialTests.all(history, query).reduce(0) { $0 + $1.tally.count }
    }
    return count
  }
}

@Suite("Retention on failing disks") struct RetentionFaultTests {
  /// What a fault strikes.
  private enum Work {
    case retention
    /// The upkeep of the table of dates: made at first, and again when dates change.
    case dating
  }

  private func run(_ work: Work, _ site: inout RetentionSite) throws(DatabaseError) {
    switch work {
    case .retention:
      _ = try site.core.trim(site.options, RetentionSite.order)
      _ = try site.core.trim(site.options, RetentionSite.all)
    case .dating:
      while try site.core.dateBlocks() {}
      _ = try site.core.commit(
        PendingCommit(
          content: nil, clock: Fixture.clock(), journal: RetentionSite.dates(rate: 40_000)))
      while try site.core.dateBlocks() {}
    }
  }

  /// Lets a fault strike at step after step; gives how many steps there were.
  private func atEveryStep(
    of work: Work, _ arm: (FaultDisk, Int) -> Void, isCut: Bool,
    expecting kind: DatabaseError.Kind? = nil
  ) throws -> Int {
    for step in 1..<2_000 {
      let disk = FaultDisk(seed: UInt64(step))
      var readings: Int64
      do {
        var site = try RetentionSite(disk)
        try site.commit(18, dates: true)
        try site.core.checkpoint()
        _ = try site.core.compact(site.options, RetentionSite.bounds)
        if work == .retention { while try site.core.dateBlocks() {} }
        arm(disk, step)
        var isDone = false
        do throws(DatabaseError) {
          try run(work, &site)
          isDone = true
        } catch {
          if let kind { #expect(error.kind == kind && error.isTransient, "step \(step): \(error)") }
        }
        if isDone, !disk.hasStruck { return step - 1 }
        if !isCut {
          disk.heal()
          // The same store goes on, and what it knows of dates is what the disk knows.
          let found = try RetentionSite.violations(site.options, readings: site.readings)
          #expect(found.isEmpty, "step \(step), healed")
          try site.commit(1)
          try run(work, &site)
        }
        readings = site.readings
      }
      disk.powerCycle()
      let found = try RetentionSite.violations(disk.options(), readings: readings)
      #expect(found.isEmpty, "step \(step)")
      var next = try RetentionSite(disk, run: 2)
      next.readings = readings
      try next.commit(1)
      try run(work, &next)
      let after = try RetentionSite.violations(next.options, readings: next.readings)
      #expect(after.isEmpty, "step \(step), again")
      try isFinished(work, next, "step \(step)")
    }
    return 2_000
  }

  private func isFinished(_ work: Work, _ site: RetentionSite, _ note: String) throws {
    switch work {
    case .retention:
      let levels = Set(try Directory.rows(site.options.path, vfs: site.options.vfs).map(\.level))
      #expect(levels == [.gone], "\(note)")
    case .dating:
      let kept = try tables(site)
      try site.core.database.execute(
        "DELETE FROM dated; DELETE FROM dated_range; DELETE FROM extent; DELETE FROM dating")
      let fresh = try StoreCore(site.disk.options(run: 3))
      while try fresh.dateBlocks() {}
      #expect(try tables(site) == kept, "\(note)")
    }
  }

  /// The derived tables as text.
  private func tables(_ site: RetentionSite) throws(DatabaseError) -> [String] {
    var lines: [String] = []
    for sql in [
      "SELECT commits || ' ' || series || ' ' || part || ' ' || from_utc || ' ' || to_utc "
        + "FROM dated ORDER BY 1", "SELECT series || ' ' || readings || ' ' || longest FROM extent",
      "SELECT journal || ' ' || mark || ' ' || longest FROM dating",
      "SELECT commits || ' ' || ifnull(earliest, '-') || ' ' || ifnull(latest, '-') || ' ' "
        + "|| undated FROM dated_range ORDER BY 1",
    ] {
      var rows = try site.core.database.prepare(sql)
      while try rows.step() { lines.append(rows.text(0)) }
    }
    return lines
  }

  @Test("without a fault blocks come to every level, and then to the last")
  func levels() throws {
    let disk = FaultDisk(seed: 1)
    defer { disk.heal() }
    var site = try RetentionSite(disk)
    try site.commit(18, dates: true)
    try site.core.checkpoint()
    _ = try site.core.compact(site.options, RetentionSite.bounds)
    _ = try site.core.trim(site.options, RetentionSite.order)
    let path = site.options.path
    let some = try Directory.rows(path, vfs: site.options.vfs).map(\.level)
    #expect(Set(some) == [.raw, .minutes, .gone])
    _ = try site.core.trim(site.options, RetentionSite.all)
    let all = try Directory.rows(path, vfs: site.options.vfs).map(\.level)
    #expect(Set(all) == [.gone])
    #expect(try site.core.database.number("SELECT count(*) FROM pack") == 0)
  }

  @Test("the power may go at every single write of retention: every block is whole in one level")
  func cut() throws {
    #expect(try atEveryStep(of: .retention, { $0.cut(after: $1) }, isCut: true) > 30)
  }

  @Test("no space at any step of retention: a clear error, and later it is done")
  func full() throws {
    let steps = try atEveryStep(
      of: .retention, { $0.fill(after: $1) }, isCut: false, expecting: .full)
    #expect(steps > 20)
  }

  @Test("a write or sync that fails at any step of retention loses nothing else")
  func inputOutput() throws {
    let steps = try atEveryStep(
      of: .retention, { $0.fail(after: $1) }, isCut: false, expecting: .inputOutput)
    #expect(steps > 30)
  }

  @Test("a read that fails at any step of retention is an error, and nothing else")
  func reads() throws {
    let disk = FaultDisk(seed: 5)
    defer { disk.heal() }
    var site = try RetentionSite(disk)
    try site.commit(18, dates: true)
    try site.core.checkpoint()
    _ = try site.core.compact(site.options, RetentionSite.bounds)
    while try site.core.dateBlocks() {}
    var failures = 0
    for step in 1..<2_000 {
      disk.failRead(after: step)
      var isDone = false
      do throws(DatabaseError) {
        try run(.retention, &site)
        isDone = true
      } catch {
        failures += 1
        #expect([.inputOutput, .cannotOpen].contains(error.kind), "step \(step): \(error)")
      }
      let hasStruck = disk.hasStruck
      disk.heal()
      let found = try RetentionSite.violations(site.options, readings: site.readings)
      #expect(found.isEmpty, "step \(step)")
      if isDone, !hasStruck { break }
    }
    #expect(failures > 10)
    try isFinished(.retention, site, "at the end")
  }

  @Test("on a disk without a byte to spare it goes on in the room of the log, and commits after it")
  func fullDisk() throws {
    let disk = FaultDisk(seed: 6)
    defer { disk.heal() }
    var site = try RetentionSite(disk, walPagesMax: 1_000)
    try site.commit(60, dates: true)
    try site.core.checkpoint()
    _ = try site.core.compact(site.options, RetentionSite.bounds)
    while try site.core.dateBlocks() {}
    // The log is as long as what was written since it was last moved: now it is free again.
    try site.core.shortenLog()
    disk.fill(after: 1)
    var order = TrimOrder()
    // More than is free already by two pages.
    let free = try site.core.database.number("PRAGMA freelist_count") ?? 0
    order.freeBytesWanted = (free + 2) * 4_096
    let report = try site.core.trim(site.options, order)
    #expect(report.packs > 3 && report.freeBytes >= order.freeBytesWanted, "\(report)")
    #expect(report.entries.allSatisfy { $0.reason == .space })
    try site.core.shortenLog()
    try site.commit(5)
    let found = try RetentionSite.violations(site.options, readings: site.readings)
    #expect(found.isEmpty)
  }

  @Test("the power may go at every write of the table of dates: no answer changes")
  func datesCut() throws {
    #expect(try atEveryStep(of: .dating, { $0.cut(after: $1) }, isCut: true) > 10)
  }

  @Test("no space at any step of the table of dates: the same table in the end")
  func datesFull() throws {
    let steps = try atEveryStep(
      of: .dating, { $0.fill(after: $1) }, isCut: false, expecting: .full)
    #expect(steps > 5)
  }

  @Test("a write or sync that fails at any step of the table of dates: the same table in the end")
  func datesInputOutput() throws {
    let steps = try atEveryStep(
      of: .dating, { $0.fail(after: $1) }, isCut: false, expecting: .inputOutput)
    #expect(steps > 10)
  }
}
