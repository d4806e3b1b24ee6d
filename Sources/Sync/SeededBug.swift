/// Faults that can be put in on purpose, so that the simulator can be seen to catch them
/// (docs/seeded-bugs.md says where each one is, and what must notice it).
///
/// They exist where `SEEDED_BUGS` is defined: in debug builds, and in the simulator's own optimised
/// one. What ships is compiled without: there this is nothing at all, `isOn` the constant false,
/// and the branches that ask for it go.
public struct SeededBug: Hashable, Sendable {
  /// What a write replaces is not looked at: the later time counts (trap 7c).
  public static var registerLastWriterWins: SeededBug { SeededBug("registerLastWriterWins") }
  /// A replaced write that comes after the one that replaced it counts again (trap 7c).
  public static var registerForgetsAwaited: SeededBug { SeededBug("registerForgetsAwaited") }
  /// Of two siblings the one that came last counts (trap 7c).
  public static var registerRankedByArrival: SeededBug { SeededBug("registerRankedByArrival") }
  /// A removal takes the register away, so that an older write brings it back (trap 3).
  public static var registerRemovalForgets: SeededBug { SeededBug("registerRemovalForgets") }
  /// A withdrawal that comes before its fact is forgotten (trap 3).
  public static var factWithdrawalForgotten: SeededBug { SeededBug("factWithdrawalForgotten") }
  /// An origin's newest fact takes the place of its others (trap 4).
  public static var factSlotPerOrigin: SeededBug { SeededBug("factSlotPerOrigin") }
  /// Of two facts under one id the one that came first counts (trap 7d).
  public static var factFirstArrivalCounts: SeededBug { SeededBug("factFirstArrivalCounts") }
  /// A write that ranks above brings a revoked user or token back (trap 3).
  public static var revocationLosesToWrite: SeededBug { SeededBug("revocationLosesToWrite") }
  /// Outcomes of any node count, the highest state wins (trap 2).
  public static var outcomeByRank: SeededBug { SeededBug("outcomeByRank") }
  /// The outcome that came first stands (trap 2).
  public static var outcomeByArrival: SeededBug { SeededBug("outcomeByArrival") }
  /// A node that is not the executor writes that a command expired (trap 2).
  public static var issuerExpires: SeededBug { SeededBug("issuerExpires") }
  /// A command is claimed after it was written to the device (trap 5).
  public static var claimAfterWrite: SeededBug { SeededBug("claimAfterWrite") }
  /// A claim without outcome is queued again at a start (trap 5).
  public static var unknownTriedAgain: SeededBug { SeededBug("unknownTriedAgain") }
  /// A command's life counts from when it came (trap 5).
  public static var lifeFromReceipt: SeededBug { SeededBug("lifeFromReceipt") }
  /// A command follows its device to another node (trap 5).
  public static var retargetedCommand: SeededBug { SeededBug("retargetedCommand") }
  /// A start goes on in the incarnation of the run before (trap 1).
  public static var incarnationKept: SeededBug { SeededBug("incarnationKept") }
  /// What is not synced is served (trap 1).
  public static var visibleBeforeDurable: SeededBug { SeededBug("visibleBeforeDurable") }
  /// Numbers are given when a range is signed (trap 7a).
  public static var seqAtSealing: SeededBug { SeededBug("seqAtSealing") }
  /// An incarnation is the one before plus one (trap 7b).
  public static var incarnationByCounting: SeededBug { SeededBug("incarnationByCounting") }
  /// A restored database numbers on from its own end in the same incarnation (trap 1).
  public static var rowsRenumberedAfterRestore: SeededBug {
    SeededBug("rowsRenumberedAfterRestore")
  }
  /// Trimmed records are named in held (trap 7d).
  public static var heldIsSeen: SeededBug { SeededBug("heldIsSeen") }
  /// What a peer no longer holds counts as seen (trap 7d).
  public static var floorMergedIntoSeen: SeededBug { SeededBug("floorMergedIntoSeen") }
  /// A delta is put on whatever vector is there (trap 7d).
  public static var deltaOnStaleBase: SeededBug { SeededBug("deltaOnStaleBase") }
  /// At the limit of intervals the smallest hole is called seen (trap 7d).
  public static var smallestHoleClaimed: SeededBug { SeededBug("smallestHoleClaimed") }
  /// A closed incarnation is implied though parts of it are missing (trap 7d).
  public static var impliedWithoutHeads: SeededBug { SeededBug("impliedWithoutHeads") }
  /// Seen is written before the record, in a transaction of its own (trap 8).
  public static var seenBeforeRecord: SeededBug { SeededBug("seenBeforeRecord") }
  /// Bytes whose signature fails count as the record they claim to be (trap 7e).
  public static var badSignatureTakesIdentity: SeededBug { SeededBug("badSignatureTakesIdentity") }
  /// What could not be applied is not tried again (trap 8).
  public static var unappliedNotRetried: SeededBug { SeededBug("unappliedNotRetried") }
  /// A kind of a later version is acknowledged and not kept (trap 8).
  public static var unknownKindDropped: SeededBug { SeededBug("unknownKindDropped") }
  /// A stamp of the future is refused (trap 9).
  public static var futureRefused: SeededBug { SeededBug("futureRefused") }
  /// One record that is refused stops what comes after it (trap 8).
  public static var badRecordBlocksBatch: SeededBug { SeededBug("badRecordBlocksBatch") }
  /// The answer to a push goes out before the commit (trap 8).
  public static var acknowledgedBeforeWrite: SeededBug { SeededBug("acknowledgedBeforeWrite") }
  /// What `futureRefused` takes for the future, in µs of UTC: 2033.
  public static let futureUs: Int64 = 2_000_000_000_000_000
  /// What `duplicateByTime` takes for long ago, in µs.
  public static let longAgoUs: Int64 = 30_000_000
  /// What is older than others of its run is a duplicate (trap 7).
  public static var duplicateByTime: SeededBug { SeededBug("duplicateByTime") }
  /// Of two contents under one identity the first one counts (trap 7e).
  public static var conflictFirstArrival: SeededBug { SeededBug("conflictFirstArrival") }
  /// A cut loses what came whole before it (trap 6).
  public static var cutLosesBatch: SeededBug { SeededBug("cutLosesBatch") }
  /// A right is judged when the record comes, and never again (trap 7d).
  public static var rightsAtArrival: SeededBug { SeededBug("rightsAtArrival") }
  /// A revocation cuts only what comes after it (trap 7d).
  public static var cutOnlyLaterArrivals: SeededBug { SeededBug("cutOnlyLaterArrivals") }
  /// A node may revoke one that stands as high as itself (trap 7d).
  public static var equalsRevoke: SeededBug { SeededBug("equalsRevoke") }
  /// A range's summary counts beside the readings it summarises (trap 7d).
  public static var rawAndRollupCounted: SeededBug { SeededBug("rawAndRollupCounted") }
  /// Live rows go in another transaction than the range that replaces them (trap 7d).
  public static var liveAndRangeApart: SeededBug { SeededBug("liveAndRangeApart") }
  /// What a board sent to two gateways counts twice (trap 7).
  public static var deviceOverlapCounted: SeededBug { SeededBug("deviceOverlapCounted") }
  /// A block goes over two clock epochs (trap 7d).
  public static var blockOverTwoBoots: SeededBug { SeededBug("blockOverTwoBoots") }
  /// The hash is over packed bytes (trap 7d).
  public static var packedBytesSigned: SeededBug { SeededBug("packedBytesSigned") }
  /// A keeper's word without proof lets raw go (trap 7d).
  public static var trimUnproven: SeededBug { SeededBug("trimUnproven") }
  /// What a keeper answers proves whatever it was asked for (trap 7d).
  public static var proofNotCompared: SeededBug { SeededBug("proofNotCompared") }
  /// What went is skipped silently by the next exchange (trap 8).
  public static var trimWithoutFloor: SeededBug { SeededBug("trimWithoutFloor") }
  /// Nothing is kept for a full disk (trap 7f).
  public static var noBallast: SeededBug { SeededBug("noBallast") }
  /// What comes last in the order of lanes goes first (trap 8).
  public static var telemetryFirst: SeededBug { SeededBug("telemetryFirst") }
  /// After a cut everything is sent again (trap 6).
  public static var resumeFromStart: SeededBug { SeededBug("resumeFromStart") }
  /// A message that was sent before is taken again (trap 7e).
  public static var counterUnchecked: SeededBug { SeededBug("counterUnchecked") }
  /// A round that moved nothing is repeated at once (trap 8).
  public static var emptyRoundRepeats: SeededBug { SeededBug("emptyRoundRepeats") }

