/// Signed numbers as unsigned ones, small where they are near zero (as in the link protocol).
enum ZigZag {
  static func encode(_ value: Int64) -> UInt64 {
    UInt64(bitPattern: value &<< 1) ^ UInt64(bitPattern: value &>> 63)
  }

  static func decode(_ value: UInt64) -> Int64 {
    Int64(bitPattern: value &>> 1) ^ (0 &- Int64(bitPattern: value & 1))
  }
}

/// How many bits a number needs: 0 for 0, 64 at most.
func bitLength(_ value: UInt64) -> Int { 64 - value.leadingZeroBitCount }

/// The bytes of a varint.
func varintSize(_ value: UInt64) -> Int { varintSize(bits: bitLength(value)) }

/// The bytes of a varint of a number of so many bits.
func varintSize(bits: Int) -> Int { max(1, (bits + 6) / 7) }

extension [UInt8] {
  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func appendVarint(_ value: Int) { appendVarint(UInt64(value)) }

  mutating func appendZigzag(_ value: Int64) { appendVarint(ZigZag.encode(value)) }
}
