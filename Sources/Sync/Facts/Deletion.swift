public import Model

/// Kind 6: readings that are hidden everywhere, until the deletion is undone. No byte goes.
public struct Deletion: Hashable, Sendable {
  /// A piece of the span on a clock that nothing can move: what was hidden stays hidden, even
  /// when an anchor or a fit that comes later dates it elsewhere.
  public struct Piece: Hashable, Sendable {
    /// Which clock. The number is on disk: never renumber.
    public enum Clock: Hashable, Sendable {
      /// 0: CLOCK_BOOTTIME of one boot of a node, in µs.
      case node(ClockEpoch)
      /// 1: ticks of one run of the device, in ms.
      case device(epoch: UInt32)
    }

    /// On which clock.
    public var clock: Clock
    /// The times on it, 0 or more and not empty.
    public var times: Range<Int64>

    /// Puts a piece together.
    public init(clock: Clock, times: Range<Int64>) {
      self.clock = clock
      self.times = times
    }
  }

  /// Its name.
  public var id: FactId
  /// Whose readings.
  public var scope: SeriesScope
  /// The span that the person meant, in µs of UTC; not empty.
  public var utc: Range<Int64>
  /// The same span on the clocks of the readings, as it was when the deletion was written; at
  /// most `Limits.deletionPiecesMax`.
  public var pieces: [Piece]
  /// Why; at most `Limits.reasonBytesMax` bytes of UTF-8.
  public var reason: String

  /// Puts a deletion together.
  public init(
    id: FactId, scope: SeriesScope, utc: Range<Int64>, pieces: [Piece] = [], reason: String
  ) {
    self.id = id
    self.scope = scope
    self.utc = utc
    self.pieces = pieces
    self.reason = reason
  }
}
