/// One channel of a descriptor; ranges are of bytes of the descriptor (PROTOCOL.md section 3).
public struct DescriptorChannel: Equatable, Sendable {
  /// 1 to 16 bytes of `A-Z a-z 0-9 _ . -`, unique among the channels.
  public var key: Range<Int> = 0..<0
  /// A SenML unit, 0 to 8 bytes of printable ASCII; empty without one.
  public var unit: Range<Int> = 0..<0
  /// 0 measurement, 1 state, 2 counter, 3 event, 4 text.
  public var kind: UInt8 = 0
  /// A value is `n * 10^exponent`; -12 to 12.
  public var exponent: Int8 = 0
  /// The smallest and largest `n`, where stated.
  public var limits: DescriptorLimits?
  /// The calibration already applied, where stated.
  public var calibration: DescriptorCalibration?
  /// Milliseconds between samples; 0 when not stated.
  public var periodMs: UInt64 = 0
  /// What a person calls it, 1 to 32 bytes of UTF-8; the key without one.
  public var label: Range<Int> = 0..<0

  /// A channel of which nothing is stated.
  public init() {}
}

/// A smallest and a largest integer.
public struct DescriptorLimits: Equatable, Sendable {
  /// The smallest.
  public var low: Int64
  /// The largest, not below `low`.
  public var high: Int64

  /// States both.
  public init(low: Int64, high: Int64) {
    self.low = low
    self.high = high
  }
}

/// What was done to the raw value of a channel.
public struct DescriptorCalibration: Equatable, Sendable {
  /// Added, in units of `n`.
  public var offset: Int64
  /// Gain in parts per million.
  public var gainPpm: Int64

  /// States both.
  public init(offset: Int64, gainPpm: Int64) {
    self.offset = offset
    self.gainPpm = gainPpm
  }
}

/// One command of a descriptor; ranges are of bytes of the descriptor.
public struct DescriptorCommand: Equatable, Sendable {
  /// 1 to 16 bytes of `A-Z a-z 0-9 _ . -`, unique among the commands.
  public var name: Range<Int> = 0..<0
  /// The operation, unique among the commands.
  public var op: UInt8 = 0
  /// How many arguments it takes.
  public var argumentCount = 0
  /// Whether what it tells an actuator is held by a lease.
  public var takesLease = false
  /// Whether it does nothing but light or sound: what alarms may switch.
  public var isSignal = false
  /// Its TLVs, for `DescriptorReader.forEachArgument`.
  public var fields: Range<Int> = 0..<0

  /// A command of which nothing is stated.
  public init() {}
}

/// One argument of a command; ranges are of bytes of the descriptor.
public struct DescriptorArgument: Equatable, Sendable {
  /// Text (length u8, bytes) rather than an integer (zigzag).
  public var isText = false
  /// An integer is `n * 10^exponent`; -12 to 12.
  public var exponent: Int8 = 0
  /// 1 to 16 bytes of printable ASCII.
  public var name: Range<Int> = 0..<0
  /// Of the integer, or of the length of the text; nil when not stated.
  public var limits: DescriptorLimits?

  /// An argument of which nothing is stated.
  public init() {}
}

/// What a valid descriptor says as a whole.
public struct DescriptorSummary: Equatable, Sendable {
  /// Channels, at most 240.
  public var channelCount = 0
  /// Commands.
  public var commandCount = 0
  /// The model: 1 to 32 bytes of UTF-8, or empty when not stated.
  public var model: Range<Int> = 0..<0
  /// The firmware's version: 1 to 16 bytes of UTF-8, or empty when not stated.
  public var firmware: Range<Int> = 0..<0

  /// Nothing stated.
  public init() {}
}
