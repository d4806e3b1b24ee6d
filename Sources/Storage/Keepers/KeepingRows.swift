internal import Model
public import Sync

/// What keepers have of this node's own ranges: rows of `keeping`, each with a check. One that the
/// disk has altered says nothing: what it said is asked for again.
enum KeepingRows {
  /// The step of the layout that adds them.
  static let step = """
    CREATE TABLE keeping(
      keeper INTEGER NOT NULL, commits INTEGER NOT NULL, last INTEGER NOT NULL,
      level INTEGER NOT NULL, at INTEGER NOT NULL, crc INTEGER NOT NULL,
      PRIMARY KEY(keeper, commits)) WITHOUT ROWID;
    """

  /// One row.
  struct Row {
    var commits: Int64
    var last: Int64
    var level: KeptLevel
    /// Since when it is proven, in µs of UTC by a clock that counts; 0 while none did.
    var at: Int64 = 0
  }

  static let columns = "commits, last, level, at, crc, keeper"

  /// The row that a statement over `columns` is at; nil for one that is not as it was written.
  static func read(_ row: borrowing Statement) -> Row? {
    guard let level = UInt8(exactly: row.int64(2)).flatMap(KeptLevel.init(rawValue:)) else {
      return nil
    }
    let found = Row(commits: row.int64(0), last: row.int64(1), level: level, at: row.int64(3))
    return seal(found, keeper: row.int64(5)) == row.int64(4) ? found : nil
  }

  static func seal(_ row: Row, keeper: Int64) -> Int64 {
    var check = RowCheck()
    for number in [keeper, row.commits, row.last, Int64(row.level.rawValue), row.at] {
      check.add(number)
    }
    return check.value
  }

  /// The local id of a node; nil where nothing names it.
  static func keeper(
    _ database: borrowing Database, _ node: NodeId
  ) throws(DatabaseError) -> Int64? {
    var row = try database.prepare("SELECT id FROM node WHERE key = ?")
    row.bind(1, node.bytes)
    return try row.step() ? row.int64(0) : nil
  }

  /// Every row of a keeper that is as it was written, by range.
  static func all(
    _ database: borrowing Database, keeper: Int64
  ) throws(DatabaseError) -> [Int64: Row] {
    var rows = try database.prepare("SELECT \(columns) FROM keeping WHERE keeper = \(keeper)")
    var found: [Int64: Row] = [:]
    while try rows.step() {
      if let row = read(rows) { found[row.commits] = row }
    }
    return found
  }
}

/// How well it is known that a keeper has a range. Raw values are on disk: never renumber.
public enum KeptLevel: UInt8, Hashable, Sendable {
  /// It said so, in a vector or a receipt.
  case acknowledged = 1
  /// It gave the hash of the contents.
  case proven = 2
}

/// A compacted range that is here.
public struct KeptRange: Hashable, Sendable {
  /// The keys of its commits.
  let ids: ClosedRange<Int64>
  /// The same, as other nodes name it.
  public let part: ProofPart
}

/// What one keeper has of this node's own ranges, by what it said and proved.
public struct KeeperLedger: Sendable {
  /// Acknowledged, and not proven yet.
  public internal(set) var fresh: [KeptRange] = []
  /// Proven, and here still, so that it can be asked for again.
  public internal(set) var proven: [KeptRange] = []
  /// What was said or proven once and is in its vector no longer.
  public internal(set) var lost: [KeptRange] = []
  /// Those of `fresh` of which this is not on the disk yet.
  public internal(set) var unnoted: [KeptRange] = []
}

/// Commits of this node's own in ranges, of which a keeper has said or proven that it has them.
public struct KeptCount: Hashable, Sendable {
  /// Commits that it says to have, those that are proven included.
  public internal(set) var acknowledged: UInt64 = 0
  /// Commits that it has proven to have.
  public internal(set) var proven: UInt64 = 0
}

