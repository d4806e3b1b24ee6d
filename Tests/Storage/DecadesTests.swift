import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// Thirty years of one node: half a year from boot to boot, clocks that drift, wall clocks that
/// begin in 1970, a fortnight back or fifty years ahead, and some that nobody ever sets right.
private final class Decades {
  static let beginUs: Int64 = 1_893_456_000_000_000  // 2030-01-01T00:00:00Z
  static let hour: Int64 = 3_600_000_000
  static let day = 24 * hour
  static let boots = 61
  static let measureUs = day

  /// What the wall clock of a boot is like.
  enum Wall: Int64, CaseIterable {
    case right, right2, since1970, ahead, never, lostAfterAWeek

    /// How far off, in µs, before anybody sets it.
    func wrongUs(_ trueUs: Int64) -> Int64 {
      switch self {
      case .right, .right2, .lostAfterAWeek: 0
      case .since1970: -trueUs
      case .ahead: 50 * 365 * Decades.day
      case .never: -14 * Decades.day
      }
    }

    /// The days of a boot in which it is synchronised.
    var synchronised: Range<Int64> {
      switch self {
      case .right, .right2: 0..<10_000
      case .since1970: 20..<10_000
      case .ahead: 40..<10_000
      case .never: 0..<0
      case .lostAfterAWeek: 0..<7
      }
    }
  }

  let path: String
  private var prng: Prng
  private(set) var trueUs = Decades.beginUs
  /// Of every measurement.
  private(set) var truths: [Int64] = []

  init(_ path: String, seed: UInt64) {
    self.path = path
    prng = Prng(seed: seed)
  }

  /// One boot, its readings, commits by the week and compaction at its end.
  func boot(_ number: Int) throws {
    let boot = UInt8(number + 1)
    let core = try StoreCore(Fixture.options(path, run: UInt64(boot), boot: boot))
    var batch = ReadingBatch(cursors: try core.open().cursors)
    let wall = Wall.allCases[number % Wall.allCases.count]
    let days = Int64(150 + prng.below(60))
    let wrongUs = wall.wrongUs(trueUs)
    var bootUs: Int64 = 30_000_000
    // A board that was switched on before the node, and whose clock is slower.
    _ = batch.open(Cursor(identity: Fixture.board, epoch: UInt32(boot), nonce: 7, ringCapacity: 64))
    var journal = number == 0 ? [] : try placings()
    for step in 0..<days {
      // NodeTimeline.driftPpm is what a clock is taken to drift at most.
      let ratePpm = Int64(prng.below(91)) - 45
      trueUs += Self.measureUs
      bootUs += Self.measureUs + Self.measureUs / 1_000_000 * ratePpm
      truths.append(trueUs)
      add(&batch, boot, bootUs)
      let isSynchronised = wall.synchronised.contains(step)
      if isSynchronised, step % 2 == 0 {
        let errorUs = Int64(500 + prng.below(50_000))
        let offUs = Int64(prng.below(Int(2 * errorUs))) - errorUs
        journal.append(
          entry(
            .anchor(
              Anchor(bootUs: bootUs, utcUs: trueUs + offUs, errorUs: errorUs, origin: .kernel))))
      }
      if step % 15 == 0 { journal.append(entry(.clockFit(fit(boot, bootUs)))) }
      guard step % 7 == 6 || step == days - 1 else { continue }
      let wallUs = isSynchronised ? trueUs : trueUs + wrongUs
      _ = try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: bootUs),
          clock: ClockObservation(
            bootUs: bootUs, wallUs: wallUs, trusted: isSynchronised, errorUs: 500),
          journal: journal))
      journal = []
    }
    try core.checkpoint()
    _ = try core.compact(
      Fixture.options(path, run: UInt64(boot), boot: boot), RangeBounds(commits: 10))
    while try core.dateBlocks() {}
    trueUs += Int64(prng.below(200)) * Self.hour
  }

  private func entry(_ content: JournalContent) -> JournalEntry {
    JournalEntry(stamp: Fixture.stamp(), content: content)
  }

  /// The node's own measurement, and one of the board, which a tick of its clock dates.
  private func add(_ batch: inout ReadingBatch, _ boot: UInt8, _ bootUs: Int64) {
    let value = Value.decimal(Int64(truths.count - 1), exponent: 0)
    _ = batch.append(
      device: Fixture.companion(9), bootUs: bootUs, channel: Fixture.temperature, value: value)
    let seq = batch.cursor(of: Fixture.board, epoch: UInt32(boot))?.next ?? 0
    _ = batch.append(
      device: Fixture.board, epoch: UInt32(boot), seq: seq, ticksMs: Self.ticksMs(bootUs),
      channel: Fixture.temperature, value: value)
  }

  /// A tick is 1.000040 ms long; ticks are whole.
  private static func ticksMs(_ bootUs: Int64) -> Int64 {
    777_777 + Int64((Double(bootUs) / 1_000.040).rounded(.down))
  }

  private func fit(_ boot: UInt8, _ bootUs: Int64) -> ClockFit {
    ClockFit(
      identity: Fixture.board, epoch: UInt32(boot), segmentStartMs: 0,
      referenceTicksMs: Self.ticksMs(bootUs), referenceBootUs: bootUs, ratePpb: 40_000,
      boundUs: 2_000, isGood: true)
  }

  /// What a start of the daemon writes of boots that nobody dated.
  private func placings() throws -> [JournalEntry] {
    let history = try HistoryCore(path: path, vfs: nil)
    return try history.reading { () throws(DatabaseError) in try history.placings() }.map {
      JournalEntry(
        stamp: Fixture.stamp(), content: .anchor($0.anchor), clockEpoch: $0.clockEpoch)
    }
  }
}