  /// An order of an earlier boot goes on by the clock of this one (trap 5).
  public static var lifeOverBoots: SeededBug { SeededBug("lifeOverBoots") }
  /// A revocation takes grants of earlier generations only, not of its own (trap 3).
  public static var revocationOffByOne: SeededBug { SeededBug("revocationOffByOne") }
  /// What is put aside for want of a right stays in the folds (trap 7d).
  public static var putAsideStaysFolded: SeededBug { SeededBug("putAsideStaysFolded") }
  /// Records of nobody known are called seen while they wait (trap 8).
  public static var spoolCountsAsSeen: SeededBug { SeededBug("spoolCountsAsSeen") }
  /// A range of which some blocks came is called seen (trap 6).
  public static var begunCountsAsSeen: SeededBug { SeededBug("begunCountsAsSeen") }
  /// A range is written in one transaction and its blocks in the next (trap 8).
  public static var recordAndBlocksApart: SeededBug { SeededBug("recordAndBlocksApart") }
  /// Live rows go under a range though the signature of others rests on them (trap 8).
  public static var liveRangeCutShort: SeededBug { SeededBug("liveRangeCutShort") }
  /// Where a board stands is not written with its samples (trap 8).
  public static var cursorApart: SeededBug { SeededBug("cursorApart") }
  /// A restored node takes nothing of its own earlier runs back (trap 1).
  public static var ownRunsNotTakenBack: SeededBug { SeededBug("ownRunsNotTakenBack") }
  /// What did not come twice is left alone in later sessions too (trap 8).
  public static var stallOutlivesSession: SeededBug { SeededBug("stallOutlivesSession") }

