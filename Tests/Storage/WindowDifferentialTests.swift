import Glibc
import Sync
import TestSupport
import Testing

@testable import Model
@testable import Storage

/// The same questions to blocks and rows of `hot`, and to plain SQL over one row for each reading.
@Suite("Windows beside plain SQL") struct WindowDifferentialTests {
  /// A reading as SQL has it.
  private struct Plain {
    let utcUs: Int64
    let mantissa: Int64?
    let number: Double?
    let value: Value
    let boundUs: Int64?
  }

  static let isSoak = unsafe getenv("BIVOUAC_SOAK") != nil
  /// Of each of ten phases: 10,080 of them for six seeds, 100,000 for sixty in the long form.
  private static let queries = 168

  static func query(_ prng: inout Prng) -> WindowQuery {
    let begin = QueryWorld.beginUs - 5_000_000_000
    let from = begin + Int64(prng.below(200_000)) * 1_000_000 + Int64(prng.below(1_000_000))
    let length = Int64(1) << Int64(20 + prng.below(19))
    let texts = ["1s", "90s", "1m", "7m", "15m", "1h", "5h", "1d", "1w", "1mo", "1y"]
    let zone: TimeZoneRules? =
      prng.chance(40) ? [QueryWorld.paris, QueryWorld.kolkata, .utc][prng.below(3)] : nil
    // The plain way to hold values goes through every bucket: not second by second.
    let isHeld = prng.chance(25)
    let bucket = BucketLength(text: texts[isHeld ? 1 + prng.below(10) : prng.below(11)])
    guard let bucket, let grid = BucketGrid(bucket, zone: zone) else {
      preconditionFailure("a grid")
    }
    var devices = [Fixture.companion(UInt8(1 + prng.below(3)))]
    if prng.chance(15) { devices.append(Fixture.companion(devices[0].bytes[0] % 3 + 1)) }
    var query = WindowQuery(
      devices: devices, channel: QueryWorld.channels[prng.below(10) < 7 ? 0 : 1 + prng.below(2)],
      span: from..<(from + length), grid: grid)
    if prng.chance(30) {
      let days = Set((1...7).filter { _ in prng.chance(60) })
      let start = Int64(prng.below(86_400))
      let end = Int64(1 + prng.below(86_400))
      query.filter = CalendarFilter(
        weekdays: days.isEmpty ? [6] : days,
        daytime: CalendarFilter.Daytime(start: start, end: end) ?? .whole,
        zone: [QueryWorld.paris, QueryWorld.kolkata, .utc][prng.below(3)])
    }
    if prng.chance(25) { query.functions.insert(.ends) }
    // Of two devices' readings at one time nobody can say which is held.
    if devices.count == 1, isHeld { query.functions.insert(.held) }
    query.longestHoldUs = Int64(1 + prng.below(3_000)) * 1_000_000
    query.limit = prng.chance(10) ? 1 + prng.below(9) : 50 + prng.below(300)
    return query
  }

  private static let smallPages = 4

  /// All pages; after some of the size that is asked for, the rest comes in large ones.
  static func all(
    _ history: HistoryCore, _ query: WindowQuery
  ) throws -> [WindowBucket] {
    var query = query
    var found: [WindowBucket] = []
    for number in 0..<100_000 {
      if number == Self.smallPages { query.limit = 10_000 }
      let page = try history.windows(query)
      found += page.buckets
      guard let next = page.nextUs else { return found }
      query.span = next..<query.span.upperBound
    }
    return found
  }

  private func plain(_ world: QueryWorld, _ query: WindowQuery, room: Int64) throws -> [Plain] {
    let devices = query.devices.map { "\($0.bytes[0])" }.joined(separator: ",")
    var rows = try world.plain.prepare(
      "SELECT utc, mantissa, exponent, isnan, format('%!.17g', number), words, number IS NULL, "
        + "bound FROM plain WHERE device IN (\(devices)) AND channel = '\(query.channel)' "
        + "AND utc >= \(query.span.lowerBound - room) AND utc < \(query.span.upperBound + room) "
        + "ORDER BY utc, place")
    var found: [Plain] = []
    while try rows.step() {
      let isNumber = rows.int64(6) == 0
      let text = rows.text(4)
      let number = isNumber ? text == "-Inf" ? -Double.infinity : Double(text) : nil
      let value: Value
      if !rows.isNull(1) {
        value = .decimal(rows.int64(1), exponent: Int8(rows.int64(2)))
      } else if rows.isNull(5) {
        value = .float(number ?? .nan)
      } else {
        value = .text(rows.text(5))
      }
      found.append(
        Plain(
          utcUs: rows.int64(0), mantissa: rows.isNull(1) ? nil : rows.int64(1), number: number,
          value: value, boundUs: rows.isNull(7) ? nil : rows.int64(7)))
    }
    return found
  }

