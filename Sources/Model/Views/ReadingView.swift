/// A reading as the API shows it.
public struct ReadingView: Codable, Sendable, Equatable {
  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// Its SenML unit; empty when there is none.
  public var unit: String
  /// The value, exactly as written by a person: `21.5`, or the text.
  public var value: String
  /// The value as a number; nil for text.
  public var number: Double?
  /// Microseconds since 1970 UTC; nil while nothing ties the node's clock to UTC.
  public var timeUs: Int64?
  /// Microseconds of the node's CLOCK_BOOTTIME; nil while a board's clock has no fit.
  public var nodeUs: Int64?
  /// The node's CLOCK_BOOTTIME when it was committed, or when it came in if it is pending.
  public var arrivalUs: Int64
  /// How well the time is known.
  public var quality: TimeQuality
  /// Half the width of the interval in which the time lies, in microseconds; nil when unknown.
  public var boundUs: Int64?
  /// The board's epoch, sample number and ticks, where it numbers its samples.
  public var epoch: UInt32?, seq: UInt32?, ticksMs: UInt64?
  /// Whether it is not on disk yet.
  public var pending: Bool
  /// Whether only a program made it.
  public var simulated: Bool
  /// True when a person added it afterwards, with the time it was so; else missing.
  public var late: Bool?
  /// Who added it, and where it comes from; missing for what devices said.
  public var author: String?, note: String?

  /// Puts the required parts together; the others start empty.
  public init(
    device: String, channel: String, unit: String, value: Value, arrivalUs: Int64,
    quality: TimeQuality, pending: Bool, simulated: Bool
  ) {
    self.device = device
    self.channel = channel
    self.unit = unit
    self.value = value.description
    number = value.number
    self.arrivalUs = arrivalUs
    self.quality = quality
    self.pending = pending
    self.simulated = simulated
  }
}

/// A page of readings, oldest first.
public struct ReadingsPage: Codable, Sendable, Equatable {
  /// The readings.
  public var readings: [ReadingView]
  /// What to pass as `cursor` for the next page; nil at the end.
  public var next: String?

  /// Puts a page together.
  public init(readings: [ReadingView], next: String? = nil) {
    self.readings = readings
    self.next = next
  }
}

// Here, because the file of the type is compiled as Embedded Swift too, which has no coding.
extension TimeQuality: Codable {}
