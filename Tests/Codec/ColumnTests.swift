import TestSupport
import Testing

@testable import Codec

@Suite("Integer columns")
struct ColumnTests {
  @Test("what is encoded comes back, and again as the same bytes", arguments: 0..<200)
  func roundTrip(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let numbers = Numbers.any(&prng)
    let bytes = IntegerColumn.encode(numbers)
    let decoded = try IntegerColumn.decode(bytes.span, count: numbers.count)
    #expect(decoded == numbers, "seed \(seed)")
    #expect(IntegerColumn.encode(decoded) == bytes, "seed \(seed)")
  }

  @Test("random columns take every mode, packed and coded")
  func modes() {
    var heads: Set<UInt8> = []
    for seed in 0..<300 as Range<UInt64> {
      var prng = Prng(seed: seed)
      if let head = IntegerColumn.encode(Numbers.any(&prng)).first { heads.insert(head) }
    }
    #expect(heads.isSuperset(of: [0, 1, 2, 3, 4, 9, 10]))
  }

  @Test("no group takes more bytes than a naive search over the widths finds", arguments: 0..<200)
  func groups(seed: UInt64) {
    var prng = Prng(seed: seed)
    let numbers = Numbers.any(&prng, count: 1 + prng.below(64))
    let group = ColumnGroup(numbers.span)
    var bytes: [UInt8] = []
    group.write(numbers.span, to: &bytes)
    #expect(bytes.count == group.size, "seed \(seed)")
    // Widths above that of the greatest distance serve only numbers 2^63 and more apart.
    let reference = numbers.min() ?? 0
    let distances = numbers.map { $0 &- reference }.filter { $0 >= 0 }
    let top = bitLength(UInt64(distances.max() ?? 0))
    for width in 0...top {
      #expect(naiveSize(numbers, width) >= group.size, "seed \(seed), width \(width)")
    }
  }

  /// The bytes of a group by its definition, with its least number as the reference.
  private func naiveSize(_ numbers: [Int64], _ width: Int) -> Int {
    let reference = numbers.min() ?? 0
    var size = 1 + varintSize(ZigZag.encode(reference)) + (numbers.count * width + 7) / 8
    guard width < 64 else { return size }
    let high = numbers.map { ($0 &- reference) >> Int64(width) }.filter { $0 != 0 }
    if !high.isEmpty { size += 1 + high.count }
    for exception in high { size += varintSize(ZigZag.encode(exception)) }
    return size
  }

  @Test("a column stands anywhere among other bytes, and says where it ends")
  func offsets() throws {
    var bytes: [UInt8] = [9, 9]
    IntegerColumn.encode([1, 5, 2].span, to: &bytes)
    IntegerColumn.encode([7, 7].span, to: &bytes)
    var offset = 2
    #expect(try IntegerColumn.decode(bytes.span, at: &offset, count: 3) == [1, 5, 2])
    #expect(try IntegerColumn.decode(bytes.span, at: &offset, count: 2) == [7, 7])
    #expect(offset == bytes.count)
  }

  @Test("stepping over a column ends where reading it does", arguments: 0..<200)
  func skips(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let numbers = Numbers.any(&prng)
    let bytes = IntegerColumn.encode(numbers) + [1, 2, 3]
    var source = ByteSource(bytes.span)
    try ColumnDecoder.skip(&source, count: numbers.count)
    let end = source.offset
    #expect(end == bytes.count - 3, "seed \(seed)")
  }

  @Test("more numbers than the limit are refused before anything is kept")
  func tooMany() {
    #expect(throws: CodecError(.count, at: 0)) {
      try IntegerColumn.decode([0, 0, 0].span, count: Limits.readingsMax + 1)
    }
  }

  @Test("an encoder that is given too many numbers stops the process")
  func ownMistake() async {
    await #expect(processExitsWith: .failure) {
      _ = IntegerColumn.encode([Int64](repeating: 0, count: Limits.readingsMax + 1))
    }
  }
}
