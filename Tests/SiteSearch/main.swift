import Glibc
import Simulation

// SiteSearch FIRST COUNT [verbose]: the sites of so many seeds; one line for each that fails.
// Behind it `with NAME` puts one fault in (needs SEEDED_BUGS).
// SiteSearch bugs COUNT [PART PARTS | NAME...]: each fault that can be put in, until it is noticed;
// of all of them one part, or those that are named (needs SEEDED_BUGS).
let arguments = CommandLine.arguments.dropFirst()
#if SEEDED_BUGS
  if arguments.first == "bugs" {
    let rest = Array(arguments.dropFirst())
    let most = rest.first.flatMap { UInt64($0) } ?? 2_000
    let numbers = rest.dropFirst().compactMap { Int($0) }
    let isPart = numbers.count == 2 && numbers[1] > 0
    let names = isPart ? [] : Array(rest.dropFirst())
    let (part, parts) = isPart ? (numbers[0], numbers[1]) : (0, 1)
    exit(SeededSites.run(seeds: most, part: part, of: parts, names: names) ? 0 : 1)
  }
  if let place = arguments.firstIndex(of: "with"), place + 1 < arguments.endIndex,
    !SeededSites.putIn(arguments[place + 1])
  {
    exit(2)
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
