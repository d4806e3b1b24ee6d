public import Model

/// What the sources of many commits have in common: device, clock and channel table.
public struct SourceShape: Hashable, Sendable {
  /// Whose samples.
  public var identity: DeviceIdentity
  /// The device's epoch; nil on the node's clock.
  public var epoch: UInt32?
  /// The channel table.
  public var channels: [CommitChannel]

  /// Reads it from the bytes of a source's identity, clock and epoch, and of its channel table
  /// directly behind those.
  public init(decoding bytes: Span<UInt8>) throws(DecodeError) {
    var reader = FieldReader(bytes)
    identity = try reader.identity()
    epoch = try reader.u8() == 1 ? try reader.varint32() : nil
    let count = try reader.count(max: Limits.sourceChannelsMax)
    channels = []
    for _ in 0..<count { channels.append(try reader.channel()) }
  }
}
