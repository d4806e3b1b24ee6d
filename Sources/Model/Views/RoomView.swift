/// A file that keeps room on the disk for the time when there is none.
public struct BallastView: Codable, Sendable, Equatable {
  /// `held`; `released` since there was no room; `missing` while there is too little to make it;
  /// `off` where the configuration wants none.
  public var state: String
  /// Bytes that it takes, or would.
  public var bytes: Int64
  /// How often it was given since the daemon's start.
  public var releases: Int64

  /// Puts it together.
  public init(state: String, bytes: Int64, releases: Int64) {
    self.state = state
    self.bytes = bytes
    self.releases = releases
  }
}

/// What readings gave way, since the daemon's start.
public struct TrimmingTallyView: Codable, Sendable, Equatable {
  /// `idle` or `running`.
  public var state: String
  /// Runs that took something.
  public var runs: Int64 = 0
  /// Readings that became sums of minutes or went, by age, by quota, and for want of room.
  public var byAge: Int64 = 0, byQuota: Int64 = 0, bySpace: Int64 = 0
  /// Bytes that became free inside the database.
  public var freedBytes: Int64 = 0
  /// Readings that were as old as their rule says at the last look, and wait for a keeper's proof.
  public var waiting: Int64 = 0
  /// Records of what went that nobody has seen yet.
  public var unseen: Int64 = 0
  /// Runs that failed.
  public var failures: Int64 = 0
  /// Why the last one failed, if it did.
  public var problem: ProblemView?

  /// Nothing done yet.
  public init(state: String) { self.state = state }
}
