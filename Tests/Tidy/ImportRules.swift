/// Who may import whom: the arrows of DESIGN.md section 2, with those of docs/adr/0001.
enum ImportRules {
  /// Our own targets that a target may import.
  static let arrows: [String: Set<String>] = [
    "bivouac": ["Gateway", "Cli", "Simulation"],
    "Gateway": [
      "Api", "Devices", "Storage", "Bridges", "Sync", "Model", "Reactor", "Web", "Protocol",
      "CSystemd", "CToml",
    ],
    "Api": ["Web", "Storage", "Sync", "Model", "Reactor", "CQrencode"],
    "Cli": ["Web", "Model", "Boards", "Protocol", "Reactor"],
    "Boards": ["Protocol", "Model", "Reactor"],
    "Simulation": ["Gateway", "Storage", "Sync", "Protocol", "Model", "CFaultVfs"],
    "Devices": ["Reactor", "Protocol", "Model", "CUdev", "CJpeg"],
    "Web": ["Reactor", "Model", "CMicrohttpd", "CGnutls", "CCurl"],
    "Bridges": ["Reactor", "Model", "Web", "CPaho"],
    "Storage": ["Sync", "Codec", "Model", "Reactor", "CSQLite"],
    "Sync": ["Model", "Protocol", "Codec", "CChecksum", "CSodium", "CZstd"],
    "Reactor": ["CLinux"],
    "Protocol": [],
    "Codec": [],
    "Model": [],
  ]

  /// Targets that decide and never act: not even the C library is theirs.
  static let pure: Set<String> = ["Protocol", "Codec", "Model", "Sync"]
  /// Modules of the toolchain that the other targets may use.
  static let toolchain: Set<String> = ["Glibc", "Synchronization"]

  /// The modules that the import lines of a Swift file name, with their line numbers.
  static func imports(of file: TreeFile) -> [(module: String, line: Int)] {
    Blanking.code(of: file).enumerated().compactMap { index, line in
      let words = line.split(separator: " ").drop {
        ["public", "internal", "package", "private", "fileprivate"].contains($0)
          || $0.hasPrefix("@")
      }
      guard words.first == "import", let last = words.last, words.count > 1 else { return nil }
      let module = last.split(separator: ".")[0]
      return (String(module), index + 1)
    }
  }

  static func violations(in file: TreeFile) -> [Violation] {
    guard file.isSwift else { return [] }
    return imports(of: file).compactMap { module, line in
      refusal(of: module, in: file.target).map {
        Violation(path: file.path, line: line, what: $0)
      }
    }
  }

  /// Why a target may not import a module; nil when it may. A nil target is a test or a script.
  static func refusal(of module: String, in target: String?) -> String? {
    if ["Foundation", "FoundationNetworking", "Dispatch"].contains(module) {
      return "\(module) is never imported"
    }
    guard let target else { return nil }
    guard let allowed = arrows[target] else { return "\(target) has no arrows: add them by an ADR" }
    if module == "FoundationEssentials" {
      return "\(module) costs 2 MB of memory: docs/adr/0006"
    }
    if toolchain.contains(module) {
      return pure.contains(target) ? "\(target) is pure and may not import \(module)" : nil
    }
    return allowed.contains(module) ? nil : "no arrow from \(target) to \(module)"
  }

  /// The arrows that Package.swift itself draws, judged by the same table.
  static func violations(inManifest manifest: TreeFile) -> [Violation] {
    Manifest.targets(of: manifest).flatMap { target in
      target.dependencies.compactMap { dependency in
        refusal(of: dependency, in: target.name).map {
          Violation(path: manifest.path, line: target.line, what: $0)
        }
      }
    }
  }
}
