/// How long a channel's readings are kept whole, then as minutes, and in how much room.
///
/// Sums of quarter hours, and what a range says of its blocks, never go. A rule decides only what
/// goes by age and by the channel's own quota; a full disk takes the rest in the order of sacrifice.
public struct RetentionRule: Hashable, Sendable {
  /// The age, in µs, at which readings become sums of minutes; nil: never.
  public var rawUs: Int64?
  /// The age, in µs, at which the sums of minutes go too, never before `rawUs`; nil: never.
  public var minutesUs: Int64?
  /// Stored bytes that the channel's readings and minutes may take together; nil: any.
  public var quotaBytes: Int64?

  /// Puts a rule together; nothing said keeps everything for ever.
  public init(rawUs: Int64? = nil, minutesUs: Int64? = nil, quotaBytes: Int64? = nil) {
    self.rawUs = rawUs
    self.minutesUs = minutesUs
    self.quotaBytes = quotaBytes
  }
}
