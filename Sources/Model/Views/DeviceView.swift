/// A device as the API shows it; shared by the daemon and the command line.
public struct DeviceView: Codable, Sendable, Equatable {
  /// What the daemon can do with the device now. Raw values are the API's: never rename.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// A session with the board is open and it was heard in the last 60 s.
    case connected
    /// Its port is open; it is known, but has said nothing for a while.
    case quiet
    /// Its port is open, and nothing that could be understood has come yet.
    case listening
    /// Found when the daemon started, and not opened, because opening may reset it.
    case presentNotOpened = "present-not-opened"
    /// Its port cannot be opened; `problem` says why.
    case cannotOpen = "cannot-open"
    /// Not plugged in.
    case absent
    /// Another node has it, or had it last; `gateway` says which.
    case elsewhere
  }

  /// The identity's text form; stable for ever.
  public var id: String
  /// The name a person gave; nil when nobody did.
  public var name: String?
  /// `companion`, `otomate`, `printer`, `other`, or nil while unknown.
  public var kind: String?
  /// What can be done with it now.
  public var state: State
  /// Whether only a program plays it.
  public var simulated: Bool
  /// Whether its readings are filed under a provisional identity until a question is answered.
  public var provisional: Bool
  /// The descriptor's model.
  public var model: String?
  /// The descriptor's firmware version.
  public var firmware: String?
  /// The other node that had it last: its label, or else its id; nil for a device of the node that
  /// answers.
  public var gateway: String?
  /// The device node, while plugged in.
  public var node: String?
  /// The socket it is plugged into (`ID_PATH` and interface), while plugged in.
  public var path: String?
  /// The running epoch of a board.
  public var epoch: UInt32?
  /// Milliseconds since it was last heard, on the monotonic clock; nil when never in this run.
  public var heardAgoMs: Int64?
  /// Its channels with their last values.
  public var channels: [ChannelView]
  /// The commands it declares.
  public var commands: [CommandSpecView]
  /// What happened on its line in this run of the daemon.
  public var link: LinkView?
  /// Its last log lines, oldest first.
  public var log: [String]
  /// Why it cannot be used as it should, if so.
  public var problem: ProblemView?
  /// The ids of the open questions about it.
  public var questions: [String]

  /// A device of which nothing is known but its identity.
  public init(id: String, state: State, simulated: Bool) {
    self.id = id
    self.state = state
    self.simulated = simulated
    provisional = false
    channels = []
    commands = []
    log = []
    questions = []
  }
}

/// One channel of a device with its last value.
public struct ChannelView: Codable, Sendable, Equatable {
  /// The channel's key.
  public var key: String
  /// Its SenML unit; empty when there is none.
  public var unit: String
  /// `measurement`, `state`, `counter`, `event` or `text`.
  public var kind: String
  /// The smallest and the largest value it can have, where its descriptor states them.
  public var low: String?, high: String?
  /// The last reading, if there was one in this run.
  public var last: ReadingView?

  /// Puts a channel together.
  public init(key: String, unit: String, kind: String, last: ReadingView? = nil) {
    self.key = key
    self.unit = unit
    self.kind = kind
    self.last = last
  }

  /// A channel of a descriptor, without a reading.
  public init(_ channel: Channel) {
    self.init(key: channel.key, unit: channel.unit, kind: "\(channel.kind)")
    guard let range = channel.range else { return }
    low = Value.decimal(range.lowerBound, exponent: channel.exponent).description
    high = Value.decimal(range.upperBound, exponent: channel.exponent).description
  }
}

/// A command that a device declares.
public struct CommandSpecView: Codable, Sendable, Equatable {
  /// Its name.
  public var name: String
  /// Its number on the wire.
  public var op: UInt8
  /// Names of its arguments, in order; a text argument ends in `:text`.
  public var arguments: [String]
  /// Whether it takes a lease.
  public var takesLease: Bool
  /// Whether alarms may switch it: it lights or sounds, and does nothing else.
  public var signal: Bool

  /// Puts a specification together.
  public init(
    name: String, op: UInt8, arguments: [String], takesLease: Bool, signal: Bool = false
  ) {
    self.name = name
    self.op = op
    self.arguments = arguments
    self.takesLease = takesLease
    self.signal = signal
  }
}

/// Counts of what happened on a device's line, since its port was opened.
public struct LinkView: Codable, Sendable, Equatable {
  /// Bytes read and written.
  public var bytesIn: UInt64 = 0, bytesOut: UInt64 = 0
  /// Valid frames.
  public var framesGood: UInt64 = 0
  /// Candidates whose check, coding or length was wrong.
  public var framesCorrupt: UInt64 = 0
  /// Valid frames whose message broke the rules of its table.
  public var framesMalformed: UInt64 = 0
  /// Valid frames of a type that this version does not know.
  public var framesUnknown: UInt64 = 0
  /// Samples that came again.
  public var samplesRepeated: UInt64 = 0
  /// Samples that were stored.
  public var samplesStored: UInt64 = 0
  /// Samples the board declared lost.
  public var samplesDeclaredLost: UInt64 = 0
  /// Samples that break the rules; gaps stand in their places.
  public var samplesRejected: UInt64 = 0
  /// The most that may have been lost in closed epochs without a declaration.
  public var samplesUnknownTail: UInt64 = 0
  /// Frames after which something was missing, so that the board was asked again.
  public var lossesSeen: UInt64 = 0
  /// Lines of text, and lines of noise.
  public var textLines: UInt64 = 0, noiseLines: UInt64 = 0
  /// HELLOs heard, and those that told of a reboot.
  public var hellos: UInt64 = 0, reboots: UInt64 = 0
  /// The last round trip of a time probe, in microseconds.
  public var roundTripUs: Int64?

  /// All zero.
  public init() {}
}
