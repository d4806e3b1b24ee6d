/// The bounds of played boards.
public enum Limits {
  /// Samples that a played board's ring holds: 68 minutes of one channel a second.
  public static let ringCapacity = 4_096
  /// How often a board looks after itself when nothing is heard, in µs.
  static let pollUs: Int64 = 25_000
  /// Scans made at once after a pause of the process; what lies further back was not measured.
  static let scansBehindMax: UInt64 = 5
  /// Bytes read from the line in one turn.
  static let readBytesMax = 1_024
  /// The longest text that a display takes, in bytes; longer ones are refused.
  static let displayBytesMax: Int64 = 32
}
