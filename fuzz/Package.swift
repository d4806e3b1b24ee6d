// swift-tools-version: 6.2
import PackageDescription

// The fuzzers: apart from the program, since all of what they stand on is built with libFuzzer and
// AddressSanitizer. tools/fuzz gives the flags: a package cannot state them for its dependencies.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let checks: Target.Dependency = .product(name: "FuzzChecks", package: "Bivouac")

func fuzzer(_ name: String, _ more: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: "Fuzz\(name)", dependencies: ["Fuzzing", checks] + more, swiftSettings: strict)
}

let package = Package(
  name: "BivouacFuzzers",
  // By its name: the folder that a clone is in may be called anything.
  dependencies: [.package(name: "Bivouac", path: "..")],
  targets: [
    .target(name: "Fuzzing", dependencies: [checks], swiftSettings: strict),
    fuzzer("Frames"),
    fuzzer("Messages"),
    fuzzer("Samples"),
    fuzzer("Descriptors"),
    fuzzer("Commits"),
    fuzzer("Journal"),
    fuzzer("Host"),
    fuzzer("Board"),
    fuzzer("Blocks"),
    fuzzer("Records"),
    fuzzer("Vectors"),
    fuzzer("Batches"),
    fuzzer("Hello"),
    fuzzer("Planted"),
  ]
)
