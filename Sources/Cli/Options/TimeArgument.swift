/// Points in time as people type them.
enum TimeArgument {
  /// Reads a point in time, in µs of a clock that now shows `nowUs`; nil when it is none.
  ///
  /// `now`; a span (`10m`) for so long ago; `@N` for N seconds of that clock; and on the wall clock
  /// a date, or a date and a time, local unless `Z` or an offset follows.
  static func microseconds(_ text: String, nowUs: Int64, isWallClock: Bool = true) -> Int64? {
    if text == "now" { return nowUs }
    if text.hasPrefix("@") {
      guard let seconds = Double(text.dropFirst()), seconds.magnitude < 1e12 else { return nil }
      return Int64((seconds * 1e6).rounded())
    }
    if let span = Spans.milliseconds(text) {
      // A bare number could be seconds, a year or a count: it must say which.
      guard text.contains(where: \.isLetter) else { return nil }
      return nowUs - span * 1_000
    }
    return isWallClock ? date(text) : nil
  }

  private static func date(_ text: String) -> Int64? {
    var fields = DateFields(text)
    guard let year = fields.number(digits: 4), fields.skip("-"),
      let month = fields.number(digits: 2), fields.skip("-"), let day = fields.number(digits: 2)
    else { return nil }
    var civil = CivilTime(year: year, month: month, day: day)
    var fractionUs: Int64 = 0
    if fields.skip("T") || fields.skip(" ") {
      guard let hour = fields.number(digits: 2), fields.skip(":"),
        let minute = fields.number(digits: 2)
      else { return nil }
      (civil.hour, civil.minute) = (hour, minute)
      if fields.skip(":") {
        guard let second = fields.number(digits: 2) else { return nil }
        civil.second = second
        if fields.skip(".") {
          guard let fraction = fields.fractionUs() else { return nil }
          fractionUs = fraction
        }
      }
    }
    guard let zone = fields.zone() else { return nil }
    let secondsEast: Int32? = if case .offset(let east) = zone { east } else { nil }
    return civil.secondsSince1970(secondsEast: secondsEast).map { $0 * 1_000_000 + fractionUs }
  }
}

/// Reads the fields of a date one by one.
private struct DateFields {
  enum Zone {
    case local
    case offset(secondsEast: Int32)
  }

  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  mutating func skip(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  mutating func number(digits: Int) -> Int32? {
    let part = rest.prefix(digits)
    guard part.count == digits, part.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    rest = rest.dropFirst(digits)
    return Int32(part)
  }

  mutating func fractionUs() -> Int64? {
    let part = rest.prefix { ("0"..."9").contains($0) }
    guard (1...9).contains(part.count) else { return nil }
    rest = rest.dropFirst(part.count)
    let six = String(part.prefix(6))
    return Int64(six + String(repeating: "0", count: 6 - six.count))
  }

  mutating func zone() -> Zone? {
    if rest.isEmpty { return .local }
    if rest == "Z" || rest == "z" { return .offset(secondsEast: 0) }
    let isWest = rest.hasPrefix("-")
    guard skip("+") || skip("-"), let hours = number(digits: 2) else { return nil }
    _ = skip(":")
    guard let minutes = number(digits: 2), rest.isEmpty, hours < 24, minutes < 60 else {
      return nil
    }
    let seconds = hours * 3_600 + minutes * 60
    return .offset(secondsEast: isWest ? -seconds : seconds)
  }
}
