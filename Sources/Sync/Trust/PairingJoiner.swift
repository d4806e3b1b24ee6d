public import Model

/// The side of a pairing that wants to join (docs/sync-format.md section 7).
///
/// Its randomness is given to it: 16 fresh bytes for each.
public struct PairingJoiner: Sendable {
  /// What is sent first.
  public let message1: [UInt8]

  private let key: InvitationKey
  private let node: NodeId
  private let site: [UInt8]?
  private let wallUs: Int64

  /// An inviter that holds the same key.
  public struct Met: Sendable {
    /// The site, and who invites to it: to be kept, since a session with it brings the grant too
    /// where message 4 is lost.
    public let site: SiteId
    /// The inviter.
    public let inviter: NodeId
    /// A batch of the entries that make the inviter a member. They verify by themselves.
    public let membership: [UInt8]
    /// Whether the two wall clocks are more than a day apart: a warning.
    public let isClockApart: Bool
    /// What is sent then.
    public let message3: [UInt8]
    private let key: InvitationKey
    private let said: [[UInt8]]

    fileprivate init(_ met: PairingMet, _ joiner: PairingJoiner, message2: [UInt8]) {
      site = met.site
      inviter = met.node
      membership = met.membership
      isClockApart = PairingProof.isApart(met.wallUs, joiner.wallUs)
      key = joiner.key
      said = [joiner.message1, message2]
      message3 =
        Blake2b.hash256(message2).prefix(PairingProof.ticketByteCount)
        + PairingProof.proof(key, .joiner, over: said)
    }

    /// Takes message 4: a batch of the entry that makes this node a member.
    public func joined(by message4: [UInt8]) throws(PairingRefusal) -> [UInt8] {
      guard message4.count > PairingProof.byteCount else { throw .malformed }
      let body = Array(message4.dropLast(PairingProof.byteCount))
      let expected = PairingProof.proof(key, .outcome, over: said + [message3, body])
      guard ConstantTime.equal(Array(message4.suffix(PairingProof.byteCount)), expected) else {
        throw .wrongKey
      }
      let outcome: PairingOutcome
      do throws(DecodeError) {
        outcome = try PairingOutcome(decoding: body)
      } catch {
        throw .malformed
      }
      switch outcome {
      case .granted(let batch): return batch
      case .refused(let code): throw PairingRefusal(rawValue: code) ?? .malformed
      }
    }
  }

  /// Begins a pairing; nil unless the nonce has 16 bytes and the label at most 255.
  ///
  /// - Parameters:
  ///   - site: the first bytes of the site's key, where the invitation says them.
  ///   - wallUs: what this node's wall clock says, in µs since 1970.
  public init?(
    key: InvitationKey, node: NodeId, label: String, site: [UInt8]?, wallUs: Int64, nonce: [UInt8]
  ) {
    guard nonce.count == PairingAsked.nonceByteCount, label.utf8.count <= 255 else { return nil }
    self.key = key
    self.node = node
    self.site = site
    self.wallUs = wallUs
    message1 =
      PairingAsked(
        invitation: key.name, node: node, label: label, wallUs: wallUs, nonce: nonce
      ).encoded
  }

  /// Takes message 2: nothing in it is believed before its proof holds.
  public func met(by message2: [UInt8]) throws(PairingRefusal) -> Met {
    let met: PairingMet
    do throws(DecodeError) {
      met = try PairingMet(decoding: message2)
    } catch {
      throw .malformed
    }
    guard met.node != node else { throw .reflected }
    let expected = PairingProof.proof(key, .inviter, over: [message1, met.unproven])
    guard ConstantTime.equal(met.proof, expected) else { throw .wrongKey }
    if let site, !met.site.bytes.starts(with: site) { throw .wrongSite }
    return Met(met, self, message2: message2)
  }
}
