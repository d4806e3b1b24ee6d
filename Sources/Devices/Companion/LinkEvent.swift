internal import Model
public import Protocol

/// What a companion link tells its owner, in the order it happened.
public enum LinkEvent: Sendable {
  /// A board said who it is: answer with `attach` or `provision`, now or later, or not at all.
  case hello(Hello)
  /// A board speaks a version of the protocol that this program does not.
  case otherVersion(UInt8)
  /// The descriptor of the board is known, with its hash; nil when it is invalid.
  case descriptor(BoardDescriptor?, hash: UInt64, bytes: [UInt8])
  /// The board accepted the session.
  case attached(session: UInt32)
  /// Samples that continue an epoch.
  case samples(epoch: UInt32, [LinkSample])
  /// Samples that the board made and lost.
  case gap(epoch: UInt32, first: UInt32, count: UInt32)
  /// What a board said of a command.
  case result(CommandKey, CommandStatus, value: Int32)
  /// The board never received this command.
  case notReceived(CommandKey)
  /// Nobody can say what became of this command.
  case lost(CommandKey)
  /// A line for people, from a LOG message or printed between frames.
  case line(String, isLog: Bool)
  /// A probe of the board's clock and its answer.
  case probe(ClockProbe)
  /// The session is over; a HELLO may begin the next.
  case detached(DetachReason)
  /// The port is gone, and with it this link.
  case gone(PortError)
}

/// One sample as it came over the wire.
public struct LinkSample: Sendable, Equatable {
  /// What it says, before the channel's exponent is known.
  public enum Content: Sendable, Equatable {
    /// The mantissa of a decimal.
    case integer(Int64)
    /// A float64.
    case float(Double)
    /// Text.
    case text(String)
  }

  /// Its number in the epoch.
  public var seq: UInt32
  /// Milliseconds since the board's boot.
  public var ticksMs: UInt64
  /// The channel's index in the descriptor.
  public var channel: UInt8
  /// What it says.
  public var content: Content
}
