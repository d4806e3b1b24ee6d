internal import Model

/// FNV-1a, 64 bits (Fowler, Noll, Vo): names that must stay the same from run to run, which
/// Swift's own seeded hashing cannot give.
enum Fnv {
  static func sum64(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return sum
  }

  /// Sixteen digits, the highest byte first.
  static func hex(_ sum: UInt64) -> String {
    Hex.text((0..<8).map { UInt8(truncatingIfNeeded: sum >> (56 - 8 * UInt64($0))) })
  }
}
