/// An order to a device, as the API shows it.
public struct CommandView: Codable, Sendable, Equatable {
  /// Where its life stands. Raw values are the API's: never rename.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// Issued, and not yet claimed by the node that has the device.
    case queued
    /// Claimed on disk; it may be on its way to the board.
    case claimed
    /// The board has begun.
    case running
    /// The board carried it out.
    case acked
    /// The board began, and it did not work.
    case failed
    /// Not begun: `reason` says why.
    case refused
    /// It may or may not have run, and nobody can say.
    case unknown
    /// Taken back before it was claimed.
    case cancelled

    /// Whether nothing more will happen to it.
    public var isFinal: Bool {
      switch self {
      case .queued, .claimed, .running: return false
      case .acked, .failed, .refused, .unknown, .cancelled: return true
      }
    }
  }

  /// Its id: 32 hexadecimal digits.
  public var id: String
  /// The device's identity in text form.
  public var device: String
  /// The command's name.
  public var name: String
  /// Its arguments as given.
  public var arguments: [String]
  /// Where its life stands.
  public var state: State
  /// A code for refusals and unknowns: `expired`, `busy`, `unknown-op`, `bad-argument`,
  /// `other-epoch`, `refused`, `moved`, `no-answer`, `daemon-restarted`, `absent`.
  public var reason: String?
  /// What the board gave back.
  public var value: Int64?
  /// Who issued it.
  public var issuer: String
  /// When, in microseconds of CLOCK_BOOTTIME.
  public var issuedUs: Int64
  /// How long it may wait, in milliseconds from then.
  public var lifeMs: UInt32
  /// How long its effect holds without renewal, in milliseconds; 0 when for ever.
  public var leaseMs: UInt32

  /// A command that was just issued.
  public init(
    id: String, device: String, name: String, arguments: [String], state: State, issuer: String,
    issuedUs: Int64, lifeMs: UInt32, leaseMs: UInt32
  ) {
    self.id = id
    self.device = device
    self.name = name
    self.arguments = arguments
    self.state = state
    self.issuer = issuer
    self.issuedUs = issuedUs
    self.lifeMs = lifeMs
    self.leaseMs = leaseMs
  }
}

/// The body of a request to command a device.
public struct CommandRequest: Codable, Sendable, Equatable {
  /// The command's name in the descriptor.
  public var name: String
  /// Its arguments as a person writes them.
  public var arguments: [String]
  /// How long it may wait, in milliseconds; 30 000 when nil.
  public var lifeMs: UInt32?
  /// How long its effect holds without renewal, in milliseconds; 0 when nil.
  public var leaseMs: UInt32?

  /// Puts a request together.
  public init(name: String, arguments: [String], lifeMs: UInt32? = nil, leaseMs: UInt32? = nil) {
    self.name = name
    self.arguments = arguments
    self.lifeMs = lifeMs
    self.leaseMs = leaseMs
  }
}

/// One change on the live feed; exactly one part is there.
public struct LiveEvent: Codable, Sendable, Equatable {
  /// A reading came in, or became durable.
  public var reading: ReadingView?
  /// A device appeared, changed or went.
  public var device: DeviceView?
  /// A command moved on.
  public var command: CommandView?
  /// A question was raised; or answered, when `answered` is true.
  public var question: QuestionView?
  /// Whether `question` is closed.
  public var answered: Bool?
  /// An alarm began, ended or was acknowledged.
  public var alarm: AlarmView?
  /// What is stored of some time is another than it was: to be asked for again.
  public var history: HistoryChange?

  /// An event with nothing in it.
  public init() {}
}
