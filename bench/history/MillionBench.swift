import Glibc
import Model
import Storage
import Sync
import Synchronization

/// A million series of one reading each: the worst that a database can be made of, since nothing is
/// shared by the readings of a block, and every row of a table is another series'.
///
/// Each figure about a question stands beside the same question to a database of a thousand series.
enum MillionBench {
  struct Wrong: Error { let what: String }

  static let series = 1_000_000
  private static let few = 1_000
  private static let channels = 200
  private static let boardsPerCommit = 25
  private static let table = (0..<channels).map {
    Channel(key: "c\($0)", unit: "Cel", exponent: -1)
  }
  /// What each part may take: a commit of 5,000 series, one of a single series while others are
  /// compacted, a page of 10,000 readings, memory, and a question beside the same one to few.
  private static let commitMaxMs = 250.0
  private static let besideMaxMs = 100.0
  private static let pageMaxMs = 1_000.0
  private static let growthMaxMiB = 64.0
  private static let ratioMax = 3.0
  /// A page of readings reads the names of a range's blocks: 8,192 at most, beside 1,000.
  private static let pageRatioMax = 9.0
  /// Between two commits while others are compacted.
  private static let pauseUs: UInt32 = 100_000
  private static let restartMaxMs = 2_000.0
  /// How often each question is asked; the middle one counts.
  private static let asked = 21

  /// Whether time and memory keep to their limits; throws where an answer is wrong.
  static func run(folder: String, series: Int = series) async throws -> Bool {
    print("\n\(series) series, one reading of each\n")
    var figures = Figures()
    let (path, small) = (folder + "/million.db", folder + "/few.db")
    defer { for path in [path, small] { Memory.remove(path) } }
    var ignored = Figures()
    try await fill(small, series: few, &ignored)
    try await BenchStore.finish(small)
    let began = try Memory.anonymousKiB()
    func grown() throws -> Double { Double(try Memory.anonymousKiB() - began) / 1024 }
    try await fill(path, series: series, &figures)
    figures.tell("memory after all commits, more", try grown(), "MiB", growthMaxMiB)
    try await compact(path, series: series, &figures)
    figures.tell("memory after the compaction, more", try grown(), "MiB", growthMaxMiB)
    try await questions(path, small, series: series, &figures)
    figures.tell("memory after the questions, more", try grown(), "MiB", growthMaxMiB)
    return figures.areKept
  }

  private struct Figures {
    private(set) var areKept = true

    mutating func tell(_ what: String, _ value: Double, _ unit: String, _ limit: Double) {
      let isKept = value <= limit
      areKept = areKept && isKept
      print(
        "  \(what): \(fixed(value, 1)) \(unit); limit \(fixed(limit, 0)):"
          + " \(isKept ? "ok" : "MISSED")")
    }
  }

  // MARK: Commits

  private static func fill(_ path: String, series: Int, _ figures: inout Figures) async throws {
    let node = try await BenchStore(path)
    let boards = series / channels
    var batch = ReadingBatch(cursors: node.opening.cursors)
    var (longest, sum, count) = (0.0, 0.0, 0)
    for first in stride(from: 0, to: boards, by: boardsPerCommit) {
      for number in first..<min(boards, first + boardsPerCommit) { try add(number, to: &batch) }
      let bootUs = Int64(first + 1) * 1_000_000
      let commit = PendingCommit(
        content: batch.take(arrivalUs: bootUs), clock: BenchNode.clock(bootUs: bootUs), journal: [])
      let cost = try await Measure.of { _ = try await node.store.commit(commit) }
      (longest, sum, count) = (max(longest, cost.wallS), sum + cost.wallS, count + 1)
    }
    // Dated: an anchor, and the fit of every third board; the others' readings lie anywhere.
    let fits = (0..<boards).filter { $0 % 3 == 0 }.map { JournalContent.clockFit(fit($0)) }
    let anchor = JournalContent.anchor(
      Anchor(bootUs: 0, utcUs: BenchNode.beginUs, errorUs: 500, origin: .kernel))
    for part in stride(from: 0, to: fits.count + 1, by: 512) {
      let contents = ([anchor] + fits)[part..<min(fits.count + 1, part + 512)]
      let stamp = Stamp(trusted: true, bootUs: 0, wallUs: BenchNode.beginUs, author: "node")
      _ = try await node.store.append(
        contents.map { JournalEntry(stamp: stamp, content: $0) }, clock: BenchNode.clock(bootUs: 0))
    }
    try await node.close()
    figures.tell(
      "the longest commit of \(channels * boardsPerCommit) new series"
        + " (\(fixed(sum / Double(count) * 1e3, 1)) on average)",
      longest * 1e3, "ms", commitMaxMs)
  }

