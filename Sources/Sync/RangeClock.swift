internal import Codec

/// What the node's clocks said at each commit of a range: its own, neither signed nor sent
/// (docs/storage-format.md, section 10).
public struct RangeClock: Hashable, Sendable {
  /// The version that is written.
  public static let version: UInt8 = 1

  /// Wall clock less CLOCK_BOOTTIME at each commit, in ms, rounded down.
  public var offsetsMs: [Int64]
  /// Whether the kernel said then that the wall clock is synchronised.
  public var trusted: [Bool]

  /// Begins with no commits.
  public init() {
    offsetsMs = []
    trusted = []
  }

  /// Takes what the clocks said at the next commit.
  public mutating func append(_ observation: ClockObservation) {
    let offsetUs = Saturating.difference(observation.wallUs, observation.bootUs)
    offsetsMs.append(RangeTime.ms(offsetUs))
    trusted.append(observation.trusted)
  }

  /// What the clocks said at a commit, as well as it is kept: to the ms, without the kernel's
  /// estimate of the error.
  public func observation(_ commit: Int, arrivalMs: Int64) -> ClockObservation {
    let bootUs = RangeTime.us(arrivalMs)
    return ClockObservation(
      bootUs: bootUs, wallUs: Saturating.sum(bootUs, RangeTime.us(offsetsMs[commit])),
      trusted: trusted[commit], errorUs: 0)
  }

  /// The clock column of a range.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.bytesV(IntegerColumn.encode(offsetsMs))
    writer.bytesV(IntegerColumn.encode(trusted.map { $0 ? 1 : 0 }))
    return writer.bytes
  }

  /// Reads the clock column of a range of so many commits.
  public init(decoding bytes: [UInt8], commits: Int) throws(DecodeError) {
    guard commits <= Limits.rangeCommitsMax else { throw DecodeError(.count, at: 0) }
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    offsetsMs = try reader.column(count: commits)
    let flagsAt = reader.offset
    let flags = try reader.column(count: commits)
    guard flags.allSatisfy({ $0 == 0 || $0 == 1 }) else { throw DecodeError(.range, at: flagsAt) }
    trusted = flags.map { $0 == 1 }
    try reader.end()
  }
}

/// Times of commits as a range keeps them.
public enum RangeTime {
  /// µs to ms, rounded down.
  public static func ms(_ us: Int64) -> Int64 {
    us / 1_000 - (us % 1_000 < 0 ? 1 : 0)
  }

  /// ms to µs; what no clock can say stops at the ends of Int64.
  public static func us(_ ms: Int64) -> Int64 {
    let (us, overflow) = ms.multipliedReportingOverflow(by: 1_000)
    return overflow ? (ms < 0 ? .min : .max) : us
  }
}
