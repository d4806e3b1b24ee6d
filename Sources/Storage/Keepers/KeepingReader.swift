internal import Model
internal import Sync

/// What keepers said and proved of the range at hand: whether its readings may go by their age, and
/// in which order they go for want of room.
final class KeepingReader {
  private let order: TrimOrder
  private var rows: Statement
  /// Local ids of the keepers that there are, and of this node where it is one.
  private let keepers: [Int64]
  private let own: Int64?
  /// Whether something is owed to whose run it is, by the run's local id.
  private let isOwner: [Int64: Bool]
  private var known: (commits: Int64, mayGo: Bool)?

  init(_ database: borrowing Database, _ order: TrimOrder) throws(DatabaseError) {
    self.order = order
    rows = try database.prepare(
      "SELECT \(KeepingRows.columns) FROM keeping WHERE keeper = ? AND commits = ?")
    var keepers: [Int64] = []
    for node in order.keepers {
      if let id = try KeepingRows.keeper(database, node) { keepers.append(id) }
    }
    self.keepers = keepers
    guard let duty = order.duty else {
      (own, isOwner) = (nil, [:])
      return
    }
    own = try KeepingRows.keeper(database, duty.keeper)
    isOwner = try Folding.incarnations(database).mapValues { duty.owners.contains($0.0) }
  }

  /// Ends whatever is open: before the transaction does.
  func reset() {
    rows.reset()
    known = nil
  }

  /// Whether readings of a range that are old enough may go: of this node's own once a keeper has
  /// proven to have them for so long, of others once their owner may rest on itself again.
  func mayGoByAge(_ commits: Int64) throws(DatabaseError) -> Bool {
    if let known, known.commits == commits { return known.mayGo }
    let mayGo = try judge(commits)
    known = (commits, mayGo)
    return mayGo
  }

  private func judge(_ commits: Int64) throws(DatabaseError) -> Bool {
    guard let nowUs = order.nowUs else { return false }
    guard RowId.isOwn(commits) else {
      guard order.duty != nil, isOwner[RowId.incarnationId(commits)] != false else { return true }
      // Longer than the owner waits after its proof: it has let go before, or never will.
      return try own.map { (id) throws(DatabaseError) in
        try isProven(commits, by: id, toUs: nowUs - 2 * order.keepAfterAckUs)
      } ?? false
    }
    guard !order.keepers.isEmpty else { return true }
    for keeper in keepers {
      if try isProven(commits, by: keeper, toUs: nowUs - order.keepAfterAckUs) { return true }
    }
    return false
  }

  private func isProven(
    _ commits: Int64, by keeper: Int64, toUs: Int64
  ) throws(DatabaseError) -> Bool {
    guard let row = try row(commits, keeper) else { return false }
    if SeededBug.trimUnproven.isOn { return true }
    return row.level == .proven && row.at > 0 && row.at <= toUs
  }

  /// Whether a keeper said to have a range of this node's own.
  func isAcknowledged(_ commits: Int64) throws(DatabaseError) -> Bool {
    for keeper in keepers {
      if try row(commits, keeper) != nil { return true }
    }
    return false
  }

  /// Whether there are keepers, and none of them said to have a range of this node's own.
  func isUnacknowledged(_ commits: Int64) throws(DatabaseError) -> Bool {
    guard RowId.isOwn(commits), !order.keepers.isEmpty else { return false }
    return try !isAcknowledged(commits)
  }

  private func row(
    _ commits: Int64, _ keeper: Int64
  ) throws(DatabaseError) -> KeepingRows.Row? {
    rows.bind(1, keeper)
    rows.bind(2, commits)
    defer { rows.reset() }
    return try rows.step() ? KeepingRows.read(rows) : nil
  }
}
