import Glibc
import Model
import Reactor
import Sync

// The benchmarks, one after the other. Every figure stands beside a reference of the same run.
// With arguments, one part of them, for the scripts in peers/.
// As the daemon does.
System.mapLargeBlocks()
switch Array(CommandLine.arguments.dropFirst()) {
case []:
  print("Frames\n")
  DecodeBench.run()
  print("\nThe wire\n")
  try WireBench.run()
  print("\nThe disk: 32 channels at 1 Hz, commits against indexed rows\n")
  try await DiskBench.run()
case ["ingest"]: try await IngestBench.run(try BenchDisk.mounted())
case ["compaction"]: try await CompactionBench.run(try BenchDisk.mounted())
case let words where words.count == 2 && words[0] == "compaction":
  try await CompactionBench.rate(try SensorSet(named: words[1]), try BenchDisk.mounted())
case ["memory"]: _ = try await MemoryBench.run(folder: try BenchDisk.mounted().folder)
case ["million"]: _ = try await MillionBench.run(folder: try BenchDisk.mounted().folder)
case let words where words.count == 3 && words[0] == "million":
  guard let series = Int(words[2]) else { exit(2) }
  exit(try await MillionBench.run(folder: words[1], series: series) ? 0 : 1)
case let words where words.count == 2 && words[0] == "check":
  // For tools/test: a day of readings, as a test that fails.
  exit(try await MemoryBench.run(folder: words[1]) ? 0 : 1)
case ["questions"]: try await QuestionBench.run(folder: try BenchDisk.mounted().folder)
case ["sets"]:
  for set in SensorSet.all { print("\(set.name) \(set.bytesMax)") }
case let words where words.count == 4 && words[0] == "backlog":
  guard let count = Int(words[3]) else { exit(2) }
  try await SiteBacklog.readings(count, of: try SensorSet(named: words[2]), state: words[1])
case let words where words.count == 2 && words[0] == "cuts":
  try await CutBench.run(folder: words[1])
case let words where words.count == 4 && words[0] == "grants":
  guard let site = Hex.bytes(words[2][...]).flatMap({ SiteId($0) }), let count = Int(words[3])
  else { exit(2) }
  try await FleetBench.grant(count, site: site, state: words[1])
case let words where words.count == 6 && words[0] == "fleet":
  guard let site = Hex.bytes(words[2][...]).flatMap({ SiteId($0) }), let count = Int(words[1]),
    let hub = Hex.bytes(words[3][...]).flatMap({ NodeId($0) }), let seconds = Int(words[5])
  else { exit(2) }
  try await FleetBench.run(count, site: site, hub: hub, url: words[4], seconds: seconds)
case let words where words.count == 3 && words[0] == "entries":
  guard let count = Int(words[2]) else { exit(2) }
  try await SiteBacklog.entries(count, state: words[1])
case let words where words.count == 2 && words[0] == "verify":
  guard let count = Int(words[1]) else { exit(2) }
  VerifyBench.run(count)
case let words where words.count == 3 && words[0] == "at-rest":
  try await AtRest.run(try SensorSet(named: words[1]), folder: words[2])
case let words where words.count == 3 && words[0] == "readings":
  try SensorText.write(try SensorSet(named: words[1]), as: words[2])
default:
  print("bivouac-bench [ingest | compaction [SET] | memory | million | questions | sets]")
  print("bivouac-bench check FOLDER | million FOLDER SERIES")
  print("bivouac-bench at-rest SET FOLDER | readings SET influx|copy")
  print("bivouac-bench backlog STATE SET READINGS | entries STATE COUNT | cuts FOLDER")
  print("bivouac-bench grants STATE SITE COUNT | fleet COUNT SITE HUB URL SECONDS | verify COUNT")
  exit(2)
}
