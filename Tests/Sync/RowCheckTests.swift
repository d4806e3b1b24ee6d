import TestSupport
import Testing

@testable import Sync

@Suite("Row check") struct RowCheckTests {
  @Test("is CRC-32C: the check value of RFC 3720's polynomial, by the table and by the processor")
  func checkValue() {
    let digits = Array("123456789".utf8)
    #expect(RowCheck.portable(0, digits.span) == 0xE306_9283)
    if RowCheck.isFast { #expect(RowCheck.fast(0, digits.span) == 0xE306_9283) }
  }

  @Test("the processor and the table agree, wherever the bytes begin and end")
  func agreement() {
    guard RowCheck.isFast else { return }
    var random = Prng(seed: 31)
    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for start in 0..<9 {
      for end in start...bytes.count {
        let part = bytes.span.extracting(start..<end)
        let crc = UInt32(truncatingIfNeeded: random.next())
        #expect(RowCheck.fast(crc, part) == RowCheck.portable(crc, part), "\(start)..<\(end)")
      }
    }
  }

  @Test("two columns have another check than the same bytes divided otherwise")
  func division() {
    func check(_ first: [UInt8], _ second: [UInt8]) -> Int64 {
      var check = RowCheck()
      check.add(first.span)
      check.add(second.span)
      return check.value
    }
    #expect(check([1, 2], [3]) != check([1], [2, 3]))
    #expect(check([], [1]) != check([1], []))
  }
}
