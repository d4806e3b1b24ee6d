/// The readings of one series in one range of commits: what a block holds.
public struct BlockContent: Hashable, Sendable {
  /// What is the same for all of them.
  public var description: BlockDescription
  /// The index, within its range, of the commit that holds the first reading.
  public var firstCommit: Int64
  /// How many of the readings each commit holds, from that one on; their sum is the count.
  public var commits: [Int64]
  /// What numbers each reading's sample: the device's seq, or the ordinal within its source.
  public var seqs: [Int64]
  /// The time of each reading, on the clock of the description.
  public var times: [Int64]
  /// Mantissas, or the bit patterns of float64; empty for texts.
  public var values: [Int64]
  /// The texts, in UTF-8; empty for numbers.
  public var texts: [[UInt8]]

  /// Puts a block together.
  public init(
    description: BlockDescription, firstCommit: Int64, commits: [Int64], seqs: [Int64],
    times: [Int64], values: [Int64] = [], texts: [[UInt8]] = []
  ) {
    self.description = description
    self.firstCommit = firstCommit
    self.commits = commits
    self.seqs = seqs
    self.times = times
    self.values = values
    self.texts = texts
  }

  /// How many readings.
  public var count: Int { times.count }
}
