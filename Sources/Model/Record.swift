/// A node's public Ed25519 key: 32 bytes, its name among nodes for ever.
public struct NodeId: Hashable, Sendable, CustomStringConvertible {
  /// The length of every node id.
  public static let byteCount = 32
  /// The public key itself.
  public let bytes: [UInt8]

  /// Makes an id; nil unless there are exactly 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// All 64 hexadecimal digits.
  public var description: String { Hex.text(bytes) }

  /// All bytes at once: an array's own hash takes them one by one, and tables of nodes are asked
  /// for every record.
  public func hash(into hasher: inout Hasher) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}

/// One run of a node's daemon: a random number, new at every start, made at the first commit.
public struct Incarnation: Hashable, Sendable, CustomStringConvertible {
  /// The random number; 0 is never one.
  public let number: UInt64

  /// Wraps a number from the system's generator.
  public init(_ number: UInt64) { self.number = number }

  /// Sixteen hexadecimal digits.
  public var description: String {
    Hex.text((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) })
  }
}

/// An independent log of an origin. Raw values are stored and sent: never renumber.
public enum Lane: UInt8, Sendable, CaseIterable {
  /// Commands, alarms, membership.
  case control = 0
  /// Names, settings, answers: everything that is state.
  case state = 1
  /// Readings; a sequence number is one group commit.
  case telemetry = 2
  /// Minute and quarter-hour summaries.
  case rollups = 3
  /// Manifests of blobs.
  case blobs = 4
}

/// The identity of a record in the whole site (DESIGN, merging).
public struct RecordId: Hashable, Sendable {
  /// The node that made it.
  public let origin: NodeId
  /// The run of the daemon that made it.
  public let incarnation: Incarnation
  /// The log it stands in.
  public let lane: Lane
  /// Its number there, from 1.
  public let seq: UInt64

  /// Names a record.
  public init(origin: NodeId, incarnation: Incarnation, lane: Lane, seq: UInt64) {
    self.origin = origin
    self.incarnation = incarnation
    self.lane = lane
    self.seq = seq
  }
}

/// One boot of a node: the kernel's boot id, 16 bytes. CLOCK_BOOTTIME means something only in it.
public struct ClockEpoch: Hashable, Sendable, CustomStringConvertible {
  /// The kernel's boot id.
  public let bytes: [UInt8]

  /// Makes one; nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Thirty-two hexadecimal digits.
  public var description: String { Hex.text(bytes) }

  /// All bytes at once, as of a node's id.
  public func hash(into hasher: inout Hasher) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}
