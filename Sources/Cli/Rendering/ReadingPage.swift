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
}
