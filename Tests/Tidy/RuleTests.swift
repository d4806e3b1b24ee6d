import Testing

@Suite("Import rules")
struct ImportRuleTests {
  private func found(_ path: String, _ text: String) -> [Int] {
    ImportRules.violations(in: TreeFile(path, text)).map(\.line)
  }

  @Test("an arrow of the design is accepted, with any access level")
  func accepted() {
    let text = "internal import CSQLite\npublic import Model\n@testable import Sync\nimport Glibc\n"
    #expect(found("Sources/Storage/A.swift", text) == [])
  }

  @Test("an arrow that the design does not draw is refused")
  func refused() {
    #expect(found("Sources/Storage/A.swift", "import Model\nimport Devices\n") == [2])
    #expect(found("Sources/Model/A.swift", "public import struct Sync.Record\n") == [1])
  }

  @Test("Foundation is refused everywhere, tests included")
  func foundation() {
    #expect(found("Sources/Gateway/A.swift", "import Foundation\n") == [1])
    #expect(found("Tests/Gateway/A.swift", "import Foundation\n") == [1])
  }

  @Test("FoundationEssentials is for tests alone", arguments: ["Storage", "Web", "Gateway", "Cli"])
  func essentials(target: String) {
    #expect(found("Sources/\(target)/A.swift", "import FoundationEssentials\n") == [1])
    #expect(found("Tests/\(target)/A.swift", "import FoundationEssentials\n") == [])
  }

  @Test("a pure target may not even import the C library")
  func pure() {
    #expect(found("Sources/Sync/A.swift", "import Glibc\n") == [1])
    #expect(found("Sources/Reactor/A.swift", "import Glibc\n") == [])
  }

  @Test("an import in a comment or a string is none")
  func blanked() {
    let text =
      "// import Foundation\n/*\nimport Foundation\n*/\nlet a = \"\"\"\nimport Foundation\n\"\"\"\n"
    #expect(found("Sources/Model/A.swift", text) == [])
  }

  @Test("a dependency list is judged like the imports")
  func manifest() {
    let text = """
          library("Model", []),
          library(
            "Web",
            ["Reactor", "Storage"]),
      """
    let found = ImportRules.violations(inManifest: TreeFile("Package.swift", text))
    #expect(found.map(\.what) == ["no arrow from Web to Storage"])
  }
}

@Suite("Length rules")
struct LengthRuleTests {
  private func body(_ count: Int, _ line: String) -> String {
    String(repeating: line + "\n", count: count)
  }

  @Test("a file of the limit passes, one line more does not")
  func file() {
    let limit = LengthRules.fileLinesMax
    #expect(LengthRules.fileLength(TreeFile("a.swift", body(limit, "//"))) == [])
    #expect(LengthRules.fileLength(TreeFile("a.swift", body(limit + 1, "//"))).count == 1)
  }

  @Test("a line of the limit passes, one column more does not")
  func line() {
    let limit = LengthRules.lineColumnsMax
    #expect(LengthRules.lineLength(TreeFile("a.swift", String(repeating: "é", count: limit))) == [])
    let long = TreeFile("a.swift", "\n" + String(repeating: "é", count: limit + 1))
    #expect(LengthRules.lineLength(long).map(\.line) == [2])
  }

  @Test(
    "functions are measured from name to closing brace",
    arguments: [
      ("a.swift", "func a(\n  _ b: () -> Void = { }\n) {\n", "  if x { y() }", "}\n", 3),
      ("a.swift", "  init?(b: Int) {\n", "    let brace = \"{\"  // {", "  }\n", 1),
      ("a.c", "static int a(int b)\n{\n", "  if (b) { c('{'); }", "}\n", 2),
      ("a.py", "def a(b,\n      c):\n", "    return {}", "", 2),
    ])
  func function(path: String, head: String, line: String, tail: String, headLines: Int) {
    let closing = tail.isEmpty ? 0 : 1
    let room = LengthRules.functionLinesMax - headLines - closing
    let fits = TreeFile(path, head + body(room, line) + tail)
    let exceeds = TreeFile(path, head + body(room + 1, line) + tail)
    #expect(LengthRules.functionLength(fits) == [])
    #expect(LengthRules.functionLength(exceeds).map(\.line) == [1])
  }

