import Codec
import Model

@testable import Storage
@testable import Sync

/// Turns rows of `hot` into a range of blocks in the plainest way: what readers must understand,
/// written without the shipping compaction.
struct PlainCompaction {
  private struct Key: Hashable {
    let identity: DeviceIdentity
    let channel: String
  }

  private let first: Int64
  private var arrivalsMs: [Int64] = []
  private var clock = RangeClock()
  private var ordinals: [DeviceIdentity: Int64] = [:]
  private var blocks: [Key: [BlockContent]] = [:]
  private let readingsMax: Int

  /// Compacts the commits from one key to another; all must be of one incarnation.
  static func run(
    _ path: String, _ ids: ClosedRange<Int64>, readingsMax: Int = 7_200
  ) throws(DatabaseError) {
    let database = try Database.open(.init(path: path))
    var compaction = PlainCompaction(first: ids.lowerBound, readingsMax: readingsMax)
    var clockEpoch: Int64 = 0
    var rows = try database.prepare(
      "SELECT \(RowSeal.hotColumns) FROM hot WHERE id BETWEEN \(ids.lowerBound) "
        + "AND \(ids.upperBound) ORDER BY id")
    while try rows.step() {
      clockEpoch = rows.int64(1)
      do throws(DecodeError) {
        let body = try CommitDecoder.decode(rows.blob(2))
        compaction.take(body, try ClockObservation(decoding: rows.blob(4)))
      } catch {
        throw DatabaseError(.damaged, path: path, message: "\(error)")
      }
    }
    try database.transaction { () throws(DatabaseError) in
      try compaction.write(database, last: ids.upperBound, clockEpoch: clockEpoch)
    }
  }

  private init(first: Int64, readingsMax: Int) {
    self.first = first
    self.readingsMax = readingsMax
  }

  private mutating func take(_ body: CommitBody, _ observation: ClockObservation) {
    let commit = Int64(arrivalsMs.count)
    arrivalsMs.append(RangeTime.ms(body.arrivalUs))
    clock.append(observation)
    for source in body.sources {
      var seqs: [Int64] = []
      var clock = BlockDescription.Clock.node
      switch source.clock {
      case .node:
        let from = ordinals[source.identity, default: 0]
        seqs = source.samples.indices.map { from + Int64($0) }
        ordinals[source.identity] = from + Int64(source.samples.count)
      case .device(let epoch, var seq, let spans):
        clock = .device(epoch: epoch)
        for span in spans {
          if span.fate == .samples { seqs += (seq..<(seq + span.count)).map { Int64($0) } }
          seq += span.count
        }
      }
      for (sample, seq) in zip(source.samples, seqs) {
        append(sample, seq, source.channels[Int(sample.channel)], source.identity, clock, commit)
      }
    }
  }

  private mutating func append(
    _ sample: CommitSample, _ seq: Int64, _ channel: CommitChannel, _ identity: DeviceIdentity,
    _ clock: BlockDescription.Clock, _ commit: Int64
  ) {
    let form: BlockDescription.Form
    switch channel.form {
    case .decimal(let exponent): form = .decimal(exponent: exponent)
    case .float: form = .float
    case .text: form = .text
    }
    let description = BlockDescription(
      clock: clock, form: form, kind: channel.kind.rawValue, unit: Array(channel.unit.utf8))
    let key = Key(identity: identity, channel: channel.key)
    var parts = blocks[key] ?? []
    if parts.last?.description != description || parts.last?.count ?? 0 >= readingsMax {
      parts.append(
        BlockContent(
          description: description, firstCommit: commit, commits: [], seqs: [], times: []))
    }
    let part = parts.count - 1
    while parts[part].firstCommit + Int64(parts[part].commits.count) <= commit {
      parts[part].commits.append(0)
    }
    parts[part].commits[parts[part].commits.count - 1] += 1
    parts[part].seqs.append(seq)
    parts[part].times.append(sample.time)
    switch sample.value {
    case .decimal(let mantissa): parts[part].values.append(mantissa)
    case .float(let bits): parts[part].values.append(Int64(bitPattern: bits))
    case .text(let text): parts[part].texts.append(Array(text.utf8))
    }
    blocks[key] = parts
  }

