/// Columns under headings, each as wide as it must be and the whole at most as wide as the screen.
struct Table {
  /// One column.
  struct Column {
    var heading: String
    /// Numbers stand right.
    var onRight = false
    /// Whether it may be cut where the line is too long, down to so many columns.
    var columnsMin: Int?
  }

  /// One cell, with its tone.
  struct Cell {
    var text: String
    var tone: Style.Tone = .plain

    init(_ text: String, _ tone: Style.Tone = .plain) {
      // What devices say may hold anything: it must not break a line or move the cursor.
      self.text = TextWidth.harmless(text)
      self.tone = tone
    }
  }

  private let columns: [Column]
  private var rows: [[Cell]] = []
  private static let gap = 2

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row: one cell for each column.
  mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row of \(cells.count) in \(columns.count)")
    rows.append(cells)
  }

  /// The lines, without spaces at their ends; a column that is empty everywhere is left out.
  func lines(columnsMax: Int, style: Style) -> [String] {
    let shown = columns.indices.filter { index in
      rows.contains { !$0[index].text.isEmpty }
    }
    let widths = fittedWidths(of: shown, columnsMax: columnsMax)
    let head = line(
      shown.map { Cell(columns[$0].heading, .faint) }, shown: shown, widths: widths, style: style)
    return [head]
      + rows.map { row in
        line(shown.map { row[$0] }, shown: shown, widths: widths, style: style)
      }
  }

  private func fittedWidths(of shown: [Int], columnsMax: Int) -> [Int] {
    var widths = shown.map { index in
      rows.reduce(TextWidth.columns(columns[index].heading)) {
        max($0, TextWidth.columns($1[index].text))
      }
    }
    var excess = widths.reduce(0, +) + Self.gap * max(0, shown.count - 1) - columnsMax
    // The widest column that may shrink gives first, so that no short one is cut for a long one.
    while excess > 0 {
      let candidates = shown.indices.filter { place in
        columns[shown[place]].columnsMin.map { widths[place] > $0 } ?? false
      }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func line(_ cells: [Cell], shown: [Int], widths: [Int], style: Style) -> String {
    var pieces: [String] = []
    for (place, cell) in cells.enumerated() {
      let text = TextWidth.cut(cell.text, to: widths[place])
      let missing = widths[place] - TextWidth.columns(text)
      let spaces = String(repeating: " ", count: max(0, missing))
      let toned = style.apply(cell.tone, text)
      let isLast = place == cells.count - 1
      if columns[shown[place]].onRight {
        pieces.append(spaces + toned)
      } else {
        pieces.append(isLast ? toned : toned + spaces)
      }
    }
    var result = pieces.joined(separator: String(repeating: " ", count: Self.gap))
    while result.last == " " { result.removeLast() }
    return result
  }
}
