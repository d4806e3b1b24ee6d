/// One quantity of a device, as its descriptor states it.
public struct Channel: Hashable, Sendable {
  /// What the values of a channel mean. Raw values are on the wire and on disk: never renumber.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// A measured quantity.
    case measurement = 0
    /// A position or mode that holds until it changes.
    case state = 1
    /// A count that only grows until it restarts.
    case counter = 2
    /// Something that happened; the value is its code.
    case event = 3
    /// Words.
    case text = 4
  }

  /// The longest key, in ASCII bytes.
  public static let keyBytesMax = 16
  /// The longest unit, in ASCII bytes.
  public static let unitBytesMax = 8

  /// The descriptor's ASCII name, 1 to 16 bytes: the identity of the channel, never its index.
  public var key: String
  /// A SenML unit (RFC 8428), at most 8 bytes; empty when there is none.
  public var unit: String
  /// What its values mean.
  public var kind: Kind
  /// Decimal exponent of its integers: -1 means tenths.
  public var exponent: Int8
  /// Smallest and largest possible mantissa, where the descriptor states them.
  public var range: ClosedRange<Int64>?

  /// Describes a channel.
  public init(
    key: String, unit: String = "", kind: Kind = .measurement, exponent: Int8 = 0,
    range: ClosedRange<Int64>? = nil
  ) {
    self.key = key
    self.unit = unit
    self.kind = kind
    self.exponent = exponent
    self.range = range
  }
}
