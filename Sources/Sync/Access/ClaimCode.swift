/// What whoever is at the machine reads on its terminal, and types to become the first
/// administrator: ten characters, 50 bits, another one at every start.
public struct ClaimCode: Sendable {
  /// Random bytes that one is made of.
  public static let randomByteCount = 10
  private let digits: [UInt8]

  /// Makes a code of random bytes; nil unless there are exactly ten.
  public init?(random: [UInt8]) {
    guard random.count == Self.randomByteCount else { return nil }
    // Ten of the sixteen digits: ten bytes are eighty bits, of which fifty are shown.
    digits = Array(Base32.text(random).utf8.prefix(10))
  }

  /// As it is shown: `XXXXX-XXXXX`.
  public var text: String {
    String(decoding: digits[..<5], as: UTF8.self) + "-"
      + String(decoding: digits[5...], as: UTF8.self)
  }

  /// Whether a person typed it; case, spaces and hyphens do not matter, and letters that it cannot
  /// hold count as the digits that they look like. It takes the same time wherever they differ.
  public func matches(_ typed: String) -> Bool {
    guard typed.utf8.count <= 64 else { return false }
    var bare: [UInt8] = []
    for byte in typed.uppercased().utf8 where byte != UInt8(ascii: "-") && byte != 0x20 {
      switch byte {
      case UInt8(ascii: "O"): bare.append(UInt8(ascii: "0"))
      case UInt8(ascii: "I"), UInt8(ascii: "L"): bare.append(UInt8(ascii: "1"))
      default: bare.append(byte)
      }
    }
    return ConstantTime.equal(bare, digits)
  }
}
