/// Blanks comments and string literals of Swift or C, keeping every newline and column, so that
/// the rules look at code alone.
enum Blanking {
  private static let quote = UInt8(ascii: "\"")
  private static let slash = UInt8(ascii: "/")
  private static let star = UInt8(ascii: "*")
  private static let newline = UInt8(ascii: "\n")
  private static let backslash = UInt8(ascii: "\\")
  private static let apostrophe = UInt8(ascii: "'")

  static func code(of file: TreeFile) -> [Substring] {
    let blanked = blank(file.bytes, apostrophes: file.isC)
    return String(decoding: blanked, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  static func blank(_ text: [UInt8], apostrophes: Bool) -> [UInt8] {
    var out = text
    var index = 0
    func at(_ offset: Int) -> UInt8 { index + offset < text.count ? text[index + offset] : 0 }
    func erase(to end: Int) {
      for place in index..<min(end, text.count) where text[place] != newline {
        out[place] = UInt8(ascii: " ")
      }
      index = min(end, text.count)
    }
    while index < text.count {
      switch text[index] {
      case slash where at(1) == slash:
        erase(to: text[index...].firstIndex(of: newline) ?? text.count)
      case slash where at(1) == star:
        erase(to: endOfBlockComment(text, from: index))
      case quote where at(1) == quote && at(2) == quote:
        erase(to: endOfLiteral(text, from: index + 3, closing: 3))
      case quote:
        erase(to: endOfLiteral(text, from: index + 1, closing: 1))
      case apostrophe where apostrophes:
        erase(to: endOfLiteral(text, from: index + 1, closing: 1, mark: apostrophe))
      default:
        index += 1
      }
    }
    return out
  }

  private static func endOfBlockComment(_ text: [UInt8], from start: Int) -> Int {
    var index = start + 2
    while index + 1 < text.count, !(text[index] == star && text[index + 1] == slash) { index += 1 }
    return index + 2
  }

  /// An interpolation counts as part of its literal; one that holds a literal of its own is
  /// followed by its parentheses.
  private static func endOfLiteral(
    _ text: [UInt8], from start: Int, closing: Int, mark: UInt8 = quote
  ) -> Int {
    var index = start
    var parentheses = 0
    while index < text.count {
      let byte = text[index]
      if byte == backslash, index + 1 < text.count {
        if text[index + 1] == UInt8(ascii: "(") { parentheses += 1 }
        index += 2
      } else if parentheses > 0 {
        if byte == UInt8(ascii: "(") { parentheses += 1 }
        if byte == UInt8(ascii: ")") { parentheses -= 1 }
        index += 1
      } else if byte == mark, text[index...].prefix(closing).allSatisfy({ $0 == mark }),
        text.count - index >= closing
      {
        return index + closing
      } else if byte == newline, closing == 1 {
        return index
      } else {
        index += 1
      }
    }
    return text.count
  }
}
