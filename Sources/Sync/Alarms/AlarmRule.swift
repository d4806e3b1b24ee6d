internal import Model

/// When a channel or a device is to be noticed: a person's rule, which holds in the whole site and
/// is judged by the node that has the device (DESIGN, alarms).
public struct AlarmRule: Hashable, Sendable {
  /// What is to be noticed.
  public enum Condition: Hashable, Sendable {
    /// The value is greater than a limit; over again when it is at most limit less hysteresis.
    case above(Threshold)
    /// The value is less than a limit; over again when it is at least limit plus hysteresis.
    case below(Threshold)
    /// Within a time the value rose by more than a limit.
    case rises(Threshold, withinMs: Int64)
    /// Within a time the value fell by more than a limit.
    case falls(Threshold, withinMs: Int64)
    /// No reading came for so long, the device being there or not.
    case silent(ms: Int64)
    /// Readings come, and all have said the same for so long.
    case frozen(ms: Int64)
    /// The device has not been there for so long.
    case gone(ms: Int64)

    /// How long silence, sameness or absence must last, in ms; 0 where values are compared.
    var durationMs: Int64 {
      switch self {
      case .silent(let ms), .frozen(let ms), .gone(let ms): ms
      case .above, .below, .rises, .falls: 0
      }
    }
  }

  /// A limit, and how far the value must come back from it before the alarm is over.
  public struct Threshold: Hashable, Sendable {
    /// `mantissa * 10^exponent`, as a person wrote it.
    public var limit: Int64, hysteresis: Int64
    /// The exponent of both.
    public var exponent: Int8

    /// Puts a threshold together; the hysteresis is not negative.
    public init(limit: Int64, hysteresis: Int64 = 0, exponent: Int8 = 0) {
      self.limit = limit
      self.hysteresis = hysteresis
      self.exponent = exponent
    }

    /// The limit as a number.
    public var number: Double { Self.number(limit, exponent) }
    /// What the value must have come back to, from above or from below. The mantissas are
    /// subtracted: 0.3 less 0.1 is 0.2 here, as in the readings.
    public var lower: Double { Self.number(limit - hysteresis, exponent) }
    /// The same from below.
    public var upper: Double { Self.number(limit + hysteresis, exponent) }

    /// Whether both mantissas and what lies between them can be written as integers.
    var isValid: Bool {
      hysteresis >= 0 && !limit.addingReportingOverflow(hysteresis).overflow
        && !limit.subtractingReportingOverflow(hysteresis).overflow
    }

    private static func number(_ mantissa: Int64, _ exponent: Int8) -> Double {
      Value.decimal(mantissa, exponent: exponent).number ?? .nan
    }
  }

  /// How much it matters. Raw values are on disk: never renumber.
  public enum Severity: UInt8, Sendable, CaseIterable {
    /// To be seen when somebody looks.
    case notice = 1
    /// To be seen today.
    case warning = 2
    /// To be seen now.
    case alarm = 3
  }

  /// What a person calls it; 1 to `Limits.alarmNameBytesMax` bytes of UTF-8.
  public var name: String
  /// Whose readings; silence and absence also of a whole device, where no channel is named.
  public var scope: SeriesScope
  /// What is to be noticed.
  public var condition: Condition
  /// How long it must hold before it is an alarm, in ms of the readings' own time.
  public var delayMs: Int64
  /// How long it must be over before the alarm is over, in ms.
  public var clearDelayMs: Int64
  /// How much it matters.
  public var severity: Severity
  /// Whether it is judged at all.
  public var isEnabled: Bool
  /// Whether who acknowledges it has to say something.
  public var wantsComment: Bool

  /// Puts a rule together.
  public init(
    name: String, scope: SeriesScope, condition: Condition, delayMs: Int64 = 0,
    clearDelayMs: Int64 = 0, severity: Severity = .warning, isEnabled: Bool = true,
    wantsComment: Bool = false
  ) {
    self.name = name
    self.scope = scope
    self.condition = condition
    self.delayMs = delayMs
    self.clearDelayMs = clearDelayMs
    self.severity = severity
    self.isEnabled = isEnabled
    self.wantsComment = wantsComment
  }

  /// Whether it can be written down: a name, times within 400 days, a hysteresis that is none
  /// below zero, and a channel where values are compared.
  public var isValid: Bool {
    let times = 0...Limits.alarmTimeMsMax
    guard (1...Limits.alarmNameBytesMax).contains(name.utf8.count), scope.isValid,
      times.contains(delayMs), times.contains(clearDelayMs)
    else { return false }
    switch condition {
    case .above(let threshold), .below(let threshold):
      return threshold.isValid && scope.channel != nil
    case .rises(let threshold, let window), .falls(let threshold, let window):
      return threshold.isValid && threshold.limit > 0 && threshold.hysteresis <= threshold.limit
        && window > 0 && times.contains(window) && scope.channel != nil
    case .frozen(let ms): return ms > 0 && times.contains(ms) && scope.channel != nil
    case .silent(let ms): return ms > 0 && times.contains(ms)
    case .gone(let ms): return times.contains(ms) && scope.channel == nil
    }
  }
}
