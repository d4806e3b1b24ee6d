/// Which readings are wanted.
public struct ReadingsRequest: Sendable, Equatable {
  /// Which clock `from` and `to` are on, and which order the readings come in.
  public enum Clock: String, Sendable {
    /// Microseconds of the node's CLOCK_BOOTTIME in its present clock epoch.
    case node
    /// Microseconds since 1970 UTC.
    case corrected
  }

  /// The device; nil for all.
  public var device: String?
  /// The channel's key; nil for all.
  public var channel: String?
  /// Bounds in microseconds, the end not included; nil for none.
  public var fromUs: Int64?, toUs: Int64?
  /// Which clock the bounds are on.
  public var clock: Clock = .corrected
  /// Only the last so many of each channel.
  public var last: Int?
  /// The largest page, 1 to 10 000.
  public var limit: Int = 1000
  /// Where the page before ended.
  public var cursor: String?

  /// Everything, in pages of 1000.
  public init() {}
}
