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
  /// The longest page of readings asked for at once.
  static let pageReadingsMax = 5_000
  /// The longest file `decode` reads, in bytes; what follows is left and said so.
  static let captureBytesMax = 64 << 20
  /// Bytes of a file read at once.
  static let chunkBytes = 64 << 10
  /// The longest answer line of the daemon to a board that was handed over.
  static let answerLineBytesMax = 16 << 10
  /// How long the daemon may take to answer, in ms.
  static let answerTimeoutMs = 30_000
  /// How long `watch` waits before it connects again, in ms.
  static let reconnectMs = 1_000
}
