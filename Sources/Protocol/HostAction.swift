/// What a `HostSession` asks its shell to do, or tells it.
///
/// Actions are given out in order, during a call of the session; the closure that takes them must
/// not call the session. What refers to "the body" is in the body that `receive` was given.
public enum HostAction: Sendable {
  /// Write this body to the port, framed.
  case send(Body)
  /// A valid HELLO was heard; answer with `attach` or `provision`, now or later, or not at all.
  ///
  /// It is said again only for another board, boot or id; repetitions of it change nothing.
  case hello(Hello)
  /// A HELLO of a version that nobody here speaks: show it.
  case otherVersion(UInt8, deviceId: UInt64)
  /// Bytes of the descriptor, to be put at `offset`: `count` of the body from
  /// `DescriptorChunk.bytesAt` on. They come in order, without holes.
  case descriptorChunk(offset: Int, count: Int)
  /// The descriptor is complete and gives the hash of the HELLO.
  case descriptorComplete
  /// The descriptor was read three times and never gave the hash of the HELLO: it is not usable.
  case descriptorMismatch
  /// The board has accepted the session.
  case attached(session: UInt32)
  /// Samples that continue the epoch: those that `receive` gave out while it read the body, from
  /// `first` on; there are `count`. `SamplesDecoder.forEach(in:from:)` gives them again.
  case samples(epoch: UInt32, first: UInt32, count: UInt32)
  /// Samples that the board made and lost, where they would have stood.
  case gap(epoch: UInt32, first: UInt32, count: UInt32)
  /// What became of a command; `running` is followed by another.
  case result(CommandKey, status: CommandStatus, value: Int32)
  /// The board says that it never received the command, and never will run it: claim it anew to
  /// send it again.
  case commandNotReceived(CommandKey)
  /// Nobody can say any more what became of the command.
  case commandUnknown(CommandKey)
  /// A line for people: the body from `LogLine.textAt` on.
  case log(level: UInt8)
  /// A probe and its reply, for `ClockFit`.
  case timeProbe(ClockProbe)
  /// The session is over; a HELLO begins the next one.
  case detached(DetachReason)
  /// Call `tick` at this time or soon after; it takes the place of the one before.
  case wake(atUs: Int64)
}

/// Why a session ended.
public enum DetachReason: Sendable {
  /// The board said HELLO: it was reset, or heard no ACK.
  case hello
  /// The board said nothing for 60 s.
  case silent
}

/// Which command: unique for ever, for the random session.
public struct CommandKey: Equatable, Hashable, Sendable {
  /// The epoch it is for.
  public var epoch: UInt32
  /// The session it was sent in.
  public var session: UInt32
  /// Its number in the session, from 1.
  public var id: UInt16

  /// Names a command.
  public init(epoch: UInt32, session: UInt32, id: UInt16) {
    self.epoch = epoch
    self.session = session
    self.id = id
  }
}

/// One question for the ticks and its answer.
public struct ClockProbe: Equatable, Sendable {
  /// When the question was sent, in µs of the host's clock.
  public var sentUs: Int64
  /// When the answer was heard.
  public var receivedUs: Int64
  /// Milliseconds since the board's boot, said in between.
  public var ticks: UInt64
  /// The tick at which the segment began.
  public var segment: UInt64

  /// States a probe.
  public init(sentUs: Int64, receivedUs: Int64, ticks: UInt64, segment: UInt64) {
    self.sentUs = sentUs
    self.receivedUs = receivedUs
    self.ticks = ticks
    self.segment = segment
  }
}
