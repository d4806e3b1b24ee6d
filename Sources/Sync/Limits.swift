/// The bounds of what is encoded, decoded and folded here.
public enum Limits {
  /// The longest commit body, in bytes.
  public static let commitBytesMax = 1 << 20
  /// Samples in one commit, over all sources.
  public static let commitSamplesMax = 1 << 20
  /// Sources in one commit.
  public static let commitSourcesMax = 4_096
  /// Channels in the table of one source.
  public static let sourceChannelsMax = 4_096
  /// Spans of one source in one commit.
  public static let sourceSpansMax = 65_536
  /// Ticks of a device stay below this (48 bits of milliseconds).
  public static let ticksMsEnd: Int64 = 1 << 48
  /// The highest `next` a device epoch can reach: seqs stay below it.
  public static let seqEnd: UInt32 = .max
  /// Entries in the cursors column of one commit.
  public static let cursorEntriesMax = 16_384
  /// Epochs remembered of one device; beyond, the oldest closed one is forgotten.
  public static let epochsPerDeviceMax = 8
  /// Devices whose cursors are kept in memory; one more is refused and counted by the caller.
  public static let devicesMax = 65_536
  /// The longest journal body, in bytes.
  public static let journalBytesMax = 64 << 10
  /// The longest author of a stamp, in bytes of UTF-8.
  public static let authorBytesMax = 255
  /// Writes that one register write may replace.
  public static let replacesMax = 256
  /// The longest key and value of a register, in bytes.
  public static let registerBytesMax = 16 << 10
  /// The longest descriptor kept, in bytes.
  public static let descriptorBytesMax = 4_096
  /// The longest reason of a deletion or a withdrawal, in bytes of UTF-8.
  public static let reasonBytesMax = 512
  /// The longest key of a person or a token, in bytes.
  public static let accessKeyBytesMax = 64
  /// The longest note of late values, in bytes of UTF-8.
  public static let noteBytesMax = 1_024
  /// The longest annotation, in bytes of UTF-8.
  public static let annotationBytesMax = 2_000
  /// Pieces on own clocks in one deletion; of more, the newest are kept.
  public static let deletionPiecesMax = 512
  /// Values in one entry of late values.
  public static let latePointsMax = 2_048
  /// Bytes that the texts of one entry of late values may take together: the rest of a journal
  /// body is for their times.
  public static let lateTextBytesMax = 32 << 10
  /// Deletions, annotations or entries of late values that hold at one time; whoever writes one
  /// more is refused.
  public static let factsStandingMax = 16_384
  /// Channels, levels and reasons that one record of what went names; the rest is summed up.
  public static let trimmedSeriesMax = 128
  /// Records of what went that are kept in memory; beyond, the oldest are only counted, those that
  /// a person has seen first.
  public static let trimmingsKeptMax = 256
  /// Facts of a site's membership in memory; beyond, one more is refused with an alarm.
  public static let membershipFactsMax = 16_384
  /// Incarnations of a node whose past one revocation keeps.
  public static let revocationRunsMax = 2_048
  /// Membership entries that one revocation keeps.
  public static let revocationKeptMax = 1_024
  /// Hellos, and whatever else a stranger may begin, from one address at once: behind a proxy or
  /// one router a hundred gateways have the same.
  public static let hellosAtOnceMax = 128
  /// How many more of them in each second.
  public static let hellosPerSecond = 32
  /// Addresses of which that is remembered; the one seen longest ago goes.
  public static let helloAddressesMax = 1_024
  /// How long a session lives at most, in ms of the monotonic clock.
  public static let sessionLifeMs: Int64 = 24 * 3_600_000
  /// How long a session may be unused, in ms of the monotonic clock.
  public static let sessionIdleMs: Int64 = 30 * 60_000
  /// The longest body under one seal, in bytes: room for a whole have-vector.
  public static let sealedBytesMax = (4 << 20) + (64 << 10)
  /// Invitations that are open at one time; one more is refused.
  public static let invitationsMax = 64
  /// Pairings whose end has not come; beyond, the oldest has to begin again.
  public static let pairingsMax = 64
  /// Proofs that may fail before an invitation is spent.
  public static let pairingFailuresMax = 5
  /// The longest batch in a message of a pairing, in bytes.
  public static let pairingBatchBytesMax = 1 << 20
  /// The longest URL of an invitation, in bytes of UTF-8.
  public static let invitationUrlBytesMax = 1_024
  /// How far apart two wall clocks are before a pairing warns, in µs.
  public static let pairingClockApartUs: UInt64 = 86_400_000_000
  /// Finished commands that the fold remembers; beyond, the oldest is forgotten (it stays on disk).
  public static let finishedCommandsMax = 1_024
  /// Commands of which a claim or an outcome is known and not yet the order; beyond, what comes of
  /// others is left out until the next fold from the journal.
  static let commandsAwaitedMax = 16_384
  /// Bytes that one sample can take in a body at most, its text not counted: channel 2, width 1,
  /// rows 1, dt 10, value 10.
  static let sampleBytesMax = 24
  /// What a batch may grow to, by its worst-case account, before it refuses: room for the headers
  /// is kept below `commitBytesMax`.
  public static let batchBytesMax = commitBytesMax - 4_096
  /// Anchors kept of one clock epoch, and fits of one segment of a board's clock; beyond, every
  /// second one is left out (they stay on disk), the newest excepted.
  public static let timelinePointsMax = 512
  /// Clocks of boards kept in a timeline; one more is left out.
  public static let timelineClocksMax = 65_536
  /// The longest content of a block, in bytes before packing: a block is halved above 64 KiB, so
  /// that only one of few long texts comes near.
  public static let contentBytesMax = 1 << 20
  /// Contents shorter than this are stored as they are.
  static let packedBytesMin = 64
  /// Shapes of sources that a scan remembers; beyond, all are forgotten and learnt again.
  public static let sourceShapesMax = 256
  /// Commits in one range.
  public static let rangeCommitsMax = 4_096
  /// Losses that one range declares; a commit that would bring more begins the next range.
  public static let rangeLossesMax = 16_384
  /// Blocks of one range; a commit that would bring more begins the next range.
  public static let rangeBlocksMax = 8_192
  /// The longest header of a range, in bytes: a record is at most 1 MiB.
  public static let rangeHeaderBytesMax = 1 << 20
  /// The seqs of commits stay below this (40 bits).
  public static let rangeSeqEnd: Int64 = 1 << 40
  /// The longest name of an alarm's rule, in bytes of UTF-8.
  public static let alarmNameBytesMax = 128
  /// The longest bytes of an alarm's rule, in an episode too.
  public static let alarmRuleBytesMax = 512
  /// The longest address that alarms are told to, in bytes of UTF-8.
  public static let alarmAddressBytesMax = 1_024
  /// The most rules that a recipient of alarms names.
  public static let alarmRecipientRulesMax = 32
  /// Episodes that are over and stay in memory, twice: see `AlarmFold`.
  public static let alarmsEndedMax = 1_024
  /// Episodes of which something is known before their beginning; of more the oldest is forgotten.
  static let alarmsAwaitedMax = 1_024
  /// What one episode remembers of who was told; more is only on disk.
  static let alarmDeliveriesMax = 256
  /// The longest time in an alarm's rule, in ms: 400 days.
  static let alarmTimeMsMax: Int64 = 400 * 86_400_000
  /// Candidates for the extreme of a window; beyond, the two oldest become one.
  static let alarmWindowMax = 64
  /// The longest content of a snapshot, in bytes.
  public static let snapshotBytesMax: Int64 = 8 << 20
  /// The longest note of a snapshot, in bytes of UTF-8.
  public static let snapshotNoteBytesMax = 200
  /// Manifests of snapshots in memory; of more, those of the lowest rank are in the journal alone.
  public static let snapshotsListedMax = 16_384
  /// The numbers of entries (lanes 0, 1 and 4) stay below this: 36 bits beside the lane in a key.
  public static let entrySeqEnd: UInt64 = 1 << 36
  /// Commits in one signed live range.
  public static let liveCommitsMax = 256
  /// Bytes that the commits of one signed live range take together.
  public static let liveBytesMax = 1 << 20
  /// Ranges of one log that may have come in part at a time.
  public static let begunRangesMax = 4
  /// Intervals of one log in a have-vector; beyond, the smallest hole is filled first.
  public static let intervalsMax = 1_024
  /// Logs in a have-vector; one that names more is refused.
  public static let vectorLogsMax = 65_536
  /// The longest have-vector, in bytes.
  public static let vectorBytesMax = 4 << 20
  /// The longest content of a frame of a batch, packed or not, in bytes.
  public static let frameBytesMax = (1 << 20) + (64 << 10)
  /// Parts of logs in one request; of more, the first are asked for now.
  public static let exchangePartsMax = 1_024
  /// Ranges that one request may want proven: each is at most some MiB of bodies.
  public static let proofPartsMax = 8
  /// Bytes that one pull may ask for.
  public static let pullBytesMax = 64 << 20
  /// The longest that a request may wait for news, in s: proxies give up after 60.
  public static let waitSecondsMax: UInt16 = 55
  /// What is in flight at least, in bytes, however slow the link.
  static let windowBytesMin = 24 << 10
  /// What is shorter says how long the way is, and not how much it carries, in bytes.
  static let windowNotedBytesMin = 4 << 10
  /// Commits of one log that are asked for at once, newest first: as many as one range may hold.
  static let exchangeSliceSeqs: UInt64 = 4_096
  /// Vectors that a responder remembers having told: the last, and one or two whose answer was cut.
  static let exchangeVectorsKept = 3
}
