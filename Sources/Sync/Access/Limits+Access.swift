extension Limits {
  /// The shortest and the longest password, in bytes of UTF-8.
  public static let passwordBytes = 8...256
  /// The longest stored form of a password, in bytes: a `bytes8`.
  static let passwordHashBytesMax = 255
  /// The longest `PasswordWork`, in bytes: two bytes, a hash and a password.
  public static let passwordWorkBytesMax = 2 + passwordHashBytesMax + passwordBytes.upperBound
  /// The longest answer to one, in bytes.
  public static let passwordAnswerBytesMax = passwordHashBytesMax
  /// People, and tokens, that count at one time; whoever adds one more is refused.
  public static let accessEntriesMax = 4_096
  /// Sessions at one time; beyond, the longest unused gives way.
  public static let sessionsMax = 1_024
  /// A session ends after so much of the daemon's running time, in s: 30 days.
  public static let sessionAgeSecondsMax: Int64 = 30 * 86_400
  /// A session ends when it was not used for so much of it, in s: 7 days.
  public static let sessionIdleSecondsMax: Int64 = 7 * 86_400
  /// Between two notes of the running time and of sessions' last uses, in s; a start after a crash
  /// counts as so much, so that power cuts make no session longer.
  public static let sessionNoteSeconds: Int64 = 900
  /// Failed attempts of one kind that cost nothing.
  static let loginFailuresFree = 5
  /// The longest wait between two attempts, in s.
  static let loginWaitSecondsMax: Int64 = 300
  /// Failures are forgotten after so long without another, in µs: an hour.
  static let loginMemoryUs: Int64 = 3_600_000_000
  /// Addresses, and pairs of address and name, whose failures are remembered; beyond, the one whose
  /// last failure is longest ago is forgotten.
  static let loginEntriesMax = 1_024
  /// Memory that a password's hash takes, in bytes, and passes over it (RFC 9106).
  static let passwordMemoryBytes = 32 << 20
  static let passwordPasses: UInt64 = 3
}
