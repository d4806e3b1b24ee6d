/// The body of a request to hide readings.
public struct DeletionRequest: Codable, Sendable, Equatable {
  /// The device, by id or name.
  public var device: String
  /// The channel's key; every channel when nil.
  public var channel: String?
  /// The span, its end not included, in microseconds since 1970 UTC.
  public var fromUs: Int64, toUs: Int64
  /// Why.
  public var reason: String?

  /// Puts a request together.
  public init(
    device: String, channel: String?, fromUs: Int64, toUs: Int64, reason: String? = nil
  ) {
    self.device = device
    self.channel = channel
    self.fromUs = fromUs
    self.toUs = toUs
    self.reason = reason
  }
}

/// One value that a person adds.
public struct LateValue: Codable, Sendable, Equatable {
  /// When it was so, in microseconds since 1970 UTC.
  public var timeUs: Int64
  /// As a person writes it: `6.8`, or words.
  public var value: String

  /// Puts a value together.
  public init(timeUs: Int64, value: String) {
    self.timeUs = timeUs
    self.value = value
  }
}

/// The body of a request to add values to one channel.
public struct LateValuesRequest: Codable, Sendable, Equatable {
  /// The device, by id or name.
  public var device: String
  /// The channel's key; it need not be one that the device has.
  public var channel: String
  /// The unit; that of the device's own channel when nil.
  public var unit: String?
  /// The times are at most so far off, in microseconds; 0 when nil.
  public var boundUs: Int64?
  /// Where they come from.
  public var note: String?
  /// The values, in any order.
  public var values: [LateValue]

  /// Puts a request together.
  public init(
    device: String, channel: String, unit: String? = nil, boundUs: Int64? = nil,
    note: String? = nil, values: [LateValue]
  ) {
    self.device = device
    self.channel = channel
    self.unit = unit
    self.boundUs = boundUs
    self.note = note
    self.values = values
  }
}

/// The body of a request to say something of a time.
public struct AnnotationRequest: Codable, Sendable, Equatable {
  /// The device, by id or name; the whole node when nil.
  public var device: String?
  /// The channel's key; every channel when nil.
  public var channel: String?
  /// When, in microseconds since 1970 UTC.
  public var fromUs: Int64
  /// Until when, itself not included; an instant when nil.
  public var toUs: Int64?
  /// The words.
  public var text: String

  /// Puts a request together.
  public init(
    device: String?, channel: String?, fromUs: Int64, toUs: Int64? = nil, text: String
  ) {
    self.device = device
    self.channel = channel
    self.fromUs = fromUs
    self.toUs = toUs
    self.text = text
  }
}

/// The body of a request that takes a fact back.
public struct WithdrawalRequest: Codable, Sendable, Equatable {
  /// Why.
  public var reason: String?

  /// Puts a request together.
  public init(reason: String? = nil) { self.reason = reason }
}

/// On the live feed: the history of some time is another than it was.
public struct HistoryChange: Codable, Sendable, Equatable {
  /// What changed. Raw values are the API's: never rename.
  public enum What: String, Codable, Sendable, CaseIterable {
    /// Readings were hidden, or are shown again.
    case deletion
    /// Values were added, or taken back.
    case lateValues = "late-values"
    /// Something was said of a time, or taken away.
    case annotation
    /// Readings were dated anew.
    case clock
  }

  /// What changed.
  public var what: What
  /// The device's identity in text form; nil for all.
  public var device: String?
  /// The channel's key; nil for all.
  public var channel: String?
  /// The times that are concerned, in microseconds since 1970 UTC; nil for all.
  public var fromUs: Int64?, toUs: Int64?

  /// Says what changed.
  public init(
    _ what: What, device: String? = nil, channel: String? = nil, fromUs: Int64? = nil,
    toUs: Int64? = nil
  ) {
    self.what = what
    self.device = device
    self.channel = channel
    self.fromUs = fromUs
    self.toUs = toUs
  }
}
