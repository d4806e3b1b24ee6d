/// The bounds of the link protocol (PROTOCOL.md); what goes beyond one is dropped and counted.
public enum Limits {
  /// The longest body of a frame, in bytes.
  public static let bodyBytesMax = 250
  /// The longest frame on the wire, delimiters included, in bytes.
  public static let frameBytesMax = 258
  /// The longest segment that can be a frame, without delimiters: COBS code, body, check.
  public static let segmentBytesMax = 256
  /// What framing adds to a body on the wire: two delimiters, the COBS code, five bytes of check.
  public static let frameOverheadBytes = 8
  /// The bytes of the check.
  public static let checkBytes = 5
  /// The longest line of text before it is cut in two.
  public static let textLineBytesMax = 200
  /// How long a line without end waits for its next byte, in µs.
  public static let textPauseUs: Int64 = 100_000
  /// The longest body that a board may announce as its smallest maximum towards the host.
  public static let bodyBytesToHostMin = 58
  /// The same towards the board.
  public static let bodyBytesToBoardMin = 40
  /// The smallest window, in wire bytes.
  public static let windowBytesMin = 48
  /// Epochs in one HELLO or RESUME.
  public static let epochsMax = 4
  /// The longest descriptor, in bytes.
  public static let descriptorBytesMax = 4_096
  /// The most bytes in one DESCRIPTOR.
  public static let descriptorChunkBytesMax = 247
  /// Channels of one device.
  public static let channelsMax = 240
  /// Rows of one group of samples.
  public static let rowsMax = 250
  /// The longest text of one sample, in bytes.
  public static let sampleTextBytesMax = 200
  /// Ticks are below this: 48 bits.
  public static let ticksEnd: UInt64 = 0x1_0000_0000_0000
  /// The highest seq; the one above is never given, so that `next` always fits.
  public static let seqMax: UInt32 = 0xFFFF_FFFE
  /// How far above `durable` a board may send, in samples (4.2).
  public static let samplesAheadMax: UInt32 = 8_192
}
