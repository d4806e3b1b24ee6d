public import Model

/// The name of a command in the whole site: 16 random bytes.
public struct CommandId: Hashable, Sendable, CustomStringConvertible {
  /// The bytes.
  public let bytes: [UInt8]

  /// Makes an id; nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Thirty-two hexadecimal digits.
  public var description: String { Hex.text(bytes) }
}

/// Kind 16: a person or program gave an order.
public struct CommandIssued: Hashable, Sendable {
  /// Its name.
  public var id: CommandId
  /// The node that is to carry it out.
  public var node: NodeId
  /// The device it is for.
  public var identity: DeviceIdentity
  /// The operation's number in the descriptor.
  public var op: UInt8
  /// The operation's name, at most 255 bytes of UTF-8.
  public var name: String
  /// The arguments as the link protocol has them, at most 255 bytes.
  public var arguments: [UInt8]
  /// How long it may wait from the stamp on, in ms.
  public var lifeMs: UInt64
  /// How long the device holds what it is told, in ms; 0 for no lease.
  public var leaseMs: UInt64

  /// Puts an order together.
  public init(
    id: CommandId, node: NodeId, identity: DeviceIdentity, op: UInt8, name: String,
    arguments: [UInt8], lifeMs: UInt64, leaseMs: UInt64
  ) {
    self.id = id
    self.node = node
    self.identity = identity
    self.op = op
    self.name = name
    self.arguments = arguments
    self.lifeMs = lifeMs
    self.leaseMs = leaseMs
  }
}

/// Kind 17: the order is about to be written to the device.
public struct CommandClaimed: Hashable, Sendable {
  /// Which order.
  public var id: CommandId
  /// The board's epoch.
  public var epoch: UInt32
  /// The session it goes out in.
  public var session: UInt32
  /// Its number in the session.
  public var number: UInt16

  /// Puts a claim together.
  public init(id: CommandId, epoch: UInt32, session: UInt32, number: UInt16) {
    self.id = id
    self.epoch = epoch
    self.session = session
    self.number = number
  }
}

/// Kind 18: what became of an order.
public struct CommandOutcome: Hashable, Sendable {
  /// The end of a command's life. Raw values are on disk: never renumber.
  public enum State: UInt8, Sendable, CaseIterable {
    /// The device did it and said so.
    case acked = 1
    /// The device tried and said that it did not work.
    case failed = 2
    /// It was never begun.
    case refused = 3
    /// It was written to the device and nobody can say more.
    case unknown = 4
    /// The issuer took it back before it was claimed.
    case cancelled = 5
  }

  /// Which order.
  public var id: CommandId
  /// How it ended.
  public var state: State
  /// A code in ASCII, for programs: `expired`, `moved`; at most 255 bytes.
  public var reason: String
  /// What the device gave back.
  public var value: Int64

  /// Puts an outcome together.
  public init(id: CommandId, state: State, reason: String, value: Int64) {
    self.id = id
    self.state = state
    self.reason = reason
    self.value = value
  }
}
