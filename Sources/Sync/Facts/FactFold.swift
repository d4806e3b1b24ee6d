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

  /// Of two statements under one id the one of the lower record counts, everywhere.
  fileprivate func goesBefore(_ other: Noted) -> Bool {
    if record.origin != other.record.origin {
      return record.origin.bytes.lexicographicallyPrecedes(other.record.origin.bytes)
    }
    if record.incarnation != other.record.incarnation {
      return record.incarnation.number < other.record.incarnation.number
    }
    return record.seq < other.record.seq
  }
}

/// A set of facts that only grows, and of withdrawals that name them (DESIGN, merging: facts).
///
/// Whatever the order in which records arrive, and however often, the fold is the same: a
/// withdrawal holds even when it comes before what it names. It never forgets: a limit here would
/// make the fold depend on the order, so those who write refuse instead
/// (`Limits.factsStandingMax`).
public struct FactFold<Fact: Hashable & Sendable>: Hashable, Sendable {
  private var facts: [FactId: Noted<Fact>] = [:]
  private var withdrawals: [FactId: Noted<Withdrawal>] = [:]

  /// Begins with no fact.
  public init() {}

  /// How many facts are known, withdrawn ones included.
  public var count: Int { facts.count }

  /// Takes a fact.
  public mutating func state(_ fact: Fact, id: FactId, record: RecordId, stamp: Stamp) {
    let noted = Noted(fact: fact, record: record, stamp: stamp)
    if let known = facts[id], !noted.goesBefore(known) { return }
    facts[id] = noted
  }

  /// Takes a withdrawal.
  public mutating func withdraw(_ withdrawal: Withdrawal, record: RecordId, stamp: Stamp) {
    let noted = Noted(fact: withdrawal, record: record, stamp: stamp)
    if let known = withdrawals[withdrawal.target], !noted.goesBefore(known) { return }
    withdrawals[withdrawal.target] = noted
  }

  /// What is known under an id; nil while only its withdrawal, or nothing, has come.
  public func known(
    _ id: FactId
  ) -> (stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)? {
    facts[id].map { ($0, withdrawals[id]) }
  }

  /// Every fact that is known, by the time and then the record of its statement.
  public var all: [(stated: Noted<Fact>, withdrawn: Noted<Withdrawal>?)] {
    facts.sorted { left, right in
      let (leftUs, rightUs) = (left.value.stamp.wallUs, right.value.stamp.wallUs)
      return leftUs != rightUs ? leftUs < rightUs : left.value.goesBefore(right.value)
    }.map { ($0.value, withdrawals[$0.key]) }
  }

  /// The facts that hold, in no order that means anything.
  public var standing: [Noted<Fact>] {
    facts.filter { withdrawals[$0.key] == nil }.map { $0.value }
  }

  /// How many facts hold.
  public var standingCount: Int { facts.keys.count { withdrawals[$0] == nil } }
}
