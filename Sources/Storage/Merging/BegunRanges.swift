internal import Codec
internal import Model
internal import Sync

/// Ranges of other nodes that have come in part: their blocks wait beside the directory, where no
/// reader looks, until all of them are here.
///
/// A range of lane 3, whose summaries wait without contents, has the key of its first commit
/// negated, so that both may be under way.
enum BegunRanges {
  /// A range with the places of its blocks that are here.
  struct Begun {
    let signed: SignedRange
    var places: Set<Int>
  }

  /// What is here of a range by the key of its first commit; nil where nothing is.
  static func find(
    _ database: borrowing Database, _ id: Int64, of run: RunId
  ) throws(DatabaseError) -> Begun? {
    var row = try database.prepare("SELECT record FROM begun_range WHERE id = \(id)")
    guard try row.step() else { return nil }
    let signed: SignedRange
    do throws(DecodeError) { signed = try SignedRange.decode(row.blob(0)).0 } catch {
      row.reset()
      try drop(database, id)
      return nil
    }
    row.reset()
    guard signed.holds(of: run) else {
      // The disk has altered it: it is nobody's any more.
      try drop(database, id)
      return nil
    }
    var places: Set<Int> = []
    var blocks = try database.prepare("SELECT place FROM begun_block WHERE commits = \(id)")
    while try blocks.step() { places.insert(Int(blocks.int64(0))) }
    return Begun(signed: signed, places: places)
  }

  /// Lets one go: it is whole, or nobody's.
  static func drop(_ database: borrowing Database, _ id: Int64) throws(DatabaseError) {
    try database.execute(
      "DELETE FROM begun_range WHERE id = \(id); DELETE FROM begun_block WHERE commits = \(id); "
        + "DELETE FROM range_description WHERE id = \(abs(id)) AND NOT EXISTS(SELECT 1 FROM "
        + "commit_range WHERE id = \(abs(id))) AND NOT EXISTS(SELECT 1 FROM begun_range "
        + "WHERE id = \(-id))")
  }

  /// Keeps blocks that are new; how many these were. Beyond the bounds the oldest ranges go.
  static func add(
    _ database: borrowing Database, _ carried: CarriedRange, _ id: Int64, _ begun: Begun?
  ) throws(DatabaseError) -> Int {
    var places = begun?.places ?? []
    var insert = try database.prepare(
      "INSERT INTO begun_block(commits, place, about, kind, unit, start, \"end\", summary, "
        + "content, crc) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    var added = 0
    for block in carried.blocks where places.insert(block.place).inserted {
      insert.bind(1, id)
      insert.bind(2, Int64(block.place))
      insert.bind(3, BlockRow.about(block.description))
      insert.bind(4, Int64(block.description.kind))
      insert.bind(5, block.description.unit)
      insert.bind(6, block.made.start)
      insert.bind(7, block.made.end)
      insert.bind(8, block.made.summary)
      insert.bind(9, block.made.stored)
      insert.bind(10, Self.seal(id, block))
      try insert.run()
      added += 1
    }
    var first = 0
    while places.contains(first) { first += 1 }
    let bytes = try database.number(
      "SELECT sum(length(content) + length(summary)) FROM begun_block WHERE commits = \(id)")
    var row = try database.prepare(
      "INSERT INTO begun_range VALUES(?1, ?2, ?3, ?4, (SELECT coalesce(max(turn), 0) + 1 FROM "
        + "begun_range)) ON CONFLICT DO UPDATE SET blocks = ?3, bytes = ?4, turn = excluded.turn")
    row.bind(1, id)
    row.bind(2, carried.signed.encoded())
    row.bind(3, Int64(first))
    row.bind(4, (bytes ?? 0) + Int64(carried.signed.header.count))
    try row.run()
    try cut(database, but: id)
    return added
  }

  private static func cut(_ database: borrowing Database, but kept: Int64) throws(DatabaseError) {
    var rows = try database.prepare("SELECT id, bytes FROM begun_range ORDER BY turn DESC")
    var (count, bytes, gone) = (Int64(0), Int64(0), [Int64]())
    while try rows.step() {
      count += 1
      bytes += rows.int64(1)
      let isTooMuch = count > Limits.begunRangesMax || bytes > Limits.begunBytesMax
      if isTooMuch, rows.int64(0) != kept { gone.append(rows.int64(0)) }
    }
    rows.reset()
    for id in gone { try drop(database, id) }
  }

  /// The blocks of a range that wait, by their places; one that the disk has altered goes, and is
  /// not among them.
  static func blocks(
    _ database: borrowing Database, _ id: Int64, _ header: RangeHeader
  ) throws(DatabaseError) -> [Int: CarriedBlock] {
    var rows = try database.prepare(
      "SELECT place, about, kind, unit, start, \"end\", summary, content, crc FROM begun_block "
        + "WHERE commits = \(id)")
    var found: [Int: CarriedBlock] = [:]
    var altered: [Int64] = []
    while try rows.step() {
      let place = Int(rows.int64(0))
      guard header.blocks.indices.contains(place) else {
        altered.append(rows.int64(0))
        continue
      }
      let named = header.blocks[place]
      let row = BlockRow(
        series: 0, commits: id, part: 0, about: rows.int64(1), kind: rows.int64(2),
        unit: rows.blob(3), start: rows.int64(4), end: rows.int64(5), count: Int64(named.count),
        summary: rows.blob(6), pack: 0, place: 0, bytes: 0, bodyCheck: 0)
      let block = CarriedBlock(
        place: place, description: row.description,
        made: MadeBlock(
          stream: 0, start: row.start, end: row.end, count: named.count, summary: row.summary,
          summaryHash: named.summaryHash, contentHash: named.contentHash, stored: rows.blob(7)))
      if Self.seal(id, block) == rows.int64(8) {
        found[place] = block
      } else {
        altered.append(rows.int64(0))
      }
    }
    rows.reset()
    for place in altered {
      try database.execute("DELETE FROM begun_block WHERE commits = \(id) AND place = \(place)")
    }
    return found
  }

  /// Ranges that have come in part, by log, the newest of each.
  static func all(
    _ database: borrowing Database, but unlisted: Set<Int64> = []
  ) throws(DatabaseError) -> [MergingState.SeenLog: [BegunRange]] {
    var rows = try database.prepare(
      "SELECT id, blocks FROM begun_range WHERE blocks > 0 ORDER BY abs(id) DESC")
    var found: [MergingState.SeenLog: [BegunRange]] = [:]
    while try rows.step() {
      guard !unlisted.contains(rows.int64(0)) else { continue }
      let id = abs(rows.int64(0))
      let log = MergingState.SeenLog(
        incarnation: RowId.incarnationId(id), lane: rows.int64(0) < 0 ? .rollups : .telemetry)
      guard (found[log]?.count ?? 0) < Sync.Limits.begunRangesMax else { continue }
      let first = UInt64(id & (Limits.hotSeqEnd - 1))
      found[log, default: []].insert(
        BegunRange(first: first, blocks: Int(rows.int64(1))), at: 0)
    }
    return found
  }

  private static func seal(_ id: Int64, _ block: CarriedBlock) -> Int64 {
    var check = RowCheck()
    check.add(id)
    check.add(Int64(block.place))
    check.add(BlockRow.about(block.description))
    check.add(Int64(block.description.kind))
    check.add(block.description.unit.span)
    check.add(block.made.start)
    check.add(block.made.end)
    check.add(block.made.summary.span)
    check.add(block.made.stored.span)
    return check.value
  }
}
