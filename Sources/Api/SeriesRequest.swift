/// Which series are listed.
public struct SeriesRequest: Hashable, Sendable {
  /// Of this device, by id or name; of all with nil.
  public var device: String?
  /// Only with readings from this time on, in µs of UTC.
  public var fromUs: Int64?
  /// Only with readings before this time, in µs of UTC.
  public var toUs: Int64?
  /// How many at most, 1 to `ApiLimits.seriesPerPageMax`.
  public var limit = ApiLimits.seriesPerPage
  /// Where the page before ended.
  public var cursor: String?

  /// Asks for the first of all.
  public init() {}
}
