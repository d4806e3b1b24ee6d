internal import Codec
internal import Model
internal import Sync

/// Reads what lies in a database, a batch after the other.
final class ReadingsReader {
  /// Why it does not go on.
  struct Failure: Error {
    let code: Int32
    let message: [UInt8]

    /// What cannot be read, by its name, its number and, for a block, its part.
    init(_ what: StaticString, _ numbers: [Int64]) {
      code = SQLITE_CORRUPT
      var message = Array(StaticText(what))
      for number in numbers {
        message.append(UInt8(ascii: " "))
        Self.append(number.magnitude, to: &message)
      }
      self.message = message
    }

    private static func append(_ number: UInt64, to text: inout [UInt8]) {
      if number > 9 { append(number / 10, to: &text) }
      text.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    init(_ failure: Rows.Failure) {
      code = failure.code
      message = Array(StaticText("bivouac: no tables of layout 3 that can be read"))
    }
  }

  /// The readings of one channel of a device.
  private final class Series {
    let id: Int64
    let device: DeviceIdentity
    let key: [UInt8]

    init(_ id: Int64, _ device: DeviceIdentity, _ key: [UInt8]) {
      self.id = id
      self.device = device
      self.key = key
    }
  }

  private enum Stage {
    case blocks, commits, late, done
  }

  private(set) var timeline = Timeline()
  private(set) var hidden = HiddenSpans()

  private let wanted: Wanted
  /// Its read transaction holds until this goes.
  private let transaction: Rows
  private let blocks: Rows
  private let commits: Rows
  private var series: [Series] = []
  private var current: Series?
  private var late: [Batch] = []
  private var stage = Stage.blocks

  init(_ source: Rows.Source, _ wanted: Wanted) throws(Failure) {
    self.wanted = wanted
    do throws(Rows.Failure) {
      transaction = try Rows(source, "SELECT 1 FROM sqlite_schema")
      _ = try transaction.step()
      blocks = try Rows(
        source,
        """
        SELECT b.commits, b.part, p.body, b.place, b.bytes, b.body_crc, e.boot FROM block b
        JOIN commit_range r ON r.id = b.commits JOIN pack p ON p.id = b.pack
        JOIN clock_epoch e ON e.id = r.clock_epoch
        WHERE b.series = ? AND b.level = 0 AND b."end" >= ? AND b.start <= ?
        ORDER BY b.commits, b.part
        """)
      commits = try Rows(
        source,
        """
        SELECT h.id, h.clock_epoch, h.body, h.cursors, h.clock, h.crc, e.boot FROM hot h
        JOIN clock_epoch e ON e.id = h.clock_epoch
        WHERE coalesce(
          (SELECT last FROM commit_range WHERE id <= h.id ORDER BY id DESC LIMIT 1), 0) < h.id
        ORDER BY h.id
        """)
      try readSeries(source)
      try readJournal(source)
    } catch {
      throw Failure(error)
    }
  }

  private func readSeries(_ source: Rows.Source) throws(Rows.Failure) {
    let rows = try Rows(source, "SELECT id, kind, identity, channel FROM series ORDER BY id DESC")
    while try rows.step() {
      let kind = UInt8(exactly: rows.int64(1)).flatMap { DeviceIdentity.Kind(rawValue: $0) }
      let key = rows.bytes(3)
      guard let kind, let device = DeviceIdentity(kind: kind, bytes: rows.bytes(2)),
        wanted.contains(channel: key), wanted.contains(device: device.utf8)
      else { continue }
      series.append(Series(rows.int64(0), device, key))
    }
  }

  private func readJournal(_ source: Rows.Source) throws(Rows.Failure) {
    let journal = try JournalFold(source)
    timeline = journal.timeline
    hidden = journal.hidden
    for (values, clockEpoch) in journal.late {
      if let batch = Batch.of(values, wanted, clockEpoch) { late.append(batch) }
    }
  }

  // MARK: Batches

  /// The next readings; nil after the last.
  func next() throws(Failure) -> [Batch]? {
    while stage == .blocks {
      if let batch = try nextBlock() { return [batch] }
    }
    if stage == .commits {
      if let batches = try nextCommit() { return batches }
      stage = .late
    }
    guard stage == .late else { return nil }
    stage = .done
    return late
  }

  private func step(_ rows: Rows) throws(Failure) -> Bool {
    do throws(Rows.Failure) { return try rows.step() } catch { throw Failure(error) }
  }

  /// The next block of the series at hand; nil when another series begins, or the commits do.
  private func nextBlock() throws(Failure) -> Batch? {
    guard let current else {
      self.current = series.popLast()
      if let current = self.current {
        blocks.restart(with: current.id, wanted.timeFrom, wanted.timeTo)
      } else {
        stage = .commits
      }
      return nil
    }
    guard try step(blocks) else {
      self.current = nil
      return nil
    }
    let numbers = [current.id, blocks.int64(0), blocks.int64(1)]
    guard let clockEpoch = ClockEpoch(blocks.bytes(6)),
      let stored = blocks.bytes(2, from: blocks.int64(3), count: blocks.int64(4))
    else { throw Failure("bivouac: a block is cut short: series, range, part", numbers) }
    var check = RowCheck()
    check.add(stored.span)
    bivouac_count_block()
    guard check.value == blocks.int64(5), let content = Self.content(stored) else {
      throw Failure("bivouac: a block was altered: series, range, part", numbers)
    }
    return Batch.of(content, current.device, key: current.key, clockEpoch)
  }

  private static func content(_ stored: [UInt8]) -> BlockContent? {
    do throws(DecodeError) {
      let bytes = try StoredContent.unpack(stored.span)
      do throws(CodecError) { return try BlockCodec.decode(bytes.span) } catch { return nil }
    } catch {
      return nil
    }
  }

  /// What is wanted of the next commit that no range covers; nil after the last.
  private func nextCommit() throws(Failure) -> [Batch]? {
    guard try step(commits) else { return nil }
    let id = commits.int64(0)
    let body = commits.bytes(2)
    var check = RowCheck()
    check.add(id)
    check.add(commits.int64(1))
    for column in 2...4 as ClosedRange<Int32> { check.add(commits.bytes(column).span) }
    // -1 is no check: what layout 1 had.
    guard commits.int64(5) == check.value || commits.int64(5) == -1,
      let clockEpoch = ClockEpoch(commits.bytes(6)), let commit = Self.commit(body)
    else { throw Failure("bivouac: a commit was altered:", [id]) }
    var batches: [Batch] = []
    for source in commit.sources {
      if let batch = Batch.of(source, wanted, clockEpoch) { batches.append(batch) }
    }
    return batches
  }

  private static func commit(_ body: [UInt8]) -> CommitBody? {
    do throws(DecodeError) { return try CommitDecoder.decode(body) } catch { return nil }
  }
}
