import Model
import Simulation
import Sync
import Testing

@testable import Storage

@Suite("Failing disks") struct DiskFaultTests {
  /// A node that has committed a little, ready to fail.
  private struct Site {
    let disk: FaultDisk
    let core: StoreCore
    var batch: ReadingBatch
    var witness = Witness()

    init(disk: FaultDisk, run: UInt64 = 1) throws {
      self.disk = disk
      var options = disk.options(run: run)
      options.walPagesMax = 8
      core = try StoreCore(options)
      batch = ReadingBatch(cursors: try core.open().cursors)
    }

    mutating func next(_ count: UInt32 = 300) -> PendingCommit {
      let device = Fixture.board
      _ = batch.open(Cursor(identity: device, epoch: 1, nonce: 7, ringCapacity: 64))
      let first = batch.cursor(of: device, epoch: 1)?.next ?? 0
      for seq in first..<(first + count) {
        _ = batch.append(
          device: device, epoch: 1, seq: seq, ticksMs: Int64(seq) * 100,
          channel: Fixture.temperature, value: Witness.value(device, seq))
      }
      return PendingCommit(
        content: batch.take(arrivalUs: Int64(first)), clock: Fixture.clock(),
        journal: [Fixture.name("\(first)")])
    }

    mutating func commit(_ pending: PendingCommit) throws {
      witness.acknowledge(try core.commit(pending), pending.content)
    }
  }

  /// Lets a fault strike at step after step of the commits that follow some good ones; gives how
  /// many steps there were.
  private func atEveryStep(
    after commits: Int, _ arm: (FaultDisk, Int) -> Void, expecting kind: DatabaseError.Kind
  ) throws -> Int {
    var struck = 0
    for step in 1... {
      let disk = FaultDisk(seed: UInt64(step))
      var site = try Site(disk: disk)
      for _ in 0..<commits { try site.commit(site.next()) }
      arm(disk, step)
      var isStruck = false
      // A commit, then one that also empties the write-ahead log.
      for _ in 0..<3 {
        let pending = site.next()
        do {
          try site.commit(pending)
        } catch let error as DatabaseError {
          #expect(error.kind == kind, "step \(step)")
          #expect(error.isTransient)
          isStruck = true
          disk.heal()
          try site.commit(pending)
        }
      }
      isStruck = isStruck || disk.hasStruck
      disk.heal()
      try site.commit(site.next())
      // The next run's parent entry shows whether numbers were left out.
      var next = try Site(disk: disk, run: 2)
      next.witness = site.witness
      try next.commit(next.next())
      var witness = next.witness
      disk.powerCycle()
      witness.inspect(disk.options(), when: "step \(step)")
      #expect(witness.violations.isEmpty)
      guard isStruck else { return struck }
      struck += 1
      guard step < 1_000 else { break }
    }
    return struck
  }

  @Test("no space at any step: a clear error, and the same commit succeeds when there is space")
  func full() throws {
    for commits in [0, 3] {
      let steps = try atEveryStep(
        after: commits, { $0.fill(after: $1) }, expecting: .full)
      #expect(steps > 10)
    }
  }

  @Test("a write or sync that fails at any step loses nothing that was acknowledged")
  func inputOutput() throws {
    for commits in [0, 3] {
      let steps = try atEveryStep(
        after: commits, { $0.fail(after: $1) }, expecting: .inputOutput)
      #expect(steps > 10)
    }
  }

  @Test("a disk that is full from the start gives a clear error, and later a store")
  func fullFromTheStart() throws {
    let disk = FaultDisk(seed: 1)
    disk.fill(after: 1)
    let error = #expect(throws: DatabaseError.self) { try Site(disk: disk) }
    #expect(error?.kind == .full)
    disk.heal()
    var site = try Site(disk: disk)
    try site.commit(site.next())
  }

  @Test("a read that fails is an error of the disk, at every read of an opening")
  func reads() throws {
    let disk = FaultDisk(seed: 3)
    do {
      var site = try Site(disk: disk)
      for _ in 0..<3 { try site.commit(site.next()) }
    }
    var failures = 0
    for step in 1...100 {
      disk.failRead(after: step)
      do {
        _ = try Site(disk: disk, run: 2)
        if !disk.hasStruck { break }
      } catch let error as DatabaseError {
        failures += 1
        #expect([.inputOutput, .cannotOpen].contains(error.kind), "step \(step): \(error)")
      }
      disk.heal()
    }
    #expect(failures > 3)
    disk.heal()
    #expect(try Site(disk: disk, run: 2).batch.cursors.all.map(\.next) == [900])
  }

  @Test("a database that may not be written says so") func readOnly() throws {
    let disk = FaultDisk(seed: 4)
    do {
      var site = try Site(disk: disk)
      try site.commit(site.next())
    }
    disk.setReadOnly(true)
    let error = #expect(throws: DatabaseError.self) { try Site(disk: disk, run: 2) }
    #expect(error?.kind == .readOnly)
    disk.setReadOnly(false)
    #expect(try Site(disk: disk, run: 2).batch.cursors.all.count == 1)
  }
}
