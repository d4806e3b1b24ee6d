import Model
import TestSupport
import Testing

@testable import Sync

@Suite("Windows") struct WindowTests {
  /// Readings, a clock in stretches, and cells with holes between them.
  private struct World {
    var columns = ReadingColumns(form: .decimal(exponent: -1))
    var pieces: [DatingPiece]
    var cells: [WindowCell] = []
    var bucketCount = 0

    init(_ prng: inout Prng) {
      pieces = DatingPiecesTests.timeline(&prng).pieces(
        of: ClockEpoch(
          [UInt8](repeating: 0, count: 16)) ?? Self.boot)
      if prng.chance(20) { columns.form = .float }
      var time = Int64(prng.below(900_000_000))
      for _ in 0..<prng.below(300) {
        time += prng.chance(90) ? Int64(prng.below(3_000_000)) : -Int64(prng.below(9_000_000))
        time = max(0, time)
        columns.times.append(time)
        let wild = prng.chance(3)
        columns.values.append(wild ? Int64(bitPattern: prng.next()) : Int64(prng.below(500)))
      }
      if prng.chance(50) { columns.times.sort() }
      var edge = 1_000_000_000 + Int64(prng.below(100_000_000))
      while edge < 2_000_000_000, cells.count < 100 {
        let end = edge + 1 + Int64(prng.below(60_000_000))
        if prng.chance(70) || bucketCount == 0 { bucketCount += 1 }
        cells.append(WindowCell(fromUs: edge, toUs: end, bucket: bucketCount - 1))
        edge = end + (prng.chance(50) ? 0 : Int64(prng.below(20_000_000)))
      }
    }

    static var boot: ClockEpoch { preconditionFailure("16 bytes") }

    func utcUs(_ index: Int) -> Int64 {
      let time = columns.times[index]
      // Where nothing dates, the test does: an hour later each time.
      return pieces[pieces.piece(at: time)].line?.utcUs(time) ?? undated(index)
    }

    func undated(_ index: Int) -> Int64 { 1_100_000_000 + Int64(index % 7) * 30_000_000 }

    func bucket(_ utcUs: Int64) -> Int? {
      cells.first { $0.fromUs <= utcUs && utcUs < $0.toUs }?.bucket
    }
  }

