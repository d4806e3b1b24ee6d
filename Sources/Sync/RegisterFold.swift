public import Model

/// One write of a register that nothing has replaced.
public struct RegisterSibling: Hashable, Sendable {
  /// The record that wrote it.
  public var record: RecordId
  /// Who and when.
  public var stamp: Stamp
  /// What it holds; nil when the write removes it.
  public var value: [UInt8]?

  /// Puts a sibling together.
  public init(record: RecordId, stamp: Stamp, value: [UInt8]?) {
    self.record = record
    self.stamp = stamp
    self.value = value
  }

  /// Whether this one counts rather than the other: clock trusted, wall clock, origin,
  /// incarnation, seq, in this order.
  func outranks(_ other: RegisterSibling) -> Bool {
    if stamp.trusted != other.stamp.trusted { return stamp.trusted }
    if stamp.wallUs != other.stamp.wallUs { return stamp.wallUs > other.stamp.wallUs }
    if record.origin != other.record.origin {
      return other.record.origin.bytes.lexicographicallyPrecedes(record.origin.bytes)
    }
    if record.incarnation != other.record.incarnation {
      return record.incarnation.number > other.record.incarnation.number
    }
    return record.seq > other.record.seq
  }
}

/// The fold of every register write: what counts now, and what is in dispute.
///
/// Whatever the order in which writes arrive, the fold is the same: a replaced write never wins
/// again, even when it arrives after the one that replaced it. Each record is folded once (records
/// are deduplicated by their identity before they come here).
public struct RegisterFold: Hashable, Sendable {
  private struct Register: Hashable, Sendable {
    /// Best first.
    var siblings: [RegisterSibling] = []
    /// Replaced by a write seen, but not seen itself yet. One that two writes replace may stay
    /// here after it was seen; it never comes again, so it does no harm and is no difference.
    var awaited: Set<RecordId> = []

    static func == (left: Register, right: Register) -> Bool { left.siblings == right.siblings }

    func hash(into hasher: inout Hasher) { hasher.combine(siblings) }
  }

  private var registers: [RegisterKey: Register] = [:]

  /// Begins with every register empty.
  public init() {}

  /// Takes one write.
  public mutating func apply(_ write: RegisterWrite, record: RecordId, stamp: Stamp) {
    var register = registers[write.key] ?? Register()
    for replaced in write.replaces where replaced != record {
      if let index = register.siblings.firstIndex(where: { $0.record == replaced }) {
        register.siblings.remove(at: index)
      } else {
        register.awaited.insert(replaced)
      }
    }
    if register.awaited.remove(record) == nil {
      let sibling = RegisterSibling(record: record, stamp: stamp, value: write.value)
      let place = register.siblings.firstIndex { sibling.outranks($0) }
      register.siblings.insert(sibling, at: place ?? register.siblings.endIndex)
    }
    registers[write.key] = register
  }

  /// What a register holds; nil when it was never set or is removed.
  public func value(_ key: RegisterKey) -> [UInt8]? {
    registers[key]?.siblings.first?.value
  }

  /// Every write that nothing has replaced, the one that counts first.
  public func siblings(_ key: RegisterKey) -> [RegisterSibling] {
    registers[key]?.siblings ?? []
  }

  /// The writes that a new write of this register must list.
  public func replaces(_ key: RegisterKey) -> [RecordId] {
    (registers[key]?.siblings ?? []).prefix(Limits.replacesMax).map { $0.record }
  }

  /// Every register of a space that holds something, in the order of its keys.
  public func all(_ space: RegisterSpace) -> [(key: [UInt8], value: [UInt8])] {
    var found: [(key: [UInt8], value: [UInt8])] = []
    for (key, register) in registers where key.space == space.rawValue {
      if let value = register.siblings.first?.value { found.append((key.bytes, value)) }
    }
    return found.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }
}
