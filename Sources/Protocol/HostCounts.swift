/// What a `HostSession` met, since it was made.
public struct HostCounts: Equatable, Sendable {
  /// Bodies given to it.
  public var bodies: UInt32 = 0
  /// Bodies that were not the message that their type names.
  public var malformed: UInt32 = 0
  /// Bodies of a type that this version does not know, or that only a host sends.
  public var unknownType: UInt32 = 0
  /// Right messages that meant nothing where they came: samples before the session, old answers.
  public var ignored: UInt32 = 0
  /// HELLOs of another version.
  public var otherVersion: UInt32 = 0
  /// Sessions that were accepted.
  public var sessions: UInt32 = 0
  /// Samples taken.
  public var samples: UInt64 = 0
  /// Samples that had been taken before, dropped.
  public var repeated: UInt64 = 0
  /// SAMPLES and GAP beyond a loss, dropped.
  public var outOfOrder: UInt32 = 0
  /// SAMPLES beyond what the board may send, dropped.
  public var beyondLimit: UInt32 = 0
  /// Samples that the board declared lost.
  public var gapSamples: UInt64 = 0
  /// Times the board was asked to send again.
  public var againRequests: UInt32 = 0
  /// Times the descriptor did not give its hash.
  public var descriptorMismatches: UInt32 = 0

  /// Nothing met.
  public init() {}
}