  private static func add(_ number: Int, to batch: inout ReadingBatch) throws {
    let cursor = Cursor(
      identity: BenchNode.board(number), epoch: SensorBoards.epoch, nonce: 1, ringCapacity: 65_536)
    var run = SampleRun()
    for channel in 0..<channels {
      run.append(
        seq: UInt32(channel), ticksMs: UInt64(number) * 40, channel: UInt8(channel),
        value: .decimal(Int64(number)))
    }
    guard batch.open(cursor),
      batch.append(
        device: BenchNode.board(number), epoch: SensorBoards.epoch, run: run, channels: table
      ).taken == channels
    else { throw Wrong(what: "board \(number) is not taken") }
  }

  private static func fit(_ number: Int) -> ClockFit {
    ClockFit(
      identity: BenchNode.board(number), epoch: SensorBoards.epoch, segmentStartMs: 0,
      referenceTicksMs: 0,
      referenceBootUs: 0, ratePpb: 0, boundUs: 1_000, isGood: true)
  }

  // MARK: Compaction

  /// While it goes on a single series is committed all the time: how long each takes.
  private static func compact(
    _ path: String, series: Int, _ figures: inout Figures
  ) async throws {
    var node: BenchStore?
    let opening = try await Measure.of { node = try await BenchStore(path, run: 2) }
    guard let node else { return }
    figures.tell("a start", opening.wallS * 1e3, "ms", restartMaxMs)
    let progress = Progress()
    let compacting = Task {
      defer { progress.end() }
      var reports: [CompactionReport] = []
      let cost = try await Measure.of { reports = try await node.compactor.run() }
      return (reports, cost)
    }
    var batch = ReadingBatch(cursors: node.opening.cursors)
    var longest = 0.0
    var seq: UInt32 = UInt32(channels)
    var times: [Double] = []
    repeat {
      usleep(pauseUs)
      var run = SampleRun()
      run.append(seq: seq, ticksMs: UInt64(seq) * 1_000, channel: 0, value: .decimal(1))
      seq += 1
      let taken = batch.append(
        device: BenchNode.board(0), epoch: SensorBoards.epoch, run: run, channels: table
      ).taken
      guard taken == 1 else { throw Wrong(what: "a sample of board 0 is not taken") }
      let bootUs = Int64(series) * 1_000 + Int64(seq) * 1_000_000
      let commit = PendingCommit(
        content: batch.take(arrivalUs: bootUs), clock: BenchNode.clock(bootUs: bootUs), journal: [])
      let cost = try await Measure.of { _ = try await node.store.commit(commit) }
      times.append(cost.wallS * 1e3)
      longest = max(longest, cost.wallS * 1e3)
    } while !progress.hasEnded
    let (reports, cost) = try await compacting.value
    times.sort()
    figures.tell(
      "the longest of \(times.count) commits while they are compacted"
        + " (p50 \(fixed(times[times.count / 2], 1)),"
        + " p99 \(fixed(times[times.count * 99 / 100], 1)))", longest, "ms", besideMaxMs)
    let blocks = reports.reduce(0) { $0 + $1.blocks }
    print(
      "  compacted to \(blocks) blocks in \(reports.count) ranges: \(fixed(cost.wallS, 1)) s,"
        + " \(fixed(cost.cpuS / Double(max(1, blocks)) * 1e6, 0)) µs of a core for each")
    try await node.close()
  }