  /// Whoever changed its key disowns all that it wrote under the one before (trap 7d).
  public static var retirementWithoutPast: SeededBug { SeededBug("retirementWithoutPast") }
  /// A key that was retired by its successor goes on counting (trap 3).
  public static var retiredKeyCounts: SeededBug { SeededBug("retiredKeyCounts") }

  /// Sums stay in the place of readings that have come live (trap 7d).
  public static var sumsOutliveReadings: SeededBug { SeededBug("sumsOutliveReadings") }
  /// Who has sums takes no readings for them (trap 7d).
  public static var sumsKeepReadingsOut: SeededBug { SeededBug("sumsKeepReadingsOut") }
  /// What was signed of another range is taken for what a range's blocks are (trap 7e).
  public static var otherDescription: SeededBug { SeededBug("otherDescription") }

  #if SEEDED_BUGS
    /// The one that is in now; the simulator sets it before a run, in its only thread.
    nonisolated(unsafe) public static var current: SeededBug?

    private let name: String

    private init(_ name: StaticString) { self.name = "\(name)" }

    /// Whether this one is in.
    public var isOn: Bool { unsafe SeededBug.current == self }
  #else
    @inline(__always) private init(_ name: StaticString) {}

    /// Whether this one is in: never.
    @inline(__always) public var isOn: Bool { false }
  #endif
}
