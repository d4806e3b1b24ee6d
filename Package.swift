// swift-tools-version: 6.2
import PackageDescription

/// What ships is laid out and thinned by function, not by file.
let sections: [SwiftSetting] = [
  .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release))
]

/// Every Swift target is compiled with these: a warning is an error, and unsafe code is marked.
let strict: [SwiftSetting] = [
  // Faults put in on purpose (docs/seeded-bugs.md): what ships knows nothing of them.
  .define("SEEDED_BUGS", .when(configuration: .debug)),
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

/// `Protocol` also compiles as Embedded Swift; what that refuses is refused here too.
let portable = strict + [.treatWarning("EmbeddedRestrictions", as: .error)]

/// What computes most in the tests is optimised there as well: it takes a little longer to compile
/// and a fraction of the time to run. Only `assert` would go unchecked, and no source has one.
let quick: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// What a daemon runs seldom is compiled for size: it lies in its memory all the same.
let small = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// The shipped program's 38,000 relative relocations take 8 KB this way and 900 KB without, all of
/// which the loader would read into memory at every start; only lld packs them on every processor.
/// Functions with the same code are kept once; nobody loads the program as a library, so its names
/// need not be found by the loader.
let packed = LinkerSetting.unsafeFlags(
  ["-use-ld=lld"]
    + ["-z", "pack-relative-relocs", "--icf=all", "--no-export-dynamic"].flatMap {
      ["-Xlinker", $0]
    },
  .when(configuration: .release))

func library(_ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = strict)
  -> Target
{
  .target(name: name, dependencies: dependencies, swiftSettings: settings + sections)
}

func tests(_ module: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(module)Tests", dependencies: dependencies, path: "Tests/\(module)",
    swiftSettings: strict)
}

/// A C target of ours: a header of `static inline` functions over a system library.
func shim(_ name: String, links: [String]) -> Target {
  .target(name: name, linkerSettings: links.map { .linkedLibrary($0) })
}

let package = Package(
  name: "Bivouac",
  products: [
    .executable(name: "bivouac", targets: ["bivouac"]),
    // What the fuzzers, a package of their own in fuzz/, run.
    .library(name: "FuzzChecks", targets: ["FuzzChecks"]),
  ],
  targets: [
    shim("CLinux", links: []),
    shim("CChecksum", links: []),
    shim("CUdev", links: ["udev"]),
    shim("CSQLite", links: ["sqlite3"]),
    shim("CSodium", links: ["sodium"]),
    shim("CZstd", links: ["zstd"]),
    shim("CMicrohttpd", links: ["microhttpd"]),
    shim("CGnutls", links: ["gnutls"]),
    shim("CCurl", links: []),  // loads libcurl when it is first used
    shim("CSystemd", links: ["systemd"]),
    shim("CQrencode", links: ["qrencode"]),
    .target(name: "CFaultVfs", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(name: "CToml", linkerSettings: [.linkedLibrary("stdc++")]),
    .target(
      name: "CCompanion", path: "firmware-spec/c", sources: ["src"], publicHeadersPath: "include"),

    library("Protocol", [], settings: portable + quick),
    library("Codec", [], settings: portable + quick),
    library("Model", []),
    library(
      "Sync", ["Model", "Protocol", "Codec", "CChecksum", "CSodium", "CZstd"],
      settings: strict + quick),
    library("Reactor", ["CLinux"]),
    library(
      "Storage", ["Sync", "Codec", "Model", "Reactor", "CSQLite"], settings: strict + quick),
    library("Devices", ["Reactor", "Protocol", "Model", "CUdev"], settings: small),
    library(
      "Web", ["Reactor", "Model", "CMicrohttpd", "CGnutls", "CCurl"], settings: small),
    library(
      "Api", ["Web", "Storage", "Sync", "Model", "Reactor", "CQrencode"], settings: small),
    library(
      "Gateway",
      [
        "Api", "Devices", "Storage", "Sync", "Model", "Reactor", "Web", "Protocol", "CSystemd",
        "CToml",
      ], settings: small),
    library("Boards", ["Protocol", "Model", "Reactor"]),
    library(
      "Simulation", ["Gateway", "Storage", "Sync", "Protocol", "Model", "CFaultVfs"],
      settings: small + quick),
    library("Cli", ["Web", "Model", "Boards", "Protocol", "Reactor"], settings: small),
    .executableTarget(
      name: "bivouac", dependencies: ["Gateway", "Cli", "Simulation"], swiftSettings: strict,
      linkerSettings: [packed]),
    .executableTarget(
      name: "bivouac-bench",
      dependencies: [
        "Protocol", "Storage", "Sync", "Codec", "Model", "Reactor", "Web", "CSQLite", "CPeer",
        "TestSupport",
      ],
      path: "bench", exclude: ["README.md", "CPeer", "daemon", "peers"],
      // On one thread, like the daemon's loop, and beside the store's and the compaction's.
      swiftSettings: strict + [.defaultIsolation(MainActor.self)]),
    .target(name: "CPeer", path: "bench/CPeer"),

    // What the tests of several modules need alike.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict + quick),
    // Optimised it searches; in debug the tests of the protocol share its played board and host.
    .executableTarget(
      name: "ProtocolSearch", dependencies: ["Protocol", "TestSupport"],
      path: "Tests/ProtocolSearch", swiftSettings: strict),
    tests("Protocol", ["Protocol", "CCompanion", "ProtocolSearch", "TestSupport"]),
    tests("Codec", ["Codec", "TestSupport"]),
    tests("Model", ["Model", "TestSupport"]),
    tests("Sync", ["Sync", "TestSupport"]),
    tests("Reactor", ["Reactor", "TestSupport"]),
    tests("Storage", ["Storage", "Sync", "Model", "Reactor", "Simulation", "TestSupport"]),
    tests("Devices", ["Devices", "Model", "Protocol", "Reactor", "TestSupport"]),
    tests("Web", ["Web", "TestSupport"]),
    tests("Api", ["Api"]),
    tests("Gateway", ["Gateway", "Boards", "Cli", "Simulation", "TestSupport"]),
    // Optimised it goes through many sites; in debug a test starts it twice.
    .executableTarget(
      name: "SiteSearch", dependencies: ["Simulation", "Sync"], path: "Tests/SiteSearch",
      swiftSettings: strict),
    tests("Simulation", ["Simulation", "Sync"]),
    tests("Boards", ["Boards", "Protocol", "Reactor"]),
    tests("Cli", ["Cli"]),
    .target(name: "CFuzzBoard", dependencies: ["CCompanion"], path: "Tests/CFuzzBoard"),
    .target(
      name: "FuzzChecks", dependencies: ["Protocol", "Codec", "Sync", "CFuzzBoard"],
      path: "Tests/FuzzChecks", swiftSettings: strict),
    tests("Replay", ["FuzzChecks"]),
    tests("Tidy", []),
  ]
)
