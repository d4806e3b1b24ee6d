/// Numbers as a person of a language reads them; never used for JSON or CSV.
enum Figures {
  /// An exact decimal text with the decimal mark of the language; anything else as it is.
  static func decimal(_ text: String, _ language: Language) -> String {
    guard language == .french, isNumber(text) else { return text }
    return String(text.map { $0 == "." ? "," : $0 })
  }

  /// A number with a decimal comma as programs write it; anything else as it is.
  static func withPoint(_ text: String) -> String {
    let number = String(text.map { $0 == "," ? "." : $0 })
    return text.count { $0 == "," } == 1 && isNumber(number) ? number : text
  }

  /// A whole number in groups of three where it is long.
  static func whole(_ value: some BinaryInteger, _ language: Language) -> String {
    let text = "\(value)"
    let isNegative = text.hasPrefix("-")
    let digits = Array(isNegative ? text.dropFirst() : text[...])
    guard digits.count > 4 else { return text }
    let mark: Character = language == .french ? French.noBreak : ","
    var grouped: [Character] = []
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { grouped.append(mark) }
      grouped.append(digit)
    }
    return (isNegative ? "-" : "") + String(grouped)
  }

  /// A number with so many decimals, rounded half away from zero.
  static func fixed(_ value: Double, decimals: Int, _ language: Language) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    var scale: Double = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    var digits = "\(scaled)"
    guard decimals > 0 else { return sign + digits }
    if digits.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits
    }
    let point = digits.index(digits.endIndex, offsetBy: -decimals)
    return sign + digits[..<point] + (language == .french ? "," : ".") + digits[point...]
  }

  /// An amount of bytes in powers of 1000: `12.3 MB`, « 12,3 Mo ».
  static func bytes(_ count: Int64, _ language: Language) -> String {
    let letters = ["", "k", "M", "G", "T"]
    var value = Double(count)
    var power = 0
    while value.magnitude >= 999.5, power < letters.count - 1 {
      value /= 1000
      power += 1
    }
    let unit = language == .french ? "o" : "B"
    let decimals = power == 0 || value.magnitude >= 99.95 ? 0 : 1
    return fixed(value, decimals: decimals, language) + " " + letters[power] + unit
  }

  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.contains { $0.isNumber }
      && text.allSatisfy { ("0"..."9").contains($0) || "+-.e".contains($0) }
  }
}
