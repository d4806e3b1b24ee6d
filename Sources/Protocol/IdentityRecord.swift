/// The record in which a board keeps its id and epoch (PROTOCOL.md 4.1).
public struct IdentityRecord: Equatable, Sendable {
  /// The epoch after which a record is not good: there must be room for the next ones.
  static let epochMax: UInt32 = 0xFFFF_FFFD

  /// The id that a host gave; not 0.
  public var deviceId: UInt64
  /// The run of the board; not 0.
  public var epoch: UInt32

  /// States a record.
  public init(deviceId: UInt64, epoch: UInt32) {
    self.deviceId = deviceId
    self.epoch = epoch
  }

  /// Reads 20 bytes; nil when they are no good record.
  public init?(_ bytes: InlineArray<20, UInt8>) {
    var crc = Crc32c()
    for index in 0..<16 { crc.update(bytes[index]) }
    guard bytes[0] == 0x42, bytes[1] == 0x56, bytes[2] == 1, bytes[3] == 0,
      crc.value == Self.u32(bytes, at: 16)
    else { return nil }
    let low = UInt64(Self.u32(bytes, at: 4))
    deviceId = low | UInt64(Self.u32(bytes, at: 8)) &<< 32
    epoch = Self.u32(bytes, at: 12)
    guard deviceId != 0, (1...Self.epochMax).contains(epoch) else { return nil }
  }

  /// The 20 bytes.
  public var bytes: InlineArray<20, UInt8> {
    var bytes = InlineArray<20, UInt8>(repeating: 0)
    bytes[0] = 0x42
    bytes[1] = 0x56
    bytes[2] = 1
    Self.put(UInt32(truncatingIfNeeded: deviceId), into: &bytes, at: 4)
    Self.put(UInt32(truncatingIfNeeded: deviceId &>> 32), into: &bytes, at: 8)
    Self.put(epoch, into: &bytes, at: 12)
    var crc = Crc32c()
    for index in 0..<16 { crc.update(bytes[index]) }
    Self.put(crc.value, into: &bytes, at: 16)
    return bytes
  }

  private static func u32(_ bytes: InlineArray<20, UInt8>, at offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(bytes[offset + index]) &<< UInt32(8 * index) }
    return value
  }

  private static func put(
    _ value: UInt32, into bytes: inout InlineArray<20, UInt8>, at offset: Int
  ) {
    for index in 0..<4 {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value &>> UInt32(8 * index))
    }
  }
}