  @Test("a requirement, a prototype or a call is no function")
  func noBody() {
    let gap = body(80, "")
    let protocolText = "protocol A {\n  func a(b: Int)\n  init(c: Int)\n}\n\(gap)struct B {\n}\n"
    #expect(LengthRules.functionLength(TreeFile("a.swift", protocolText)) == [])
    let header = "int a(int b);\n\(gap)struct b {\n};\n"
    #expect(LengthRules.functionLength(TreeFile("a.h", header)) == [])
  }
}

@Suite("Source rules")
struct SourceRuleTests {
  private let path = "Sources/Model/A.swift"

  @Test("each way to crash is found in code, and not in words", arguments: ["try!", "as!"])
  func crash(word: String) {
    #expect(SourceRules.crashes(in: TreeFile(path, "let a = b \(word) c\n")).count == 1)
    #expect(SourceRules.crashes(in: TreeFile(path, "// never \(word)\n")) == [])
    #expect(SourceRules.crashes(in: TreeFile(path, "let a = try? b as? c\n")) == [])
  }

  @Test("unfinished work is found even in a comment")
  func leftover() {
    #expect(SourceRules.leftovers(in: TreeFile(path, "// TO" + "DO: more\n")).count == 1)
    #expect(SourceRules.leftovers(in: TreeFile(path, "let toDos = 1\n")) == [])
  }

  @Test("a public symbol needs a comment, above its attributes")
  func documented() {
    let good =
      "/// A.\n@frozen\npublic struct A {\n  /// B.\n  public var b: Int\n}\npublic import C\n"
    #expect(SourceRules.undocumented(in: TreeFile(path, good)) == [])
    let bad = "// A.\npublic struct A {\n  public private(set) var b: Int\n}\n"
    #expect(SourceRules.undocumented(in: TreeFile(path, bad)).map(\.line) == [2, 3])
  }

  @Test("only Sources and the firmware are judged")
  func scope() {
    let text = "let a = b as" + "! c\n"
    #expect(SourceRules.violations(in: TreeFile("Tests/Model/A.swift", text)) == [])
    #expect(SourceRules.violations(in: TreeFile(path, text)).count == 1)
  }
}

@Suite("Repository rules")
struct RepositoryRuleTests {
  private let manifest = TreeFile(
    "Package.swift", "  library(\"Model\", []),\n  tests(\"Model\", [\"Model\"]),\n")

  @Test("a built or binary file is found, a text is not")
  func generated() {
    #expect(RepositoryRules.generated(TreeFile("a/b.o", "x")).count == 1)
    #expect(RepositoryRules.generated(TreeFile(path: "a", bytes: [1, 0, 2])).count == 1)
    #expect(RepositoryRules.generated(TreeFile(path: "a", bytes: [0xFF])).count == 1)
    #expect(RepositoryRules.generated(TreeFile("a.txt", "né\n")) == [])
  }

  @Test("a path of a machine is found, one of the project is not")
  func machinePaths() {
    let temporary = "/" + "tmp"
    for bad in ["let a = \"\(temporary)\"", "\(temporary)/a", "cat (\(temporary)/a)"] {
      #expect(RepositoryRules.machinePaths(TreeFile("a", bad)).count == 1, "\(bad)")
    }
    for good in ["build\(temporary)/a", "\(temporary)late", "http://x\(temporary)"] {
      #expect(RepositoryRules.machinePaths(TreeFile("a", good)) == [], "\(good)")
    }
  }

  @Test("a target without a test is found")
  func untested() {
    let code = TreeFile("Sources/Model/A.swift", "struct A {}")
    let with = TreeFile("Tests/Model/A.swift", "@Test func a() {}")
    let without = TreeFile("Tests/Model/A.swift", "func a() {}")
    #expect(RepositoryRules.untested([code, with], manifest: manifest) == [])
    #expect(RepositoryRules.untested([code, without], manifest: manifest).count == 1)
    let empty = TreeFile("Sources/Model/A.swift", "// Soon.")
    #expect(RepositoryRules.untested([empty], manifest: manifest) == [])
  }

  @Test("a top folder without a README is found")
  func unexplained() {
    let code = TreeFile("docs/a.md", "")
    #expect(RepositoryRules.unexplainedFolders([code]).map(\.path) == ["docs/README.md"])
    let all = [code, TreeFile("docs/README.md", ""), TreeFile(".ci/run", ""), TreeFile("a", "")]
    #expect(RepositoryRules.unexplainedFolders(all) == [])
  }
}