  private static func expectSame(
    _ tally: WindowTally, _ readings: [(utcUs: Int64, value: Value)], _ seed: UInt64
  ) {
    let numbers = readings.compactMap(\.value.number).filter { !$0.isNaN }
    #expect(tally.count == readings.count, "seed \(seed)")
    #expect(tally.numbers == numbers.count, "seed \(seed)")
    #expect(tally.least?.number == numbers.min(), "seed \(seed)")
    #expect(tally.most?.number == numbers.max(), "seed \(seed)")
    guard let sum = tally.sum, !numbers.isEmpty else { return }
    let expected = numbers.reduce(0, +)
    let scale = numbers.reduce(1e-9) { max($0, abs($1)) } * Double(numbers.count)
    #expect(
      sum == expected || abs(sum - expected) <= 1e-9 * scale
        || (!expected.isFinite && !sum.isFinite), "seed \(seed)")
  }

  @Test("readings fall where they would one by one", arguments: 0..<300 as Range<UInt64>)
  func readings(_ seed: UInt64) {
    var prng = Prng(seed: seed)
    let world = World(&prng)
    var windows = WindowAccumulator(
      cells: world.cells, bucketCount: world.bucketCount, keepsEnds: true)
    windows.add(
      world.columns, world.columns.times.indices, isInOrder: world.columns.isInOrder,
      world.pieces
    ) { (world.undated($0), DatingBound.unknownUs) }
    var expected = [[(utcUs: Int64, value: Value)]](repeating: [], count: world.bucketCount)
    for index in world.columns.times.indices {
      guard let bucket = world.bucket(world.utcUs(index)) else { continue }
      expected[bucket].append((world.utcUs(index), world.columns.value(index)))
    }
    for (tally, readings) in zip(windows.tallies, expected) {
      Self.expectSame(tally, readings, seed)
      let first = readings.map(\.utcUs).min()
      #expect(tally.first?.utcUs == first, "seed \(seed)")
      #expect(tally.last?.utcUs == readings.map(\.utcUs).max(), "seed \(seed)")
      // NaN has no equal: by its text.
      let earliest = readings.first { $0.utcUs == first }
      #expect(tally.first.map { "\($0.value)" } == earliest.map { "\($0.value)" }, "seed \(seed)")
    }
  }

  @Test(
    "quarters wholly in a bucket and the readings of the others are all of them",
    arguments: 0..<300 as Range<UInt64>)
  func quarters(_ seed: UInt64) {
    var prng = Prng(seed: seed)
    var world = World(&prng)
    world.columns.times.sort()
    let (columns, pieces) = (world.columns, world.pieces)
    guard let first = columns.times.first, let last = columns.times.last else { return }
    var all = WindowAccumulator(
      cells: world.cells, bucketCount: world.bucketCount, keepsEnds: false)
    var mixed = all
    all.add(columns, columns.times.indices, isInOrder: true, pieces) {
      (world.undated($0), DatingBound.unknownUs)
    }
    let quarterUs: Int64 = 30_000_000
    for quarter in (first / quarterUs)...(last / quarterUs) {
      let times = max(first, quarter * quarterUs)...min(last, quarter * quarterUs + quarterUs - 1)
      let range =
        columns.times.partition {
          $0 >= times.lowerBound
        }..<columns.times.partition {
          $0 > times.upperBound
        }
      guard !range.isEmpty else { continue }
      switch mixed.place(times, pieces) {
      case .outside: continue
      case .divided:
        mixed.add(columns, range, isInOrder: true, pieces) {
          (world.undated($0), DatingBound.unknownUs)
        }
      case .inside(let cell):
        mixed.add(Self.sums(columns, range), columns.form, in: cell, times, pieces)
      }
    }
    for (one, other) in zip(all.tallies, mixed.tallies) {
      #expect(one.count == other.count && one.numbers == other.numbers, "seed \(seed)")
      #expect(one.least == other.least && one.most == other.most, "seed \(seed)")
    }
  }

  private static func sums(_ columns: ReadingColumns, _ range: Range<Int>) -> QuarterSums {
    let numbers = range.filter { !(columns.value($0).number ?? .nan).isNaN }
    let ordered = numbers.sorted {
      (columns.value($0).number ?? 0) < (columns.value($1).number ?? 0)
    }
    return QuarterSums(
      count: Int64(range.count), numbers: Int64(numbers.count),
      least: ordered.first.map { columns.values[$0] } ?? 0,
      most: ordered.last.map { columns.values[$0] } ?? 0, sum: 0)
  }

  @Test("a value holds until the next one, and not over a gap") func held() {
    let cells = [
      WindowCell(fromUs: 0, toUs: 100, bucket: 0), WindowCell(fromUs: 100, toUs: 200, bucket: 1),
      WindowCell(fromUs: 250, toUs: 300, bucket: 2),
    ]
    var windows = WindowAccumulator(cells: cells, bucketCount: 3, keepsEnds: false)
    var held = HeldAverage(longestUs: 60)
    for (utcUs, number) in [(-20, 8.0), (40, 2), (80, 4), (120, 6), (190, 1), (240, 3), (260, 9)] {
      held.add(Int64(utcUs), number, to: &windows)
    }
    // -20 to 40 by 8, 40 to 80 by 2, 80 to 100 by 4; 120 to 190 is a gap.
    #expect(windows.tallies[0].heldUs == 100)
    let before: Double = 40 * 8 + 40 * 2 + 20 * 4
    #expect(windows.tallies[0].heldAverage == before / 100)
    #expect(windows.tallies[1].heldUs == 20 + 10)
    let after: Double = 20 * 4 + 10 * 1
    #expect(windows.tallies[1].heldAverage == after / 30)
    #expect(windows.tallies[2].heldUs == 10)
    #expect(windows.tallies[2].heldAverage == 3)
  }

  @Test("what is no number holds nothing") func heldNaN() {
    var windows = WindowAccumulator(
      cells: [WindowCell(fromUs: 0, toUs: 100, bucket: 0)], bucketCount: 1, keepsEnds: false)
    var held = HeldAverage(longestUs: 1_000)
    for (utcUs, number) in [(0, 1.0), (10, .nan), (20, 5), (30, 5)] {
      held.add(Int64(utcUs), number, to: &windows)
    }
    #expect(windows.tallies[0].heldUs == 20)
    #expect(windows.tallies[0].heldAverage == 3)
  }

  @Test("sums of decimals are exact beyond 64 bits") func exact() {
    var tally = DecimalTally(exponent: 0)
    let values = [Int64.max, .max, -1, .min]
    tally.add(values.span, 0..<4)
    #expect(tally.sum == Int128(Int64.max) * 2 - 1 + Int128(Int64.min))
    #expect(DecimalNumber.nearest(215, -1) == 21.5)
    #expect(DecimalNumber.nearest(Int128(Int64.max) * 1_000, -3) == Double(Int64.max))
  }
}
