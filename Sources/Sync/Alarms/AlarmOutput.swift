public import Model

/// A signal of a board that alarms switch: a buzzer, a lamp, a relay with a siren (ADR 0025).
public struct AlarmOutput: Hashable, Sendable {
  /// The longest name of a command, in bytes (PROTOCOL.md section 3).
  public static let commandBytesMax = 16

  /// The device that has it.
  public var device: DeviceIdentity
  /// The command that switches it: 1 to `commandBytesMax` bytes, as the board's descriptor has it.
  public var command: String

  /// Names it.
  public init(device: DeviceIdentity, command: String) {
    self.device = device
    self.command = command
  }

  /// Whether it can be written down.
  public var isValid: Bool { (1...Self.commandBytesMax).contains(command.utf8.count) }
}

extension AlarmOutput: Comparable {
  /// By device, then command.
  public static func < (left: Self, right: Self) -> Bool {
    if left.device != right.device { return left.device < right.device }
    return left.command.utf8.lexicographicallyPrecedes(right.command.utf8)
  }
}
