/// What a look at everything stored found.
public struct VerificationView: Codable, Sendable, Equatable {
  /// The database's file.
  public var path: String
  /// Commits that are there and are what was written.
  public var commits: Int64
  /// Those of them that other nodes wrote.
  public var othersCommits: Int64 = 0
  /// Entries of the journal, as names, commands and alarms, that are what was written.
  public var entries: Int64 = 0
  /// Those of them that other nodes wrote.
  public var othersEntries: Int64 = 0
  /// What is not as it was written, in English; the first of them where there are many.
  public var damages: [String]
  /// How much of that there is.
  public var damageCount: Int
  /// Whether SQLite's own check of the file was part of it: not of a file that is too large.
  public var structureChecked: Bool

  /// Puts a report together.
  public init(
    path: String, commits: Int64, damages: [String], damageCount: Int, structureChecked: Bool
  ) {
    self.path = path
    self.commits = commits
    self.damages = damages
    self.damageCount = damageCount
    self.structureChecked = structureChecked
  }
}

/// A copy of the database that was made or put back.
public struct CopyView: Codable, Sendable, Equatable {
  /// Where it is now.
  public var path: String
  /// Its size.
  public var bytes: Int64
  /// Where the database is that was there before; nil when there was none.
  public var keptAs: String?

  /// Puts a report together.
  public init(path: String, bytes: Int64, keptAs: String? = nil) {
    self.path = path
    self.bytes = bytes
    self.keptAs = keptAs
  }
}

extension ProblemView: Error {}

/// Somewhere readings are written to; used by one thread at a time.
public protocol ReadingsSink: AnyObject {
  /// Adds readings.
  func append(_ readings: [ReadingView]) throws(ProblemView)
  /// Puts everything on the disk, in its place; without it nothing is left.
  func finish() throws(ProblemView)
}
