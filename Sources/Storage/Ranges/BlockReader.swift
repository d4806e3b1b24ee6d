internal import Codec
internal import Model
internal import Sync

/// Reads ranges, blocks and the contents of blocks over one connection.
///
/// Whatever is handed out has been compared with its check: what the disk has altered is an error
/// that names the block or the range.
final class BlockReader {
  private let path: String
  private var content: Statement
  private var parts: Statement
  private var seriesRow: Statement
  private var seriesByHash: Statement
  private var rangeById: Statement
  private var rangeBefore: Statement
  private var rangeAfter: Statement

  init(_ database: borrowing Database) throws(DatabaseError) {
    path = database.path
    content = try database.prepare("SELECT body FROM pack WHERE id = ?")
    parts = try database.prepare(
      "SELECT \(BlockRow.columns) FROM block WHERE series = ? AND commits = ? ORDER BY part")
    seriesRow = try database.prepare(
      "SELECT hash, kind, identity, channel FROM series WHERE id = ?")
    seriesByHash = try database.prepare("SELECT id FROM series WHERE hash = ?")
    rangeById = try database.prepare("SELECT \(RangeRow.columns) FROM commit_range WHERE id = ?")
    rangeBefore = try database.prepare(
      "SELECT id, last FROM commit_range WHERE id <= ? ORDER BY id DESC LIMIT 1")
    rangeAfter = try database.prepare(
      "SELECT id, last FROM commit_range WHERE id > ? ORDER BY id LIMIT 1")
  }

  /// Ends whatever is open: to be called before the transaction ends.
  func reset() {
    content.reset()
    parts.reset()
    seriesRow.reset()
    seriesByHash.reset()
    rangeById.reset()
    rangeBefore.reset()
    rangeAfter.reset()
  }

  /// The range that holds a commit; nil when none does: then it is a row of `hot`.
  func range(holding hotId: Int64) throws(DatabaseError) -> ClosedRange<Int64>? {
    guard let found = try Self.borders(&rangeBefore, hotId), found.upperBound >= hotId else {
      return nil
    }
    return found
  }

  /// The first range that begins after a commit.
  func range(after hotId: Int64) throws(DatabaseError) -> ClosedRange<Int64>? {
    try Self.borders(&rangeAfter, hotId)
  }

  /// The last range that begins at or before a commit.
  func range(before hotId: Int64) throws(DatabaseError) -> ClosedRange<Int64>? {
    try Self.borders(&rangeBefore, hotId)
  }

  private static func borders(
    _ statement: inout Statement, _ hotId: Int64
  ) throws(DatabaseError) -> ClosedRange<Int64>? {
    statement.bind(1, hotId)
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    let first = statement.int64(0)
    return first...max(first, statement.int64(1))
  }

  /// A range's row, by the hot id of its first commit; nil when there is none.
  func rangeRow(_ id: Int64) throws(DatabaseError) -> RangeRow? {
    rangeById.bind(1, id)
    defer { rangeById.reset() }
    guard try rangeById.step() else { return nil }
    return try RangeRow(rangeById, path: path)
  }

  /// The local id of a series; nil when nothing of it was ever compacted.
  func seriesId(_ device: DeviceIdentity, _ channel: String) throws(DatabaseError) -> Int64? {
    seriesByHash.bind(1, SeriesId(device: device, channel: channel).bytes)
    defer { seriesByHash.reset() }
    return try seriesByHash.step() ? seriesByHash.int64(0) : nil
  }

  /// What a local id of a series stands for; nil when it is unknown. Its hash is its check.
  func series(_ id: Int64) throws(DatabaseError) -> (device: DeviceIdentity, channel: String)? {
    seriesRow.bind(1, id)
    defer { seriesRow.reset() }
    guard try seriesRow.step() else { return nil }
    let channel = seriesRow.text(3)
    guard let device = Folding.identity(seriesRow.int64(1), seriesRow.blob(2)),
      channel.utf8.count <= Channel.keyBytesMax,
      SeriesId(device: device, channel: channel).bytes == seriesRow.blob(0)
    else {
      throw Damage(.altered, "series", message: "series \(id)").error(path)
    }
    return (device, channel)
  }

  /// The blocks of one series in one range, by part, and what is wrong with those that are not as
  /// they were written.
  func examined(
    series: Int64, range: Int64
  ) throws(DatabaseError) -> (rows: [BlockRow], damages: [Damage]) {
    parts.bind(1, series)
    parts.bind(2, range)
    defer { parts.reset() }
    var (rows, damages): ([BlockRow], [Damage]) = ([], [])
    while try parts.step() {
      let (row, isSound) = BlockRow.read(parts)
      rows.append(row)
      if !isSound { damages.append(row.damage(.altered)) }
    }
    return (rows, damages)
  }

