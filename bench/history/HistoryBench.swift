enum HistoryBench {
  static func run(folder: String) throws {
    let rows = try YearRows(folder + "/year-rows.db", SensorSet(kind: .temperature, hasJitter: false))
    let a = try Measure.of { _ = try rows.slots(BenchNode.beginUs..<BenchNode.beginUs + 30*86_400_000_000, slotUs: 3_600_000_000) }
    print("30d", a.cpuS)
    let b = try Measure.of { _ = try rows.slots(BenchNode.beginUs..<BenchNode.beginUs + 365*86_400_000_000, slotUs: 365*86_400_000) }
    print("y", b.cpuS)
  }
}
