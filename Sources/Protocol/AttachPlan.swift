/// The answer to `.hello`: what the host has of the board, and the session to begin.
public struct AttachPlan: Sendable {
  /// What the host has of one epoch.
  public struct Cursor: Equatable, Sendable {
    /// Every seq below it is on disk.
    public var durable: UInt32
    /// Every seq below it was given out by a session before and is being stored: what comes again
    /// is trimmed. At least `durable`.
    public var received: UInt32

    /// States what the host has; `received` is `durable` when nothing is on its way to the disk.
    public init(durable: UInt32, received: UInt32? = nil) {
      self.durable = durable
      self.received = max(durable, received ?? durable)
    }
  }

  /// The nonce of the HELLO that this answers.
  public var nonce: UInt32
  /// Random, never 0, new for every plan.
  public var session: UInt32
  /// Whether the descriptor of that hash is at hand; else it is read first.
  public var descriptorKnown: Bool
  /// One for each epoch of the HELLO, in its order; those beyond mean nothing.
  public var cursors = InlineArray<4, Cursor>(repeating: Cursor(durable: 0))
  /// The command that an earlier session left without an outcome, and whose claim is on disk.
  public var carried: CommandKey?

  /// Answers a HELLO.
  public init(nonce: UInt32, session: UInt32, descriptorKnown: Bool, carried: CommandKey? = nil) {
    self.nonce = nonce
    self.session = session
    self.descriptorKnown = descriptorKnown
    self.carried = carried
  }
}
