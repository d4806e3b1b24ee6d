internal import Sync

/// The bounds of what is stored and asked for.
public enum Limits {
  /// Memory that one connection may use for pages, in KiB (SQLite's own default is 2 MiB too, but
  /// a default may change).
  public static let cacheKiB = 2_048
  /// The write-ahead log is cut back to this when it was longer, in bytes.
  public static let walBytesKept = 8 << 20
  /// How long a lock of another program is waited for, in ms, before it is an error.
  public static let busyWaitMs: Int32 = 1_000
  /// Commits between two refreshes of the cursor table.
  public static let commitsPerCheckpoint = 256
  /// Journal entries in one transaction; more are our own mistake.
  public static let journalEntriesMax = 1_024
  /// Incarnations that one database can name: their local id shares 63 bits with the seq.
  public static let incarnationsMax: Int64 = 1 << 22
  /// Seqs of the telemetry lane in one incarnation.
  public static let hotSeqEnd: Int64 = 1 << 40
  /// Seqs of every other lane in one incarnation.
  public static let journalSeqEnd: Int64 = 1 << 36
  /// Series that a node takes up: beyond, new ones are refused and counted, with a notice, and
  /// those that it has go on. Each takes some hundred bytes of the directory, and none of memory.
  public static let seriesMax = 1 << 20
  /// Series in one page of their list.
  public static let seriesPageMax = 10_000
  /// Readings in one page of a query.
  public static let pageReadingsMax = 50_000
  /// Commits looked at for one page of a query: beyond, the page ends and its cursor goes on.
  public static let pageCommitsMax = 4_096
  /// Bytes of commits looked at for one page of a query.
  public static let pageBytesMax = 8 << 20
  /// Readings that are put together from blocks at a time, at least: fewer would unpack the same
  /// blocks again and again.
  static let assembledReadingsMin = 16_384
  /// Ranges of commits that one page passes because nothing of what is asked for is left of them.
  public static let pageRangesSkippedMax = 64
  /// Ranges in a row that are passed one by one because of their dates; beyond, the next one that
  /// matters is looked for by time.
  static let rangesPassedMax = 16
  /// Buckets in one page of windows.
  public static let windowsMax = 10_000
  /// Parts of buckets in one page, where a filter divides them: beyond, the page ends.
  static let windowCellsMax = 65_536
  /// How long a value holds at most, in µs, unless a query says otherwise: an hour.
  public static let holdUs: Int64 = 3_600_000_000
  /// The longest hold that a query may ask for, in µs: a month.
  public static let holdUsMax: Int64 = 31 * 86_400_000_000
  /// Blocks that one page of windows looks at: beyond, the page ends with a bucket.
  static let windowBlocksMax = 8_192
  /// Blocks that one page of windows unpacks, where it unpacks all.
  static let decodedBlocksMax = 1_024
  /// Readings of rows of `hot` that are sorted in together.
  static let hotRunMax = 8_192
  /// Blocks that one step of the upkeep dates, about.
  static let datedRowsPerStep = 256
  /// Series that the upkeep looks through for what new fits of boards date; with more, it goes on
  /// from the first range with a block that nothing dated.
  static let datedSeriesMax = 16_384
  /// Clocks of which the stretches are kept worked out; beyond, all are worked out anew.
  static let clocksKeptMax = 256
  /// Epochs of boards of which the samples in rows of `hot` are remembered; beyond, one that was
  /// sent to two gateways is shown twice until it is in blocks.
  static let hotClocksMax = 65_536
  /// Pairs of blocks with overlapping times that one page of windows compares.
  static let overlapsMax = 65_536
  /// Blocks of which one query remembers what counts elsewhere; beyond, it is found anew.
  static let joinedBlocksKept = 8_192
  /// Blocks of which one query remembers the numbers of all samples.
  static let joinedContentsKept = 16
  /// How much later than its arrival a reading may be dated, in µs: what the search for the first
  /// commit of a range leaves as room.
  public static let datingSlackUs: Int64 = 600_000_000
  /// Devices of which the first and last commit are remembered.
  public static let devicesMax = 65_536
  /// Rows that a migration reads before it changes them.
  public static let rowsPerStep = 512
  /// Commits that one slice of an inspection reads: beyond, the next slice goes on.
  public static let inspectedCommitsMax = 1_024
  /// Bytes of commits that one slice of an inspection reads.
  public static let inspectedBytesMax = 1 << 20
  /// Damages that are kept by name; beyond, they are only counted.
  public static let damagesNamedMax = 32
  /// Pages copied at once by a backup; between two slices it rests.
  static let copiedPagesMax: Int32 = 256
  /// The longest rest of a backup between two slices, in µs.
  static let copyRestMaxUs: Int64 = 50_000
  /// Rests in a row while another program holds the database; beyond, the backup gives up.
  static let copyWaitsMax = 200
  /// Databases kept beside the one that was restored; beyond, restoring is refused.
  static let databasesKeptMax = 100
  /// The largest file that SQLite's own check, which cannot be divided, goes through: beyond, an
  /// inspection leaves that check out and says so.
  public static let quickCheckBytesMax: Int64 = 64 << 20
  /// Readings in one block: two hours at 1 Hz.
  public static let blockReadingsMax = 7_200
  /// A content with more bytes than this is halved before it is packed.
  public static let blockContentBytesMax = 64 << 10
  /// Bytes in a pack, unless a single block has more.
  public static let packBytesMax = 64 << 10
  /// Blocks in a pack, which one transaction of a compaction or a retention writes: each may be of
  /// a series whose page of the directory nothing else of the transaction touches.
  public static let packBlocksMax = 256
  /// Bytes of packs that one transaction of a compaction writes at most, a single longer pack
  /// excepted: a commit waits no longer than that.
  public static let sliceBytesMax = 192 << 10
  /// Bytes of commit bodies that make a range.
  public static let rangeBodyBytesMax = 4 << 20
  /// Blocks that a range is planned with; the rest of `Sync.Limits.rangeBlocksMax` is for those
  /// that are halved, which its bytes bound.
  static let rangeBlocksPlanned = Sync.Limits.rangeBlocksMax - 1_024
  /// Bytes of columns that a compaction holds in memory at a time: those of 16 channels at 1 Hz, so
  /// that 32 take two passes over the rows.
  public static let passBytesMax = 1_800 << 10
  /// Bytes that one number takes meanwhile on a device's clock: value, seq, time's low bits.
  static let numberCellBytes = 16
  /// Bytes of one text, itself not counted, and of a reading on the node's clock, where a slow
  /// channel may need all bits of each time.
  static let otherCellBytes = 32
  /// Memory for pages that the connection of a compaction may use, in KiB: it reads each once.
  static let compactionCacheKiB = 256
  /// Ranges that one look of a retention goes through: a read transaction keeps the write-ahead log
  /// from being emptied.
  static let trimmedRangesPerLook = 64
  /// Packs that a retention writes before the write-ahead log is moved into the file: it must not
  /// grow on a full disk.
  static let trimmedPacksPerCheckpoint = 16
  /// Packs that a retention remembers not to unpack again; beyond, all are looked at anew.
  static let fruitlessPacksKept = 16_384
  /// Names of series that a retention remembers; beyond, they are read again.
  static let trimmedSeriesKept = 4_096
  /// Rows of `hot` that a compaction reads or deletes at a time.
  static let compactedRowsPerSlice = 256
  /// Bytes of rows of `hot` that a compaction deletes at a time.
  static let compactedBytesPerSlice = 256 << 10
  /// Entries of the journal that one page of the audit looks at.
  static let auditedEntriesMax = 4_096
  /// Records of other nodes in one transaction; and their bytes, about: beyond, the next begins.
  public static let carriedRecordsMax = 1_024
  /// See `carriedRecordsMax`.
  public static let carriedBytesMax = 2 << 20
  /// Bytes of commits that one signature covers over a link however slow: less is mostly signature.
  static let liveServedBytesMin = 2 << 10
  /// Records that wait because their origin is no member yet, of one carrier: the oldest go.
  static let spoolRecordsMax = 4_096
  /// Bytes of these.
  static let spoolBytesMax: Int64 = 16 << 20
  /// Contents that are kept beside the one that counts under their identity; beyond, they are
  /// dropped: a key that is misused so often is revoked.
  static let otherContentsMax: Int64 = 4_096
  /// Bytes of ranges of other nodes that came in part: beyond, the oldest go, and are asked for
  /// again.
  static let begunBytesMax: Int64 = 64 << 20
  /// How many of these.
  static let begunRangesMax: Int64 = 256
  /// Entries between two links of a log that are remembered.
  static let linkMarkStep = 256
  /// Records whose sizes are added up for people; more take too long.
  public static let sizedRecordsMax: UInt64 = 200_000
  /// Files in the folder of snapshots that are looked at; more are no content of this node's.
  static let snapshotFilesMax = 4 * Sync.Limits.snapshotsListedMax
  /// How often a node changes its key; beyond, it is set up anew under a fresh one.
  public static let formerKeysMax = 64
}
