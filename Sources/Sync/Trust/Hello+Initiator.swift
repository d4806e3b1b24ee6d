public import Model

/// The side of a hello that asks (docs/sync-format.md section 6).
///
/// Its randomness is given to it: 32 and 16 fresh bytes for each hello.
public struct HelloInitiator: Sendable {
  /// What is sent first.
  public let message1: [UInt8]

  private let site: SiteId
  private let key: NodeKey
  private let expected: NodeId?
  private let ephemeral: EphemeralKey
  private let newest: UInt8

  /// What the answer has led to.
  public struct Introduced: Sendable {
    /// Who proved to be at the other end. Whether it is a member is for the caller to say, before
    /// message 3 is sent.
    public let peer: NodeId
    /// What is sent then.
    public let message3: [UInt8]
    fileprivate var seal: SessionSeal
    fileprivate let secrets: SessionSecrets
    fileprivate let version: UInt8

    /// Takes message 4: the session, or the other's refusal.
    public func finished(by message4: [UInt8]) throws(HelloRefusal) -> NodeSession {
      var seal = seal
      let body: [UInt8]
      do throws(SealFailure) {
        body = try seal.openAnswer(message4).body
      } catch {
        throw .seal
      }
      if body == [0] {
        return NodeSession(secrets, peer: peer, side: .initiator, version: version)
      }
      throw Self.refusal(in: body) ?? .malformed
    }

    private static func refusal(in body: [UInt8]) -> HelloRefusal? {
      guard body.count > 2, body[0] == 1, Int(body[1]) == body.count - 2 else { return nil }
      return HelloRefusal(rawValue: String(decoding: body[2...], as: UTF8.self))
    }
  }

  /// Begins a hello; nil unless there are 32 secret and 16 nonce bytes.
  ///
  /// - Parameter expected: who has to answer; nil where any member may.
  /// - Parameter newest: the newest version that this side speaks; nil for the newest there is, and
  ///   another one where a node of a version before is to be played.
  public init?(
    site: SiteId, key: NodeKey, expected: NodeId?, newest: UInt8? = nil, secret: [UInt8],
    nonce: [UInt8]
  ) {
    guard let ephemeral = EphemeralKey(secret: secret), nonce.count == Hello.nonceByteCount else {
      return nil
    }
    self.site = site
    self.key = key
    self.expected = expected
    self.ephemeral = ephemeral
    self.newest = newest ?? HelloAsked.version
    message1 =
      HelloAsked(
        version: self.newest, site: site, node: key.id, ephemeral: ephemeral.shared, nonce: nonce
      ).encoded
  }

  /// Takes message 2: who it is, and message 3.
  public func introduced(by message2: [UInt8]) throws(HelloRefusal) -> Introduced {
    let answered: HelloAnswered
    do throws(DecodeError) {
      answered = try HelloAnswered(decoding: message2)
    } catch {
      throw .malformed
    }
    guard (HelloAsked.lowest...newest).contains(answered.version) else {
      throw .version
    }
    guard answered.node != key.id else { throw .reflected }
    guard expected == nil || expected == answered.node else { throw .peer }
    let asked = Blake2b.hash256(message1)
    let statement = answered.statement(after: asked)
    guard Signatures.holds(answered.signature, over: statement, by: answered.node) else {
      throw .signature
    }
    guard let agreed = ephemeral.agreed(with: answered.ephemeral) else { throw .key }
    let hash = Blake2b.hash256(message2)
    let secrets = SessionSecrets(agreed, asked, hash, id: answered.session)
    var seal = secrets.seal(channel: Hello.channel, side: .initiator, names: .hello)
    let body = answered.session.bytes + key.sign(Hello.statement(asked, hash))
    return Introduced(
      peer: answered.node, message3: seal.sealRequest(body), seal: seal, secrets: secrets,
      version: answered.version)
  }
}
