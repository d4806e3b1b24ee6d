import TestSupport
import Testing

@testable import Codec

@Suite("Columns of floats")
struct FloatTests {
  private func encode(_ patterns: [Int64]) -> [UInt8] {
    var bytes: [UInt8] = []
    FloatColumn.encode(patterns.span, to: &bytes)
    return bytes
  }

  private func decode(_ bytes: [UInt8], count: Int) throws -> [Int64] {
    var source = ByteSource(bytes.span)
    var patterns: [Int64] = []
    try FloatColumn.decode(&source, count: count, into: &patterns)
    try source.end()
    return patterns
  }

  @Test("every bit pattern comes back", arguments: 0..<300)
  func roundTrip(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let patterns = Contents.floats(&prng, count: prng.below(200))
    #expect(try decode(encode(patterns), count: patterns.count) == patterns, "seed \(seed)")
  }

  @Test("the odd ones come back to the bit, beside decimals and alone")
  func oddities() throws {
    let odd: [UInt64] = [
      0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0001, 0x7FF0_0000_0000_0001, 0x7FF0_0000_0000_0000,
      0xFFF0_0000_0000_0000, 0x8000_0000_0000_0000, 0x0000_0000_0000_0001, 0x7FEF_FFFF_FFFF_FFFF,
    ]
    for pattern in odd.map({ Int64(bitPattern: $0) }) {
      #expect(try decode(encode([pattern]), count: 1) == [pattern])
      var column = (0..<50).map { Int64(bitPattern: (Double($0) / 10).bitPattern) }
      column[17] = pattern
      let bytes = encode(column)
      #expect(bytes[0] == 1)
      #expect(try decode(bytes, count: 50) == column)
    }
  }

  @Test("what was written with up to fifteen digits takes the decimal way", arguments: 0...9)
  func digits(digits: Int) throws {
    var prng = Prng(seed: UInt64(digits))
    let power = FloatColumn.powerOfTen(digits)
    let patterns = (0..<100).map { _ in
      Int64(bitPattern: (Double(prng.below(100_000)) / power).bitPattern)
    }
    let bytes = encode(patterns)
    #expect(bytes[0] == 1 && bytes[1] == UInt8(digits))
    #expect(try decode(bytes, count: 100) == patterns)
  }
}
