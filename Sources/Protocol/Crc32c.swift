/// CRC-32C (Castagnoli), as in RFC 3720: reflected, initial value and final xor of all ones.
///
/// Its check value over the ASCII digits `123456789` is e3069283.
public struct Crc32c: Sendable {
  private var state: UInt32 = 0xFFFF_FFFF

  /// Starts over no bytes.
  public init() {}

  /// Goes on from a checksum.
  public init(resuming value: UInt32) { state = value ^ 0xFFFF_FFFF }

  /// The checksum of the bytes so far.
  public var value: UInt32 { state ^ 0xFFFF_FFFF }

  /// Takes one more byte.
  public mutating func update(_ byte: UInt8) {
    state = crc32cTable[Int((state ^ UInt32(byte)) & 0xFF)] ^ (state &>> 8)
  }

  /// Takes more bytes.
  public mutating func update(_ bytes: Span<UInt8>) {
    var state = self.state
    for index in bytes.indices {
      state = crc32cTable[Int((state ^ UInt32(bytes[index])) & 0xFF)] ^ (state &>> 8)
    }
    self.state = state
  }

  /// The checksum of some bytes.
  public static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    var crc = Crc32c()
    crc.update(bytes)
    return crc.value
  }
}
