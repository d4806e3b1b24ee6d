import TestSupport
import Testing

@testable import Sync

@Suite("Tables of keys") struct KeyTableTests {
  private static func key(_ prng: inout Prng) -> TableKey {
    let bytes = (0..<prng.below(4)).map { _ in UInt8(prng.below(3)) }
    return TableKey(number: UInt64(prng.below(3)), bytes: bytes)
  }

  @Test("a table holds what a dictionary holds, in the order of arrival", arguments: 0..<50)
  func naive(seed: UInt64) {
    var prng = Prng(seed: seed)
    var table = KeyTable<Int>()
    var plain: [TableKey: Int] = [:]
    var arrived: [TableKey] = []
    for number in 0..<prng.below(300) {
      let key = Self.key(&prng)
      if prng.chance(50) {
        let place = table.place(key, orAdding: number)
        #expect(table[place: place] == plain[key, default: number], "seed \(seed)")
        if plain[key] == nil { arrived.append(key) }
        plain[key] = plain[key, default: number]
      } else if let place = table.place(key) {
        table[place: place] += 1
        plain[key, default: 0] += 1
      }
      #expect(table[key] == plain[key] && table.count == plain.count, "seed \(seed)")
    }
    let keys = table.keys
    #expect(keys == arrived && Set(keys) == Set(plain.keys), "seed \(seed)")
    let negative = table.mapValues { -$0 }
    #expect(keys.allSatisfy { negative[$0] == plain[$0].map { -$0 } }, "seed \(seed)")
  }

  @Test("tables are equal whatever the order in which their keys came", arguments: 0..<20)
  func order(seed: UInt64) {
    var prng = Prng(seed: seed)
    let keys = (0..<20).map { _ in Self.key(&prng) }
    func table(_ keys: [TableKey]) -> KeyTable<Int> {
      var table = KeyTable<Int>()
      for key in keys { _ = table.place(key, orAdding: key.bytes.count) }
      return table
    }
    let (one, other) = (table(keys), table(keys.reversed()))
    #expect(one == other && one.hashValue == other.hashValue, "seed \(seed)")
    let less = table(keys.filter { $0 != keys[0] })
    #expect(one != less, "seed \(seed)")
  }
}