  private final class Progress: Sendable {
    private let ended = Atomic<Bool>(false)
    var hasEnded: Bool { ended.load(ordering: .acquiring) }
    func end() { ended.store(true, ordering: .releasing) }
  }

  // MARK: Questions

  private static func questions(
    _ path: String, _ small: String, series: Int, _ figures: inout Figures
  ) async throws {
    let many = try await History.open(path: path)
    let few = try await History.open(path: small)
    figures.tell("the longest page of all readings", try await page(many, series), "ms", pageMaxMs)
    for (what, ask, limit) in [
      ("one series by the hour", Self.window, ratioMax),
      ("one series at 1,000 points", Self.points, ratioMax),
      ("one series' readings", Self.readings, pageRatioMax),
      ("the first page of the series", Self.list, ratioMax),
    ] {
      let (slow, quick) = (try await middle(many, ask), try await middle(few, ask))
      figures.tell(
        "\(what): \(fixed(slow, 2)) ms, of few series \(fixed(quick, 2)): times", slow / quick, "",
        limit)
    }
    for history in [many, few] {
      await history.close()
      history.endThread()
    }
  }

  private static func middle(
    _ history: History, _ ask: (History) async throws -> Void
  ) async throws -> Double {
    var times: [Double] = []
    for _ in 0..<asked { times.append(try await Measure.of { try await ask(history) }.wallS * 1e3) }
    return times.sorted()[asked / 2]
  }

  /// Every reading comes once, page by page.
  private static func page(_ history: History, _ series: Int) async throws -> Double {
    var query = ReadingQuery()
    query.limit = 10_000
    var (count, longest) = (0, 0.0)
    repeat {
      var page: ReadingPage?
      longest = max(longest, try await Measure.of { page = try await history.page(query) }.wallS)
      guard let page else { break }
      count += page.readings.count
      query.cursor = page.next
    } while query.cursor != nil
    guard count >= series else { throw Wrong(what: "\(count) readings") }
    return longest * 1e3
  }

  private static func window(_ history: History) async throws {
    guard let hour = BucketLength(text: "1h"), let grid = BucketGrid(hour) else {
      throw Wrong(what: "no hour")
    }
    let page = try await history.windows(
      WindowQuery(
        devices: [BenchNode.board(3)], channel: "c56", span: 0..<BenchNode.beginUs * 2, grid: grid))
    let counts = page.buckets.map(\.tally.count)
    guard counts == [1] else { throw Wrong(what: "\(counts) readings of one series") }
  }

  private static func points(_ history: History) async throws {
    let day: Int64 = 86_400_000_000
    let span = BenchNode.beginUs..<BenchNode.beginUs + 10 * day
    guard let slot = BucketLength(text: "864s"), let grid = BucketGrid(slot) else {
      throw Wrong(what: "no slots")
    }
    var query = WindowQuery(devices: [BenchNode.board(3)], channel: "c56", span: span, grid: grid)
    query.precision = .quick
    let page = try await history.windows(query)
    guard page.buckets.map(\.tally.count) == [1] else { throw Wrong(what: "points") }
  }

  private static func readings(_ history: History) async throws {
    var query = ReadingQuery()
    (query.device, query.channel) = (BenchNode.board(3), "c56")
    let page = try await history.page(query)
    guard page.readings.count == 1 else { throw Wrong(what: "\(page.readings.count) readings") }
  }

  private static func list(_ history: History) async throws {
    let found = try await history.extents(SeriesQuery(limit: few))
    guard found.known.count + found.unknown.count >= few else { throw Wrong(what: "few series") }
  }
}
