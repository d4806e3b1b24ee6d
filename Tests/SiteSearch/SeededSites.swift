#if SEEDED_BUGS
  import Glibc
  import Simulation
  import Sync

  /// Sites with a fault put in on purpose: how many seeds it takes until somebody notices.
  enum SeededSites {
    /// Those that are in the code that is simulated.
    private static let bugs: [(name: String, bug: SeededBug)] = [
      ("incarnationKept", .incarnationKept),
      ("visibleBeforeDurable", .visibleBeforeDurable),
      ("rowsRenumberedAfterRestore", .rowsRenumberedAfterRestore),
      ("ownRunsNotTakenBack", .ownRunsNotTakenBack),
      ("outcomeByRank", .outcomeByRank),
      ("outcomeByArrival", .outcomeByArrival),
      ("issuerExpires", .issuerExpires),
      ("registerRemovalForgets", .registerRemovalForgets),
      ("factWithdrawalForgotten", .factWithdrawalForgotten),
      ("revocationLosesToWrite", .revocationLosesToWrite),
      ("revocationOffByOne", .revocationOffByOne),
      ("factSlotPerOrigin", .factSlotPerOrigin),
      ("claimAfterWrite", .claimAfterWrite),
      ("unknownTriedAgain", .unknownTriedAgain),
      ("lifeFromReceipt", .lifeFromReceipt),
      ("lifeOverBoots", .lifeOverBoots),
      ("retargetedCommand", .retargetedCommand),
      ("cutLosesBatch", .cutLosesBatch),
      ("resumeFromStart", .resumeFromStart),
      ("begunCountsAsSeen", .begunCountsAsSeen),
      ("deviceOverlapCounted", .deviceOverlapCounted),
      ("duplicateByTime", .duplicateByTime),
      ("seqAtSealing", .seqAtSealing),
      ("incarnationByCounting", .incarnationByCounting),
      ("registerLastWriterWins", .registerLastWriterWins),
      ("registerForgetsAwaited", .registerForgetsAwaited),
      ("registerRankedByArrival", .registerRankedByArrival),
      ("factFirstArrivalCounts", .factFirstArrivalCounts),
      ("heldIsSeen", .heldIsSeen),
      ("floorMergedIntoSeen", .floorMergedIntoSeen),
      ("deltaOnStaleBase", .deltaOnStaleBase),
      ("rightsAtArrival", .rightsAtArrival),
      ("cutOnlyLaterArrivals", .cutOnlyLaterArrivals),
      ("equalsRevoke", .equalsRevoke),
      ("putAsideStaysFolded", .putAsideStaysFolded),
      ("rawAndRollupCounted", .rawAndRollupCounted),
      ("liveAndRangeApart", .liveAndRangeApart),
      ("trimUnproven", .trimUnproven),
      ("proofNotCompared", .proofNotCompared),
      ("badSignatureTakesIdentity", .badSignatureTakesIdentity),
      ("counterUnchecked", .counterUnchecked),
      ("trimWithoutFloor", .trimWithoutFloor),
      ("seenBeforeRecord", .seenBeforeRecord),
      ("recordAndBlocksApart", .recordAndBlocksApart),
      ("liveRangeCutShort", .liveRangeCutShort),
      ("cursorApart", .cursorApart),
      ("spoolCountsAsSeen", .spoolCountsAsSeen),
      ("unappliedNotRetried", .unappliedNotRetried),
      ("unknownKindDropped", .unknownKindDropped),
      ("acknowledgedBeforeWrite", .acknowledgedBeforeWrite),
      ("telemetryFirst", .telemetryFirst),
      ("emptyRoundRepeats", .emptyRoundRepeats),
      ("stallOutlivesSession", .stallOutlivesSession),
      ("futureRefused", .futureRefused),
      ("noBallast", .noBallast),
      ("badRecordBlocksBatch", .badRecordBlocksBatch),
      ("conflictFirstArrival", .conflictFirstArrival),
      ("sumsOutliveReadings", .sumsOutliveReadings),
      ("sumsKeepReadingsOut", .sumsKeepReadingsOut),
      ("otherDescription", .otherDescription),
      ("retirementWithoutPast", .retirementWithoutPast),
      ("retiredKeyCounts", .retiredKeyCounts),
    ]

    /// Which seeds have a site that is well without any fault; what is known is not asked again.
    private nonisolated(unsafe) static var isWell: [UInt64: Bool] = [:]

    /// Puts in each of one part of the bugs, or of those that are named; whether all were noticed
    /// within so many seeds each.
    static func run(seeds: UInt64, part: Int, of parts: Int, names: [String]) -> Bool {
      let chosen = bugs.enumerated().filter {
        names.isEmpty ? $0.offset % parts == part : names.contains($0.element.name)
      }
      var caught = 0
      for (_, (name, bug)) in chosen {
        let seed = (0..<seeds).first { isNoticed(bug, $0) }
        if seed != nil { caught += 1 }
        print("\(name): \(seed.map { "noticed at seed \($0)" } ?? "NOT NOTICED")")
        fflush(nil)
      }
      print("\(caught) of \(chosen.count) were noticed within \(seeds) seeds each")
      return caught == chosen.count
    }

    /// Puts one in for all that follows; false where there is none of that name.
    static func putIn(_ name: String) -> Bool {
      unsafe SeededBug.current = bugs.first { $0.name == name }?.bug
      return unsafe SeededBug.current != nil
    }

    /// Whether a site fails with a fault, and without it does not.
    private static func isNoticed(_ bug: SeededBug, _ seed: UInt64) -> Bool {
      unsafe SeededBug.current = bug
      let violations = SiteSimulation.run(seed: seed).violations
      unsafe SeededBug.current = nil
      guard !violations.isEmpty else { return false }
      let known = unsafe isWell[seed]
      let isWell = known ?? SiteSimulation.run(seed: seed).violations.isEmpty
      unsafe Self.isWell[seed] = isWell
      return isWell
    }
  }
#endif
