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
  public func outranks(_ other: RegisterSibling) -> Bool {
    if stamp.trusted != other.stamp.trusted { return stamp.trusted }
    if stamp.wallUs != other.stamp.wallUs { return stamp.wallUs > other.stamp.wallUs }
    if record.origin != other.record.origin {
      return other.record.origin.bytes.precedes(record.origin.bytes)
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
/// are deduplicated by their identity before they come here); one that comes again while it stands
/// is left alone: a fold from the disk may have it before whoever received it says so.
public struct RegisterFold: Hashable, Sendable {
  struct Register: Hashable, Sendable {
    /// Best first.
    var siblings: [RegisterSibling] = []
    /// Replaced by a write seen, but not seen itself yet. One that two writes replace may stay
    /// here after it was seen; it never comes again, so it does no harm and is no difference.
    var awaited: [RecordId] = []

    static func == (left: Register, right: Register) -> Bool { left.siblings == right.siblings }

    func hash(into hasher: inout Hasher) { hasher.combine(siblings) }

    mutating func apply(_ write: RegisterWrite, record: RecordId, stamp: Stamp) {
      for replaced in write.replaces where replaced != record {
        if SeededBug.registerLastWriterWins.isOn { break }
        if let place = siblings.firstIndex(where: { $0.record == replaced }) {
          siblings.remove(at: place)
        } else if !SeededBug.registerForgetsAwaited.isOn {
          // Once, however many say so.
          _ = stopsAwaiting(replaced)
          awaited.append(replaced)
        }
      }
      if SeededBug.registerRemovalForgets.isOn, write.value == nil { return }
      if !stopsAwaiting(record), !siblings.contains(where: { $0.record == record }) {
        let sibling = RegisterSibling(record: record, stamp: stamp, value: write.value)
        let place =
          SeededBug.registerRankedByArrival.isOn
          ? 0 : siblings.firstIndex { sibling.outranks($0) }
        siblings.insert(sibling, at: place ?? siblings.endIndex)
      }
    }

    /// Takes a record out of those that are awaited, if it is one of them.
    @inline(never)
    private mutating func stopsAwaiting(_ record: RecordId) -> Bool {
      guard let place = awaited.firstIndex(of: record) else { return false }
      awaited.remove(at: place)
      return true
    }
  }

  private(set) var registers = KeyTable<Register>()

  /// Begins with every register empty.
  public init() {}

  /// Takes one write.
  public mutating func apply(_ write: RegisterWrite, record: RecordId, stamp: Stamp) {
    let place = registers.place(write.key.tableKey, orAdding: Register())
    registers[place: place].apply(write, record: record, stamp: stamp)
  }

  /// What a register holds; nil when it was never set or is removed.
  public func value(_ key: RegisterKey) -> [UInt8]? {
    registers[key.tableKey]?.siblings.first?.value
  }

  /// Every write that nothing has replaced, the one that counts first.
  public func siblings(_ key: RegisterKey) -> [RegisterSibling] {
    registers[key.tableKey]?.siblings ?? []
  }

  /// The writes that a new write of this register must list.
  public func replaces(_ key: RegisterKey) -> [RecordId] {
    (registers[key.tableKey]?.siblings ?? []).prefix(Limits.replacesMax).map { $0.record }
  }

  /// Every register of a space that holds something, in the order of its keys.
  public func all(_ space: RegisterSpace) -> [(key: [UInt8], value: [UInt8])] {
    var found: [(key: [UInt8], value: [UInt8])] = []
    for (key, register) in zip(registers.keys, registers.values)
    where key.number == UInt64(space.rawValue) {
      if let value = register.siblings.first?.value { found.append((key.bytes, value)) }
    }
    return found.sorted { $0.key.precedes($1.key) }
  }

  /// The key of every register of a space that was ever written, in their order.
  public func keys(_ space: RegisterSpace) -> [[UInt8]] {
    registers.keys.filter { $0.number == UInt64(space.rawValue) }.map { $0.bytes }
      .sorted { $0.precedes($1) }
  }
}

extension RegisterKey {
  var tableKey: TableKey { TableKey(number: UInt64(space), bytes: bytes) }
}
