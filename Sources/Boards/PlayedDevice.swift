internal import Protocol

/// The thing that a played board measures and moves: pure, in the board's own ticks.
protocol PlayedDevice {
  /// What it says of itself.
  var descriptor: [UInt8] { get }
  /// Milliseconds between scans.
  var periodMs: UInt64 { get }
  /// Samples per 1000 s over all channels.
  var samplesPer1000s: UInt32 { get }

  /// Measures every channel, the first with index 0; `elapsedMs` since the scan before.
  mutating func scan(elapsedMs: UInt64, emit: (UInt8, Int64) -> Void)

  /// Carries out an operation, and says it in words.
  mutating func command(
    op: UInt8, arguments: Span<UInt8>
  ) -> (outcome: DeviceOutcome, said: BoardEvent?)

  /// Returns what an operation told to its safe state; the name of the operation.
  mutating func leaseLapsed(op: UInt8) -> String

  /// The outcome of a running operation, once it has ended.
  mutating func takeFinished() -> DeviceOutcome?
}

extension PlayedDevice {
  /// The only argument of an operation, an integer within limits.
  static func integer(
    _ arguments: Span<UInt8>, within limits: ClosedRange<Int64>
  ) -> Int64? {
    var reader = ByteReader(arguments)
    do throws(Malformed) {
      let value = try reader.zigzag()
      return reader.remaining == 0 && limits.contains(value) ? value : nil
    } catch {
      return nil
    }
  }

  /// The only argument of an operation, text of a limited length.
  static func text(_ arguments: Span<UInt8>, bytesMax: Int64) -> String? {
    guard arguments.count >= 1, Int64(arguments[0]) <= bytesMax,
      Int(arguments[0]) == arguments.count - 1
    else { return nil }
    var bytes: [UInt8] = []
    for index in 1..<arguments.count { bytes.append(arguments[index]) }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// Weather and noise, the same for the same seed (SplitMix64).
struct Noise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Evenly from -1 to 1.
  mutating func signed() -> Double { Double(next() >> 11) / Double(1 << 52) - 1 }
}

/// Channels and commands, stated with words instead of bytes.
struct DescriptorWriter {
  private var builder = DescriptorBuilder()

  var bytes: [UInt8] {
    let span = builder.span
    return span.indices.map { span[$0] }
  }

  init(model: String, firmware: String) {
    builder.model(model.utf8.span)
    builder.firmware(firmware.utf8.span)
  }

  mutating func channel(
    _ key: String, _ unit: String, kind: UInt8 = 0, exponent: Int8 = 0,
    limits: ClosedRange<Int64>? = nil, label: String
  ) {
    builder.channel(
      key: key.utf8.span, unit: unit.utf8.span, kind: kind, exponent: exponent,
      limits: limits.map { DescriptorLimits(low: $0.lowerBound, high: $0.upperBound) },
      periodMs: 1000, label: label.utf8.span)
  }

  mutating func command(
    _ name: String, op: UInt8, argument: String, isText: Bool = false,
    limits: ClosedRange<Int64>, takesLease: Bool = false, isSignal: Bool = false
  ) {
    builder.command(
      name: name.utf8.span, op: op, argument: argument.utf8.span, isText: isText,
      limits: DescriptorLimits(low: limits.lowerBound, high: limits.upperBound),
      takesLease: takesLease, isSignal: isSignal)
  }
}
