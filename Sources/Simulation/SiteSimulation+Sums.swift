internal import Model
internal import Storage
internal import Sync

/// What windows count where some nodes have readings and others nothing but their sums (ADR 0026).
extension SiteSimulation {
  /// Whoever knows the same commits counts the same, in readings or in sums.
  func compareSums() {
    var counts: [Int: [DeviceIdentity: UInt64]] = [:]
    for node in members where !node.isApart {
      do throws(DatabaseError) {
        counts[node.index] = try node.running?.store.windowCounts(
          of: boards.map(\.identity), SimulatedBoard.channel.key)
      } catch { violate("\(node.name) cannot count its readings: \(error)") }
    }
    for board in boards {
      var known: [Set<RecordId>: (node: SimulatedNode, count: UInt64)] = [:]
      let records = Set((witness.samples[board.identity] ?? [:]).values.joined())
      for node in members {
        guard let vector = node.running?.vector, let count = counts[node.index]?[board.identity],
          rough(board, vector) == 0
        else { continue }
        let here = records.filter(vector.knows)
        guard let other = known[here] else {
          known[here] = (node, count)
          continue
        }
        if other.count != count {
          violate(
            "\(node.name) counts \(count) of \(board.identity) in windows, \(other.node.name) "
              + "\(other.count)")
        }
      }
    }
  }

  /// Whether a reading may be left out for sums of which it is a part: where two disks have fixed
  /// the borders of ranges of one run, one that was copied or put back, what the one let go in one
  /// range may be several of the other (ADR 0026).
  func isUnderWiderSums(_ record: RecordId, _ vector: HaveVector) -> Bool {
    record.lane == .telemetry && nodes.contains { $0.mayBeBeyond && $0.owns(record.origin) }
      && vector.hasSeen(record.run.record(.rollups, record.seq))
  }

  /// Whether sums may stand for a reading that is here: until all that lies under them is.
  func isUnderSums(_ record: RecordId, _ vector: HaveVector) -> Bool {
    let sums = vector[LogId(record.run, .rollups)].held
    guard let range = sums.ranges.first(where: { $0.contains(record.seq) }) else { return false }
    return !vector[LogId(record.run, .telemetry)].held.contains(range)
  }
}
