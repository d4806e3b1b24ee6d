public import Model
public import Sync

/// One boot of the node, as the records have it.
public struct BootOnRecord: Hashable, Sendable {
  /// How many boots there were up to it, it included.
  public var number: Int64
  /// Which.
  public var clockEpoch: ClockEpoch
  /// CLOCK_BOOTTIME of its last commit, in µs; 0 when it has none.
  public var lastUs: Int64
  /// When it began, as its wall clock had it, in µs since 1970; nil when that is not on record.
  public var claimedUs: Int64?
}

/// The boots of the node, oldest first, and what dates them.
public struct ClocksOnRecord: Sendable {
  /// The boots.
  public var boots: [BootOnRecord]
  /// What dates them.
  public var timeline: Timeline
}

/// Why an override cannot be: what it would say, and what stands against that.
public enum ClockContradiction: Hashable, Sendable {
  /// The boot's own anchors: so far off (µs, positive when the override is later), although both
  /// together allow only so much.
  case anchors(offUs: Int64, boundUs: Int64)
  /// The boot before, of this number, would end so long after this one began.
  case before(number: Int64, offUs: Int64)
  /// The boot after, of this number, would begin so long before this one ended.
  case after(number: Int64, offUs: Int64)
}

extension ClocksOnRecord {
  /// What stands against an override of a boot; nil when nothing does.
  ///
  /// Boots of one machine follow each other, and anchors say themselves how far off they can be;
  /// what was only guessed from the neighbours says it too.
  public func contradiction(
    to wanted: ClockOverride, of boot: BootOnRecord
  ) -> ClockContradiction? {
    let own = timeline.withoutOverrides.date(
      NodeTime(clockEpoch: boot.clockEpoch, bootUs: wanted.bootUs))
    if let own, let bound = own.boundUs {
      let off = Self.less(wanted.utcUs, own.utcUs)
      let (allowed, overflow) = bound.addingReportingOverflow(wanted.boundUs)
      if off.magnitude > UInt64(overflow ? .max : allowed) {
        return .anchors(offUs: off, boundUs: overflow ? .max : allowed)
      }
    }
    let beganUs = Self.less(wanted.utcUs, wanted.bootUs)
    let endedUs = beganUs.addingReportingOverflow(boot.lastUs)
    for other in boots where other.clockEpoch != boot.clockEpoch {
      let isBefore = other.number < boot.number
      let time = NodeTime(clockEpoch: other.clockEpoch, bootUs: isBefore ? other.lastUs : 0)
      guard let dated = timeline.node.date(time), let bound = dated.boundUs else { continue }
      let room = bound.addingReportingOverflow(wanted.boundUs)
      guard !room.overflow, !endedUs.overflow else { continue }
      let off =
        isBefore
        ? Self.less(dated.utcUs, beganUs) : Self.less(endedUs.partialValue, dated.utcUs)
      guard off > room.partialValue else { continue }
      return isBefore
        ? .before(number: other.number, offUs: off) : .after(number: other.number, offUs: off)
    }
    return nil
  }

  private static func less(_ left: Int64, _ right: Int64) -> Int64 {
    HistoryCore.less(left, right)
  }
}

extension HistoryCore {
  /// The boots on record; to be called while reading.
  func clocks() throws(DatabaseError) -> ClocksOnRecord {
    var boots: [BootOnRecord] = []
    for id in clockEpochs.keys.sorted() where id < RowId.foreignFirst {
      guard let clockEpoch = clockEpochs[id] else { continue }
      boots.append(
        BootOnRecord(
          number: id, clockEpoch: clockEpoch, lastUs: try lastArrivalUs(in: id),
          claimedUs: try claimedBeginning(of: id)))
    }
    return ClocksOnRecord(boots: boots, timeline: timeline)
  }
}

extension History {
  /// The boots of the node and what dates them, as of now.
  public func clocks() throws(DatabaseError) -> ClocksOnRecord {
    let core = try opened()
    return try core.reading { () throws(DatabaseError) in try core.clocks() }
  }
}
