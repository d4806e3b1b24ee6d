/// What a `DeviceSession` counted since its start.
public struct DeviceCounts: Equatable, Sendable {
  /// Messages that break their table.
  public var malformed: UInt32 = 0
  /// Messages of a type that is not for a board.
  public var unknownType: UInt32 = 0
  /// Messages well formed and not acted on.
  public var ignored: UInt32 = 0
  /// LOG lines dropped because a frame was under way.
  public var logsDropped: UInt32 = 0

  /// Nothing counted.
  public init() {}
}
