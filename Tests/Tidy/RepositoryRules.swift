/// What the repository as a whole holds, and what it never holds.
enum RepositoryRules {
  private static let generated: Set<Substring> = [
    "o", "a", "so", "elf", "hex", "bin", "pyc", "db", "sqlite", "sqlite3", "log", "profraw", "orig",
  ]
  // Split, so that this list does not break its own rule.
  private static let machines = ["tmp", "root", "home", "work", "Users", "farm"].map { "/\($0)" }

  /// Built things and binary files are not sources.
  static func generated(_ file: TreeFile) -> [Violation] {
    var found: [Violation] = []
    if generated.contains(file.suffix), file.name.contains(".") {
      found.append(Violation(path: file.path, line: 1, what: "a generated file is tracked"))
    }
    if file.bytes.contains(0) || String(validating: file.bytes, as: UTF8.self) == nil {
      found.append(Violation(path: file.path, line: 1, what: "a binary file is tracked"))
    }
    return found
  }

  /// No path of a home or temporary folder, of any machine.
  static func machinePaths(_ file: TreeFile) -> [Violation] {
    file.lines.enumerated().flatMap { index, line in
      machines.filter { isAbsolute($0, in: line) }.map {
        Violation(path: file.path, line: index + 1, what: "a path of one machine: \($0)")
      }
    }
  }

  /// A folder in the middle of a path of the project is not one of a machine.
  private static func isAbsolute(_ folder: String, in line: Substring) -> Bool {
    func isPart(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "._-~}*)]".contains(character)
    }
    return line.ranges(of: folder).contains { range in
      let before = line[..<range.lowerBound].last
      let after = line[range.upperBound...].first
      return before.map { !isPart($0) && $0 != "/" } != false && after.map(isPart) != true
    }
  }

  /// Every Swift target of Sources that holds code has a test target with a test in it. The
  /// executable is a main of a few lines: the end-to-end tests are its own.
  static func untested(_ files: [TreeFile], manifest: TreeFile) -> [Violation] {
    let tested = Manifest.tested(in: manifest)
    return Manifest.targets(of: manifest).filter { $0.name != "bivouac" }.compactMap { target in
      let holdsCode = files.contains {
        $0.target == target.name && $0.isSwift
          && Blanking.code(of: $0).contains { !$0.allSatisfy { $0 == " " } }
      }
      let hasTest = files.contains {
        $0.path.hasPrefix("Tests/\(target.name)/") && $0.isSwift && $0.text.contains("@Test")
      }
      guard holdsCode, !hasTest || !tested.contains(target.name) else { return nil }
      return Violation(path: manifest.path, line: target.line, what: "\(target.name) has no test")
    }
  }

  /// Every folder at the top says what it is for.
  static func unexplainedFolders(_ files: [TreeFile]) -> [Violation] {
    let paths = Set(files.map(\.path))
    let folders = Set(
      paths.compactMap { path in
        path.contains("/") ? path.split(separator: "/").first : nil
      })
    return folders.filter { !$0.hasPrefix(".") && !paths.contains("\($0)/README.md") }.sorted()
      .map { Violation(path: "\($0)/README.md", line: 1, what: "a top folder without README.md") }
  }
}
