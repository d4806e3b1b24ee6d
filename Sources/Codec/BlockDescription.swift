/// What is the same for all readings of a block.
public struct BlockDescription: Hashable, Sendable {
  /// The clock of the times, and with it what numbers the samples.
  public enum Clock: Hashable, Sendable {
    /// The node's: µs of CLOCK_BOOTTIME; samples are numbered by their source over the range.
    case node
    /// The device's: ticks of ms; samples have the device's own seqs within the epoch.
    case device(epoch: UInt32)
  }

  /// How the values are written.
  public enum Form: Hashable, Sendable {
    /// Whole numbers times ten to the power of the exponent.
    case decimal(exponent: Int8)
    /// float64.
    case float
    /// Words.
    case text
  }

  /// The clock of the times.
  public var clock: Clock
  /// How the values are written.
  public var form: Form
  /// What they mean: the raw value of a channel's kind, which is not judged here.
  public var kind: UInt8
  /// The unit: at most 8 bytes of printable ASCII.
  public var unit: [UInt8]

  /// Describes a block.
  public init(clock: Clock, form: Form, kind: UInt8, unit: [UInt8]) {
    self.clock = clock
    self.form = form
    self.kind = kind
    self.unit = unit
  }
}
