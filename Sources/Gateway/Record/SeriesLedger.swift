internal import Storage

/// Says whether a node takes up more series. Pure.
///
/// It counts too many rather than too few: a board that comes back counts again, until all are
/// counted anew, which is due when there seems to be no room.
struct SeriesLedger {
  /// How many there may be.
  let limit: Int
  /// How many there were when they were counted, or learnt since.
  private(set) var known: Int
  /// When that was, in µs of CLOCK_BOOTTIME; nil before the first time.
  private var countedUs: Int64?
  /// They are not counted anew sooner, in µs.
  static let recountUs: Int64 = 60_000_000

  /// Begins with what the database names.
  init(limit: Int = Limits.seriesMax, known: Int) {
    self.limit = limit
    self.known = known
  }

  /// Whether so many more find room.
  func hasRoom(for more: Int) -> Bool { more <= limit - known }

  /// Takes up so many more, if all of them find room.
  mutating func take(_ more: Int) -> Bool {
    guard hasRoom(for: more) else { return false }
    known += more
    return true
  }

  /// Whether it is worth counting them.
  func isCountDue(nowUs: Int64) -> Bool {
    countedUs.map { nowUs - $0 >= Self.recountUs } ?? true
  }

  /// They were counted.
  mutating func count(_ exact: Int, nowUs: Int64) {
    known = exact
    countedUs = nowUs
  }
}

/// Which channels of a board are recorded.
struct SeriesAdmission: Equatable {
  /// Of which of its descriptions.
  var descriptorHash: UInt64
  /// The indices of those that are not: the node has as many series as it takes, and these are new.
  var refused: Set<Int> = []
  /// The keys of those that it knew when that was looked up; nil while there was room for all.
  var known: Set<String>?
}
