import Codec
import Testing
import TestSupport

@Suite("Integer columns")
struct ColumnTests {
  @Test("what is encoded comes back", arguments: 0..<200 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let numbers = Numbers.any(&prng)
    let bytes = IntegerColumn.encode(numbers)
    #expect(
      try IntegerColumn.decode(bytes.span, count: numbers.count) == numbers, "seed \(seed)")
  }
}
