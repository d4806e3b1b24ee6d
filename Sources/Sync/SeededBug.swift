/// Faults that can be put in on purpose, so that the simulator can be seen to catch them
/// (docs/seeded-bugs.md says where each one is, and what must notice it).
///
/// They exist where `SEEDED_BUGS` is defined: in debug builds, and in the simulator's own optimised
/// one. What ships is compiled without: `isOn` is the constant false there, and its branches go.
public enum SeededBug: Hashable, Sendable {
  /// What a write replaces is not looked at: the later time counts (trap 7c).
  case registerLastWriterWins
  /// A replaced write that comes after the one that replaced it counts again (trap 7c).
  case registerForgetsAwaited
  /// Of two siblings the one that came last counts (trap 7c).
  case registerRankedByArrival
  /// A removal takes the register away, so that an older write brings it back (trap 3).
  case registerRemovalForgets
  /// A withdrawal that comes before its fact is forgotten (trap 3).
  case factWithdrawalForgotten
  /// An origin's newest fact takes the place of its others (trap 4).
  case factSlotPerOrigin
  /// Of two facts under one id the one that came first counts (trap 7d).
  case factFirstArrivalCounts
  /// A write that ranks above brings a revoked user or token back (trap 3).
  case revocationLosesToWrite
  /// Outcomes of any node count, the highest state wins (trap 2).
  case outcomeByRank
  /// The outcome that came first stands (trap 2).
  case outcomeByArrival
  /// A node that is not the executor writes that a command expired (trap 2).
  case issuerExpires
  /// A command is claimed after it was written to the device (trap 5).
  case claimAfterWrite
  /// A claim without outcome is queued again at a start (trap 5).
  case unknownTriedAgain
  /// A command's life counts from when it came (trap 5).
  case lifeFromReceipt
  /// A command follows its device to another node (trap 5).
  case retargetedCommand
  /// A start goes on in the incarnation of the run before (trap 1).
  case incarnationKept
  /// What is not synced is served (trap 1).
  case visibleBeforeDurable
  /// Numbers are given when a range is signed (trap 7a).
  case seqAtSealing
  /// An incarnation is the one before plus one (trap 7b).
  case incarnationByCounting
  /// A restored database numbers on from its own end in the same incarnation (trap 1).
  case rowsRenumberedAfterRestore
  /// Trimmed records are named in held (trap 7d).
  case heldIsSeen
  /// What a peer no longer holds counts as seen (trap 7d).
  case floorMergedIntoSeen
  /// A delta is put on whatever vector is there (trap 7d).
  case deltaOnStaleBase
  /// At the limit of intervals the smallest hole is called seen (trap 7d).
  case smallestHoleClaimed
  /// A closed incarnation is implied though parts of it are missing (trap 7d).
  case impliedWithoutHeads
  /// Seen is written before the record, in a transaction of its own (trap 8).
  case seenBeforeRecord
  /// Bytes whose signature fails count as the record they claim to be (trap 7e).
  case badSignatureTakesIdentity
  /// What could not be applied is not tried again (trap 8).
  case unappliedNotRetried
  /// A kind of a later version is acknowledged and not kept (trap 8).
  case unknownKindDropped
  /// A stamp of the future is refused (trap 9).
  case futureRefused
  /// One record that is refused stops what comes after it (trap 8).
  case badRecordBlocksBatch
  /// The answer to a push goes out before the commit (trap 8).
  case acknowledgedBeforeWrite
  /// What is older than an hour is a duplicate (trap 7).
  case duplicateByTime
  /// Of two contents under one identity the first one counts (trap 7e).
  case conflictFirstArrival
  /// A cut loses what came whole before it (trap 6).
  case cutLosesBatch
  /// A right is judged when the record comes, and never again (trap 7d).
  case rightsAtArrival
  /// A revocation cuts only what comes after it (trap 7d).
  case cutOnlyLaterArrivals
  /// A node may revoke one that stands as high as itself (trap 7d).
  case equalsRevoke
  /// A range's summary counts beside the readings it summarises (trap 7d).
  case rawAndRollupCounted
  /// Live rows go in another transaction than the range that replaces them (trap 7d).
  case liveAndRangeApart
  /// What a board sent to two gateways counts twice (trap 7).
  case deviceOverlapCounted
  /// A block goes over two clock epochs (trap 7d).
  case blockOverTwoBoots
  /// The hash is over packed bytes (trap 7d).
  case packedBytesSigned
  /// A keeper's word without proof lets raw go (trap 7d).
  case trimUnproven
  /// What went is skipped silently by the next exchange (trap 8).
  case trimWithoutFloor
  /// Nothing is kept for a full disk (trap 7f).
  case noBallast
  /// Control waits behind the backlog (trap 8).
  case telemetryFirst
  /// After a cut everything is sent again (trap 6).
  case resumeFromStart
  /// A message that was sent before is taken again (trap 7e).
  case counterUnchecked
  /// A round that moved nothing is repeated at once (trap 8).
  case emptyRoundRepeats

  #if SEEDED_BUGS
    /// The one that is in now; the simulator sets it before a run, in its only thread.
    nonisolated(unsafe) public static var current: SeededBug?

    /// Whether this one is in.
    @inlinable public var isOn: Bool { unsafe SeededBug.current == self }
  #else
    /// Whether this one is in: never.
    @inlinable @inline(__always) public var isOn: Bool { false }
  #endif
}

#if SEEDED_BUGS
  extension SeededBug: CaseIterable {}
#endif
