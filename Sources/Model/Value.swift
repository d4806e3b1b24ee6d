/// What a reading says: an integer with a decimal exponent, a float64, or text.
///
/// `decimal(215, exponent: -1)` is 21.5 exactly. No conversion happens before a person or a
/// program asks for one.
public enum Value: Sendable, Hashable {
  /// `mantissa * 10^exponent`.
  case decimal(Int64, exponent: Int8)
  /// Any float64; its bits are kept, NaN payloads included.
  case float(Double)
  /// At most 200 bytes of UTF-8.
  case text(String)

  /// 10^0 to 10^22: those that a float64 has exactly.
  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The longest text value, in bytes of UTF-8.
  public static let textBytesMax = 200

  /// The nearest float64; nil for text.
  public var number: Double? {
    switch self {
    case .decimal(let mantissa, let exponent):
      // Both are exact then, and one division rounds once: the nearest, as from the text.
      if mantissa.magnitude <= 1 << 53, exponent <= 0, exponent >= -22 {
        return Double(mantissa) / Self.powersOfTen[-Int(exponent)]
      }
      return Double(Self.decimalText(mantissa, exponent))
    case .float(let value): return value
    case .text: return nil
    }
  }
}

extension Value: CustomStringConvertible {
  /// Exact for decimals (`21.5`), shortest for floats, the text itself for text.
  public var description: String {
    switch self {
    case .decimal(let mantissa, let exponent): return Self.decimalText(mantissa, exponent)
    case .float(let value): return "\(value)"
    case .text(let text): return text
    }
  }

  private static func decimalText(_ mantissa: Int64, _ exponent: Int8) -> String {
    if exponent >= 0 {
      return mantissa == 0 ? "0" : "\(mantissa)" + String(repeating: "0", count: Int(exponent))
    }
    let places = -Int(exponent)
    var digits = "\(mantissa.magnitude)"
    if digits.count <= places {
      digits = String(repeating: "0", count: places - digits.count + 1) + digits
    }
    let point = digits.index(digits.endIndex, offsetBy: -places)
    return (mantissa < 0 ? "-" : "") + digits[..<point] + "." + digits[point...]
  }
}
