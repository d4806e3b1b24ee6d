import Model
import Simulation
import Sync
import Testing

@testable import Storage

@Suite("Compaction on failing disks") struct CompactionFaultTests {
  private static let bounds = RangeBounds(
    readings: 300, commits: 4, passBytes: 6_000, contentBytes: 400, packBytes: 900,
    sliceBytes: 1_800)

  /// A node with commits that wait to be compacted.
  private struct Site {
    let disk: FaultDisk
    let core: StoreCore
    let options: StoreOptions
    var batch: ReadingBatch
    var witness = Witness()

    init(_ disk: FaultDisk, run: UInt64 = 1) throws(DatabaseError) {
      self.disk = disk
      var options = disk.options(run: run)
      options.walPagesMax = 10
      self.options = options
      core = try StoreCore(options)
      batch = ReadingBatch(cursors: try core.open().cursors)
    }

    mutating func commit(_ count: Int) throws(DatabaseError) {
      for _ in 0..<count {
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
        let pending = PendingCommit(
          content: batch.take(arrivalUs: next * 1_000), clock: Fixture.clock())
        witness.acknowledge(try core.commit(pending), pending.content)
      }
    }
  }

  /// What a compaction must not leave behind.
  private func leftovers(_ options: StoreOptions) throws -> [String] {
    let database = try Database.open(.init(path: options.path, vfs: options.vfs))
    let questions = [
      "SELECT count(*) FROM packing",
      "SELECT count(*) FROM hot JOIN commit_range ON hot.id BETWEEN commit_range.id AND last",
      "SELECT count(*) FROM block WHERE commits NOT IN (SELECT id FROM commit_range)",
      "SELECT count(*) FROM pack WHERE id NOT IN (SELECT pack FROM block)",
    ]
    return try questions.filter { try database.number($0) != 0 }
  }

  /// Lets a fault strike at step after step of a compaction; gives how many steps there were.
  private func atEveryStep(
    _ arm: (FaultDisk, Int) -> Void, isCut: Bool, expecting kind: DatabaseError.Kind? = nil
  ) throws -> Int {
    for step in 1..<2_000 {
      let disk = FaultDisk(seed: UInt64(step))
      var witness: Witness
      do {
        var site = try Site(disk)
        try site.commit(7)
        try site.core.checkpoint()
        arm(disk, step)
        var isDone = false
        do throws(DatabaseError) {
          isDone = try !site.core.compact(site.options, Self.bounds).isEmpty
        } catch {
          if let kind { #expect(error.kind == kind && error.isTransient, "step \(step)") }
        }
        if isDone, !disk.hasStruck { return step - 1 }
        if !isCut {
          disk.heal()
          try site.commit(1)
        }
        witness = site.witness
      }
      disk.powerCycle()
      witness.inspect(disk.options(), when: "step \(step)")
      var next = try Site(disk, run: 2)
      next.witness = witness
      try next.commit(1)
      try next.core.checkpoint()
      // One commit at least: the rest of the incarnation that the fault has ended.
      #expect(try !next.core.compact(next.options, Self.bounds).isEmpty, "step \(step)")
      next.witness.inspect(disk.options(), when: "step \(step), compacted again")
      #expect(next.witness.violations.isEmpty)
      #expect(try leftovers(next.options).isEmpty, "step \(step)")
    }
    return 2_000
  }

  @Test("the power may go at every single write: nothing is lost, and nothing is left behind")
  func cut() throws {
    #expect(try atEveryStep({ $0.cut(after: $1) }, isCut: true) > 30)
  }

  @Test("no space at any step: a clear error, recording goes on, and later it is done")
  func full() throws {
    #expect(try atEveryStep({ $0.fill(after: $1) }, isCut: false, expecting: .full) > 20)
  }

  @Test("a write or sync that fails at any step loses nothing") func inputOutput() throws {
    #expect(try atEveryStep({ $0.fail(after: $1) }, isCut: false, expecting: .inputOutput) > 30)
  }
}
