/// How many columns of a terminal text takes.
enum TextWidth {
  /// Columns of the text; combining marks take none, wide characters two.
  static func columns(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + columns($1) }
  }

  private static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0xFEFF: return 0
    case 0x300..<0x370: return 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// Text of at most so many columns; what is cut is shown by an ellipsis.
  static func cut(_ text: String, to columnsMax: Int) -> String {
    guard columns(text) > columnsMax else { return text }
    var kept = ""
    var width = 0
    for character in text {
      let next = columns(character)
      if width + next > columnsMax - 1 { break }
      kept.append(character)
      width += next
    }
    return columnsMax < 1 ? "" : kept + "…"
  }

  /// Text followed, or preceded, by spaces up to so many columns.
  static func pad(_ text: String, to width: Int, onLeft: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - columns(text)))
    return onLeft ? spaces + text : text + spaces
  }

  /// Lines of at most so many columns, broken at plain spaces, each after the first indented.
  static func wrap(_ text: String, to columnsMax: Int, indent: String = "") -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      let candidate = line.isEmpty ? String(word) : line + " " + word
      let room = columnsMax - (lines.isEmpty ? 0 : columns(indent))
      if columns(candidate) > room, !line.isEmpty {
        lines.append(lines.isEmpty ? line : indent + line)
        line = String(word)
      } else {
        line = candidate
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(lines.isEmpty ? line : indent + line) }
    return lines
  }

  /// Text without what could move a terminal's cursor: each control character becomes `\xHH`.
  ///
  /// What a device or a file says is shown, never obeyed.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// C0, DEL, C1, and the marks that turn the direction of writing around.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
