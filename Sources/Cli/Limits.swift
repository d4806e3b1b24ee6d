/// Every bound of the command line, in one place.
enum CliLimits {
  /// Arguments taken; beyond it the command line is refused.
  static let argumentsMax = 256
  /// Columns of a page where the output is no terminal.
  static let columnsDefault = 80
  /// Columns beyond which lines are not spread.
  static let columnsMax = 160
  /// Boards played by one `simulate`; beyond it the count is refused.
  static let boardsMax = 64
  /// Readings asked for at once, for a table and for a program.
  static let pageReadings = 1_000
  static let pageReadingsMax = 5_000
  /// Deletions, annotations or late values listed when nothing else is asked for.
  static let factsListed = 50
  /// The longest file `decode` reads, in bytes; what follows is left and said so.
  static let captureBytesMax = 64 << 20
  /// The longest picture that is sent, in bytes; the daemon takes no longer one.
  static let snapshotBytesMax = 8 << 20
  /// Pictures that one list shows at most.
  static let snapshotsMax = 1_000
  /// The longest file `import` reads, in bytes; a longer one is refused.
  static let importBytesMax = 64 << 20
  /// Values added by one request: what one record of the journal holds.
  static let importValuesPerRequest = 2_048
  /// Lines that `import` names; of more it tells how many.
  static let importFaultsShown = 20
  /// Bytes of a file read at once.
  static let chunkBytes = 64 << 10
  /// The longest answer line of the daemon to a board that was handed over.
  static let answerLineBytesMax = 16 << 10
  /// How long the live feed may be silent before the connection is taken for dead, in ms; the
  /// daemon says something every 15 s.
  static let feedSilenceMs = 40_000
  /// How often the life of a command is looked at, in µs: at first, and at most.
  static let lifePollUs: (first: Int64, most: Int64) = (30_000, 250_000)
  /// Readings remembered by `watch`, so that each is shown once; the oldest are forgotten.
  static let readingsRememberedMax = 20_000
  /// How long `watch` gathers what became durable before it says so, in µs.
  static let durableGatherUs: Int64 = 300_000
  /// How long `watch` waits before it connects again, in ms.
  static let reconnectMs = 1_000
  /// The longest password that is read from a file or a terminal, in bytes.
  static let passwordFileBytesMax = 1_024
  /// Nodes that may join by one invitation, and how long it may hold: what the daemon takes.
  static let invitationUsesMax = 1_000
  static let invitationMinutesMax = 10_080
  /// The bytes of a bundle in one request, at least; a chunk more at most. The daemon takes 1 MiB.
  static let bundlePieceBytes = 512 << 10
  /// Entries of the audit that are shown, unless another number is asked for, and the most.
  static let auditShown = 50
  /// Alarms of one list.
  static let alarmsMax = 500
  static let auditMax = 100_000
  /// Entries that are asked for at once.
  static let auditPageMax = 500
}
