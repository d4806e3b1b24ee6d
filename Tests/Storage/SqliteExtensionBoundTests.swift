import Model
import Sync
import TestSupport
import Testing

@testable import Storage

/// What a condition on `time` saves the extension: counted in blocks, never in seconds.
@Suite("Bounds on time in the SQLite extension") struct SqliteExtensionBoundTests {
  /// A condition on `time`, as SQL has it and as Swift does.
  private struct Bound {
    var sql: String
    /// The whole numbers that fulfil it.
    var times: ClosedRange<Int64>?

    static func any(_ prng: inout Prng, _ borders: [Int64]) -> Bound {
      let first = borders[prng.below(borders.count)] + Int64(prng.below(3)) - 1
      let second = borders[prng.below(borders.count)] + Int64(prng.below(3)) - 1
      let (low, high) = (min(first, second), max(first, second))
      switch prng.below(8) {
      case 0: return Bound(sql: "time >= \(low)", times: low...(.max))
      case 1: return Bound(sql: "time > \(low)", times: (low + 1)...(.max))
      case 2: return Bound(sql: "time <= \(high)", times: .min...high)
      case 3: return Bound(sql: "time < \(high)", times: .min...(high - 1))
      case 4: return Bound(sql: "time = \(low)", times: low...low)
      case 5: return Bound(sql: "time BETWEEN \(low) AND \(high)", times: low...high)
      case 6:
        return Bound(
          sql: "time > \(low) AND time <= \(high)", times: low < high ? (low + 1)...high : nil)
      default:
        return Bound(
          sql: "time >= \(low) AND time < \(high)", times: low < high ? low...(high - 1) : nil)
      }
    }

    func admits(_ row: BlockRow) -> Bool {
      times.map { row.start <= $0.upperBound && row.end >= $0.lowerBound } ?? false
    }

    func admits(_ line: String) -> Bool {
      guard let times, let time = Self.time(line) else { return false }
      return times.contains(time)
    }

    /// The column `time` of a line.
    static func time(_ line: String) -> Int64? {
      Int64(line.split(separator: "|", omittingEmptySubsequences: false)[7])
    }
  }

  /// Boots, boards, fits and words on boots, most of it in blocks.
  private static func world(_ path: String, seed: UInt64) throws {
    let world = try QueryWorld(path, seed: seed, density: 3)
    for _ in 0..<4 {
      for _ in 0..<25 { try world.commit() }
      for _ in 0..<4 { try world.correct() }
      try world.compact()
      try world.boot()
    }
    for _ in 0..<5 { try world.commit() }
    world.close()
  }

  /// What each statement prints, and how many blocks it had decoded for that.
  private static func ask(
    _ statements: [String], _ path: String
  ) throws -> [(lines: [String], blocks: Int)] {
    let count = "SELECT 'decoded', bivouac_blocks_decoded();"
    let script = count + statements.map { "\($0);\(count)" }.joined()
    var answers: [(lines: [String], blocks: Int)] = []
    var lines: [String] = []
    var before: Int?
    for line in try SqliteExtensionTests.lines(script, path) {
      guard line.hasPrefix("decoded|"), let total = Int(line.dropFirst(8)) else {
        lines.append(line)
        continue
      }
      if let before { answers.append((lines, total - before)) }
      (before, lines) = (total, [])
    }
    try #require(answers.count == statements.count)
    return answers
  }

