extension Value {
  /// Most digits after the point of a text that is taken as a decimal.
  private static let placesMax = 18

  /// Reads a value as a person writes it: `21.50` is a decimal with two places, `1e-3`, `nan` and
  /// whatever no decimal can hold are float64, anything else is text.
  public init(parsing text: String) {
    if let decimal = Self.decimal(text) {
      self = decimal
    } else if let number = Self.float(text) {
      self = .float(number)
    } else {
      self = .text(text)
    }
  }

  private static func decimal(_ text: String) -> Value? {
    var mantissa: Int64 = 0
    var digits = 0
    var places: Int?
    for byte in text.utf8.drop(while: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }) {
      if byte == UInt8(ascii: ".") {
        guard places == nil else { return nil }
        places = 0
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (product, isTooLong) = mantissa.multipliedReportingOverflow(by: 10)
      let (sum, isTooBig) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
      guard !isTooLong, !isTooBig else { return nil }
      mantissa = sum
      digits += 1
      places = places.map { $0 + 1 }
    }
    let signs = text.utf8.prefix { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    guard digits > 0, signs.count <= 1, places ?? 0 <= placesMax else { return nil }
    if signs.first == UInt8(ascii: "-") { mantissa = -mantissa }
    return .decimal(mantissa, exponent: Int8(-(places ?? 0)))
  }

  /// Hexadecimal and other forms that Swift knows are words to a person.
  private static func float(_ text: String) -> Double? {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
        return true
      default: return false
      }
    }
    let isNamed = ["nan", "inf", "+inf", "-inf", "infinity", "-infinity"]
      .contains(text.lowercased())
    return isPlain || isNamed ? Double(text) : nil
  }

  /// The values in one form that holds them all: decimals of one scale, else float64; nil when
  /// words stand beside numbers.
  public static func inOneForm(_ values: [Value]) -> [Value]? {
    let words = values.count { if case .text = $0 { true } else { false } }
    if words == values.count { return values }
    guard words == 0 else { return nil }
    let least = values.compactMap { value -> Int8? in
      if case .decimal(_, let exponent) = value { exponent } else { nil }
    }.min()
    let decimals = values.compactMap { value -> Value? in
      guard let least, case .decimal(var mantissa, let exponent) = value else { return nil }
      for _ in least..<exponent {
        let (product, isTooBig) = mantissa.multipliedReportingOverflow(by: 10)
        guard !isTooBig else { return nil }
        mantissa = product
      }
      return .decimal(mantissa, exponent: least)
    }
    if decimals.count == values.count { return decimals }
    return values.map { .float($0.number ?? .nan) }
  }
}
