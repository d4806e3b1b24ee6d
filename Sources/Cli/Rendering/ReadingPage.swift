internal import Model

/// Readings, drawn: in a table once they are all there, in lines as they come, and as CSV.
enum ReadingPage {
  /// A page of stored readings.
  static func table(_ readings: [ReadingView], names: [String: String], _ page: Page) -> [String] {
    guard !readings.isEmpty else { return page.wrap(.noReadings) }
    var table = Table([
      .init(heading: " " + page.say(.headTime)),
      .init(heading: page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headChannel), columnsMin: 8),
      .init(heading: page.say(.headValue), onRight: true, columnsMin: 8),
      .init(heading: page.say(.headUnit)), .init(heading: page.say(.headMark)),
    ])
    for reading in readings {
      table.add([
        .init(page.time(of: reading, short: false), .faint),
        .init(names[reading.device] ?? reading.device), .init(reading.channel),
        .init(page.value(reading), .strong), .init(reading.unit),
        .init(page.marks(reading), .artificial),
      ])
    }
    return page.lines(table)
  }

  /// One reading as a line among others that are not known yet: fixed columns.
  static func line(_ reading: ReadingView, name: String?, _ page: Page) -> String {
    let device = TextWidth.harmless(name ?? reading.device)
    let channel = TextWidth.harmless(reading.channel)
    let value = TextWidth.harmless(page.value(reading))
    let marks = page.marks(reading)
    let pieces = [
      page.tone(.faint, TextWidth.pad(page.time(of: reading, short: true), to: 13)),
      TextWidth.pad(TextWidth.cut(device, to: 16), to: 16),
      TextWidth.pad(TextWidth.cut(channel, to: 16), to: 16),
      page.tone(.strong, TextWidth.pad(value, to: 10, onLeft: true)),
      TextWidth.pad(TextWidth.harmless(reading.unit), to: marks.isEmpty ? 0 : 4),
      page.tone(reading.pending ? .warning : .artificial, marks),
    ]
    var line = pieces.joined(separator: " ")
    while line.last == " " { line.removeLast() }
    return line
  }

  /// The heading of the CSV form: stable, English, in UTC.
  static let csvHeading =
    "time,node_us,device,channel,value,unit,quality,bound_us,epoch,seq,ticks_ms,"
    + "arrival_us,simulated"

  /// One reading as a line of CSV (RFC 4180), with a decimal point in every language.
  static func csv(_ reading: ReadingView) -> String {
    func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "" }
    return [
      reading.timeUs.map { WallTime.rfc3339(us: $0) } ?? "", number(reading.nodeUs),
      reading.device, reading.channel, reading.value, reading.unit, reading.quality.rawValue,
      number(reading.boundUs), number(reading.epoch), number(reading.seq),
      number(reading.ticksMs), number(Swift.Optional(reading.arrivalUs)),
      reading.simulated ? "1" : "0",
    ].map(quoted).joined(separator: ",")
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r".contains($0) || $0 == "\r\n" }) else { return field }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
