/// The types of frames of a batch. Raw values are sent and kept: never renumber.
enum BatchFrame: UInt8 {
  /// Whose records follow.
  case run = 1
  case entry = 2
  case live = 3
  case range = 4
  case block = 5
  case endOfRange = 6
  case end = 7
  /// The session's seal over everything before it: 24 bytes.
  case seal = 8
  /// Whose blocks follow: of a range whose header the receiver has said to have.
  case continuation = 9
  /// In front of a range: what its blocks are.
  case description = 10

  /// Set in a type: the bytes are a length and a zstd frame.
  static let packedBit: UInt8 = 0x80
  /// Contents shorter than this are sent as they are.
  static let packedBytesMin = 96
  /// zstd is taken where it saves at least one byte in so many.
  static let savedPart = 16
}

/// What a batch says, one after the other.
public enum BatchItem: Hashable, Sendable {
  /// What follows is of this run.
  case run(RunId)
  /// An entry of that run; its signature was not looked at.
  case entry(SignedEntry)
  /// Commits of that run; their signature was not looked at.
  case live(SignedLive)
  /// A range of that run; its signature was not looked at.
  case range(SignedRange, RangeHeader)
  /// The blocks that follow are of a range that begins with this commit and whose header, by its
  /// hash, the receiver has said to have: it is not sent again.
  case continuation(first: UInt64, header: [UInt8])
  /// What the blocks of a range of that run are; its signature was not looked at.
  case description(SignedDescription)
  /// A block of the range before; it was not compared with the header.
  case block(BlockParcel)
  /// What came of the range before is all that its sender holds.
  case endOfRange
  /// The batch is whole.
  case end
  /// The session's seal (docs/sync-format.md, section 9) over all frames before it: a counter and a
  /// MAC, 24 bytes, which were not looked at.
  case seal([UInt8])
  /// A frame that came as it was sent, and that no sender should send: counted against the carrier.
  case malformed(type: UInt8, DecodeError)
  /// A frame of a later version.
  case skipped(type: UInt8)
}
