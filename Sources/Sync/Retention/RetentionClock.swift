/// Says when the time of day may be believed enough to let readings go by their age.
///
/// A clock that was set wrong must not empty a store: it has to be synchronised for an hour, and
/// for a day where it stands long after everything that is on record.
public struct RetentionClock: Hashable, Sendable {
  /// How long the wall clock must have been synchronised, in µs: an hour.
  public static let settledUs: Int64 = 3_600_000_000
  /// How long where it stands more than `farUs` after the newest reading: a day, in µs.
  public static let settledFarUs: Int64 = 86_400_000_000
  /// Thirty days, in µs.
  public static let farUs: Int64 = 30 * 86_400_000_000
  /// More than a synchronised clock moves against the node's own between two looks, in µs.
  public static let stepUs: Int64 = 1_000_000

  /// The newest dated reading of an earlier boot, or the last time that counted, in µs of UTC; nil
  /// without any.
  private var newestUs: Int64?
  /// Since when it was synchronised and was not set, in µs of CLOCK_BOOTTIME.
  private var sinceUs: Int64?
  private var offsetUs: Int64 = 0

  /// Begins with a clock that nobody has looked at.
  public init(newestUs: Int64?) { self.newestUs = newestUs }

  /// Looks at the clocks; the time of day in µs of UTC when ages may go by it, else nil.
  public mutating func look(bootUs: Int64, wallUs: Int64, isSynchronised: Bool) -> Int64? {
    guard isSynchronised else {
      sinceUs = nil
      return nil
    }
    let offset = Saturating.difference(wallUs, bootUs)
    let movedUs = Saturating.difference(offset, offsetUs)
    offsetUs = offset
    guard let sinceUs, movedUs.magnitude <= Self.stepUs.magnitude else {
      sinceUs = bootUs
      return nil
    }
    let isFar = newestUs.map { Saturating.difference(wallUs, $0) > Self.farUs } ?? false
    let heldUs = Saturating.difference(bootUs, sinceUs)
    guard heldUs >= (isFar ? Self.settledFarUs : Self.settledUs) else { return nil }
    // A node that is synchronised now and then would be far from its start for ever.
    newestUs = wallUs
    return wallUs
  }
}
