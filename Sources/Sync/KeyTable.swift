/// A number and bytes: what everything in the tables of this module is found by.
struct TableKey: Hashable, Sendable {
  var number: UInt64 = 0
  var bytes: [UInt8]
}

extension [UInt8] {
  /// `lexicographicallyPrecedes` without its iterators, which are most of its code.
  func precedes(_ other: [UInt8]) -> Bool {
    var index = 0
    while index < count, index < other.count {
      if self[index] != other[index] { return self[index] < other[index] }
      index += 1
    }
    return count < other.count
  }
}

/// Keys in order of arrival, found by hashing.
///
/// This, and not a dictionary, because Embedded Swift compiles a dictionary anew for every kind of
/// key and value: they were a third of the SQLite extension. FNV-1a is enough: who may write so
/// many keys here that collisions matter has more direct ways to be slow.
private struct KeyIndex: Sendable {
  private(set) var keys: [TableKey] = []
  /// The place of a key and 1; 0 where there is none. Their number is a power of 2, and at least
  /// half of them are free.
  private var slots: [Int32] = []

  /// Where a key is, or would be; there must be slots.
  private func slot(_ key: TableKey) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ key.number &* 0x9E37_79B9_7F4A_7C15
    for byte in key.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1)
    while slots[slot] != 0, keys[Int(slots[slot]) - 1] != key {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  @inline(never)
  func place(_ key: TableKey) -> Int? {
    if slots.isEmpty { return nil }
    let found = slots[slot(key)]
    return found == 0 ? nil : Int(found) - 1
  }

  /// The place of a key; one that is not there yet is added and gets the next.
  @inline(never)
  mutating func placeAdding(_ key: TableKey) -> Int {
    if 2 * (keys.count + 1) > slots.count {
      slots = Array(repeating: 0, count: max(8, 2 * slots.count))
      for place in 0..<keys.count { slots[slot(keys[place])] = Int32(place + 1) }
    }
    let slot = slot(key)
    if slots[slot] == 0 {
      keys.append(key)
      slots[slot] = Int32(keys.count)
    }
    return Int(slots[slot]) - 1
  }
}

/// Values by key: what a dictionary is, in a form of which little has to be compiled anew for
/// every kind of value (see `KeyIndex`). Nothing is ever removed.
struct KeyTable<Value> {
  private var index = KeyIndex()
  /// The values in the order in which they came.
  private(set) var values: [Value] = []

  init() {}

  var isEmpty: Bool { values.isEmpty }

  var count: Int { values.count }

  /// The value of a key; nil where there is none.
  subscript(_ key: TableKey) -> Value? { index.place(key).map { values[$0] } }

  /// Where in `values` that of a key is; nil where there is none.
  func place(_ key: TableKey) -> Int? { index.place(key) }

  /// The keys, each at the place of its value.
  var keys: [TableKey] { index.keys }

  /// Where the value of a key is; one that is not there yet begins with the value given.
  mutating func place(_ key: TableKey, orAdding value: @autoclosure () -> Value) -> Int {
    let place = index.placeAdding(key)
    if place == values.count { values.append(value()) }
    return place
  }

  /// The value at a place.
  subscript(place place: Int) -> Value {
    get { values[place] }
    _modify { yield &values[place] }
  }

  /// The same keys with other values.
  func mapValues<Other>(_ transform: (Value) -> Other) -> KeyTable<Other> {
    var table = KeyTable<Other>()
    table.index = index
    table.values = values.map(transform)
    return table
  }
}

extension KeyTable: Sendable where Value: Sendable {}

/// Equal whatever the order in which the keys came.
extension KeyTable: Equatable where Value: Equatable {
  static func == (left: Self, right: Self) -> Bool {
    left.count == right.count
      && left.keys.indices.allSatisfy { right[left.keys[$0]] == left.values[$0] }
  }
}

extension KeyTable: Hashable where Value: Hashable {
  func hash(into hasher: inout Hasher) {
    // In no order: the sum of what each comes to alone.
    var sum = 0
    for place in keys.indices {
      var one = Hasher()
      one.combine(keys[place])
      one.combine(values[place])
      sum &+= one.finalize()
    }
    hasher.combine(sum)
  }
}
