import Glibc
import Model
import Storage
import Sync

/// A year of one thermometer at 1 Hz: means by the hour of thirty days, and a chart of the year;
/// the database that ships beside SQL's GROUP BY over plain rows.
enum QuestionBench {
  struct Wrong: Error { let what: String }

  private static let set = SensorSet(kind: .temperature, hasJitter: true)
  private static let windowS = 600
  private static let dayUs: Int64 = 86_400_000_000
  private static let rounds = 5

  /// A question, how it is asked of ours, and how much faster than SQL the answer has to come.
  private struct Question {
    let what: String
    let range: Range<Int64>
    let slotS: Int64
    let functions: WindowFunctions
    let precision: WindowQuery.Precision
    let fasterMin: Double
  }

  private static func questions() -> [(isNewSQL: Bool, question: Question)] {
    // In the middle of the year, away from where either side begins to read.
    let month = BenchNode.beginUs + 150 * dayUs..<BenchNode.beginUs + 180 * dayUs
    let year = BenchNode.beginUs..<BenchNode.beginUs + 365 * dayUs
    func hours(
      _ what: String, _ functions: WindowFunctions, _ precision: WindowQuery.Precision,
      _ fasterMin: Double
    ) -> Question {
      Question(
        what: "30 days by the hour, \(what)", range: month, slotS: 3600, functions: functions,
        precision: precision, fasterMin: fasterMin)
    }
    return [
      (true, hours("from summaries", .sums, .exact, 200)),
      // The first and last reading of each hour: every block is decoded.
      (false, hours("decoded", [.sums, .ends], .exact, 25)),
      (
        true,
        Question(
          what: "a year to 1,000 points", range: year, slotS: 365 * 86_400 / 1000,
          functions: .sums, precision: .exact, fasterMin: 200)
      ),
      (
        false,
        Question(
          what: "a year to 1,000 points, quick", range: year, slotS: 365 * 86_400 / 1000,
          functions: .sums, precision: .quick, fasterMin: 200)
      ),
    ]
  }

  static func run(folder: String) async throws {
    print("\nA year of one channel at 1 Hz, with jitter\n")
    let (ours, rows) = (folder + "/year.db", folder + "/year-rows.db")
    defer { for path in [ours, rows] { remove(path) } }
    let building = try await Measure.of { try await build(ours) }
    let (used, free) = try AtRest.pageBytes(ours)
    let count = Double(YearRows.seconds)
    print(
      "  built through the store and its compaction in \(fixed(building.wallS, 1)) s (CPU"
        + " \(fixed(building.cpuS, 1)) s): \(fixed(Double(used + free) / count, 3)) bytes a"
        + " reading, free pages included")
    let plain = try YearRows(rows, set)
    let store = try await BenchStore(ours, run: 3)
    let history = try await History.open(path: ours)
    var slots: [YearRows.Slot] = []
    var reference = Measure(cpuS: 0)
    for (isNewSQL, question) in questions() {
      if isNewSQL {
        reference = try Measure.of {
          slots = try plain.slots(question.range, slotUs: question.slotS * 1_000_000)
        }
      }
      try await race(question, history, slots, reference)
    }
    await history.close()
    history.endThread()
    try await store.close()
  }

  private static func race(
    _ question: Question, _ history: History, _ slots: [YearRows.Slot], _ reference: Measure
  ) async throws {
    var best = Double.infinity
    var first = 0.0
    var cost = ""
    for round in 0..<rounds {
      var buckets: [WindowBucket] = []
      let work = try await Measure.of { (buckets, cost) = try await ask(question, history) }
      if round == 0 { first = work.cpuS }
      best = min(best, work.cpuS)
      try compare(buckets, slots, question)
    }
    let faster = reference.cpuS / best
    print(
      "  \(question.what): \(fixed(best * 1e3, 1)) ms of CPU (the first time"
        + " \(fixed(first * 1e3, 1))), SQL \(fixed(reference.cpuS * 1e3, 0)) ms,"
        + " \(fixed(faster, 0)) times faster; limit \(fixed(question.fasterMin, 0)):"
        + " \(faster >= question.fasterMin ? "ok" : "MISSED") (\(cost))")
  }

  /// The whole answer, page by page, and what it cost.
  private static func ask(
    _ question: Question, _ history: History
  ) async throws -> ([WindowBucket], String) {
    guard let length = BucketLength(question.slotS, .seconds), let grid = BucketGrid(length) else {
      throw Wrong(what: "no grid of \(question.slotS) s")
    }
    var query = WindowQuery(
      devices: [BenchNode.board(0)], channel: "c0", span: question.range, grid: grid)
    query.functions = question.functions
    query.precision = question.precision
    var buckets: [WindowBucket] = []
    var (pages, seen, decoded) = (0, 0, 0)
    while true {
      let page = try await history.windows(query)
      buckets += page.buckets
      pages += 1
      seen += page.cost.blocksSeen
      decoded += page.cost.blocksDecoded
      guard let next = page.nextUs else {
        return (buckets, "\(pages) pages, \(seen) blocks, \(decoded) decoded")
      }
      query.span = next..<query.span.upperBound
    }
  }

  /// Every bucket says what SQL says; a quick one, whose borders waver, as many readings in all.
  private static func compare(
    _ buckets: [WindowBucket], _ slots: [YearRows.Slot], _ question: Question
  ) throws {
    let answers = try buckets.map { bucket in
      guard let least = bucket.tally.least, let most = bucket.tally.most,
        let average = bucket.tally.average
      else { throw Wrong(what: "\(question.what): a bucket without numbers") }
      return YearRows.Slot(
        count: bucket.tally.count, min: try number(least), max: try number(most),
        average: average)
    }
    let isQuick = question.precision == .quick
    let isSame =
      answers.count == slots.count
      && (isQuick
        ? answers.reduce(0) { $0 + $1.count } == slots.reduce(0) { $0 + $1.count }
        : zip(answers, slots).allSatisfy { $0.matches($1) })
    guard isSame else {
      let first = zip(answers, slots).first { !$0.matches($1) }
      throw Wrong(
        what: "\(question.what): \(answers.count) buckets, SQL \(slots.count); "
          + (first.map { "\($0), SQL \($1)" } ?? ""))
    }
  }

  private static func number(_ value: Value) throws -> Double {
    guard case .decimal(let mantissa, let exponent) = value, exponent == set.kind.exponent else {
      throw Wrong(what: "\(value)")
    }
    return set.kind.double(mantissa)
  }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unsafe unlink(path + suffix) }
  }

  private static func build(_ path: String) async throws {
    var node = try await BenchStore(path, askedEveryS: 12 * windowS)
    var played = SensorBoards(set, boards: 1, channels: 1, opening: node.opening)
    try await node.date(boards: 1)
    try await node.play(&played, until: YearRows.seconds, windowS: windowS)
    try await node.close()
    try await BenchStore.finish(path)
  }
}
