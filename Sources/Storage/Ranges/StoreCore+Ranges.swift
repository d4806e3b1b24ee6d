internal import Model
internal import Sync

/// The writer's part of a compaction: short transactions between the commits.
extension StoreCore {
  /// How far commits may be compacted: only those that the caches have taken in.
  func compactionBounds() throws(DatabaseError) -> CompactionBounds {
    let folded = try database.number("SELECT hot FROM folded WHERE id = 1") ?? 0
    return CompactionBounds(
      folded: folded, openIncarnation: incarnationId, lastOwn: try lastOwnCommits())
  }

  /// Writes packs and their blocks, which mean nothing before their range is published.
  func write(_ slice: PackSlice) throws(DatabaseError) {
    try database.transaction { () throws(DatabaseError) in
      try checkUncovered(slice.range...slice.range)
      if try database.number("SELECT commits FROM packing") == nil {
        let last = try database.number("SELECT seq FROM sqlite_sequence WHERE name = 'pack'") ?? 0
        try database.execute("INSERT INTO packing VALUES(1, \(slice.range), \(last + 1))")
      }
      try insert(slice)
    }
  }

  /// The same within a transaction.
  func insert(_ slice: PackSlice) throws(DatabaseError) {
    var names = try SeriesNames.open(database)
    for pack in slice.packs {
      statements.insertPack.bind(1, pack.body)
      try statements.insertPack.run()
      statements.insertPack.bindNull(1)  // Else its copy of the body stays.
      let id = database.lastInsertedId
      for block in pack.blocks {
        let series = try names.id(block.identity, block.channel)
        let row = BlockRow(
          series: series, commits: slice.range, part: block.part, about: block.about,
          kind: block.kind, unit: block.unit, start: block.start, end: block.end,
          count: Int64(block.count), summary: block.summary, pack: id, place: block.place,
          bytes: block.bytes, bodyCheck: block.bodyCheck)
        row.bind(to: &statements.insertBlock)
        try statements.insertBlock.run()
      }
    }
  }

  /// Blocks of which there are only summaries.
  func insert(
    withoutContents blocks: [PackedBlock], of range: Int64
  ) throws(DatabaseError) {
    var names = try SeriesNames.open(database)
    for block in blocks {
      let series = try names.id(block.identity, block.channel)
      let row = BlockRow(
        series: series, commits: range, part: block.part, about: block.about, kind: block.kind,
        unit: block.unit, start: block.start, end: block.end, count: Int64(block.count),
        summary: block.summary, level: .gone, pack: 0, place: 0, bytes: 0, bodyCheck: 0)
      row.bind(to: &statements.insertBlock)
      try statements.insertBlock.run()
    }
  }

  /// Makes a range visible: with this statement its commits leave `hot`.
  func publish(_ range: NewRange) throws(DatabaseError) {
    precondition(range.ids.lowerBound >> 40 == range.ids.upperBound >> 40, "\(range.ids)")
    try database.transaction { () throws(DatabaseError) in
      try checkUncovered(range.ids)
      // A range without any reading has written no pack.
      try database.execute(
        "INSERT OR IGNORE INTO packing VALUES(1, \(range.ids.lowerBound), "
          + "(SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'pack'))")
      try insert(range)
    }
  }

  /// The same within a transaction, whose other statements have written the blocks.
  ///
  /// Where later ranges have their dates (those of other nodes come after all of this one's, and in
  /// any order), this one gets its own at once: else all of them would be dated anew.
  func insert(_ range: NewRange) throws(DatabaseError) {
    let mark = try database.number("SELECT mark FROM dating WHERE id = 1")
    var insert = try database.prepare(
      "INSERT INTO commit_range(\(RangeRow.columns)) VALUES(?, ?, ?, ?, ?, ?, ?)")
    insert.bind(1, range.ids.lowerBound)
    insert.bind(2, range.ids.upperBound)
    insert.bind(3, range.clockEpoch)
    insert.bind(4, range.header)
    insert.bind(5, range.cursors)
    insert.bind(6, range.clock)
    insert.bind(
      7,
      RangeRow.seal(
        id: range.ids.lowerBound, last: range.ids.upperBound, clockEpoch: range.clockEpoch,
        header: range.header.span, cursors: range.cursors.span, clock: range.clock.span))
    try insert.run()
    guard let mark, mark >= range.ids.lowerBound else { return }
    if try dating.date(inserted: range.ids.lowerBound, database) {
      try database.execute("UPDATE dating SET mark = \(mark)")
    }
  }

  /// Deletes some of what a compaction has left: rows of `hot` under its range, or, when it never
  /// came to publish one, its blocks and packs. False when nothing is left.
  func clearLeftovers() throws(DatabaseError) -> Bool {
    var found = try database.prepare("SELECT commits, pack FROM packing")
    guard try found.step() else { return false }
    let (range, pack) = (found.int64(0), found.int64(1))
    found.reset()
    let last = try database.number("SELECT last FROM commit_range WHERE id = \(range)")
    return try database.transaction { () throws(DatabaseError) in
      let isMore =
        if let last {
          try deleteHot(range...max(range, last))
        } else {
          try deletePacks(of: range, from: pack)
        }
      if !isMore { try database.execute("DELETE FROM packing") }
      return isMore
    }
  }

