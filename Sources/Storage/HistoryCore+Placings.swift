public import Model
public import Sync

/// Where a boot of the node that was never anchored lies in UTC.
public struct BootPlacing: Hashable, Sendable {
  /// Which boot.
  public var clockEpoch: ClockEpoch
  /// When it began, nobody vouching for it, and how far off that can be at most.
  public var anchor: Anchor
}

extension HistoryCore {
  private struct Boot {
    let id: Int64
    let clockEpoch: ClockEpoch
    /// The arrival of its last commit.
    var lastUs: Int64 = 0
  }

  /// A boot without an anchor began after the last commit of the one before it, and ended before
  /// the next one began. Where both of these are known it is placed between them: where the wall
  /// clock put it, as far as that is possible. How far off that can be is the room between, how far
  /// off these are themselves, and what the clocks of the boots between can have drifted.
  func placings() throws(DatabaseError) -> [BootPlacing] {
    var boots: [Boot] = []
    for id in clockEpochs.keys.sorted() where id < RowId.foreignFirst {
      guard let clockEpoch = clockEpochs[id] else { continue }
      boots.append(Boot(id: id, clockEpoch: clockEpoch, lastUs: try lastArrivalUs(in: id)))
    }
    var found: [BootPlacing] = []
    /// The end of the boots before, if it is known.
    var ended: Dating?
    for (index, boot) in boots.enumerated() {
      let last = NodeTime(clockEpoch: boot.clockEpoch, bootUs: boot.lastUs)
      if let dating = timeline.node.date(last) {
        ended = dating
        continue
      }
      guard let earliest = ended, let latest = latestBeginning(of: index, boots) else { continue }
      // What lies between stays between, even where a commit of the boot before came late.
      ended = earliest.moved(by: boot.lastUs)
      let slack = Saturating.sum(earliest.boundUs ?? 0, latest.boundUs ?? 0)
      guard Saturating.difference(earliest.utcUs, latest.utcUs) <= slack else { continue }
      let claimed = try claimedBeginning(of: boot.id) ?? earliest.utcUs
      let begin = min(max(claimed, earliest.utcUs), latest.utcUs)
      let room = max(
        Saturating.difference(begin, earliest.utcUs), Saturating.difference(latest.utcUs, begin))
      found.append(
        BootPlacing(
          clockEpoch: boot.clockEpoch,
          anchor: Anchor(
            bootUs: 0, utcUs: begin, errorUs: Saturating.sum(room, slack), origin: .unknown)))
    }
    return found
  }

  /// The latest time at which a boot can have begun, for all that came before the next one whose
  /// beginning is known.
  private func latestBeginning(of index: Int, _ boots: [Boot]) -> Dating? {
    var lengthUs: Int64 = 0
    for boot in boots[index...] {
      let beginning = NodeTime(clockEpoch: boot.clockEpoch, bootUs: 0)
      if let dating = timeline.node.date(beginning) {
        return dating.moved(by: -lengthUs)
      }
      let (sum, overflow) = lengthUs.addingReportingOverflow(boot.lastUs)
      guard !overflow else { return nil }
      lengthUs = sum
    }
    return nil
  }

  /// CLOCK_BOOTTIME of the last commit of a boot; 0 for none.
  func lastArrivalUs(in clockEpoch: Int64) throws(DatabaseError) -> Int64 {
    let hot =
      try database.number(
        "SELECT max(id) FROM hot WHERE clock_epoch = \(clockEpoch) "
          + "AND id < \(RowId.ownEnd)") ?? 0
    let range =
      try database.number(
        "SELECT max(last) FROM commit_range WHERE clock_epoch = \(clockEpoch) "
          + "AND id < \(RowId.ownEnd)") ?? 0
    guard max(hot, range) > 0 else { return 0 }
    return try arrival(from: max(hot, range))?.arrival?.bootUs ?? 0
  }

  /// When the wall clock said, at the start of its last run, that a boot began.
  func claimedBeginning(of clockEpoch: Int64) throws(DatabaseError) -> Int64? {
    var rows = try database.prepare(
      "SELECT \(RowSeal.journalColumns) FROM journal "
        + "WHERE kind = 1 AND clock_epoch = \(clockEpoch) AND id < \(RowId.ownEnd) "
        + "ORDER BY id DESC LIMIT 1")
    guard try rows.step(), RowSeal.journalHolds(rows) else { return nil }
    do throws(DecodeError) {
      guard let stamp = try JournalDecoder.decode(kind: 1, rows.blob(3))?.stamp else {
        return nil
      }
      let (began, overflow) = stamp.wallUs.subtractingReportingOverflow(stamp.bootUs)
      return overflow ? nil : began
    } catch {
      return nil  // what cannot be read was counted when the store was opened
    }
  }
}
