/// What became of a command (PROTOCOL.md 2.10).
public enum CommandStatus: UInt8, Sendable {
  /// Carried out.
  case done = 0
  /// Begun; a final RESULT follows.
  case running = 1
  /// Begun, and it did not work; the value is the device's own code.
  case failed = 2
  /// Refused: the board knows no such operation.
  case unknownOp = 3
  /// Refused: an argument is out of range or missing.
  case badArgument = 4
  /// Refused: its life ran out before it could begin.
  case expired = 5
  /// Refused: it was for another epoch.
  case otherEpoch = 6
  /// Refused: another one is running.
  case busy = 7
  /// Refused by the device's own rules; the value is its code.
  case refused = 8
}