  private func write(
    _ database: borrowing Database, last: Int64, clockEpoch: Int64
  ) throws(DatabaseError) {
    let keys = blocks.keys.sorted {
      $0.identity == $1.identity ? $0.channel < $1.channel : $0.identity < $1.identity
    }
    var named: [RangeBlock] = []
    for key in keys {
      let series = try self.series(database, key)
      for (part, content) in (blocks[key] ?? []).enumerated() {
        named.append(try write(database, content, key, series: series, part: Int64(part)))
      }
    }
    let header = RangeHeader(
      firstSeq: UInt64(first & 0xFF_FFFF_FFFF), arrivalsMs: arrivalsMs, losses: [], blocks: named)
    let (head, cursors, clocks) = (header.encoded(), CursorColumn.encode([]), clock.encoded())
    var insert = try database.prepare(
      "INSERT INTO commit_range(\(RangeRow.columns)) VALUES(?, ?, ?, ?, ?, ?, ?)")
    for (index, number) in [first, last, clockEpoch].enumerated() {
      insert.bind(Int32(index + 1), number)
    }
    for (index, blob) in [head, cursors, clocks].enumerated() {
      insert.bind(Int32(index + 4), blob)
    }
    insert.bind(
      7,
      RangeRow.seal(
        id: first, last: last, clockEpoch: clockEpoch, header: head.span,
        cursors: cursors.span, clock: clocks.span))
    try insert.run()
    try database.execute("DELETE FROM hot WHERE id BETWEEN \(first) AND \(last)")
  }

  private func series(_ database: borrowing Database, _ key: Key) throws(DatabaseError) -> Int64 {
    var insert = try database.prepare(
      "INSERT OR IGNORE INTO series(hash, kind, identity, channel) "
        + "VALUES(?, \(key.identity.kind.rawValue), ?, '\(key.channel)')")
    insert.bind(1, SeriesId(device: key.identity, channel: key.channel).bytes)
    insert.bind(2, key.identity.bytes)
    try insert.run()
    let id = try BlockReader(database).seriesId(key.identity, key.channel)
    return id ?? 0
  }

  private func write(
    _ database: borrowing Database, _ content: BlockContent, _ key: Key, series: Int64,
    part: Int64
  ) throws(DatabaseError) -> RangeBlock {
    let bytes = BlockCodec.encode(content)
    let stored = StoredContent.pack(bytes)
    let summary = SummaryCodec.encode(
      SummaryCodec.summaries(of: content), form: content.description.form)
    var pack = try database.prepare("INSERT INTO pack(body) VALUES(?)")
    pack.bind(1, stored)
    try pack.run()
    let id = try database.number("SELECT max(id) FROM pack") ?? 0
    let row = BlockRow(
      series: series, commits: first, part: part, about: BlockRow.about(content.description),
      kind: Int64(content.description.kind), unit: content.description.unit,
      start: content.times.min() ?? 0,
      end: content.times.max() ?? 0, count: Int64(content.count), summary: summary, pack: id,
      place: 0, bytes: stored.count, bodyCheck: BlockRow.check(stored.span))
    var insert = try database.prepare(
      "INSERT INTO block(\(BlockRow.columns)) VALUES(\(BlockRow.placeholders))")
    row.bind(to: &insert)
    try insert.run()
    return RangeBlock(
      identity: key.identity, channel: key.channel, count: content.count,
      summaryHash: Blake2b.hash(summary, byteCount: Blake2b.contentByteCount),
      contentHash: Blake2b.hash(bytes, byteCount: Blake2b.contentByteCount))
  }
}
