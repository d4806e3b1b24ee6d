internal import Sync

/// Decides how much room there has to be, and what is to go when there is less. Pure.
public struct RoomJudge: Sendable, Equatable {
  /// How much of the disk the database may take.
  enum Quota: Sendable, Equatable {
    /// All but a reserve.
    case reserve
    /// So many bytes, and all but a reserve.
    case bytes(Int64)
    /// So many % of the disk, and all but a reserve.
    case percent(Int64)
  }

  /// What is known of the disk and of the database on it, in bytes.
  struct Figures: Sendable, Equatable {
    /// The file system, and what is free on it.
    var diskBytes: Int64, diskFreeBytes: Int64
    /// The database's file, and what is free inside of it.
    var databaseBytes: Int64, databaseFreeBytes: Int64
  }

  /// What is to go.
  struct Want: Sendable, Equatable {
    /// The most that may be in use inside the database; nil for any.
    var databaseBytesMax: Int64?
    /// What has to be free inside the database.
    var freeBytes: Int64 = 0
    /// Whether room gets scarce: commits that wait become blocks now, which loses nothing.
    var isLow = false

    /// Whether nothing is to go.
    var isEmpty: Bool { databaseBytesMax == nil && freeBytes == 0 }
  }

  /// The reserve is at most so much, in bytes...
  static let reserveBytesMax: Int64 = 256_000_000
  /// ...and at least so much.
  static let reserveBytesMin: Int64 = 256 << 10
  /// Compaction writes blocks before commits go: on a large disk it wants so much room, in bytes...
  static let compactionBytesMax: Int64 = 32 << 20
  /// ...and on any so much: the blocks of one range, and the log of their transactions. It is
  /// enough where room is wanted at once, and a commit that failed has to fit into it.
  static let compactionBytesMin: Int64 = 1 << 20

  /// What the configuration says.
  var quota = Quota.reserve

  /// What is to stay free: a twentieth of the disk, but at most a sixteenth of what the database
  /// uses. Where others have filled the disk, little goes at a time, and never all.
  static func reserveBytes(_ diskBytes: Int64, usedBytes: Int64) -> Int64 {
    max(reserveBytesMin, min(reserveBytesMax, diskBytes / 20, usedBytes / 16))
  }

  /// Whether commits may become blocks, which are written before the commits go: into what is free
  /// on the disk and inside the database. Where room is wanted at once, as little as one range
  /// takes will do.
  static func mayCompact(diskBytes: Int64, freeBytes: Int64, isUrgent: Bool) -> Bool {
    let roomy = max(compactionBytesMin, min(compactionBytesMax, diskBytes / 16))
    return freeBytes >= (isUrgent ? compactionBytesMin : roomy)
  }

  /// The ballast on a disk: what is wanted, but at most a 32nd of it, in whole pages.
  public static func ballastBytes(_ wanted: Int64, _ diskBytes: Int64) -> Int64 {
    guard !SeededBug.noBallast.isOn else { return 0 }
    return min(wanted, diskBytes / 32) / 4096 * 4096
  }

  /// Whether the ballast can be made: as much again is to be left, so that it is not released by
  /// the next commit.
  public static func hasRoom(forBallast bytes: Int64, _ diskFreeBytes: Int64) -> Bool {
    bytes > 0 && diskFreeBytes >= 2 * bytes + (1 << 20) / 4
  }

  /// The quota on a disk in bytes; nil for none of its own.
  func quotaBytes(_ diskBytes: Int64) -> Int64? {
    switch quota {
    case .reserve: nil
    case .bytes(let bytes): bytes
    case .percent(let percent): diskBytes / 100 * percent
    }
  }

  /// What is to go now, and a little more, so that it need not go again at once. Where a commit
  /// has just failed for want of room, only what is free inside the database counts.
  func want(_ figures: Figures, isFull: Bool) -> Want {
    var want = Want()
    let usedBytes = figures.databaseBytes - figures.databaseFreeBytes
    if let quota = quotaBytes(figures.diskBytes), usedBytes > quota {
      want.databaseBytesMax = quota - quota / 20
    }
    let reserve = Self.reserveBytes(figures.diskBytes, usedBytes: usedBytes)
    // What failed has to fit: a commit, or a range on its way into blocks.
    let enough = isFull ? max(reserve, Self.compactionBytesMin) : reserve
    let outsideBytes = isFull ? 0 : figures.diskFreeBytes
    let roomBytes = outsideBytes + figures.databaseFreeBytes
    want.isLow = roomBytes < 8 * reserve
    if roomBytes < enough {
      want.freeBytes = enough + enough / 4 - outsideBytes
    }
    return want
  }
}
