public import Model

/// What a range of consecutive commits of one incarnation holds, apart from the readings
/// themselves: the canonical bytes that will be signed (docs/storage-format.md, section 10).
///
/// With it and the blocks that it names, every commit of the range can be put together again.
public struct RangeHeader: Hashable, Sendable {
  /// The seq of the range's first commit.
  public var firstSeq: UInt64
  /// CLOCK_BOOTTIME at which each commit was closed, in ms, rounded down.
  public var arrivalsMs: [Int64]
  /// Every loss that a commit declares, by (identity, epoch, first seq).
  public var losses: [RangeLoss]
  /// The range's blocks, by (identity, channel key), those of one series by their part.
  public var blocks: [RangeBlock]

  /// Puts a header together.
  public init(
    firstSeq: UInt64, arrivalsMs: [Int64], losses: [RangeLoss], blocks: [RangeBlock]
  ) {
    self.firstSeq = firstSeq
    self.arrivalsMs = arrivalsMs
    self.losses = losses
    self.blocks = blocks
  }

  /// Every device that has readings or losses in the range, ascending.
  public var devices: [DeviceIdentity] {
    var found: [DeviceIdentity] = []
    for identity in (losses.map { $0.identity } + blocks.map { $0.identity }).sorted()
    where found.last != identity { found.append(identity) }
    return found
  }
}

/// Samples that a commit of a range declares lost: a span of its source that has no readings.
public struct RangeLoss: Hashable, Sendable {
  /// Whose.
  public var identity: DeviceIdentity
  /// One run of the board between boots.
  public var epoch: UInt32
  /// The seq of the first one lost.
  public var firstSeq: UInt32
  /// How many, at least 1.
  public var count: UInt32
  /// A gap or an unknown tail; never samples.
  public var fate: SeqSpan.Fate
  /// The commit that says so, by its place in the range.
  public var commit: Int

  /// Puts a loss together.
  public init(
    identity: DeviceIdentity, epoch: UInt32, firstSeq: UInt32, count: UInt32,
    fate: SeqSpan.Fate, commit: Int
  ) {
    self.identity = identity
    self.epoch = epoch
    self.firstSeq = firstSeq
    self.count = count
    self.fate = fate
    self.commit = commit
  }

  /// Whether this one stands before another in a header.
  func precedes(_ other: RangeLoss) -> Bool {
    if identity != other.identity { return identity < other.identity }
    return (epoch, firstSeq) < (other.epoch, other.firstSeq)
  }
}

/// A block as its range names it.
public struct RangeBlock: Hashable, Sendable {
  /// The device of its series.
  public var identity: DeviceIdentity
  /// The channel key of its series.
  public var channel: String
  /// Readings in it, at least 1.
  public var count: Int
  /// BLAKE2b-256 of its summary: of no bytes where it has none.
  public var summaryHash: [UInt8]
  /// BLAKE2b-256 of its canonical content.
  public var contentHash: [UInt8]

  /// Puts a name together.
  public init(
    identity: DeviceIdentity, channel: String, count: Int, summaryHash: [UInt8],
    contentHash: [UInt8]
  ) {
    self.identity = identity
    self.channel = channel
    self.count = count
    self.summaryHash = summaryHash
    self.contentHash = contentHash
  }

  /// Whether this one's series stands before another's in a header.
  func precedes(_ other: RangeBlock) -> Bool {
    if identity != other.identity { return identity < other.identity }
    return channel.utf8.lexicographicallyPrecedes(other.channel.utf8)
  }

  func isSameSeries(_ other: RangeBlock) -> Bool {
    identity == other.identity && channel == other.channel
  }
}
