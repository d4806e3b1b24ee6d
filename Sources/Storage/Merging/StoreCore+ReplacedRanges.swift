internal import Codec
internal import Model
internal import Sync

/// What a range that came takes the place of, and what it keeps of that.
extension StoreCore {
  private struct CursorName: Hashable {
    let identity: DeviceIdentity
    let epoch: UInt32
  }

  /// The two columns that are neither signed nor sent: of another node's range nothing; of an own
  /// one what the rows say for which it stands, and for the rest no cursors, and the clock that its
  /// run began with.
  func columns(
    _ ids: ClosedRange<Int64>, _ arrivalsMs: [Int64]
  ) throws(DatabaseError) -> (cursors: [Cursor], clock: RangeClock) {
    var clock = RangeClock()
    guard RowId.isOwn(ids.lowerBound) else {
      for arrivalMs in arrivalsMs {
        let bootUs = RangeTime.us(arrivalMs)
        clock.append(ClockObservation(bootUs: bootUs, wallUs: bootUs, trusted: false, errorUs: 0))
      }
      return ([], clock)
    }
    var said: [Int64: ClockObservation] = [:]
    var cursors: [(id: Int64, cursors: [Cursor])] = []
    var rows = try database.prepare(
      "SELECT \(RowSeal.hotColumns) FROM hot WHERE id BETWEEN \(ids.lowerBound) AND "
        + "\(ids.upperBound) ORDER BY id")
    while try rows.step() {
      // What the disk has altered says nothing.
      guard RowSeal.hotHolds(rows) else { continue }
      do throws(DecodeError) {
        cursors.append((rows.int64(0), try CursorColumn.decode(rows.blob(3))))
        said[rows.int64(0)] = try ClockObservation(decoding: rows.blob(4))
      } catch { continue }
    }
    var ranges = try database.prepare(
      "SELECT \(RangeRow.columns) FROM commit_range WHERE id BETWEEN \(ids.lowerBound) AND "
        + "\(ids.upperBound) ORDER BY id")
    while try ranges.step() {
      guard RangeRow.holds(ranges) else { continue }
      let range = try RangeRow(ranges, path: database.path)
      cursors.append((range.last, range.cursors))
      for (place, arrivalMs) in range.header.arrivalsMs.enumerated() {
        said[range.id + Int64(place)] = range.clock.observation(place, arrivalMs: arrivalMs)
      }
    }
    let local = RowId.incarnationId(ids.lowerBound)
    for (id, arrivalMs) in zip(ids, arrivalsMs) {
      if let observation = said[id] {
        clock.append(observation)
      } else {
        clock.append(try regainedClock(local, RangeTime.us(arrivalMs)))
      }
    }
    var newest: [CursorName: Cursor] = [:]
    for (_, cursors) in cursors.sorted(by: { $0.id < $1.id }) {
      for cursor in cursors {
        newest[CursorName(identity: cursor.identity, epoch: cursor.epoch)] = cursor
      }
    }
    let sorted = newest.values.sorted { ($0.identity, $0.epoch) < ($1.identity, $1.epoch) }
    return (sorted, clock)
  }

  /// Takes a range out, with its blocks and packs: another one stands for its commits.
  func drop(_ id: Int64) throws(DatabaseError) {
    let blocks = "block INDEXED BY block_by_level WHERE level IN (0, 1, 2) AND commits = \(id)"
    var rows = try database.prepare("SELECT DISTINCT pack FROM \(blocks)")
    var packs: [Int64] = []
    while try rows.step() { packs.append(rows.int64(0)) }
    rows.reset()
    for pack in packs { try database.execute("DELETE FROM pack WHERE id = \(pack)") }
    try database.execute(
      "DELETE FROM \(blocks); DELETE FROM commit_range WHERE id = \(id); "
        + "DELETE FROM range_signature WHERE id = \(id); "
        + "DELETE FROM range_description WHERE id = \(id); "
        + "DELETE FROM dated_range WHERE commits = \(id)")
    dating.forget(range: id)
    merging.trimmed = nil
  }

  /// Ends a compaction of some of these commits: what it has written and not published goes, and
  /// what it has published is another's to clear. When it goes on it finds a range there.
  func endCompaction(of ids: ClosedRange<Int64>) throws(DatabaseError) {
    let begun = try database.number(
      "SELECT commits FROM packing WHERE commits BETWEEN \(ids.lowerBound) AND "
        + "\(ids.upperBound)")
    guard let begun else { return }
    if try database.number("SELECT 1 FROM commit_range WHERE id = \(begun)") == nil {
      try drop(begun)
    }
    try database.execute("DELETE FROM packing")
  }

  /// A compaction that found its commits in a range that came meanwhile ends, and begins anew.
  func checkUncovered(_ ids: ClosedRange<Int64>) throws(DatabaseError) {
    let base = RowId.incarnationId(ids.lowerBound) << 40
    guard try covered(ids, base).isEmpty else {
      throw DatabaseError(.cancelled, path: database.path)
    }
  }
}