extension StoreCore {
  /// Notes that a keeper said or proved that it has ranges; `at` in µs of UTC, 0 without a clock
  /// that counts. What is proven stays so whatever is only said.
  func noteKept(
    _ ranges: [KeptRange], by keeper: NodeId, _ level: KeptLevel, at: Int64
  ) throws(DatabaseError) {
    try database.transaction { () throws(DatabaseError) in
      try insert("INSERT OR IGNORE INTO node(key) VALUES(?)", keeper.bytes)
      guard let id = try KeepingRows.keeper(database, keeper) else { return }
      let known = try KeepingRows.all(database, keeper: id)
      for range in ranges {
        let before = known[range.ids.lowerBound]
        var row = KeepingRows.Row(
          commits: range.ids.lowerBound, last: range.ids.upperBound, level: level,
          at: level == .proven ? at : 0)
        if let before, before.last == row.last, before.level == .proven {
          // It counts from the first time on.
          guard level == .proven, before.at == 0 else { continue }
          row.at = at
        }
        try write(row, keeper: id)
      }
    }
  }

  /// Takes back that a keeper has ranges.
  func forgetKept(_ ranges: [KeptRange], by keeper: NodeId) throws(DatabaseError) {
    guard let id = try KeepingRows.keeper(database, keeper) else { return }
    try database.transaction { () throws(DatabaseError) in
      var delete = try database.prepare("DELETE FROM keeping WHERE keeper = ? AND commits = ?")
      for range in ranges {
        delete.bind(1, id)
        delete.bind(2, range.ids.lowerBound)
        try delete.run()
      }
    }
  }

  /// Takes back everything that a keeper has proven: it is to prove it again.
  func unproveAll(of keeper: NodeId) throws(DatabaseError) {
    guard let id = try KeepingRows.keeper(database, keeper) else { return }
    try database.transaction { () throws(DatabaseError) in
      for row in try KeepingRows.all(database, keeper: id).values where row.level == .proven {
        var row = row
        (row.level, row.at) = (.acknowledged, 0)
        try write(row, keeper: id)
      }
    }
  }

  /// Dates what was proven while no clock counted, or by one that was ahead: it is older than that.
  func dateProofs(nowUs: Int64) throws(DatabaseError) {
    var keepers = try database.prepare(
      "SELECT DISTINCT keeper FROM keeping WHERE level = 2 AND (at = 0 OR at > \(nowUs))")
    var ids: [Int64] = []
    while try keepers.step() { ids.append(keepers.int64(0)) }
    keepers.reset()
    guard !ids.isEmpty else { return }
    try database.transaction { () throws(DatabaseError) in
      for id in ids {
        for row in try KeepingRows.all(database, keeper: id).values
        where row.level == .proven && (row.at == 0 || row.at > nowUs) {
          var row = row
          row.at = nowUs
          try write(row, keeper: id)
        }
      }
    }
  }

  /// What is known of a keeper, in commits.
  func keptCount(by keeper: NodeId) throws(DatabaseError) -> KeptCount {
    var count = KeptCount()
    guard let id = try KeepingRows.keeper(database, keeper) else { return count }
    for row in try KeepingRows.all(database, keeper: id).values where row.last >= row.commits {
      let commits = UInt64(row.last - row.commits + 1)
      count.acknowledged += commits
      if row.level == .proven { count.proven += commits }
    }
    return count
  }

  private func write(_ row: KeepingRows.Row, keeper: Int64) throws(DatabaseError) {
    var insert = try database.prepare("INSERT OR REPLACE INTO keeping VALUES(?, ?, ?, ?, ?, ?)")
    let numbers = [
      keeper, row.commits, row.last, Int64(row.level.rawValue), row.at,
      KeepingRows.seal(row, keeper: keeper),
    ]
    for (index, number) in numbers.enumerated() { insert.bind(Int32(index + 1), number) }
    try insert.run()
  }
}