  /// Deletes the first rows of a range that was published; false when none is left.
  private func deleteHot(_ ids: ClosedRange<Int64>) throws(DatabaseError) -> Bool {
    var rows = try database.prepare(
      "SELECT id, length(body) FROM hot WHERE id BETWEEN \(ids.lowerBound) AND "
        + "\(ids.upperBound) ORDER BY id LIMIT \(Limits.compactedRowsPerSlice)")
    var end: Int64?
    var bytes: Int64 = 0
    while bytes < Limits.compactedBytesPerSlice, try rows.step() {
      end = rows.int64(0)
      bytes += rows.int64(1)
    }
    rows.reset()
    guard let end else { return false }
    try delete("hot WHERE id BETWEEN \(ids.lowerBound) AND \(end)")
    return end < ids.upperBound
  }

  /// Deletes rows that were just found. Where a damaged page keeps them from going, whoever goes on
  /// until none is left must not do so for ever.
  private func delete(_ rows: String) throws(DatabaseError) {
    try database.execute("DELETE FROM \(rows)")
    guard try database.number("SELECT changes()") ?? 0 > 0 else {
      throw DatabaseError(
        .damaged, path: database.path, message: "rows that are there cannot be deleted: \(rows)")
    }
  }

  /// Deletes the first packs of a range that was never published, and their blocks; false when none
  /// is left. Packs of other ranges may have come between them: those of other nodes.
  private func deletePacks(of range: Int64, from pack: Int64) throws(DatabaseError) -> Bool {
    var rows = try database.prepare(
      "SELECT \(BlockRow.columns) FROM block INDEXED BY block_by_level WHERE level IN (0, 1, 2) "
        + "AND commits = \(range) LIMIT \(Limits.packBlocksMax)")
    var (found, packs): ([BlockRow], Set<Int64>) = ([], [])
    while try rows.step() {
      let row = try BlockRow(rows, path: database.path)
      // Where the disk altered what is in `packing`, published ones must not go.
      guard row.pack >= pack else {
        throw DatabaseError(
          .damaged, path: database.path,
          message: "packing: pack \(row.pack) of range \(range) is older than its first")
      }
      found.append(row)
      packs.insert(row.pack)
    }
    rows.reset()
    // Its first pack was written with it, and its last block goes with it.
    guard !found.isEmpty else {
      throw DatabaseError(
        .damaged, path: database.path, message: "packing: nothing was written of range \(range)")
    }
    for pack in packs.sorted() { try database.execute("DELETE FROM pack WHERE id = \(pack)") }
    for row in found {
      try delete(
        "block WHERE series = \(row.series) AND commits = \(range) AND part = \(row.part)")
    }
    return try database.number(
      "SELECT 1 FROM block INDEXED BY block_by_level WHERE level IN (0, 1, 2) "
        + "AND commits = \(range) LIMIT 1") != nil
  }
}

/// The local numbers of series.
private struct SeriesNames: ~Copyable {
  private var find: Statement
  private var insert: Statement

  static func open(_ database: borrowing Database) throws(DatabaseError) -> SeriesNames {
    SeriesNames(
      find: try database.prepare("SELECT id FROM series WHERE hash = ?"),
      insert: try database.prepare(
        "INSERT INTO series(hash, kind, identity, channel) "
          + "VALUES(?, ?, ?, CAST(? AS TEXT)) RETURNING id"))
  }

  /// The number of a series, given now when it has none.
  mutating func id(
    _ identity: DeviceIdentity, _ channel: String
  ) throws(DatabaseError) -> Int64 {
    let hash = SeriesId(device: identity, channel: channel).bytes
    find.bind(1, hash)
    defer { find.reset() }
    if try find.step() { return find.int64(0) }
    insert.bind(1, hash)
    insert.bind(2, Int64(identity.kind.rawValue))
    insert.bind(3, identity.bytes)
    insert.bind(4, Array(channel.utf8))
    defer { insert.reset() }
    return try insert.step() ? insert.int64(0) : 0
  }
}

/// How far a compaction may go.
struct CompactionBounds: Sendable {
  /// The last commit that the caches have taken in.
  let folded: Int64
  /// The local id of the incarnation that still grows; nil when none does yet.
  let openIncarnation: Int64?
  /// The last commit that this disk wrote of each run of which others gave some back.
  var lastOwn: [Int64: Int64] = [:]
}

extension BlockRow {
  /// Binds every column in the order of `columns`.
  func bind(to insert: inout Statement) {
    let numbers = [series, commits, part, about, kind]
    for (index, number) in numbers.enumerated() { insert.bind(Int32(index + 1), number) }
    insert.bind(6, unit)
    for (index, number) in [start, end, count].enumerated() {
      insert.bind(Int32(index + 7), number)
    }
    insert.bind(10, summary)
    let rest = [Int64(level.rawValue), pack, Int64(place), Int64(bytes), bodyCheck, seal]
    for (index, number) in rest.enumerated() { insert.bind(Int32(index + 11), number) }
  }
}
