/// The first byte of every body (PROTOCOL.md section 2).
public enum MessageType: UInt8, Sendable {
  /// The board says who it is and what it holds.
  case hello = 0x01
  /// The host gives an id to a board that has none.
  case provision = 0x02
  /// The host asks for a part of the descriptor.
  case descriptorRead = 0x03
  /// A part of the descriptor.
  case descriptor = 0x04
  /// The host answers HELLO with what it has on disk.
  case resume = 0x05
  /// Samples.
  case samples = 0x06
  /// The host says what it has on disk and what has arrived.
  case ack = 0x0E
  /// The board declares samples that are lost.
  case gap = 0x0F
  /// An order to the board.
  case command = 0x10
  /// What became of the last order; also the answer to RESUME.
  case result = 0x11
  /// A question for the ticks.
  case time = 0x12
  /// The ticks.
  case timeReply = 0x13
  /// A line for people.
  case log = 0x14
  /// The board enters its boot loader.
  case resetToBoot = 0x15

  /// Whether a byte may begin a body: 01-06, 0E-1A, 1C-1F, the reserved and free ones included.
  public static func isType(_ byte: UInt8) -> Bool {
    // One bit for each of the first 32 bytes: cheaper than four comparisons, on a board too.
    byte < 0x20 && (0xF7FF_C07E as UInt32) &>> UInt32(byte) & 1 == 1
  }
}
