internal import Protocol

/// The check of one row of the node's own tables (docs/storage-format.md section 1): CRC-32C over
/// its columns in their order. It tells a row that the disk has altered from one that was written.
///
/// It belongs to this disk and is neither signed nor sent.
public struct RowCheck: Sendable {
  private var crc = Crc32c()

  /// Starts over no columns.
  public init() {}

  /// The check of the columns so far, 0 to 2^32 - 1.
  public var value: Int64 { Int64(crc.value) }

  /// Takes a number as 8 bytes, little-endian.
  public mutating func add(_ number: Int64) {
    let bits = UInt64(bitPattern: number)
    for shift in 0..<8 as Range<UInt64> {
      crc.update(UInt8(truncatingIfNeeded: bits >> (8 * shift)))
    }
  }

  /// Takes bytes, their count before them: two columns never pass for two others.
  public mutating func add(_ bytes: Span<UInt8>) {
    add(Int64(bytes.count))
    crc.update(bytes)
  }
}
