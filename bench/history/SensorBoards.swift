import Model
import Storage
import Sync

/// Boards with channels of one set, played straight into a store: a scan of all channels a second.
nonisolated struct SensorBoards {
  static let epoch: UInt32 = 1
  private let set: SensorSet
  private let identities: [DeviceIdentity]
  private let table: [Channel]
  private var clocks: [SensorClock]
  private var sensors: [Sensor]
  private var batch: ReadingBatch
  /// Where the boards' clocks stand.
  private(set) var second: Int

  /// Boards that go on after a second, as the store knows them.
  init(
    _ set: SensorSet, boards: Int, channels: Int, opening: StoreOpening, after second: Int = 0
  ) {
    self.set = set
    self.second = second
    identities = (0..<boards).map { BenchNode.board($0) }
    table = (0..<channels).map {
      Channel(key: "c\($0)", unit: set.kind.unit, exponent: set.kind.exponent ?? 0)
    }
    clocks = (0..<boards).map { SensorClock(set, board: $0, second: second) }
    sensors = (0..<boards * channels).map { Sensor(set.kind, channel: $0, second: second) }
    batch = ReadingBatch(cursors: opening.cursors)
    for identity in identities {
      let isOpen = batch.open(
        Cursor(identity: identity, epoch: Self.epoch, nonce: 1, ringCapacity: 65_536))
      precondition(isOpen, "board \(identity)")
    }
  }

  /// What the boards say in the next seconds: one run for each board, second after second.
  mutating func play(seconds: Int) -> [SampleRun] {
    var runs: [SampleRun] = []
    for _ in 0..<seconds {
      for board in identities.indices { runs.append(scan(board)) }
      second += 1
    }
    return runs
  }

  private mutating func scan(_ board: Int) -> SampleRun {
    var run = SampleRun()
    let timeMs = clocks[board].next()
    for channel in table.indices {
      let value = sensors[board * table.count + channel].next()
      run.append(
        seq: UInt32(second * table.count + channel), ticksMs: UInt64(timeMs),
        channel: UInt8(channel),
        value: set.kind.exponent == nil
          ? .float(bits: UInt64(bitPattern: value)) : .decimal(value))
    }
    return run
  }

  /// The commit that closes after what the boards said.
  mutating func commit(_ runs: [SampleRun]) -> PendingCommit {
    for (index, run) in runs.enumerated() {
      let outcome = batch.append(
        device: identities[index % identities.count], epoch: Self.epoch, run: run, channels: table)
      precondition(outcome.taken == table.count, "\(outcome)")
    }
    let bootUs = Int64(second) * 1_000_000
    return PendingCommit(
      content: batch.take(arrivalUs: bootUs), clock: BenchNode.clock(bootUs: bootUs), journal: [])
  }

  /// The commit of the next seconds.
  mutating func commit(windowS: Int) -> PendingCommit { commit(play(seconds: windowS)) }

  /// What the boards said as a database of rows would have it.
  func values(_ runs: [SampleRun]) -> [(series: Int, timeUs: Int64, value: Double)] {
    runs.enumerated().flatMap { index, run in
      run.samples.map { sample in
        var bits: Int64 = 0
        if case .decimal(let mantissa) = sample.content { bits = mantissa }
        if case .float(let pattern) = sample.content { bits = Int64(bitPattern: pattern) }
        return (
          index % identities.count * table.count + Int(sample.channel),
          BenchNode.beginUs + Int64(sample.ticksMs) * 1000, set.kind.double(bits)
        )
      }
    }
  }
}