  private func check(
    _ world: QueryWorld, _ query: WindowQuery, _ note: String
  ) throws -> Bool {
    let buckets = try Self.all(world.history, query)
    let readings = try plain(world, query, room: 0)
    var expected: [Int64: [Plain]] = [:]
    for reading in readings where query.filter?.passes(reading.utcUs) ?? true {
      expected[query.grid.bucket(containing: reading.utcUs).lowerBound, default: []]
        .append(reading)
    }
    var isSame = buckets.filter { $0.tally.count > 0 }.map(\.fromUs) == expected.keys.sorted()
    for bucket in buckets {
      isSame = isSame && same(bucket.tally, expected[bucket.fromUs] ?? [], query)
    }
    if query.functions.contains(.held) { isSame = try sameHeld(world, query, buckets) && isSame }
    var lines: [String] = []
    if !isSame {
      for bucket in buckets where !same(bucket.tally, expected[bucket.fromUs] ?? [], query) {
        let theirs = expected[bucket.fromUs] ?? []
        lines.append("at \(bucket.fromUs) \(bucket.tally.count) readings, SQL \(theirs.count)")
      }
      let starts = Set(buckets.map(\.fromUs)).symmetricDifference(expected.keys)
      lines.append("only on one side \(starts.sorted().prefix(3))")
    }
    #expect(isSame, "\(note): \(lines.prefix(4).joined(separator: "; ")): \(query)")
    return isSame
  }

  private func same(_ tally: WindowTally, _ readings: [Plain], _ query: WindowQuery) -> Bool {
    let numbers = readings.compactMap(\.number)
    guard tally.count == readings.count, tally.numbers == numbers.count,
      tally.least?.number == numbers.min(), tally.most?.number == numbers.max(),
      isAsUncertain(tally, readings)
    else { return false }
    let sum = numbers.reduce(0, +)
    if let found = tally.sum, sum.isFinite {
      guard abs(found - sum) <= 1e-9 * max(1, abs(sum)) else { return false }
    }
    guard query.functions.contains(.ends) else { return true }
    guard let first = readings.first, let last = readings.last else { return true }
    let isFirst = readings.contains {
      $0.utcUs == first.utcUs && "\($0.value)" == tally.first.map { "\($0.value)" }
    }
    let isLast = readings.contains {
      $0.utcUs == last.utcUs && "\($0.value)" == tally.last.map { "\($0.value)" }
    }
    return isFirst && isLast && tally.first?.utcUs == first.utcUs
      && tally.last?.utcUs == last.utcUs
  }

  /// Of readings looked at one by one it is the largest; sums stand for whole quarter hours, in
  /// which a clock drifts a little further.
  private func isAsUncertain(_ tally: WindowTally, _ readings: [Plain]) -> Bool {
    let bounds = readings.compactMap(\.boundUs)
    guard bounds.count == readings.count, let worst = bounds.max() else {
      return tally.boundUs == nil
    }
    guard let found = tally.boundUs else { return false }
    // On a board's clock two roundings add up.
    return tally.isFromSummaries ? found >= worst : (worst...(worst + 1)).contains(found)
  }

  /// Goes through the span second by second of every value held, in the plainest way.
  private func sameHeld(
    _ world: QueryWorld, _ query: WindowQuery, _ buckets: [WindowBucket]
  ) throws -> Bool {
    let readings = try plain(world, query, room: query.longestHoldUs)
    // Values at the same time are held in the order in which they were written.
    var weights: [Int64: (us: Int64, sum: Double)] = [:]
    for (before, next) in zip(readings, readings.dropFirst()) {
      guard let number = before.number, next.utcUs - before.utcUs <= query.longestHoldUs else {
        continue
      }
      let held = (before.utcUs..<next.utcUs).clamped(to: query.span)
      guard !held.isEmpty else { continue }
      for bucket in query.grid.buckets(in: held) {
        let part = bucket.clamped(to: held)
        let passing = query.filter.map { Array($0.spans(in: part)) } ?? [part]
        for part in passing {
          let us = part.upperBound - part.lowerBound
          let known = weights[bucket.lowerBound] ?? (0, 0)
          weights[bucket.lowerBound] = (known.us + us, known.sum + number * Double(us))
        }
      }
    }
    var found: [Int64: WindowTally] = [:]
    for bucket in buckets where bucket.tally.heldUs > 0 { found[bucket.fromUs] = bucket.tally }
    // Of a number and what is none, dated alike, nobody can say whether anything is held.
    let isOpen = zip(readings, readings.dropFirst()).contains {
      $0.utcUs == $1.utcUs && ($0.number == nil) != ($1.number == nil)
    }
    guard !isOpen else { return true }
    guard Set(found.keys) == Set(weights.filter { $0.value.us > 0 }.keys) else { return false }
    // Of two readings dated alike nobody can say which was the later one.
    let isTied = zip(readings, readings.dropFirst()).contains { $0.utcUs == $1.utcUs }
    return found.allSatisfy { fromUs, tally in
      guard let (us, sum) = weights[fromUs], tally.heldUs == us else { return false }
      guard !isTied else { return true }
      guard sum.isFinite, let average = tally.heldAverage else { return !sum.isFinite }
      return abs(average - sum / Double(us)) <= 1e-9 * max(1, abs(average))
    }
  }

  @Test(
    "every window is what SQL says: before, across and after compaction, and when dates change",
    arguments: 0..<(isSoak ? 60 : 6) as Range<UInt64>)
  func same(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let world = try QueryWorld(folder.path + "/bivouac.db", seed: seed)
    var prng = Prng(seed: seed ^ 0xA5A5)
    var failures = 0
    for phase in 0..<10 {
      if prng.chance(40) { try world.boot() }
      for _ in 0..<(5 + prng.below(25)) { try world.commit() }
      if prng.chance(60) { try world.compact() }
      if prng.chance(60) { try world.date() }
      if prng.chance(50) { try world.correct() }
      if prng.chance(30) { try world.date() }
      try world.mirror()
      for number in 0..<Self.queries where failures < 3 {
        let note = "seed \(seed), phase \(phase), query \(number)"
        if try !check(world, Self.query(&prng), note) { failures += 1 }
      }
    }
  }
}
