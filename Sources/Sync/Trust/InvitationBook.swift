public import Model

/// The side of a pairing that invites: which invitations are open, and how far each pairing is
/// (docs/sync-format.md section 7).
///
/// All times are of the monotonic clock, in ms: an invitation ends by the daemon's running time.
public struct InvitationBook: Sendable {
  /// One invitation.
  private struct Open: Sendable {
    let key: InvitationKey
    let endsMs: Int64
    var usesLeft: Int
    var failures = 0
  }

  /// One pairing whose message 3 has not come, or came and is answered the same again.
  private struct Pairing: Sendable {
    let ticket: [UInt8]
    let joiner: Joiner
    var isProven = false
  }

  /// Who wants to join.
  public struct Joiner: Sendable {
    /// Its key: what is to be granted.
    public let node: NodeId
    /// What it calls itself.
    public let label: String
    /// Whether the two wall clocks are more than a day apart: a warning.
    public let isClockApart: Bool
    /// The name of the invitation that it holds.
    public var invitationName: [UInt8] { invitation }
    fileprivate let invitation: [UInt8]
    fileprivate let key: InvitationKey
    fileprivate let said: [[UInt8]]
    fileprivate var message3: [UInt8] = []

    /// Message 4: a batch of the entry that makes it a member, once that is on disk.
    public func granted(_ batch: [UInt8]) -> [UInt8] { message4(.granted(batch)) }

    /// Message 4 that says no.
    public func refused(_ refusal: PairingRefusal) -> [UInt8] {
      message4(.refused(refusal.rawValue))
    }

    private func message4(_ outcome: PairingOutcome) -> [UInt8] {
      let body = outcome.encoded
      return body + PairingProof.proof(key, .outcome, over: said + [message3, body])
    }
  }

  /// What an inviter says of itself.
  public struct Introduction: Sendable {
    /// What this node's wall clock says, in µs since 1970.
    public var wallUs: Int64
    /// 16 fresh random bytes.
    public var nonce: [UInt8]
    /// A batch of the entries that make this node a member.
    public var membership: [UInt8]

    /// Puts it together.
    public init(wallUs: Int64, nonce: [UInt8], membership: [UInt8]) {
      self.wallUs = wallUs
      self.nonce = nonce
      self.membership = membership
    }
  }

  private let site: SiteId
  private let node: NodeId
  /// By their names.
  private var invitations: [[UInt8]: Open] = [:]
  /// The oldest first.
  private var pairings: [Pairing] = []

  /// Begins without an invitation.
  public init(site: SiteId, node: NodeId) {
    self.site = site
    self.node = node
  }

  /// How many invitations are open.
  public var count: Int { invitations.count }

  /// Opens an invitation; false where `Limits.invitationsMax` are open.
  public mutating func invite(_ key: InvitationKey, uses: Int, endsMs: Int64) -> Bool {
    guard invitations.count < Limits.invitationsMax else { return false }
    invitations[key.name] = Open(key: key, endsMs: endsMs, usesLeft: uses)
    return true
  }

  /// Closes an invitation, whatever is left of it.
  public mutating func withdraw(_ key: InvitationKey) { forget(key.name) }

  /// Forgets invitations whose time is over.
  public mutating func expire(nowMs: Int64) {
    for (name, open) in invitations where open.endsMs <= nowMs { forget(name) }
  }

  /// Takes message 1 and answers with message 2.
  public mutating func meet(
    _ message1: [UInt8], _ introduction: Introduction, nowMs: Int64
  ) throws(PairingRefusal) -> [UInt8] {
    let asked: PairingAsked
    do throws(DecodeError) {
      asked = try PairingAsked(decoding: message1)
    } catch {
      throw .malformed
    }
    guard asked.node != node else { throw .reflected }
    let open = try open(asked.invitation, nowMs)
    guard introduction.nonce.count == PairingAsked.nonceByteCount else {
      preconditionFailure("a nonce of \(introduction.nonce.count) bytes")
    }
    let unproven = PairingMet(
      site: site, node: node, wallUs: introduction.wallUs, nonce: introduction.nonce,
      membership: introduction.membership
    ).unproven
    let message2 =
      unproven + PairingProof.proof(open.key, .inviter, over: [message1, unproven])
    if pairings.count >= Limits.pairingsMax { pairings.removeFirst() }
    pairings.append(
      Pairing(
        ticket: Array(Blake2b.hash256(message2).prefix(PairingProof.ticketByteCount)),
        joiner: Joiner(
          node: asked.node, label: asked.label,
          isClockApart: PairingProof.isApart(asked.wallUs, introduction.wallUs),
          invitation: asked.invitation, key: open.key, said: [message1, message2])))
    return message2
  }

  /// Takes message 3: who has proven to hold the key. The same message again gives the same again,
  /// and is no second use.
  public mutating func prove(
    _ message3: [UInt8], nowMs: Int64
  ) throws(PairingRefusal) -> Joiner {
    guard message3.count == PairingProof.ticketByteCount + PairingProof.byteCount else {
      throw .malformed
    }
    let ticket = Array(message3.prefix(PairingProof.ticketByteCount))
    guard let place = pairings.firstIndex(where: { $0.ticket == ticket }) else { throw .expired }
    var pairing = pairings[place]
    var joiner = pairing.joiner
    joiner.message3 = message3
    let expected = PairingProof.proof(joiner.key, .joiner, over: joiner.said)
    let holds = ConstantTime.equal(
      Array(message3.dropFirst(PairingProof.ticketByteCount)), expected)
    if holds, pairing.isProven { return joiner }
    var open = try open(joiner.invitation, nowMs)
    if holds {
      open.usesLeft -= 1
      pairing.isProven = true
      pairings[place] = pairing
    } else {
      open.failures += 1
    }
    invitations[joiner.invitation] = open
    guard holds else { throw .wrongKey }
    return joiner
  }

  private func open(_ name: [UInt8], _ nowMs: Int64) throws(PairingRefusal) -> Open {
    guard let open = invitations[name] else { throw .wrongKey }
    guard open.endsMs > nowMs else { throw .expired }
    guard open.usesLeft > 0, open.failures < Limits.pairingFailuresMax else { throw .used }
    return open
  }

  private mutating func forget(_ name: [UInt8]) {
    invitations[name] = nil
    pairings.removeAll { $0.joiner.invitation == name }
  }
}