  /// The blocks of one series in one range, by part.
  func blocks(series: Int64, range: Int64) throws(DatabaseError) -> [BlockRow] {
    parts.bind(1, series)
    parts.bind(2, range)
    defer { parts.reset() }
    var rows: [BlockRow] = []
    while try parts.step() { rows.append(try BlockRow(parts, path: path)) }
    return rows
  }

  /// The quarter summaries of a block; empty when it has none.
  func summaries(_ row: BlockRow) throws(DatabaseError) -> [QuarterSummary] {
    do throws(CodecError) { return try SummaryCodec.decode(row.summary.span) } catch {
      throw row.damage(.altered, "summary: \(error.reason) at \(error.offset)").error(path)
    }
  }

  /// The canonical content of a block.
  func contentBytes(_ row: BlockRow) throws(DatabaseError) -> [UInt8] {
    switch try load(row) {
    case .success(let bytes): return bytes
    case .failure(let damage): throw damage.error(path)
    }
  }

  /// What a pack holds of a block, unpacked, or what is wrong with it.
  func load(_ row: BlockRow) throws(DatabaseError) -> Result<[UInt8], Damage> {
    guard row.level != .gone else { return .failure(row.damage(.missing, "trimmed")) }
    return try withPack(of: row) { (pack) throws(Damage) in
      guard row.place >= 0, row.bytes >= 0, row.place <= pack.count,
        row.bytes <= pack.count - row.place
      else { throw row.damage(.altered, "content: its place") }
      return try Self.unpack(row, pack.extracting(row.place..<(row.place + row.bytes)))
    }
  }

  /// All the bytes of the pack that holds a block, or why they cannot be read.
  func pack(of row: BlockRow) throws(DatabaseError) -> Result<[UInt8], Damage> {
    try withPack(of: row) { (pack) throws(Damage) in
      unsafe pack.withUnsafeBufferPointer { unsafe Array($0) }
    }
  }

  private func withPack(
    of row: BlockRow, _ body: (Span<UInt8>) throws(Damage) -> [UInt8]
  ) throws(DatabaseError) -> Result<[UInt8], Damage> {
    content.bind(1, row.pack)
    defer { content.reset() }
    do throws(DatabaseError) {
      guard try content.step() else { return .failure(row.damage(.missing)) }
    } catch {
      guard error.kind == .damaged else { throw error }
      return .failure(row.damage(.unreadable, error.message))
    }
    do throws(Damage) { return .success(try content.withBlob(0, body)) } catch {
      return .failure(error)
    }
  }

  private static func unpack(
    _ row: BlockRow, _ stored: Span<UInt8>
  ) throws(Damage) -> [UInt8] {
    do throws(DecodeError) {
      guard BlockRow.check(stored) == row.bodyCheck else { throw DecodeError(.range, at: 0) }
      return try StoredContent.unpack(stored)
    } catch {
      throw row.damage(.altered, "content: \(error)")
    }
  }

  /// The readings of a block, from its bytes in a pack.
  static func content(
    _ row: BlockRow, _ stored: Span<UInt8>
  ) throws(Damage) -> BlockContent {
    try decode(row, try unpack(row, stored))
  }

  private static func decode(
    _ row: BlockRow, _ bytes: [UInt8]
  ) throws(Damage) -> BlockContent {
    do throws(CodecError) {
      let content = try BlockCodec.decode(bytes.span)
      guard Int64(content.count) == row.count, content.description == row.description else {
        throw CodecError(.count, at: 0)
      }
      return content
    } catch {
      throw row.damage(.altered, "content: \(error.reason) at \(error.offset)")
    }
  }

  /// The readings of a block that has them still.
  func content(_ row: BlockRow) throws(DatabaseError) -> BlockContent {
    let bytes = try contentBytes(row)
    do throws(Damage) { return try Self.decode(row, bytes) } catch { throw error.error(path) }
  }

  /// What the readings of a block came to minute by minute, where that took their place.
  func minutes(_ row: BlockRow) throws(DatabaseError) -> [QuarterSummary] {
    precondition(row.level == .minutes, row.name)
    let bytes = try contentBytes(row)
    do throws(CodecError) {
      let minutes = try SummaryCodec.decode(bytes.span, by: .minutes)
      guard minutes.reduce(0, { $0 + $1.count }) == row.count else {
        throw CodecError(.count, at: 0)
      }
      return minutes
    } catch {
      throw row.damage(.altered, "minutes: \(error.reason) at \(error.offset)").error(path)
    }
  }

  /// Times and values of a block of numbers, into arrays that are used again and again.
  func numbers(
    _ row: BlockRow, times: inout [Int64], values: inout [Int64]
  ) throws(DatabaseError) -> BlockDescription {
    let bytes = try contentBytes(row)
    do throws(CodecError) {
      return try BlockCodec.decode(bytes.span, times: &times, values: &values)
    } catch {
      throw row.damage(.altered, "content: \(error.reason) at \(error.offset)").error(path)
    }
  }
}
