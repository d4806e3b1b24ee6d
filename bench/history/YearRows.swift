import Glibc

/// A year of one thermometer at 1 Hz as rows, and what SQL does with them.
struct YearRows: ~Copyable {
  static let dayS = 86_400
  static let seconds = 365 * dayS

  private let rows: RowsDatabase

  /// Builds them, without waiting for a disk: what is measured are questions.
  init(_ path: String, _ set: SensorSet) throws {
    let rows = try RowsDatabase(path, .clustered)
    try rows.execute("PRAGMA synchronous=OFF")
    var clock = SensorClock(set, board: 0)
    var sensor = Sensor(set.kind, channel: 0)
    for _ in 0..<Self.seconds / Self.dayS {
      try rows.begin()
      for _ in 0..<Self.dayS {
        let timeUs = BenchNode.beginUs + clock.next() * 1000
        try rows.add(series: 0, timeUs: timeUs, value: set.kind.double(sensor.next()))
      }
      try rows.commit()
    }
    try rows.checkpoint()
    self.rows = rows
  }

  /// One slot of an answer, ours or SQL's.
  struct Slot: Equatable {
    let count: Int64
    let min: Double
    let max: Double
    let average: Double

    /// The same readings were counted, and the sums differ by no more than rounding.
    func matches(_ other: Slot) -> Bool {
      count == other.count && min == other.min && max == other.max
        && abs(average - other.average) <= 1e-9 * Swift.max(1, abs(average))
    }
  }

  /// Slots of `slotUs` of UTC: those that hold readings, in their order.
  func slots(_ range: Range<Int64>, slotUs: Int64) throws -> [Slot] {
    let question = try rows.prepare(
      """
      SELECT time / ?4 AS slot, count(*), min(value), max(value), avg(value)
      FROM reading WHERE series = ?1 AND time >= ?2 AND time < ?3 GROUP BY slot
      """)
    question.bind(1, Int64(0))
    question.bind(2, range.lowerBound)
    question.bind(3, range.upperBound)
    question.bind(4, slotUs)
    var found: [Slot] = []
    while try question.step() {
      found.append(
        Slot(
          count: question.int64(1), min: question.double(2), max: question.double(3),
          average: question.double(4)))
    }
    return found
  }
}
