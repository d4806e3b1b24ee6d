internal import CChecksum
internal import Protocol

/// The check of one row of the node's own tables (docs/storage-format.md section 1): CRC-32C over
/// its columns in their order. It tells a row that the disk has altered from one that was written.
///
/// It belongs to this disk and is neither signed nor sent.
public struct RowCheck: Sendable {
  private var crc: UInt32 = 0

  /// Starts over no columns.
  public init() {}

  /// The check of the columns so far, 0 to 2^32 - 1.
  public var value: Int64 { Int64(crc) }

  /// Takes a number as 8 bytes, little-endian.
  public mutating func add(_ number: Int64) {
    let bytes = InlineArray<8, UInt8> { UInt8(truncatingIfNeeded: number &>> Int64(8 * $0)) }
    update(bytes.span)
  }

  /// Takes bytes, their count before them: two columns never pass for two others.
  public mutating func add(_ bytes: Span<UInt8>) {
    add(Int64(bytes.count))
    update(bytes)
  }

  private mutating func update(_ bytes: Span<UInt8>) { crc = Self.crc32c(crc, bytes) }

  /// CRC-32C over more bytes, from what it was over those before; 0 over none.
  static func crc32c(_ crc: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
    isFast ? fast(crc, bytes) : portable(crc, bytes)
  }

  /// Whether the processor has an instruction for it.
  static let isFast = cchecksum_has_crc32c() != 0

  /// By that instruction: rows are gone over several times while they are compacted.
  static func fast(_ crc: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { unsafe cchecksum_crc32c(crc, $0.baseAddress, $0.count) }
  }

  /// By a table, on every processor.
  static func portable(_ crc: UInt32, _ bytes: Span<UInt8>) -> UInt32 {
    var check = Crc32c(resuming: crc)
    check.update(bytes)
    return check.value
  }
}
