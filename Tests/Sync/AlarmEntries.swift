import Model
import TestSupport

@testable import Sync

/// Records of alarms, by small numbers.
enum AlarmRecords {
  /// One record as it comes.
  struct Record: Hashable, Sendable {
    var entry: JournalEntry
    var record: RecordId
    var clockEpoch: ClockEpoch
  }

  static func episode(_ number: Int) -> FactId {
    let bytes = (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * (15 - $0))) }
    guard let id = FactId(bytes) else { preconditionFailure("16 bytes") }
    return id
  }

  static func key(_ number: UInt8) -> AlarmKey {
    guard let key = AlarmKey([UInt8](repeating: number, count: 8)) else {
      preconditionFailure("8 bytes")
    }
    return key
  }

  static func record(
    _ content: JournalContent, seq: Int, origin: UInt8 = 1, wallUs: Int64 = 0,
    trusted: Bool = true
  ) -> Record {
    guard let node = NodeId([UInt8](repeating: origin, count: 32)),
      let boot = ClockEpoch([UInt8](repeating: origin, count: 16))
    else { preconditionFailure("32 and 16 bytes") }
    return Record(
      entry: JournalEntry(
        stamp: Stamp(trusted: trusted, bootUs: 1, wallUs: wallUs, author: "local:\(origin)"),
        content: content),
      record: RecordId(
        origin: node, incarnation: Incarnation(1), lane: .control, seq: UInt64(seq)),
      clockEpoch: boot)
  }

  static func raised(
    _ number: Int, seq: Int? = nil, wallUs: Int64? = nil, trusted: Bool = true
  ) -> Record {
    let raised = AlarmRaised(
      episode: episode(number), rule: key(1), ruleBytes: [2], sinceUs: Int64(number),
      value: AlarmValue(.decimal(216, exponent: -1), unit: "Cel"))
    return record(
      .alarmRaised(raised), seq: seq ?? 10 * number, wallUs: wallUs ?? Int64(number),
      trusted: trusted)
  }

  static func cleared(_ number: Int, seq: Int? = nil) -> Record {
    let cleared = AlarmCleared(episode: episode(number), reason: .normal, value: nil)
    return record(.alarmCleared(cleared), seq: seq ?? 10 * number + 1)
  }

  static func seen(_ number: Int, by origin: UInt8 = 1, comment: String = "vu") -> Record {
    let seen = AlarmAcknowledged(episode: episode(number), comment: comment)
    return record(.alarmAcknowledged(seen), seq: 10 * number + 2, origin: origin)
  }

  static func told(
    _ number: Int, _ recipient: UInt8, _ outcome: AlarmDelivered.Outcome, seq: Int,
    moment: AlarmDelivered.Moment = .raised
  ) -> Record {
    record(
      .alarmDelivered(
        AlarmDelivered(
          episode: episode(number), recipient: key(recipient), moment: moment, outcome: outcome,
          reason: "")),
      seq: seq, origin: 3)
  }
}

extension AlarmFold {
  /// Folds records in their order.
  init(_ records: [AlarmRecords.Record]) {
    self.init()
    for record in records { take(record) }
  }

  mutating func take(_ record: AlarmRecords.Record) {
    apply(record.entry, record: record.record, clockEpoch: record.clockEpoch)
  }
}
