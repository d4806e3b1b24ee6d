/// One sample of a board, as it came over the wire: the channel is an index, and a decimal's
/// exponent is that channel's.
///
/// Nothing in it is counted by reference: samples come by the thousand.
public struct NumberedSample: Hashable, Sendable {
  /// What it says.
  public enum Content: Hashable, Sendable {
    /// The mantissa.
    case decimal(Int64)
    /// The bits of a float64.
    case float(bits: UInt64)
    /// A text: its index in the run's texts.
    case text(Int)
  }

  /// Its number in the epoch.
  public var seq: UInt32
  /// The channel's index in the descriptor.
  public var channel: UInt8
  /// Milliseconds since the board's boot.
  public var ticksMs: UInt64
  /// What it says.
  public var content: Content

  /// Puts a sample together.
  public init(seq: UInt32, ticksMs: UInt64, channel: UInt8, content: Content) {
    self.seq = seq
    self.channel = channel
    self.ticksMs = ticksMs
    self.content = content
  }
}

/// Samples that a board numbered one after the other, with their texts.
public struct SampleRun: Hashable, Sendable {
  /// In the order of their seqs.
  public var samples: [NumberedSample] = []
  /// What the contents of kind `text` point to.
  public var texts: [String] = []

  /// An empty run.
  public init() {}

  /// A run of one sample, numbered `seq`.
  public init(seq: UInt32, ticksMs: UInt64, channel: UInt8, value: SampleValue) {
    append(seq: seq, ticksMs: ticksMs, channel: channel, value: value)
  }

  /// Adds a sample.
  public mutating func append(seq: UInt32, ticksMs: UInt64, channel: UInt8, value: SampleValue) {
    let content: NumberedSample.Content
    switch value {
    case .decimal(let mantissa): content = .decimal(mantissa)
    case .float(let bits): content = .float(bits: bits)
    case .text(let text):
      content = .text(texts.count)
      texts.append(text)
    }
    samples.append(
      NumberedSample(seq: seq, ticksMs: ticksMs, channel: channel, content: content))
  }

  /// What a sample of this run says.
  public func value(_ sample: NumberedSample) -> SampleValue {
    switch sample.content {
    case .decimal(let mantissa): return .decimal(mantissa)
    case .float(let bits): return .float(bits: bits)
    case .text(let index): return .text(texts[index])
    }
  }
}

/// A value without its exponent, which is stated once for the whole channel.
public enum SampleValue: Hashable, Sendable {
  /// The mantissa.
  case decimal(Int64)
  /// The bits of a float64: two NaNs are equal here only if their payloads are.
  case float(bits: UInt64)
  /// The text.
  case text(String)

  /// Splits a value from its exponent.
  public init(_ value: Value) {
    switch value {
    case .decimal(let mantissa, _): self = .decimal(mantissa)
    case .float(let number): self = .float(bits: number.bitPattern)
    case .text(let text): self = .text(text)
    }
  }

  /// The value, a decimal's exponent given.
  public func value(exponent: Int8) -> Value {
    switch self {
    case .decimal(let mantissa): return .decimal(mantissa, exponent: exponent)
    case .float(let bits): return .float(Double(bitPattern: bits))
    case .text(let text): return .text(text)
    }
  }
}
