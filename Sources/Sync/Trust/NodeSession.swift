public import Model

/// Which of a session's two sides a value plays.
public enum SessionSide: UInt8, Sendable {
  /// Asks.
  case initiator = 0
  /// Answers.
  case responder = 1
}

/// The keys of a session, one for each direction (docs/sync-format.md section 6).
struct SessionSecrets: Sendable {
  let id: SessionId
  private let fromInitiator: [UInt8]
  private let fromResponder: [UInt8]

  /// Derives them from what the ephemeral keys agree on, and the hashes of messages 1 and 2.
  init(_ agreed: [UInt8], _ asked: [UInt8], _ answered: [UInt8], id: SessionId) {
    func key(_ side: SessionSide) -> [UInt8] {
      var writer = FieldWriter()
      writer.purpose("bivouac session 1")
      writer.u8(side.rawValue)
      writer.raw(asked)
      writer.raw(answered)
      return Blake2b.keyed256(writer.bytes, key: agreed)
    }
    self.id = id
    fromInitiator = key(.initiator)
    fromResponder = key(.responder)
  }

  /// One channel of one side.
  func seal(channel: UInt8, side: SessionSide, names: SessionSeal.Names) -> SessionSeal {
    var writer = FieldWriter()
    writer.purpose("bivouac channel 1")
    writer.u8(channel)
    let (asks, answers) = (
      Blake2b.keyed256(writer.bytes, key: fromInitiator),
      Blake2b.keyed256(writer.bytes, key: fromResponder)
    )
    return side == .initiator
      ? SessionSeal(sends: asks, takes: answers, names: names)
      : SessionSeal(sends: answers, takes: asks, names: names)
  }
}

/// A session between two nodes that have proven who they are.
public struct NodeSession: Sendable {
  /// What it is called by who carries its messages.
  public var id: SessionId { secrets.id }
  /// Who is at the other end.
  public let peer: NodeId
  /// Which side this is.
  public let side: SessionSide
  /// The version that both speak: in 1 nobody lists lane 3, or offers proofs.
  public let version: UInt8
  private let secrets: SessionSecrets

  init(_ secrets: SessionSecrets, peer: NodeId, side: SessionSide, version: UInt8) {
    self.secrets = secrets
    self.version = version
    self.peer = peer
    self.side = side
  }

  /// The seal of a channel, to be taken once: two of one channel would use a counter twice.
  public func seal(channel: UInt8) -> SessionSeal {
    precondition(channel != Hello.channel, "channel \(channel) is the hello's")
    return secrets.seal(channel: channel, side: side, names: .exchange)
  }

  /// Whether a keeper that calls may offer proofs.
  public var hasOffers: Bool { version >= 2 }

  /// As much of a vector as is told in this session.
  public func told(_ vector: HaveVector) -> HaveVector {
    version < 2 ? vector.withoutRollups : vector
  }

  /// Whether a session is over: 24 h after it began, or unused for 30 min. All times are of the
  /// monotonic clock, in ms.
  public static func isOver(beganMs: Int64, usedMs: Int64, nowMs: Int64) -> Bool {
    nowMs - beganMs >= Limits.sessionLifeMs || nowMs - usedMs >= Limits.sessionIdleMs
  }
}
