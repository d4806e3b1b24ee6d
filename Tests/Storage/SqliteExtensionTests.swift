import Glibc
import Model
import Reactor
import Sync
import TestSupport
import Testing

@testable import Storage

/// Debian's `sqlite3` with our extension beside our own reader, over the same file.
@Suite("The SQLite extension") struct SqliteExtensionTests {
  private static let root = #filePath.replacing(
    "Tests/Storage/SqliteExtensionTests.swift", with: "")
  private static let extensionPath = root + "build/bivouac"
  /// Every column; the bits of a number are compared as text with 15 digits.
  static let columns =
    "device, channel, unit, kind, CASE typeof(value) WHEN 'real' THEN printf('%.15g', value) "
    + "ELSE value END, text, utc_us, time, epoch, seq, clock_epoch"

  /// What `sqlite3` prints, line by line.
  static func lines(_ sql: String, _ path: String) throws -> [String] {
    let options = "-batch -noheader -nullvalue - -cmd '.load \(extensionPath)'"
    let command = "sqlite3 \(options) '\(path)' \"\(sql)\" 2>&1"
    guard let pipe = unsafe popen(command, "r") else { throw Errno(code: errno) }
    var output: [UInt8] = []
    while case let byte = unsafe getc(pipe), byte >= 0 { output.append(UInt8(byte)) }
    unsafe pclose(pipe)
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The line that `columns` makes of a reading.
  private static func line(_ reading: StoredReading) -> String {
    var number = "-"
    var text = "-"
    switch reading.value {
    case .decimal(let mantissa, let exponent):
      var power = 1.0
      for _ in 0..<exponent.magnitude { power *= 10 }
      number = exponent == 0 ? "\(mantissa)" : digits(Double(mantissa) / power)
    case .float(let value): number = digits(value)
    case .text(let words): text = words
    }
    let isDated = reading.date.utc.quality != .uncertain || reading.late != nil
    let utc = isDated ? "\(reading.date.utc.utcUs)" : "-"
    let time = reading.numbering?.ticksMs ?? reading.date.node.bootUs
    let numbering = reading.numbering.map { "\($0.epoch)|\($0.seq)" } ?? "-|-"
    return "\(reading.device.text)|\(reading.channel)|\(reading.unit)|\(reading.kind)|\(number)|"
      + "\(text)|\(utc)|\(reading.late == nil ? "\(time)" : "-")|\(numbering)|"
      + Hex.text(reading.arrival.clockEpoch.bytes)
  }

  /// As `printf('%.15g')` writes it.
  private static func digits(_ number: Double) -> String {
    var bytes = [CChar](repeating: 0, count: 64)
    let count = unsafe withVaList([number]) { unsafe vsnprintf(&bytes, 64, "%.15g", $0) }
    return String(decoding: bytes.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func database(
    _ prng: inout Prng, _ folder: borrowing TemporaryFolder
  ) throws -> String {
    let path = folder.path + "/bivouac.db"
    for run in 1...2 as ClosedRange<UInt64> {
      try RangePageTests.fill(path, &prng, run: run, commits: 40)
      let first = RowId.range(incarnation: Int64(run), lane: .telemetry).lowerBound + 1
      // Blocks of several ranges, with commits before, between and behind them.
      for start in [2, 20] {
        let ids = (first + Int64(start))...(first + Int64(start + 9))
        try PlainCompaction.run(path, ids, readingsMax: 1 + prng.below(40))
      }
    }
    return path
  }

  @Test("it shows every reading of rows and blocks, as queries do", arguments: 0..<6)
  func readings(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let folder = TemporaryFolder()
    let path = try Self.database(&prng, folder)
    let history = try HistoryCore(path: path, vfs: nil)
    let expected = try RangePageTests.all(history, ReadingQuery()).map(Self.line).sorted()
    let found = try Self.lines("SELECT \(Self.columns) FROM readings", path).sorted()
    #expect(!expected.isEmpty)
    #expect(found == expected, "seed \(seed)")
    var query = ReadingQuery()
    query.device = Fixture.companion(2)
    query.channel = "pH"
    let some = try RangePageTests.all(history, query).map(Self.line).sorted()
    let name = Fixture.companion(2).text
    let chosen = try Self.lines(
      "SELECT \(Self.columns) FROM readings WHERE device = '\(name)' AND channel = 'pH'", path)
    #expect(chosen.sorted() == some, "seed \(seed)")
  }

  @Test("commits that a range has taken in are not shown beside its blocks")
  func underRange() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let world = try QueryWorld(path, seed: 21, density: 4)
    for _ in 0..<60 { try world.commit() }
    try world.compact(isCleared: false)
    world.close()
    let under = try Self.lines(
      "SELECT count(*) FROM hot h JOIN commit_range r ON h.id BETWEEN r.id AND r.last", path)
    #expect(under != ["0"] && under.count == 1)
    let history = try HistoryCore(path: path, vfs: nil)
    let expected = try RangePageTests.all(history, ReadingQuery())
      .filter { $0.channel != "pH" }.map(Self.line).sorted()
    let found = try Self.lines(
      "SELECT \(Self.columns) FROM readings WHERE channel <> 'pH'", path
    ).sorted()
    #expect(!expected.isEmpty && found == expected)
  }

  @Test("readings that have gone are left out, and those beside them in a pack are there")
  func trimmed() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let world = try QueryWorld(path, seed: 7, density: 8)
    for _ in 0..<30 { try world.commit() }
    try world.compact()
    world.close()
    let options = Fixture.options(path, run: 9, boot: 9)
    let core = try StoreCore(options)
    _ = try core.open()
    var order = TrimOrder()
    order.databaseBytesMax = 1
    #expect(try core.trim(options, order, packsMax: 2).packs == 2)
    let levels = Set(try Directory.rows(path).map(\.level))
    #expect(levels.contains(.raw) && levels.count > 1)
    let history = try HistoryCore(path: path, vfs: nil)
    // SQLite has neither NaN nor the name that C gives to infinity.
    let expected = try RangePageTests.all(history, ReadingQuery())
      .filter { $0.channel != "pH" }.map(Self.line).sorted()
    let found = try Self.lines(
      "SELECT \(Self.columns) FROM readings WHERE channel <> 'pH'", path
    ).sorted()
    #expect(!expected.isEmpty && found == expected)
  }

  @Test("a word on a boot that was taken back by an untrusted clock dates nothing any more")
  func takenBack() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bivouac.db"
    let core = try StoreCore(Fixture.options(path, run: 7))
    var batch = ReadingBatch(cursors: try core.open().cursors)
    _ = batch.append(
      device: Fixture.board, bootUs: 5_000_000, channel: Fixture.temperature,
      value: .decimal(201, exponent: -1))
    let key = ClockOverride.key(Fixture.clockEpoch(1))
    let said = ClockOverride(bootUs: 0, utcUs: 1_600_000_000_000_000, boundUs: 9, note: "")
    func commit(_ value: [UInt8]?, replaces: [RecordId], trusted: Bool) throws -> [RecordId] {
      var stamp = Fixture.stamp()
      stamp.trusted = trusted
      let write = RegisterWrite(key: key, value: value, replaces: replaces)
      return try core.commit(
        PendingCommit(
          content: batch.take(arrivalUs: 9_000_000), clock: Fixture.clock(9_000_000),
          journal: [JournalEntry(stamp: stamp, content: .registerWrite(write))])
      ).journal
    }
    let first = try commit(said.encoded(), replaces: [], trusted: true)
    let dated = try Self.lines("SELECT utc_us FROM readings", path)
    #expect(dated == ["1600000005000000"])
    _ = try commit(nil, replaces: first, trusted: false)
    #expect(try Self.lines("SELECT utc_us FROM readings", path) == ["-"])
  }

  @Test("names that no series has, and NULL, choose nothing")
  func nothing() throws {
    var prng = Prng(seed: 3)
    let folder = TemporaryFolder()
    let path = try Self.database(&prng, folder)
    for condition in ["device = 'x'", "channel = NULL", "device = 5", "channel = ''"] {
      #expect(try Self.lines("SELECT 1 FROM readings WHERE \(condition)", path) == [])
    }
  }

  @Test("a block that the disk has altered is named, and nothing is made up")
  func altered() throws {
    var prng = Prng(seed: 4)
    let folder = TemporaryFolder()
    let path = try Self.database(&prng, folder)
    try Database.open(.init(path: path)).execute(
      "UPDATE pack SET body = zeroblob(length(body)) WHERE id = (SELECT min(id) FROM pack)")
    let lines = try Self.lines("SELECT count(*) FROM readings", path)
    #expect(lines.count == 1 && lines[0].contains("a block was altered"), "\(lines)")
  }

  @Test("a file of something else is refused with a reason")
  func notOurs() throws {
    let folder = TemporaryFolder()
    let lines = try Self.lines("SELECT count(*) FROM readings", folder.path + "/other.db")
    #expect(lines.count == 1 && lines[0].contains("layout"), "\(lines)")
  }
}
