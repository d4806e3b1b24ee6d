internal import Model

/// What every view needs to know about whom it is drawn for.
struct Page: Sendable {
  var language: Language
  var style: Style
  var columns: Int
  /// The node's CLOCK_BOOTTIME and the wall clock, in µs, when the page is drawn.
  var bootUs: Int64
  var wallUs: Int64
  /// Whether times are written in UTC: for tests, which know nothing of the machine's zone.
  var isInUtc = false

  /// A message in the page's language.
  func say(_ message: Message) -> String { message.text(language) }

  /// Text in a tone.
  func tone(_ tone: Style.Tone, _ text: String) -> String { style.apply(tone, text) }

  /// A table's lines.
  func lines(_ table: Table) -> [String] { table.lines(columnsMax: columns, style: style) }

  /// Lines of running text, wrapped, the ones after the first indented.
  func wrap(_ message: Message, indent: String = "") -> [String] {
    TextWidth.wrap(TextWidth.harmless(say(message)), to: columns, indent: indent)
  }

  /// How long ago something was, for a column; a dash when nobody knows.
  func ago(milliseconds: Int64?) -> String {
    guard let milliseconds, milliseconds >= 0 else { return "–" }
    if milliseconds < 1_000 { return say(.justNow) }
    return say(.ago(Spans.short(milliseconds: milliseconds, language)))
  }

  /// How long ago a time of the node's clock was; a dash for another boot of the machine.
  func ago(bootUs since: Int64) -> String {
    ago(
      milliseconds: since > 0 && since <= bootUs + 1_000_000 ? max(0, bootUs - since) / 1_000 : nil)
  }

  /// When a reading was, with `~` before a time from few probes and `?` before an uncertain one.
  func time(of reading: ReadingView, short: Bool) -> String {
    let mark =
      switch reading.quality {
      case .good: " "
      case .provisional: "~"
      case .uncertain: "?"
      }
    if let timeUs = reading.timeUs {
      return mark
        + (short
          ? WallTime.clock(us: timeUs, inUtc: isInUtc) : WallTime.text(us: timeUs, inUtc: isInUtc))
    }
    guard let nodeUs = reading.nodeUs else { return mark + say(.noTime) }
    // A live reading is of this boot: the wall clock, right or not, puts it among the others.
    if short { return mark + WallTime.clock(us: wallUs - (bootUs - nodeUs), inUtc: isInUtc) }
    return mark + "@" + Figures.fixed(Double(nodeUs) / 1e6, decimals: 3, .english)
  }

  /// A value as the language writes it.
  func value(_ reading: ReadingView) -> String {
    reading.number == nil ? reading.value : Figures.decimal(reading.value, language)
  }

  /// What a person should know of a reading: that it is not on disk yet, or of no real board.
  func marks(_ reading: ReadingView) -> String {
    var marks: [String] = []
    if reading.pending { marks.append(say(.markPending)) }
    if reading.late == true { marks.append(say(.markLate)) }
    if reading.simulated { marks.append(say(.markSimulated)) }
    return marks.joined(separator: " ")
  }
}
