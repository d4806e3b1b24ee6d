/// Points in time of UTC as programs read them.
public enum UtcText {
  /// RFC 3339 with microseconds: `2026-11-21T04:18:10.123456Z`; the bare number beyond the years
  /// 0 to 9999, which RFC 3339 cannot write.
  public static func rfc3339(us: Int64) -> String {
    let seconds = Floor.quotient(us, 1_000_000)
    let days = Floor.quotient(seconds, CivilDate.secondsPerDay)
    let date = CivilDate(days: days)
    guard (0...9_999).contains(date.year) else { return "\(us)" }
    let second = seconds - days * CivilDate.secondsPerDay
    var text: [UInt8] = []
    func add(_ number: Int64, _ digits: Int, _ mark: Unicode.Scalar) {
      var (rest, place) = (number, text.count + digits)
      text += [UInt8](repeating: 0x30, count: digits)
      while rest > 0, place > 0 {
        place -= 1
        text[place] += UInt8(rest % 10)
        rest /= 10
      }
      text.append(UInt8(truncatingIfNeeded: mark.value))
    }
    add(date.year, 4, "-")
    add(Int64(date.month), 2, "-")
    add(Int64(date.day), 2, "T")
    add(second / 3_600, 2, ":")
    add(second / 60 % 60, 2, ":")
    add(second % 60, 2, ".")
    add(us - seconds * 1_000_000, 6, "Z")
    return String(decoding: text, as: UTF8.self)
  }
}
