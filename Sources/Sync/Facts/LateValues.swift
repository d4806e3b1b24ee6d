public import Model

/// Kind 8: values that a person adds to one series, with their own times: a laboratory's result,
/// a file from elsewhere. Nothing is overwritten, and no deletion hides them.
public struct LateValues: Hashable, Sendable {
  /// One of them.
  public struct Point: Hashable, Sendable {
    /// When it was so, in µs of UTC since 1970.
    public var utcUs: Int64
    /// What; of the form that the channel states.
    public var value: SampleValue

    /// Puts a point together.
    public init(utcUs: Int64, value: SampleValue) {
      self.utcUs = utcUs
      self.value = value
    }
  }

  /// Their name.
  public var id: FactId
  /// Whose values.
  public var device: DeviceIdentity
  /// The channel: key, unit, kind, and the form of all values.
  public var channel: CommitChannel
  /// The times are at most so far off, in µs; 0 or more.
  public var boundUs: Int64
  /// The values, by ascending time; 1 to `Limits.latePointsMax`.
  public var points: [Point]
  /// Where they come from; at most `Limits.noteBytesMax` bytes of UTF-8.
  public var note: String

  /// Puts values together.
  public init(
    id: FactId, device: DeviceIdentity, channel: CommitChannel, boundUs: Int64, points: [Point],
    note: String
  ) {
    self.id = id
    self.device = device
    self.channel = channel
    self.boundUs = boundUs
    self.points = points
    self.note = note
  }
}
