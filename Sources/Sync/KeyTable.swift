/// A number and bytes: what everything in the tables of this module is found by.
struct TableKey: Hashable, Sendable {
  var number: UInt64 = 0
  var bytes: [UInt8]

  /// By number, then bytes; a key that another one begins with comes before it.
  func precedes(_ other: TableKey) -> Bool {
    if number != other.number { return number < other.number }
    return bytes.precedes(other.bytes)
  }
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

/// Keys in ascending order, each with its place in a list in order of arrival.
///
/// This, and not a dictionary, because Embedded Swift compiles a dictionary anew for every kind of
/// key and value: they were a third of the SQLite extension. Tables here are looked up often and
/// added to seldom: one more key moves those behind it, of at most some 10,000 boots, devices,
/// registers or facts.
struct KeyIndex: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var key: TableKey
    var place: Int
  }

  private(set) var entries: [Entry] = []

  /// The first entry whose key does not precede one.
  private func position(_ key: TableKey) -> Int {
    entries.partition { !$0.key.precedes(key) }
  }

  @inline(never)
  func place(_ key: TableKey) -> Int? {
    let position = position(key)
    guard position < entries.count, entries[position].key == key else { return nil }
    return entries[position].place
  }

  /// The place of a key; one that is not there yet is added and gets the next.
  @inline(never)
  mutating func placeAdding(_ key: TableKey) -> Int {
    let position = position(key)
    if position < entries.count, entries[position].key == key { return entries[position].place }
    entries.insert(Entry(key: key, place: entries.count), at: position)
    return entries.count - 1
  }
}

/// Values by key: what a dictionary is, in a form of which little has to be compiled anew for
/// every kind of value (see `KeyIndex`). Nothing is ever removed.
struct KeyTable<Value> {
  fileprivate var index = KeyIndex()
  /// The values in the order in which they came.
  private(set) var values: [Value] = []

  init() {}

  var isEmpty: Bool { values.isEmpty }

  var count: Int { values.count }

  /// The value of a key; nil where there is none.
  subscript(_ key: TableKey) -> Value? { index.place(key).map { values[$0] } }

  /// Where in `values` that of a key is; nil where there is none.
  func place(_ key: TableKey) -> Int? { index.place(key) }

  /// Every key in ascending order, with the place of its value.
  var entries: [KeyIndex.Entry] { index.entries }

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
    guard left.count == right.count else { return false }
    return zip(left.index.entries, right.index.entries).allSatisfy {
      $0.key == $1.key && left.values[$0.place] == right.values[$1.place]
    }
  }
}

extension KeyTable: Hashable where Value: Hashable {
  func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for entry in index.entries {
      hasher.combine(entry.key)
      hasher.combine(values[entry.place])
    }
  }
}
