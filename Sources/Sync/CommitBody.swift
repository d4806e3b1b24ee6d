public import Model

/// The content of one group commit, as docs/storage-format.md section 2 lays it out.
///
/// Sources are ordered by (identity, clock, epoch), each at most once: `CommitEncoder` requires it,
/// `CommitDecoder` has checked it.
public struct CommitBody: Hashable, Sendable {
  /// The node's CLOCK_BOOTTIME in µs when the commit was closed.
  public var arrivalUs: Int64
  /// One device on one clock each.
  public var sources: [CommitSource]

  /// Puts a body together.
  public init(arrivalUs: Int64, sources: [CommitSource]) {
    self.arrivalUs = arrivalUs
    self.sources = sources
  }

  /// Samples over all sources.
  public var sampleCount: Int { sources.reduce(0) { $0 + $1.samples.count } }
}

/// One device on one clock in one commit.
public struct CommitSource: Hashable, Sendable {
  /// Whose samples.
  public var identity: DeviceIdentity
  /// On which clock, and under which numbers.
  public var clock: SourceClock
  /// In order of first appearance; two may share a key when type, unit or exponent changed.
  public var channels: [CommitChannel]
  /// In order of seq (device clock) or arrival (node clock).
  public var samples: [CommitSample]

  /// Puts a source together.
  public init(
    identity: DeviceIdentity, clock: SourceClock, channels: [CommitChannel],
    samples: [CommitSample]
  ) {
    self.identity = identity
    self.clock = clock
    self.channels = channels
    self.samples = samples
  }

  /// Whether this source stands before another in a body.
  func precedes(_ other: CommitSource) -> Bool {
    if identity != other.identity { return identity < other.identity }
    return clock.order < other.clock.order
  }
}

/// The clock that timed a source's samples.
public enum SourceClock: Hashable, Sendable {
  /// The node's CLOCK_BOOTTIME, in µs.
  case node
  /// The board's own, in ms since the boot that began `epoch`; `first` is the seq of the first
  /// span's first sample.
  case device(epoch: UInt32, first: UInt32, spans: [SeqSpan])

  var order: UInt64 {
    switch self {
    case .node: return 0
    case .device(let epoch, _, _): return 1 << 32 | UInt64(epoch)
    }
  }
}

/// A run of consecutive seqs that share a fate. Raw values are on disk: never renumber.
public struct SeqSpan: Hashable, Sendable {
  /// What became of the samples.
  public enum Fate: UInt8, Sendable {
    /// They are in this commit.
    case samples = 0
    /// The board said that they were made and are lost.
    case gap = 1
    /// At most so many were made and lost when the epoch ended; nobody can say.
    case unknownTail = 2
  }

  /// What became of them.
  public var fate: Fate
  /// How many, at least 1.
  public var count: UInt32

  /// Makes a span.
  public init(_ fate: Fate, count: UInt32) {
    self.fate = fate
    self.count = count
  }
}

/// How the values of a channel are written. Raw values are on disk: never renumber.
public enum ValueForm: Hashable, Sendable {
  /// Integers of `10^exponent`.
  case decimal(exponent: Int8)
  /// IEEE 754 binary64, every bit kept.
  case float
  /// At most 200 bytes of UTF-8.
  case text

  /// The form that a value takes.
  public init(of value: Value) {
    switch value {
    case .decimal(_, let exponent): self = .decimal(exponent: exponent)
    case .float: self = .float
    case .text: self = .text
    }
  }

  /// How a channel table names it.
  public var code: UInt8 {
    switch self {
    case .decimal: return 0
    case .float: return 1
    case .text: return 2
    }
  }
}

/// An entry of a source's channel table.
public struct CommitChannel: Hashable, Sendable {
  /// The channel's name on its device: 1 to 16 bytes of printable ASCII.
  public var key: String
  /// A SenML unit: 0 to 8 bytes of printable ASCII.
  public var unit: String
  /// What its values mean.
  public var kind: Channel.Kind
  /// How they are written.
  public var form: ValueForm

  /// Makes an entry.
  public init(key: String, unit: String, kind: Channel.Kind, form: ValueForm) {
    self.key = key
    self.unit = unit
    self.kind = kind
    self.form = form
  }

  /// Whether key and unit keep to their alphabets and lengths.
  public var isValid: Bool {
    Self.isKey(key.utf8) && Self.isUnit(unit.utf8)
  }

  static func isKey(_ text: some Collection<UInt8>) -> Bool {
    (1...Channel.keyBytesMax).contains(text.count)
      && text.allSatisfy { (0x21...0x7E).contains($0) }
  }

  static func isUnit(_ text: some Collection<UInt8>) -> Bool {
    text.count <= Channel.unitBytesMax && text.allSatisfy { (0x20...0x7E).contains($0) }
  }
}

/// One sample: a row of a channel of the source's table.
public struct CommitSample: Hashable, Sendable {
  /// The index in the source's channel table.
  public var channel: Int32
  /// µs of CLOCK_BOOTTIME (node clock) or ms since the board's boot (device clock).
  public var time: Int64
  /// What.
  public var value: SampleValue

  /// Makes a sample.
  public init(channel: Int32, time: Int64, value: SampleValue) {
    self.channel = channel
    self.time = time
    self.value = value
  }
}

extension SampleValue {
  /// The value under the exponent of a channel's form.
  public func value(_ form: ValueForm) -> Value {
    if case .decimal(let exponent) = form { return value(exponent: exponent) }
    return value(exponent: 0)
  }

  func hasForm(_ form: ValueForm) -> Bool {
    switch (self, form) {
    case (.decimal, .decimal), (.float, .float), (.text, .text): return true
    default: return false
    }
  }
}
