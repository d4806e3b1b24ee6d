/// Which deletions, late values or annotations are wanted.
public struct FactsRequest: Sendable, Equatable {
  /// Only those of this device, by id or name; nil for all.
  public var device: String?
  /// Only those of this channel, and of whole devices; nil for all.
  public var channel: String?
  /// Only those that touch a span, its end not included, in microseconds UTC; nil for no bound.
  public var fromUs: Int64?, toUs: Int64?
  /// Those that were taken back too.
  public var all = false
  /// The largest page.
  public var limit = 200
  /// Where the page before ended.
  public var cursor: String?

  /// Everything that holds, in pages of 200.
  public init() {}
}
