/// Lengths of time, read and written.
enum Spans {
  /// Reads `500ms`, `30s`, `5m`, `2h`, `7d` or seconds without a unit (`1.5`), in ms;
  /// nil when it is none of these.
  static func milliseconds(_ text: String) -> Int64? {
    let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    guard let value = Double(number), value.isFinite, !number.isEmpty else { return nil }
    let factor: Double
    switch text.dropFirst(number.count) {
    case "ms": factor = 1
    case "", "s": factor = 1_000
    case "m", "min": factor = 60_000
    case "h": factor = 3_600_000
    case "d", "j": factor = 86_400_000
    default: return nil
    }
    let product = (value * factor).rounded()
    return product <= 1e15 ? Int64(product) : nil
  }

  /// The two largest units that matter: `3 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`.
  static func text(milliseconds: Int64, _ language: Language) -> String {
    if milliseconds < 1_000 { return "\(max(0, milliseconds)) ms" }
    let seconds = milliseconds / 1_000
    let day = language == .french ? "j" : "d"
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3_600 { return two(seconds / 60, "min", seconds % 60, "s") }
    if seconds < 86_400 { return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min") }
    return two(seconds / 86_400, day, seconds % 86_400 / 3_600, "h")
  }

  private static func two(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String)
    -> String
  {
    small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
  }

  /// One unit, for a column: `3 s`, `4 min`, `2 h`, `3 d`.
  static func short(milliseconds: Int64, _ language: Language) -> String {
    let seconds = max(0, milliseconds) / 1_000
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3_600: return "\(seconds / 60) min"
    case ..<86_400: return "\(seconds / 3_600) h"
    default: return "\(seconds / 86_400) " + (language == .french ? "j" : "d")
    }
  }
}
