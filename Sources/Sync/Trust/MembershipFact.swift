public import Model

/// One entry of kinds 19 to 22 with what it takes to judge it at any time; its signatures hold.
public struct MembershipFact: Hashable, Sendable {
  /// What it says.
  public enum Statement: Hashable, Sendable {
    /// The site's name.
    case name(String)
    /// A node may do something.
    case grant(Grant)
    /// A node may no longer do something.
    case revocation(Revocation)
    /// The author stands where another node stood.
    case succession(old: NodeId)
  }

  /// Why an entry is no fact of a site. It is kept and forwarded all the same.
  public enum Refusal: Error, Hashable, Sendable {
    /// It is of another kind.
    case otherKind
    /// It names another site.
    case otherSite
    /// The signature of the site key, or of the old node, does not hold.
    case signature
  }

  /// H of the entry's content, which names origin and number too (docs/sync-format.md section 1).
  public let hash: [UInt8]
  /// Its identity; another content may have the same if a key was misused, and is another fact.
  public let record: RecordId
  /// What it says.
  public let statement: Statement
  /// Whether the site key signed it, rather than its origin alone.
  public let isSites: Bool

  /// Takes an entry whose own signature holds, and verifies the one inside.
  ///
  /// - Parameters:
  ///   - content: what the entry says.
  ///   - record: its identity.
  ///   - hash: H of its content.
  ///   - site: the site that is folded: nothing of another one counts in it.
  public init(
    _ content: JournalContent, record: RecordId, hash: [UInt8], site: SiteId
  ) throws(Refusal) {
    self.record = record
    self.hash = hash
    switch content {
    case .siteFounded(let founded):
      guard founded.site == site else { throw .otherSite }
      guard founded.holds else { throw .signature }
      statement = .name(founded.name)
      isSites = true
    case .grant(let grant):
      guard grant.site == site else { throw .otherSite }
      guard grant.warrant == .origin || grant.isSites else { throw .signature }
      statement = .grant(grant)
      isSites = grant.warrant != .origin
    case .revocation(let revocation):
      guard revocation.site == site else { throw .otherSite }
      guard revocation.warrant == .origin || revocation.isSites else { throw .signature }
      statement = .revocation(revocation)
      isSites = revocation.warrant != .origin
    case .succession(let succession):
      guard succession.site == site else { throw .otherSite }
      guard succession.holds(new: record.origin) else { throw .signature }
      statement = .succession(old: succession.old)
      isSites = false
    default: throw .otherKind
    }
  }

  /// The author.
  var author: NodeId { record.origin }

  /// Facts in an order that is the same on every node.
  static func precedes(_ left: MembershipFact, _ right: MembershipFact) -> Bool {
    left.hash.lexicographicallyPrecedes(right.hash)
  }
}
