public import Model

/// A fact with the record that states it.
public struct Noted<Fact: Hashable & Sendable>: Hashable, Sendable {
  /// What was stated.
  public var fact: Fact
  /// The record that states it.
  public var record: RecordId
  /// Who and when.
  public var stamp: Stamp

  /// Puts it together.
  public init(fact: Fact, record: RecordId, stamp: Stamp) {
    self.fact = fact
    self.record = record
    self.stamp = stamp
  }
}

/// A set of facts that only grows, and of withdrawals that name them (DESIGN, merging: facts).
///
/// Whatever the order in which records arrive, and however often, the fold is the same: a
/// withdrawal holds even when it comes before what it names. It never forgets: a limit here would
/// make the fold depend on the order, so those who write refuse instead
/// (`Limits.factsStandingMax`).
public struct FactFold<Fact: Hashable & Sendable>: Hashable, Sendable {
  private var facts = KeyTable<Noted<Fact>>()
  private var withdrawals = KeyTable<Noted<Withdrawal>>()

  /// Begins with no fact.
  public init() {}

  /// How many facts are known, withdrawn ones included.
  public var count: Int { facts.count }

  /// Takes a fact.
  @inline(never)
  public mutating func state(_ fact: Fact, id: FactId, record: RecordId, stamp: Stamp) {
    facts.note(Noted(fact: fact, record: record, stamp: stamp), as: id)
  }

  /// Takes a withdrawal.
  @inline(never)
  public mutating func withdraw(_ withdrawal: Withdrawal, record: RecordId, stamp: Stamp) {
    if SeededBug.factWithdrawalForgotten.isOn, facts.place(withdrawal.target.tableKey) == nil {
      return
    }
    withdrawals.note(
      Noted(fact: withdrawal, record: record, stamp: stamp), as: withdrawal.target)
  }

  /// What is known under an id; nil while only its withdrawal, or nothing, has come.
  public func known(
    _ id: FactId
  ) -> (stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)? {
    facts[id.tableKey].map { ($0, withdrawals[id.tableKey]) }
  }

  /// Every fact that is known, by the time and then the record of its statement.
  public var all: [(stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)] {
    zip(facts.values, facts.keys).map { (stated: $0, withdrawn: withdrawals[$1]) }
      .sorted { left, right in
        let (left, right) = (left.stated, right.stated)
        let (leftUs, rightUs) = (left.stamp.wallUs, right.stamp.wallUs)
        return leftUs != rightUs ? leftUs < rightUs : left.record.precedes(right.record)
      }
  }

  /// The facts that hold, in no order that means anything.
  public var standing: [Noted<Fact>] {
    var found: [Noted<Fact>] = []
    for place in 0..<facts.count where withdrawals.place(facts.keys[place]) == nil {
      found.append(facts[place: place])
    }
    if SeededBug.factSlotPerOrigin.isOn {
      return found.filter { old in
        !found.contains { $0.record.origin == old.record.origin && old.record.seq < $0.record.seq }
      }
    }
    return found
  }

  /// How many facts hold.
  public var standingCount: Int {
    facts.keys.count { withdrawals.place($0) == nil }
  }
}

extension FactId {
  var tableKey: TableKey { TableKey(bytes: bytes) }
}

extension KeyTable {
  /// Keeps what was stated under an id, unless what is known of it counts rather: of two
  /// statements under one id the one of the lower record does, everywhere.
  fileprivate mutating func note<Fact>(_ noted: Noted<Fact>, as id: FactId)
  where Value == Noted<Fact> {
    let place = place(id.tableKey, orAdding: noted)
    if SeededBug.factFirstArrivalCounts.isOn { return }
    if noted.record.precedes(self[place: place].record) { self[place: place] = noted }
  }
}
