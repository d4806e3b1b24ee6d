import Glibc
import Simulation

// SiteSearch FIRST COUNT [verbose]: the sites of so many seeds; one line for each that fails.
// SiteSearch bugs COUNT: each fault that can be put in, until it is noticed (needs SEEDED_BUGS).
let arguments = CommandLine.arguments.dropFirst()
#if SEEDED_BUGS
  if arguments.first == "bugs" {
    let most = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 2_000
    exit(SeededSites.run(seeds: most) ? 0 : 1)
  }
#endif
let first = arguments.first.flatMap { UInt64($0) } ?? 0
let count = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
let isVerbose = arguments.contains("verbose")
var failures = 0
for seed in first..<(first + count) {
  let outcome = SiteSimulation.run(seed: seed)
  if isVerbose {
    for line in outcome.trace { print(line) }
    print(
      "seed \(seed): \(outcome.traceHash), \(outcome.recordCount) records, "
        + "\(outcome.requestCount) requests, \(outcome.carriedByteCount) bytes")
  }
  guard !outcome.violations.isEmpty else { continue }
  failures += 1
  for line in outcome.trace.suffix(isVerbose ? 0 : 25) { print(line) }
  print("seed \(seed): \(outcome.violations)")
}
print("\(count) sites, \(failures) failed")
exit(failures == 0 ? 0 : 1)
