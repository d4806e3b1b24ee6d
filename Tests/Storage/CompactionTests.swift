import Codec
import Model
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Compaction") struct CompactionTests {
  /// Small ranges, so that few commits make several, with blocks that are cut and halved.
  static let small = RangeBounds(
    readings: 40, commits: 30, bytes: 64 << 10, passBytes: 4_000, contentBytes: 300,
    packBytes: 2_000, sliceBytes: 5_000)

  /// What the database holds of each commit, from ranges and rows.
  static func stored(_ path: String) throws -> (bodies: [Int64: CommitBody], ranges: Int) {
    let database = try Database.open(.init(path: path, isReader: true))
    let reader = try BlockReader(database)
    var bodies: [Int64: CommitBody] = [:]
    var covered: [ClosedRange<Int64>] = []
    var ids = try database.prepare("SELECT id FROM commit_range ORDER BY id")
    while try ids.step() {
      let row = try #require(try reader.rangeRow(ids.int64(0)))
      covered.append(row.id...row.last)
      for (index, body) in try NaiveRebuild.bodies(row, reader).enumerated() {
        #expect(bodies[row.id + Int64(index)] == nil)
        bodies[row.id + Int64(index)] = body
      }
    }
    var rows = try database.prepare("SELECT id, body FROM hot ORDER BY id")
    while try rows.step() {
      let id = rows.int64(0)
      guard !covered.contains(where: { $0.contains(id) }) else { continue }
      bodies[id] = try CommitDecoder.decode(rows.blob(1))
    }
    return (bodies, covered.count)
  }

  /// As a range keeps it.
  static func truncated(_ body: CommitBody) -> CommitBody {
    CommitBody(arrivalUs: body.arrivalUs / 1_000 * 1_000, sources: body.sources)
  }

  @Test("random commits come back from blocks sample for sample", arguments: 0..<4 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    let folder = TemporaryFolder()
    let options = Fixture.options(folder.path + "/bivouac.db")
    let core = try StoreCore(options)
    var world = CommitWorld(seed: seed, cursors: try core.open().cursors)
    for _ in 0..<150 { _ = try core.commit(world.next()) }
    try core.checkpoint()
    let reports = try core.compact(options, Self.small)
    #expect(reports.count >= 4, "seed \(seed)")
    let (bodies, ranges) = try Self.stored(options.path)
    #expect(ranges == reports.count)
    for (index, body) in world.bodies.enumerated() {
      let id = Int64(1) << 40 | Int64(index + 1)
      let isCompacted = index < reports.reduce(0) { $0 + $1.commits }
      let expected = isCompacted ? Self.truncated(body) : body
      #expect(bodies[id] == expected, "seed \(seed), commit \(index)")
      guard let found = bodies[id] else { continue }
      #expect(CommitEncoder.encode(found) == CommitEncoder.encode(expected))
    }
    #expect(bodies.count == 150)
  }

  @Test("a second compaction of the same rows gives the same headers and blocks")
  func deterministic() throws {
    var found: [[[UInt8]]] = []
    for _ in 0..<2 {
      let folder = TemporaryFolder()
      let options = Fixture.options(folder.path + "/bivouac.db")
      let core = try StoreCore(options)
      var world = CommitWorld(seed: 77, cursors: try core.open().cursors)
      for _ in 0..<120 { _ = try core.commit(world.next()) }
      try core.checkpoint()
      _ = try core.compact(options, Self.small)
      let database = try Database.open(.init(path: options.path))
      var rows = try database.prepare("SELECT header FROM commit_range ORDER BY id")
      var headers: [[UInt8]] = []
      while try rows.step() { headers.append(rows.blob(0)) }
      #expect(headers.count > 2)
      found.append(headers)
    }
    #expect(found[0] == found[1])
  }

  @Test("ranges keep to their limits, and the open incarnation's rest waits") func bounds() throws {
    let folder = TemporaryFolder()
    let options = Fixture.options(folder.path + "/bivouac.db")
    let core = try StoreCore(options)
    var world = CommitWorld(seed: 3, cursors: try core.open().cursors)
    for _ in 0..<10 { _ = try core.commit(world.next()) }
    try core.checkpoint()
    #expect(try core.compact(options).isEmpty)
    try core.finish()
    let later = Fixture.options(options.path, run: 2)
    let next = try StoreCore(later)
    world = CommitWorld(seed: 4, cursors: try next.open().cursors, nowUs: 900_000_000)
    #expect(try next.compact(later).map(\.commits) == [10])
    for _ in 0..<31 { _ = try next.commit(world.next()) }
    #expect(try next.compact(later, Self.small).isEmpty, "nothing is folded yet")
    try next.checkpoint()
    let commits = try next.compact(later, Self.small).map(\.commits)
    #expect(!commits.isEmpty && commits.allSatisfy { $0 <= 30 })
  }

  @Test("after a compaction the store opens, goes on, and makes its caches anew") func opening()
    throws
  {
    let folder = TemporaryFolder()
    let options = Fixture.options(folder.path + "/bivouac.db")
    var core = try StoreCore(options)
    var world = CommitWorld(seed: 5, cursors: try core.open().cursors)
    for _ in 0..<90 { _ = try core.commit(world.next()) }
    try core.checkpoint()
    #expect(try core.compact(options, Self.small).count > 1)
    let fold = world.batch.cursors
    core = try StoreCore(Fixture.options(options.path, run: 2))
    var opening = try core.open()
    #expect(opening.cursors == fold && opening.damageCount == 0 && opening.commitCount == 90)
    try core.database.execute("UPDATE cursor SET next = next + 1")
    core = try StoreCore(Fixture.options(options.path, run: 3))
    opening = try core.open()
    #expect(opening.damages.map(\.kind) == [.rebuilt])
    #expect(opening.cursors == fold && opening.commitCount == 90)
    _ = try core.commit(world.next())
    let begun = try Continuity.begun(core.database, 2)
    #expect(begun?.parent?.heads[2] == 90)
  }
}
