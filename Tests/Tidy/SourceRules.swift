/// What never stands in Sources, and what always stands before a public symbol.
enum SourceRules {
  // Split, so that these lines do not break their own rule.
  private static let crashes = ["try" + "!", "as" + "!", "fatal" + "Error("]
  private static let leftovers = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

  static func violations(in file: TreeFile) -> [Violation] {
    guard file.isSwift || file.isC, file.target != nil || file.path.hasPrefix("firmware-spec/")
    else { return [] }
    return crashes(in: file) + leftovers(in: file) + undocumented(in: file)
  }

  static func crashes(in file: TreeFile) -> [Violation] {
    guard file.isSwift else { return [] }
    return Blanking.code(of: file).enumerated().flatMap { index, line in
      crashes.filter { line.contains($0) }.map {
        Violation(path: file.path, line: index + 1, what: "\($0) crashes: use a typed error")
      }
    }
  }

  static func leftovers(in file: TreeFile) -> [Violation] {
    file.lines.enumerated().flatMap { index, line in
      leftovers.filter { word in line.split { !$0.isLetter }.contains { $0 == word } }.map {
        Violation(path: file.path, line: index + 1, what: "\($0): finish it or write an issue")
      }
    }
  }

  /// Every public or open declaration has a `///` above it, attributes apart.
  static func undocumented(in file: TreeFile) -> [Violation] {
    guard file.isSwift else { return [] }
    let lines = file.lines.map { $0.drop { $0 == " " } }
    return lines.indices.filter { isPublicDeclaration(lines[$0]) }.compactMap { index in
      let above = lines[..<index].last { !$0.hasPrefix("@") }
      guard above?.hasPrefix("///") != true else { return nil }
      return Violation(path: file.path, line: index + 1, what: "a public symbol without ///")
    }
  }

  private static func isPublicDeclaration(_ line: Substring) -> Bool {
    let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
    guard let first = words.first else { return false }
    return ["public", "open"].contains(first) && words.dropFirst().first != "import"
  }
}
