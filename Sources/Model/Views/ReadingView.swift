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
  /// Readings asked for that retention has let go; nil for none. All pages together name each once.
  public var trimmed: [TrimmedReadingsView]?

  /// Puts a page together.
  public init(readings: [ReadingView], next: String? = nil) {
    self.readings = readings
    self.next = next
  }
}

/// Readings of one channel that are no longer there one by one.
public struct TrimmedReadingsView: Codable, Sendable, Equatable {
  /// What is left of them.
  public enum Left: String, Codable, Sendable, CaseIterable {
    /// The sums of minutes and of quarters of an hour.
    case minutes
    /// The sums of quarters of an hour; of texts their number.
    case summaries
  }

  /// The device's identity in text form.
  public var device: String
  /// The channel's key.
  public var channel: String
  /// What is left of them.
  public var left: Left
  /// None of them was dated before, and none from `toUs` on, in microseconds since 1970 UTC; nil
  /// where nobody can say.
  public var fromUs: Int64?, toUs: Int64?
  /// How many there were.
  public var count: Int64

  private enum CodingKeys: String, CodingKey {
    case device, channel, left, count
    case fromUs = "from_us", toUs = "to_us"
  }

  /// Puts it together.
  public init(
    device: String, channel: String, left: Left, fromUs: Int64?, toUs: Int64?, count: Int64
  ) {
    self.device = device
    self.channel = channel
    self.left = left
    self.fromUs = fromUs
    self.toUs = toUs
    self.count = count
  }
}

extension ReadingsPage {
  /// Readings that were let go, of all channels.
  public var gone: Int64 { trimmed?.reduce(0) { $0 + $1.count } ?? 0 }

  /// Adds what was let go; of one channel and what is left there is one entry.
  public mutating func add(_ view: TrimmedReadingsView) {
    var list = trimmed ?? []
    let known = list.firstIndex {
      $0.device == view.device && $0.channel == view.channel && $0.left == view.left
    }
    if let known {
      list[known].count += view.count
      list[known].fromUs = [list[known].fromUs, view.fromUs].compactMap { $0 }.min()
      list[known].toUs = [list[known].toUs, view.toUs].compactMap { $0 }.max()
    } else {
      list.append(view)
    }
    trimmed = list
  }
}

// Here, because the file of the type is compiled as Embedded Swift too, which has no coding.
extension TimeQuality: Codable {}
