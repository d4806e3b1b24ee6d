import Glibc
import Simulation
import Sync
import Testing

@Suite("A simulated site", .serialized) struct SiteTests {
  /// Few here, where nothing is optimised; the phase `search` has three hundred.
  private static let seeds = 0..<8 as Range<UInt64>

  @Test("whatever goes wrong meanwhile, all know the same in the end")
  func seeds() {
    for seed in Self.seeds {
      let outcome = SiteSimulation.run(seed: seed)
      #expect(outcome.violations.isEmpty, "seed \(seed)")
      #expect(outcome.recordCount > 0 && outcome.requestCount > 0, "seed \(seed)")
      if !outcome.violations.isEmpty { print(outcome.trace.suffix(20).joined(separator: "\n")) }
    }
  }

  private static func hashes() -> String {
    (100..<103 as Range<UInt64>).map { "\(SiteSimulation.run(seed: $0).traceHash)" }
      .joined(separator: " ")
  }

  @Test("a seed gives the same in another process, to the last byte")
  func processes() async {
    let hashes = Self.hashes()
    let other = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) {
      print(SiteTests.hashes())
      fflush(nil)
    }
    let said = String(decoding: other?.standardOutputContent ?? [], as: UTF8.self)
    #expect(said.contains(hashes), "\(hashes), and there \(said)")
  }

  @Test("another seed gives another site") func others() {
    #expect(SiteSimulation.run(seed: 1).traceHash != SiteSimulation.run(seed: 2).traceHash)
  }

  @Test(
    "a fault that is put in is noticed",
    arguments: [
      SeededBug.registerRankedByArrival, .telemetryFirst, .visibleBeforeDurable, .counterUnchecked,
      .rowsRenumberedAfterRestore, .registerLastWriterWins,
      .deviceOverlapCounted,
    ])
  func faults(bug: SeededBug) {
    defer { unsafe SeededBug.current = nil }
    let isNoticed = (0..<60 as Range<UInt64>).contains { seed in
      unsafe SeededBug.current = bug
      let isBroken = !SiteSimulation.run(seed: seed).violations.isEmpty
      unsafe SeededBug.current = nil
      return isBroken && SiteSimulation.run(seed: seed).violations.isEmpty
    }
    #expect(isNoticed)
  }
}
