#if SEEDED_BUGS
  import Simulation
  import Sync

  /// Sites with a fault put in on purpose: how many seeds it takes until somebody notices.
  enum SeededSites {
    /// Those that are in the code that is simulated.
    private static let bugs: [(name: String, bug: SeededBug)] = [
      ("registerLastWriterWins", .registerLastWriterWins),
      ("registerForgetsAwaited", .registerForgetsAwaited),
      ("registerRankedByArrival", .registerRankedByArrival),
      ("registerRemovalForgets", .registerRemovalForgets),
      ("factWithdrawalForgotten", .factWithdrawalForgotten),
      ("factFirstArrivalCounts", .factFirstArrivalCounts),
      ("incarnationKept", .incarnationKept),
      ("incarnationByCounting", .incarnationByCounting),
      ("rowsRenumberedAfterRestore", .rowsRenumberedAfterRestore),
      ("visibleBeforeDurable", .visibleBeforeDurable),
      ("acknowledgedBeforeWrite", .acknowledgedBeforeWrite),
      ("badSignatureTakesIdentity", .badSignatureTakesIdentity),
      ("futureRefused", .futureRefused),
      ("deltaOnStaleBase", .deltaOnStaleBase),
      ("telemetryFirst", .telemetryFirst),
      ("resumeFromStart", .resumeFromStart),
      ("counterUnchecked", .counterUnchecked),
      ("emptyRoundRepeats", .emptyRoundRepeats),
      ("deviceOverlapCounted", .deviceOverlapCounted),
    ]

    /// Whether at least 95 of 100 were noticed within so many seeds each.
    static func run(seeds: UInt64) -> Bool {
      var caught = 0
      for (name, bug) in bugs {
        let seed = (0..<seeds).first { isNoticed(bug, $0) }
        if seed != nil { caught += 1 }
        print("\(name): \(seed.map { "noticed at seed \($0)" } ?? "NOT NOTICED")")
      }
      print("\(caught) of \(bugs.count) were noticed within \(seeds) seeds each")
      return caught * 100 >= bugs.count * 95
    }

    /// Whether a site fails with a fault, and without it does not.
    private static func isNoticed(_ bug: SeededBug, _ seed: UInt64) -> Bool {
      unsafe SeededBug.current = bug
      let violations = SiteSimulation.run(seed: seed).violations
      unsafe SeededBug.current = nil
      return !violations.isEmpty && SiteSimulation.run(seed: seed).violations.isEmpty
    }
  }
#endif
