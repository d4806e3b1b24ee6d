/// Comma-separated values as RFC 4180 writes them.
public enum CsvText {
  /// One line without its end: what holds a comma, a quote or a line's end stands in quotes.
  public static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",")
  }

  /// One field.
  public static func field(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x2C, 0x22, 0x0A, 0x0D].contains($0) }) else { return text }
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.joined(separator: "\"\"") + "\""
  }
}

extension ReadingView {
  /// The heading of the CSV form: stable, English, times in UTC.
  public static let csvHeading =
    "time,node_us,device,channel,value,unit,quality,bound_us,epoch,seq,ticks_ms,"
    + "arrival_us,simulated"

  /// This reading as a line of CSV without its end, with a decimal point in every language.
  public var csv: String {
    func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "" }
    return CsvText.line([
      timeUs.map { UtcText.rfc3339(us: $0) } ?? "", number(nodeUs), device, channel, value, unit,
      quality.rawValue, number(boundUs), number(epoch), number(seq), number(ticksMs),
      "\(arrivalUs)", simulated ? "1" : "0",
    ])
  }
}
