import Reactor
import Sync
import TestSupport
import Testing

@testable import Model
@testable import Storage

@Suite("Pages of a span of UTC") struct SpanPageTests {
  private static let rangeUs: Int64 = 6_000_000_000

  /// Every page of a query, and what all of them cost.
  private func pages(
    _ history: HistoryCore, _ query: ReadingQuery
  ) throws -> (readings: [StoredReading], cost: QueryCost) {
    var query = query
    var (readings, cost) = ([StoredReading](), QueryCost())
    for _ in 0..<10_000 {
      let page = try history.page(query)
      readings += page.readings
      cost.blocksSeen += page.cost.blocksSeen
      cost.blocksDecoded += page.cost.blocksDecoded
      cost.commitsRead += page.cost.commitsRead
      guard let next = page.next else { break }
      query.cursor = QueryCursor(text: next.text)
    }
    return (readings, cost)
  }

  private func query(_ span: Range<Int64>, _ order: ReadingQuery.Order) -> ReadingQuery {
    var query = ReadingQuery()
    query.device = Fixture.board
    query.channel = "temp"
    query.span = .utc(span)
    query.order = order
    query.limit = 5_000
    return query
  }

  @Test(
    "a span costs what it holds, wherever in the history it lies",
    arguments: [ReadingQuery.Order.oldestFirst, .newestFirst])
  func costs(order: ReadingQuery.Order) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try WindowCostTests.fill(path)
    let history = try HistoryCore(path: path, vfs: nil)
    var all = query(0..<Int64.max, order)
    all.limit = 50_000
    let stored = try pages(history, all).readings
    #expect(stored.count == (WindowCostTests.commits + 20) * 10)
    var undated = QueryCost()
    for isDated in [false, true] {
      for range in [0, 1, 29, 30, 58, 59] as [Int64] {
        let from = WindowCostTests.firstUs + range * Self.rangeUs + 600_000_000
        let span = from..<(from + Self.rangeUs / 2)
        let (found, cost) = try pages(history, query(span, order))
        #expect(found == stored.filter { span.contains($0.date.utc.utcUs) }, "range \(range)")
        #expect(found.count == 50)
        #expect(cost.blocksDecoded <= 2, "range \(range): \(cost)")
        guard isDated else {
          undated = cost
          continue
        }
        #expect(cost.blocksSeen <= 2 * Limits.rangesPassedMax + 4, "range \(range): \(cost)")
        #expect(cost.commitsRead <= 40, "range \(range): \(cost)")
      }
      while try core.dateBlocks() {}
    }
    #expect(undated.blocksSeen > 1, "without the table the directory says what lies elsewhere")
    let none = try pages(history, query(5..<9, order))
    #expect(none.readings.isEmpty && none.cost.blocksDecoded == 0)
  }

  @Test(
    "where the disk altered what says when ranges are, pages come without it",
    arguments: ["dating", "dated_range", "dated_range_by_begin", "dated_range_undated"])
  func damaged(table: String) throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    do {
      let core = try WindowCostTests.fill(path)
      while try core.dateBlocks() {}
      try core.finish()
    }
    let from = WindowCostTests.firstUs + 30 * Self.rangeUs
    let span = from..<(from + Self.rangeUs)
    let orders = [ReadingQuery.Order.oldestFirst, .newestFirst]
    let page: Int64
    var sound: [[StoredReading]] = []
    do {
      let history = try HistoryCore(path: path, vfs: nil)
      for order in orders { sound.append(try pages(history, query(span, order)).readings) }
      page = try #require(
        try history.database.number("SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'"))
    }
    try Database.open(.init(path: path)).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    var bytes = try System.readFile(path, bytesMax: 100_000_000)
    for index in (Int(page) - 1) * 4_096..<Int(page) * 4_096 { bytes[index] ^= 0xFF }
    for suffix in ["-wal", "-shm"] { try System.removeFile(path + suffix) }
    try System.writeFile(path, bytes)
    let history = try HistoryCore(path: path, vfs: nil)
    for (order, sound) in zip(orders, sound) {
      #expect(sound.count == 100)
      #expect(try pages(history, query(span, order)).readings == sound)
    }
  }

  @Test("one range with a reading of long ago is found for both of its times") func backlog() throws
  {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try WindowCostTests.fill(path)
    while try core.dateBlocks() {}
    let history = try HistoryCore(path: path, vfs: nil)
    let id = try #require(
      try core.database.number("SELECT id FROM commit_range ORDER BY id LIMIT 1 OFFSET 50"))
    // As if a board had kept something for long: the table says so.
    try core.database.execute(
      "UPDATE dated_range SET earliest = \(WindowCostTests.firstUs) WHERE commits = \(id); "
        + "UPDATE dating SET longest = \(51 * Self.rangeUs)")
    for range in [0, 50] as [Int64] {
      let from = WindowCostTests.firstUs + range * Self.rangeUs
      let (_, cost) = try pages(
        history, query((from + 600_000_000)..<(from + 1_200_000_000), .oldestFirst))
      #expect((1...3).contains(cost.blocksDecoded), "\(range): \(cost)")
    }
  }

  private func passes(_ reading: StoredReading, _ query: ReadingQuery) -> Bool {
    guard case .utc(let span) = query.span else { return false }
    return span.contains(reading.date.utc.utcUs)
      && (query.device == nil || query.device == reading.device)
      && (query.channel == nil || query.channel == reading.channel)
  }

  private func query(_ prng: inout Prng) -> ReadingQuery {
    var query = ReadingQuery()
    if prng.chance(70) { query.device = Fixture.companion(UInt8(1 + prng.below(3))) }
    if prng.chance(50) { query.channel = QueryWorld.channels[prng.below(3)] }
    query.order = prng.chance(50) ? .oldestFirst : .newestFirst
    let from = QueryWorld.beginUs + Int64(prng.below(200_000)) * 1_000_000
    query.span = .utc(from..<(from + Int64(1) << Int64(24 + prng.below(15))))
    query.limit = 3 + prng.below(60)
    return query
  }

  @Test(
    "pages are the plain filter, also when commits are compacted and dated between them",
    arguments: 0..<4 as Range<UInt64>)
  func plain(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let world = try QueryWorld(folder.path + "/bivouac.db", seed: seed)
    var prng = Prng(seed: seed ^ 0x5EED)
    world.history.rangesPassedMax = 1 + prng.below(3)
    var count = 0
    for phase in 0..<6 {
      if prng.chance(40) { try world.boot() }
      for _ in 0..<(10 + prng.below(30)) { try world.commit() }
      if prng.chance(50) { try world.compact() }
      if prng.chance(60) { try world.date() }
      if prng.chance(50) { try world.correct() }
      var whole = ReadingQuery()
      whole.limit = 50_000
      let stored = try RangePageTests.all(world.history, whole)
      for number in 0..<40 {
        let query = query(&prng)
        let found = try RangePageTests.all(world.history, query) {
          guard prng.chance(2) else { return }
          if prng.chance(50) { try world.compact() } else { try world.date() }
        }
        let expected = stored.filter { passes($0, query) }.map(Self.dated)
        #expect(
          found.map(Self.dated) == (query.order == .oldestFirst ? expected : expected.reversed()),
          "seed \(seed), phase \(phase), query \(number): \(query)")
        count += found.count
      }
    }
    #expect(count > 300)
  }

  @Test(
    "when dates change between pages, what was in the span all the time comes once, nothing twice",
    arguments: 0..<4 as Range<UInt64>)
  func promise(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let world = try QueryWorld(folder.path + "/bivouac.db", seed: seed)
    var prng = Prng(seed: seed ^ 0xC0DE)
    world.history.rangesPassedMax = 1 + prng.below(3)
    for phase in 0..<6 {
      for _ in 0..<(10 + prng.below(20)) { try world.commit() }
      if prng.chance(70) { try world.compact() }
      if prng.chance(70) { try world.date() }
      for number in 0..<12 {
        let query = query(&prng)
        var whole = ReadingQuery()
        whole.limit = 50_000
        func inside() throws -> Set<String> {
          let stored = try RangePageTests.all(world.history, whole)
          return Set(stored.filter { passes($0, query) }.map(Self.name))
        }
        var always = try inside()
        let found = try RangePageTests.all(world.history, query) {
          guard prng.chance(20) else { return }
          try world.correct()
          if prng.chance(50) { try world.date() }
          always.formIntersection(try inside())
        }
        let names = found.map(Self.name)
        let note = "seed \(seed), phase \(phase), query \(number): \(query)"
        #expect(Set(names).count == names.count, "twice: \(note)")
        #expect(always.isSubset(of: names), "missed: \(note)")
      }
    }
  }

  /// NaN is not what it is: as text it is.
  private static func dated(_ reading: StoredReading) -> String {
    name(reading) + " \(reading.date.utc.utcUs)"
  }

  /// What a reading keeps when it is dated anew.
  private static func name(_ reading: StoredReading) -> String {
    let number = reading.numbering.map { "\($0.epoch).\($0.seq)" } ?? "\(reading.date.node.bootUs)"
    return "\(reading.device) \(reading.channel) \(reading.arrival) \(number) \(reading.value)"
  }
}
