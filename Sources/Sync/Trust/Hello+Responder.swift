public import Model

/// The side of a hello that is asked (docs/sync-format.md section 6); one for each message 1, and
/// the caller bounds how many wait for their message 3.
///
/// Its randomness is given to it: 32, 16 and 16 fresh bytes for each.
public struct HelloResponder: Sendable {
  /// Random bytes of one answer.
  public struct Randomness: Sendable {
    /// The secret half of the session's key, 32 bytes.
    public var secret: [UInt8]
    /// 16 bytes.
    public var nonce: [UInt8]
    /// What the session is to be called.
    public var session: SessionId

    /// Puts them together.
    public init(secret: [UInt8], nonce: [UInt8], session: SessionId) {
      self.secret = secret
      self.nonce = nonce
      self.session = session
    }
  }

  /// Who asks; nothing is proven of it before message 3.
  public let claimed: NodeId
  /// What is sent back.
  public let message2: [UInt8]
  /// What the session will be called.
  public var session: SessionId { secrets.id }

  private let secrets: SessionSecrets
  private let version: UInt8
  private let statement: [UInt8]

  /// What message 3 has led to: the caller says yes or no.
  public struct Proven: Sendable {
    /// Who proved to be at the other end.
    public let peer: NodeId
    fileprivate var seal: SessionSeal
    fileprivate let secrets: SessionSecrets
    fileprivate let version: UInt8

    /// The session, and message 4 that says so.
    public func accepted() -> (session: NodeSession, message4: [UInt8]) {
      var seal = seal
      let session = NodeSession(secrets, peer: peer, side: .responder, version: version)
      return (session, seal.sealAnswer([0]))
    }

    /// Message 4 that says no.
    public func refused(_ refusal: HelloRefusal) -> [UInt8] {
      var seal = seal
      var writer = FieldWriter()
      writer.u8(1)
      writer.bytes8(refusal.rawValue.utf8)
      return seal.sealAnswer(writer.bytes)
    }
  }

  /// Answers message 1.
  ///
  /// - Parameter newest: the newest version that this side speaks; nil for the newest there is, and
  ///   another one where a node of a version before is to be played.
  public init(
    to message1: [UInt8], site: SiteId, key: NodeKey, newest: UInt8? = nil, _ random: Randomness
  ) throws(HelloRefusal) {
    let newest = newest ?? HelloAsked.version
    let asked: HelloAsked
    do throws(DecodeError) {
      asked = try HelloAsked(decoding: message1)
    } catch {
      throw .malformed
    }
    guard asked.lowestVersion <= newest else { throw .version }
    guard asked.site == site else { throw .site }
    guard asked.node != key.id else { throw .reflected }
    guard let ephemeral = EphemeralKey(secret: random.secret),
      random.nonce.count == Hello.nonceByteCount
    else { preconditionFailure("randomness of \(random.secret.count), \(random.nonce.count)") }
    guard let agreed = ephemeral.agreed(with: asked.ephemeral) else { throw .key }
    let hash = Blake2b.hash256(message1)
    var answered = HelloAnswered(
      version: min(asked.version, newest), node: key.id,
      ephemeral: ephemeral.shared, nonce: random.nonce, session: random.session)
    answered.signature = key.sign(answered.statement(after: hash))
    message2 = answered.encoded
    claimed = asked.node
    let answeredHash = Blake2b.hash256(message2)
    secrets = SessionSecrets(agreed, hash, answeredHash, id: random.session)
    version = answered.version
    statement = Hello.statement(hash, answeredHash)
  }

  /// Of which session a message 3 claims to be; nil where it is none. Nothing but a look-up may
  /// rest on it.
  public static func session(in message3: [UInt8]) -> SessionId? {
    guard let body = SessionSeal.unverifiedBody(of: message3) else { return nil }
    return SessionId(Array(body.prefix(SessionId.byteCount)))
  }

  /// Takes message 3: who it is.
  public func proven(by message3: [UInt8]) throws(HelloRefusal) -> Proven {
    var seal = secrets.seal(channel: Hello.channel, side: .responder, names: .hello)
    let body: [UInt8]
    do throws(SealFailure) {
      body = try seal.openRequest(message3).body
    } catch {
      throw .seal
    }
    guard body.count == SessionId.byteCount + Signatures.byteCount,
      Array(body.prefix(SessionId.byteCount)) == secrets.id.bytes
    else { throw .malformed }
    let signature = Array(body.dropFirst(SessionId.byteCount))
    guard Signatures.holds(signature, over: statement, by: claimed) else { throw .signature }
    return Proven(peer: claimed, seal: seal, secrets: secrets, version: version)
  }
}
