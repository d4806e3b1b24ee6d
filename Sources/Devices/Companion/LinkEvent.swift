public import Model
public import Protocol

/// What a companion link tells its owner, in the order it happened.
///
/// What is rare and large is kept aside, so that the samples, which come by the thousand, are cheap
/// to hand on.
public enum LinkEvent: Sendable {
  /// A board said who it is: answer with `attach` or `provision`, now or later, or not at all.
  indirect case hello(Hello)
  /// A board speaks a version of the protocol that this program does not.
  case otherVersion(UInt8)
  /// The descriptor of the board is known, with its hash; nil when it is invalid.
  indirect case descriptor(BoardDescriptor?, hash: UInt64, bytes: [UInt8])
  /// The board accepted the session.
  case attached(session: UInt32)
  /// Samples that continue an epoch.
  case samples(epoch: UInt32, SampleRun)
  /// Samples that the board made and lost.
  case gap(epoch: UInt32, first: UInt32, count: UInt32)
  /// What a board said of a command.
  indirect case result(CommandKey, CommandStatus, value: Int32)
  /// The board never received this command.
  case notReceived(CommandKey)
  /// Nobody can say what became of this command.
  case lost(CommandKey)
  /// A line for people, from a LOG message or printed between frames.
  case line(String, isLog: Bool)
  /// A probe of the board's clock and its answer.
  indirect case probe(ClockProbe)
  /// The session is over; a HELLO may begin the next.
  case detached(DetachReason)
  /// The port is gone, and with it this link.
  indirect case gone(PortError)
}
