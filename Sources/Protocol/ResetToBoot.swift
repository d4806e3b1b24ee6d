/// RESET_TO_BOOT (15): the board enters its boot loader (PROTOCOL.md 2.13). Frozen for ever.
public struct ResetToBoot: Equatable, Sendable {
  /// `BOOT`, as a little-endian u32.
  public static let word: UInt32 = 0x544F_4F42

  /// Whom it is for; 0 for a board without an id.
  public var deviceId: UInt64

  /// Asks a board to enter its boot loader.
  public init(deviceId: UInt64) {
    self.deviceId = deviceId
  }

  /// Reads the message.
  public init(_ body: Span<UInt8>) throws(Malformed) {
    var reader = ByteReader(body)
    try reader.expect(.resetToBoot)
    deviceId = try reader.u64()
    let word = try reader.u32()
    try reader.skipTlvs()
    guard word == Self.word else { throw .field }
  }

  /// Writes the message into an empty body.
  public func write(into body: inout Body) {
    body.append(MessageType.resetToBoot.rawValue)
    body.append(u64: deviceId)
    body.append(u32: Self.word)
  }
}
