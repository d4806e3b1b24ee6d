/// How long a file, a function and a line may be.
enum LengthRules {
  static let fileLinesMax = 400
  static let functionLinesMax = 70
  static let lineColumnsMax = 100

  static func violations(in file: TreeFile) -> [Violation] {
    guard file.isSwift || file.isC || file.isPython else { return [] }
    return fileLength(file) + lineLength(file) + functionLength(file)
  }

  static func fileLength(_ file: TreeFile) -> [Violation] {
    let count = file.lines.count - (file.bytes.last == UInt8(ascii: "\n") ? 1 : 0)
    guard count > fileLinesMax else { return [] }
    return [
      Violation(path: file.path, line: count, what: "\(count) lines, at most \(fileLinesMax)")
    ]
  }

  static func lineLength(_ file: TreeFile) -> [Violation] {
    guard file.isSwift else { return [] }
    return file.lines.enumerated().filter { $1.count > lineColumnsMax }.map {
      Violation(
        path: file.path, line: $0 + 1, what: "\($1.count) columns, at most \(lineColumnsMax)")
    }
  }

  static func functionLength(_ file: TreeFile) -> [Violation] {
    let spans = file.isPython ? pythonFunctions(file.lines) : bracedFunctions(file)
    return spans.filter { $0.count > functionLinesMax }.map {
      Violation(
        path: file.path, line: $0.lowerBound + 1,
        what: "function of \($0.count) lines, at most \(functionLinesMax)")
    }
  }

  /// The lines of each function of a Swift or C file, from its first line to its closing brace.
  static func bracedFunctions(_ file: TreeFile) -> [ClosedRange<Int>] {
    let lines = Blanking.code(of: file)
    return lines.indices.compactMap { start in
      let begins = file.isC ? beginsInC(lines[start]) : beginsInSwift(lines[start])
      return begins ? end(ofBodyFrom: start, in: lines).map { start...$0 } : nil
    }
  }

  private static func beginsInSwift(_ line: Substring) -> Bool {
    let words = line.split(separator: " ")
    return words.contains { word in
      word == "func" || word == "deinit" || word.hasPrefix("init(") || word.hasPrefix("init?(")
        || word.hasPrefix("init<") || word.hasPrefix("subscript(")
    }
  }

  /// A definition of ours starts at the margin with its return type, and has a parenthesis.
  private static func beginsInC(_ line: Substring) -> Bool {
    guard let first = line.first, first.isLetter || first == "_", line.contains("(") else {
      return false
    }
    return !line.contains(";") && !line.hasPrefix("extern") && !line.hasPrefix("typedef")
  }

  /// The line that closes the first brace from `start`; nil when there is no body: a requirement
  /// of a protocol, a prototype, or a call.
  private static func end(ofBodyFrom start: Int, in lines: [Substring]) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<lines.count {
      if braces == 0, index > start, lines[index].allSatisfy({ $0 == " " }) { return nil }
      for character in lines[index].utf8 {
        switch character {
        case UInt8(ascii: "("): parentheses += 1
        case UInt8(ascii: ")"): parentheses -= 1
        case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
        case UInt8(ascii: "}") where braces > 0:
          braces -= 1
          if braces == 0 { return index }
        case UInt8(ascii: "}") where parentheses == 0: return nil
        case UInt8(ascii: ";") where braces == 0 && parentheses == 0: return nil
        default: break
        }
      }
    }
    return nil
  }

  private static func indentation(_ line: Substring) -> Int? {
    line.firstIndex { $0 != " " }.map { line.distance(from: line.startIndex, to: $0) }
  }

  /// The lines of each Python function, by indentation.
  static func pythonFunctions(_ lines: [Substring]) -> [ClosedRange<Int>] {
    lines.indices.compactMap { start in
      let words = lines[start].split(separator: " ")
      guard words.first == "def" || (words.first == "async" && words.dropFirst().first == "def"),
        let margin = indentation(lines[start])
      else { return nil }
      var last = start
      var headEnded = lines[start].hasSuffix(":")
      for index in (start + 1)..<max(lines.count, start + 1) {
        guard let depth = indentation(lines[index]) else { continue }
        if headEnded, depth <= margin { break }
        if lines[index].hasSuffix(":") { headEnded = true }
        last = index
      }
      return start...last
    }
  }
}
