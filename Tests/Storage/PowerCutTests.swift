import Glibc
import Model
import Simulation
import Sync
import TestSupport
import Testing

@testable import Storage

/// A node on a disk that fails: boards send, the power goes, boards send again what was not safe.
struct CutSite {
  let disk: FaultDisk
  var synchronous = "FULL"
  /// Whether it turns commits into blocks, and how that is broken on purpose.
  var compaction: Compaction?
  var prng: Prng
  var witness = Witness()
  private var run: UInt64 = 0

  enum Compaction {
    case shipping
    /// The rows go before the range is there.
    case deletingFirst
  }

  init(seed: UInt64) {
    disk = FaultDisk(seed: seed)
    prng = Prng(seed: seed)
  }

  /// Opens a store as a daemon would, commits until something fails, and looks at what is left.
  mutating func live(commitsMax: Int) {
    run += 1
    var options = disk.options(run: run)
    options.synchronous = synchronous
    options.walPagesMax = 4 + prng.below(20)
    do throws(DatabaseError) {
      let core = try StoreCore(options)
      var batch = ReadingBatch(cursors: try core.open().cursors)
      for commit in 0..<commitsMax {
        let pending = self.pending(&batch, Int64(commit))
        let receipt = try core.commit(pending)
        witness.acknowledge(receipt, pending.content)
        if prng.chance(20) { try core.checkpoint() }
        if let compaction, prng.chance(25) { try compact(core, options, compaction) }
      }
      if prng.chance(50) { try core.finish() }
    } catch {
      // The fault that was asked for; what it destroyed is looked for below.
    }
  }

  private func compact(
    _ core: StoreCore, _ options: StoreOptions, _ compaction: Compaction
  ) throws(DatabaseError) {
    try core.checkpoint()
    let bounds = RangeBounds(
      readings: 300, commits: 6, passBytes: 8_000, contentBytes: 500, packBytes: 1_000,
      sliceBytes: 2_000)
    if compaction == .deletingFirst {
      let planned = try CompactionCore(path: options.path, vfs: options.vfs, bounds: bounds)
      guard try planned.begin(try core.compactionBounds()), let ids = planned.job?.ids else {
        return
      }
      while let step = try planned.next() {
        switch step {
        case .write(let slice): try core.write(slice)
        case .publish(let range):
          try core.database.execute(
            "DELETE FROM hot WHERE id BETWEEN \(ids.lowerBound) AND \(ids.upperBound)")
          try core.publish(range)
        }
      }
      return
    }
    _ = try core.compact(options, bounds)
  }

  mutating func cycle(_ when: String) {
    disk.powerCycle()
    witness.inspect(disk.options(), when: when)
  }

  /// What boards send from the place that the disk knows on, and now and then a journal entry.
  private mutating func pending(_ batch: inout ReadingBatch, _ arrivalMs: Int64) -> PendingCommit {
    for number in 1...3 as ClosedRange<UInt8> where prng.chance(70) {
      let device = Fixture.companion(number)
      _ = batch.open(Cursor(identity: device, epoch: 1, nonce: 7, ringCapacity: 64))
      let first = batch.cursor(of: device, epoch: 1)?.next ?? 0
      for seq in first..<(first + UInt32(1 + prng.below(200))) {
        let outcome = batch.append(
          device: device, epoch: 1, seq: seq, ticksMs: Int64(seq) * 100,
          channel: Fixture.temperature, value: Witness.value(device, seq))
        precondition(outcome == .taken, "\(outcome)")
      }
    }
    let content = batch.take(arrivalUs: arrivalMs * 1_000)
    let named = content == nil || prng.chance(30)
    return PendingCommit(
      content: content, clock: Fixture.clock(),
      journal: named ? [Fixture.name("name \(prng.below(1_000))")] : [])
  }

  /// Some power cuts at some places; returns the promises that were broken.
  static func cuts(
    _ count: Int, seed: UInt64, synchronous: String = "FULL", lying: Bool = false,
    compaction: Compaction? = nil
  ) -> [String] {
    var site = CutSite(seed: seed)
    site.synchronous = synchronous
    site.compaction = compaction
    if lying { site.disk.lie() }
    // The cuts of every second seed come after the layout is made, which takes most of the writes
    // before the first cut of the others.
    if !seed.isMultiple(of: 2) { site.live(commitsMax: 1) }
    for cut in 0..<count {
      site.disk.cut(after: 1 + site.prng.below(compaction == nil ? 80 : 300))
      site.live(commitsMax: 2 + site.prng.below(12))
      site.cycle("seed \(seed), cut \(cut)")
      guard site.witness.violations.isEmpty else { break }
    }
    return site.witness.violations
  }
}

@Suite("Power cuts") struct PowerCutTests {
  /// Cuts in all: BIVOUAC_CUTS asks for more.
  static var cuts: Int {
    let asked = unsafe getenv("BIVOUAC_CUTS").flatMap { unsafe Int(String(cString: $0)) }
    return asked ?? (unsafe getenv("BIVOUAC_SOAK") == nil ? 200 : 1_000)
  }

  @Test("nothing that was acknowledged is lost, twice or other, whenever the power goes")
  func acknowledgedIsSafe() {
    for seed in 0..<UInt64((Self.cuts + 3) / 4) {
      let violations = CutSite.cuts(4, seed: seed)
      #expect(violations.isEmpty, "seed \(seed)")
    }
  }

  @Test("compaction loses, doubles and alters nothing, whenever the power goes")
  func compaction() {
    for seed in 0..<UInt64((Self.cuts + 3) / 4) {
      let violations = CutSite.cuts(4, seed: 1_000 + seed, compaction: .shipping)
      #expect(violations.isEmpty, "seed \(1_000 + seed)")
    }
  }

  @Test("the same test finds rows that are deleted before their range is there")
  func deletedFirst() {
    let broken = (0..<60 as Range<UInt64>).filter {
      !CutSite.cuts(4, seed: $0, compaction: .deletingFirst).isEmpty
    }
    #expect(broken.count >= 3, "found in \(broken)")
  }

  @Test("the same test finds what is lost without syncs")
  func withoutSyncs() {
    let broken = (0..<20 as Range<UInt64>).filter {
      !CutSite.cuts(4, seed: $0, synchronous: "OFF").isEmpty
    }
    #expect(broken.count >= 10, "found in \(broken)")
  }

  @Test("the same test finds what is lost on a disk that lies about syncs")
  func lyingDisk() {
    let broken = (0..<20 as Range<UInt64>).filter {
      !CutSite.cuts(4, seed: $0, lying: true).isEmpty
    }
    #expect(broken.count >= 10, "found in \(broken)")
  }
}
