import Testing

/// Each rule on the real tree. What a rule means is tested beside it, in the other suites.
@Suite("The repository keeps its own rules")
struct TidyTests {
  private let files: [TreeFile]
  private let manifest: TreeFile

  init() throws {
    let files = try Tree.load()
    self.files = files
    self.manifest = try #require(files.first { $0.path == "Package.swift" })
  }

  private func expectNone(_ violations: [Violation]) {
    let report = violations.map(\.description).joined(separator: "\n")
    #expect(violations.isEmpty, "\n\(report)")
  }

  @Test("imports follow the arrows")
  func imports() { expectNone(files.flatMap(ImportRules.violations(in:))) }

  @Test("Package.swift draws no other arrow")
  func manifestArrows() { expectNone(ImportRules.violations(inManifest: manifest)) }

  @Test("files, functions and lines are short")
  func lengths() { expectNone(files.flatMap(LengthRules.violations(in:))) }

  @Test("sources do not crash on purpose, are finished, and document what is public")
  func sources() { expectNone(files.flatMap(SourceRules.violations(in:))) }

  @Test("nothing built and nothing binary is tracked")
  func generated() { expectNone(files.flatMap(RepositoryRules.generated)) }

  @Test("no path of one machine stands anywhere")
  func machinePaths() { expectNone(files.flatMap(RepositoryRules.machinePaths)) }

  @Test("every target is tested")
  func tested() { expectNone(RepositoryRules.untested(files, manifest: manifest)) }

  @Test("every folder at the top says what it is for")
  func explained() { expectNone(RepositoryRules.unexplainedFolders(files)) }

  @Test("the walk sees this very file")
  func walk() { #expect(files.contains { $0.path == "Tests/Tidy/TidyTests.swift" }) }
}