  @Test(
    "only blocks that can hold the times are decoded, and no reading is missing", arguments: 0..<3)
  func bounds(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.world(path, seed: seed)
    let rows = try Directory.rows(path)
    let borders = rows.flatMap { [$0.start, $0.end] }
    let device = Fixture.companion(2)
    let series = try Self.series(path, device, "temp")
    let columns = SqliteExtensionTests.columns
    let end = try #require(borders.max())
    let beyond = Bound(sql: "time > \(end)", times: (end + 1)...(.max))
    let bounds = [beyond] + (0..<30).map { _ in Bound.any(&prng, borders) }
    let one = "device = '\(device.text)' AND channel = 'temp'"
    let answers = try Self.ask(
      ["SELECT \(columns) FROM readings"]
        + bounds.map { "SELECT \(columns) FROM readings WHERE \($0.sql)" }
        + bounds.map { "SELECT \(columns) FROM readings WHERE \(one) AND \($0.sql)" }, path)
    let all = answers[0].lines
    #expect(answers[0].blocks == rows.count && rows.count > 50 && all.count > 500)
    let ofOne = all.filter { $0.hasPrefix("\(device.text)|temp|") }
    for (number, bound) in bounds.enumerated() {
      let hint = Comment(rawValue: "seed \(seed): \(bound.sql)")
      let (whole, part) = (answers[1 + number], answers[1 + bounds.count + number])
      #expect(whole.lines.sorted() == all.filter(bound.admits).sorted(), hint)
      #expect(whole.blocks == rows.count(where: bound.admits), hint)
      #expect(part.lines.sorted() == ofOne.filter(bound.admits).sorted(), hint)
      #expect(part.blocks == rows.count { $0.series == series && bound.admits($0) }, hint)
    }
    // Or all this would say nothing.
    #expect(answers[1...].contains { $0.blocks > 0 && $0.blocks < rows.count / 2 })
    #expect(answers[1].blocks == 0)
    #expect(Set(all.map { $0.split(separator: "|").last }).count > 3)
  }

  @Test("the first readings from a time on take the blocks from it on, and no other")
  func first() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.world(path, seed: 11)
    let rows = try Directory.rows(path)
    let device = Fixture.companion(1)
    let series = try Self.series(path, device, "temp")
    let starts = rows.filter { $0.series == series }.map(\.start).sorted()
    let from = starts[starts.count / 2]
    let one = "device = '\(device.text)' AND channel = 'temp'"
    let sql = "SELECT \(SqliteExtensionTests.columns) FROM readings WHERE \(one)"
    let answers = try Self.ask(
      [sql, "\(sql) AND time > \(from) ORDER BY time LIMIT 7"], path)
    let expected = answers[0].lines.compactMap(Bound.time).filter { $0 > from }.sorted()
    #expect(answers[1].lines.compactMap(Bound.time) == Array(expected.prefix(7)))
    let blocks = rows.count { $0.series == series && $0.end > from }
    #expect(answers[1].blocks == blocks && blocks < answers[0].blocks && expected.count > 7)
  }

  @Test("a bound that is no whole number, or beyond all of them, is still understood")
  func odd() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.world(path, seed: 12)
    let all = try Self.ask(["SELECT time FROM readings"], path)[0]
    let times = all.lines.compactMap { Int64($0) }
    let cut = times.sorted()[times.count / 2]
    let whole = times.count
    let cases: [(String, Int, isBounded: Bool)] = [
      ("time > \(cut).5", times.count { $0 > cut }, false),
      ("time > \(Int64.max)", 0, true), ("time < \(Int64.min + 1)", 0, true),
      ("time >= \(Int64.min + 1)", whole, false), ("time <= \(Int64.max)", whole, false),
      ("time > NULL", 0, false), ("time < 'x'", whole, false),
      ("time IN (\(cut), \(cut))", times.count { $0 == cut }, true),
    ]
    let answers = try Self.ask(
      cases.map { "SELECT count(*) FROM readings WHERE \($0.0)" }, path)
    for (condition, answer) in zip(cases, answers) {
      #expect(answer.lines == ["\(condition.1)"], "\(condition)")
      #expect((answer.blocks < all.blocks) == condition.isBounded, "\(condition)")
    }
  }

  @Test("the plan of a query says what chooses the blocks")
  func plan() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    try Self.world(path, seed: 13)
    let lines = try SqliteExtensionTests.lines(
      "EXPLAIN QUERY PLAN SELECT 1 FROM readings WHERE channel = 'x' AND time < 9", path)
    #expect(lines.contains { $0.contains("channel time to") }, "\(lines)")
  }

  /// The local number of a series.
  private static func series(
    _ path: String, _ device: DeviceIdentity, _ channel: String
  ) throws -> Int64 {
    let database = try Database.open(.init(path: path))
    var rows = try database.prepare(
      "SELECT id FROM series WHERE identity = X'\(Hex.text(device.bytes))' "
        + "AND channel = '\(channel)'")
    try #require(try rows.step())
    return rows.int64(0)
  }
}
