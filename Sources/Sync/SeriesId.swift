public import Model

/// The name of one channel's readings that every node gives it alike: BLAKE2b-128 over u8 length
/// of the identity's bytes, u8 kind, those bytes, u8 length of the key, the key.
public struct SeriesId: Hashable, Sendable {
  /// How many bytes it has.
  public static let byteCount = 16

  /// The bytes of the hash.
  public let bytes: [UInt8]

  /// The name of a device's channel.
  public init(device: DeviceIdentity, channel: String) {
    var writer = FieldWriter()
    writer.u8(UInt8(truncatingIfNeeded: device.bytes.count))
    writer.u8(device.kind.rawValue)
    writer.raw(device.bytes)
    writer.bytes8(channel.utf8)
    bytes = Blake2b.hash(writer.bytes, byteCount: Self.byteCount)
  }
}
