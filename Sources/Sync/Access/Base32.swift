/// Crockford's base 32 (https://www.crockford.com/base32.html), without its check symbol: no I, L,
/// O or U to be mistaken.
enum Base32 {
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// Whole bytes in upper case; five bytes make eight digits, and their number must come out even.
  static func text(_ bytes: [UInt8]) -> String {
    precondition(bytes.count.isMultiple(of: 5), "\(bytes.count) bytes")
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 5) {
      var group = bytes[start..<(start + 5)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      var part: [UInt8] = []
      for _ in 0..<8 {
        part.append(digits[Int(group & 31)])
        group >>= 5
      }
      out += part.reversed()
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The bytes of a text of whole groups; nil when a character is no digit.
  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let utf8 = Array(text.utf8)
    guard utf8.count.isMultiple(of: 8) else { return nil }
    var out: [UInt8] = []
    for start in stride(from: 0, to: utf8.count, by: 8) {
      var group: UInt64 = 0
      for byte in utf8[start..<(start + 8)] {
        guard let value = value(byte) else { return nil }
        group = group << 5 | value
      }
      out += (0..<5).reversed().map { UInt8(truncatingIfNeeded: group >> (8 * UInt64($0))) }
    }
    return out
  }

  private static func value(_ byte: UInt8) -> UInt64? {
    let upper = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & ~0x20 : byte
    switch upper {
    case UInt8(ascii: "O"): return 0
    case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
    default: return digits.firstIndex(of: upper).map { UInt64($0) }
    }
  }
}
