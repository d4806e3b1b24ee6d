/// What Package.swift says, read as text: names and dependency lists.
enum Manifest {
  struct Target {
    let name: String
    let dependencies: [String]
    let line: Int
  }

  /// The Swift targets of Sources: `library("Name", [...])` and the executable.
  static func targets(of manifest: TreeFile) -> [Target] {
    calls(to: "library(", in: manifest)
      + calls(to: ".executableTarget(name: \"bivouac\"", in: manifest)
  }

  /// The modules that have a test target.
  static func tested(in manifest: TreeFile) -> Set<String> {
    Set(calls(to: "tests(", in: manifest).map(\.name))
  }

  private static func calls(to opening: String, in manifest: TreeFile) -> [Target] {
    let lines = manifest.lines
    return lines.indices.compactMap { index in
      guard lines[index].drop(while: { $0 == " " }).hasPrefix(opening) else { return nil }
      var call = ""
      for line in lines[index...] {
        call += line
        if line.hasSuffix("),") { break }
      }
      let quoted = call.split(separator: "\"", omittingEmptySubsequences: false)
      let words = stride(from: 1, to: quoted.count, by: 2).map { String(quoted[$0]) }
      guard let name = words.first else { return nil }
      return Target(name: name, dependencies: Array(words.dropFirst()), line: index + 1)
    }
  }
}
