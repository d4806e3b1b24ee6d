/// RFC 4648 base 64, with padding, as mails and pins carry bytes.
public enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text of bytes, four digits for three of them.
  public static func text(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var group = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      group <<= 8 * UInt32(3 - part.count)
      for place in 0..<4 {
        out.append(place <= part.count ? digits[Int(group >> (18 - 6 * UInt32(place)) & 63)] : 0x3D)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The bytes of a text; nil unless it is exactly what `text` makes of them.
  public static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var group = UInt32(0)
    var bitCount = 0
    for character in text.utf8.prefix(while: { $0 != 0x3D }) {
      guard let digit = digits.firstIndex(of: character) else { return nil }
      group = group << 6 | UInt32(digit)
      bitCount += 6
      guard bitCount >= 8 else { continue }
      bitCount -= 8
      out.append(UInt8(truncatingIfNeeded: group >> UInt32(bitCount)))
    }
    return self.text(out) == text ? out : nil
  }

  /// Lines of 76 characters at most (RFC 2045).
  public static func lines(_ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count, by: 57).map {
      text(Array(bytes[$0..<min($0 + 57, bytes.count)]))
    }
  }
}
