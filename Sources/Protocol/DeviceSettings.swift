/// What a board says of itself in HELLO, and how it batches.
public struct DeviceSettings: Equatable, Sendable {
  /// An eFuse MAC or the like, 0 when there is none.
  public var hardwareHint: UInt64 = 0
  /// Bytes of the descriptor, at most 4096.
  public var descriptorBytes: UInt16 = 0
  /// The longest body the board sends, 58 to 250.
  public var bodyBytesToHostMax: UInt8 = 250
  /// The longest body it accepts, 40 to 250.
  public var bodyBytesToBoardMax: UInt8 = 250
  /// Wire bytes that the host may have outstanding, at least 48.
  public var windowBytes: UInt16 = 512
  /// Samples per 1000 s over all channels; 0 when unknown.
  public var samplesPer1000s: UInt32 = 0
  /// How old the first unsent sample may become before it is sent in a short message, in ms.
  public var batchMs: UInt32 = 100

  /// The settings of a board with a full body.
  public init() {}
}