@Suite("Decades") struct DecadesTests {
  /// Everything that must never change once it is on the disk.
  private static func rows(_ path: String) throws -> [String: String] {
    let database = try Database.open(.init(path: path))
    var rows = try database.prepare(
      "SELECT 'block ' || series || ' ' || commits || ' ' || part, quote(crc) FROM block "
        + "UNION ALL SELECT 'journal ' || id, quote(body) FROM journal")
    var found: [String: String] = [:]
    while try rows.step() { found[rows.text(0)] = rows.text(1) }
    return found
  }

  @Test(
    "thirty years of boots, drift and wrong clocks are dated within what is said of them",
    arguments: WindowDifferentialTests.isSoak ? Array(1...20) : [20_380_119] as [UInt64])
  func dates(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let world = Decades(folder.path + "/bivouac.db", seed: seed)
    var rows: [String: String] = [:]
    for boot in 0..<Decades.boots {
      try world.boot(boot)
      guard boot % 6 == 5 else { continue }
      let now = try Self.rows(world.path)
      #expect(rows.allSatisfy { now[$0.key] == $0.value }, "seed \(seed): boot \(boot) rewrote")
      rows = now
    }
    #expect(world.trueUs > Decades.beginUs + 28 * 365 * Decades.day)

    let history = try HistoryCore(path: world.path, vfs: nil)
    for device in [Fixture.companion(9), Fixture.board] {
      var query = ReadingQuery()
      query.device = device
      query.limit = 10_000
      let readings = try RangePageTests.all(history, query)
      #expect(readings.count == world.truths.count)
      try check(readings, world, "seed \(seed), \(device.text)")
      for length in [BucketLength(1, .years), BucketLength(1, .months)] {
        let grid = try #require(length.flatMap { BucketGrid($0, zone: QueryWorld.paris) })
        try check(history, readings, grid, "seed \(seed), \(device.text)")
      }
    }
  }

  private func check(_ readings: [StoredReading], _ world: Decades, _ name: String) throws {
    var (worstUs, uncertain): (Int64, Int) = (0, 0)
    for reading in readings {
      guard case .decimal(let index, _) = reading.value else {
        Issue.record("\(name): \(reading.value)")
        continue
      }
      let trueUs = world.truths[Int(index)]
      let date = reading.date.utc
      guard let boundUs = date.boundUs else {
        Issue.record("\(name): nobody dates \(index)")
        continue
      }
      let offUs = abs(date.utcUs - trueUs)
      #expect(offUs <= boundUs, "\(name): reading \(index)")
      if date.quality == .good { worstUs = max(worstUs, offUs) } else { uncertain += 1 }
    }
    // Half a year without a synchronised clock at 45 ppm comes to 12 minutes.
    #expect(worstUs < Decades.hour / 3, "\(name)")
    // A sixth of the boots was never set right.
    #expect((readings.count / 9...readings.count / 4).contains(uncertain), "\(name): \(uncertain)")
  }

  /// Windows, which rest upon summaries and the table of dates, agree with the readings.
  private func check(
    _ history: HistoryCore, _ readings: [StoredReading], _ grid: BucketGrid, _ name: String
  ) throws {
    var expected: [Int64: Int64] = [:]
    for reading in readings {
      expected[grid.bucket(containing: reading.date.utc.utcUs).lowerBound, default: 0] += 1
    }
    let span = Decades.beginUs..<(Decades.beginUs + 40 * 366 * Decades.day)
    let device = try #require(readings.first?.device)
    let page = try history.windows(
      WindowQuery(
        devices: [device], channel: Fixture.temperature.key, span: span, grid: grid))
    let found = page.buckets.map { [$0.fromUs, $0.tally.count] }
    #expect(
      found == expected.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }, "\(name): \(grid)")
    #expect(page.nextUs == nil && page.cost.blocksDecoded < page.cost.blocksSeen, "\(name)")
  }
}
