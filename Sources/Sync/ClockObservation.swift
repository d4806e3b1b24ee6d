/// What the node's clocks said when a commit was closed (docs/storage-format.md section 4).
///
/// An observation, not an anchor: it dates nothing by itself.
public struct ClockObservation: Hashable, Sendable {
  /// CLOCK_BOOTTIME, in µs.
  public var bootUs: Int64
  /// The wall clock, in µs since 1970; right only if `trusted`.
  public var wallUs: Int64
  /// Whether the kernel said that the wall clock is synchronised.
  public var trusted: Bool
  /// The kernel's estimate of the wall clock's error, in µs.
  public var errorUs: Int64

  /// Puts an observation together.
  public init(bootUs: Int64, wallUs: Int64, trusted: Bool, errorUs: Int64) {
    self.bootUs = bootUs
    self.wallUs = wallUs
    self.trusted = trusted
    self.errorUs = errorUs
  }

  /// The clock column.
  public func encoded() -> [UInt8] {
    precondition(bootUs >= 0 && errorUs >= 0, "clock \(bootUs) \(errorUs)")
    var writer = FieldWriter()
    writer.varint(UInt64(bootUs))
    writer.zigzag(wallUs)
    writer.u8(trusted ? 1 : 0)
    writer.varint(UInt64(errorUs))
    return writer.bytes
  }

  /// Reads a clock column.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    bootUs = try reader.time()
    wallUs = try reader.zigzag()
    let flagAt = reader.offset
    let flag = try reader.u8()
    guard flag <= 1 else { throw DecodeError(.range, at: flagAt) }
    trusted = flag == 1
    errorUs = try reader.time()
    try reader.end()
  }
}
