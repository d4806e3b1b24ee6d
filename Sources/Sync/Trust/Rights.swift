public import Model

/// What a record needs so that it is applied; whatever it lacks, it is kept and forwarded.
public enum Rights {
  /// What an entry needs.
  public enum Need: Hashable, Sendable {
    /// All of these scopes, in force in this very record.
    case scopes(Scopes)
    /// Nothing: what it says is signed inside.
    case none
    /// To count in the membership itself (`Membership.counts`).
    case membership
  }

  /// Kind 14: a user's or a token's generation is revoked.
  private static let accessRevoked: UInt16 = 14
  /// The spaces of registers that hold users and tokens.
  private static let peopleSpaces: ClosedRange<UInt8> = 12...13

  /// What an entry of lanes 0, 1 and 4 needs; nil for a kind that this program does not know.
  public static func need(of content: JournalContent, by origin: NodeId) -> Need? {
    switch content.kind {
    case 1, 3, 4, 5, 12, 17, 18, 24, 25, 27, 28: return .scopes(.record)
    case 2:
      guard case .registerWrite(let write) = content else { return nil }
      return .scopes(peopleSpaces.contains(write.key.space) ? .people : .state)
    case 6...11, 13, 26: return .scopes(.state)
    case accessRevoked: return .scopes(.people)
    case 16:
      guard case .commandIssued(let command) = content else { return nil }
      return .scopes(command.node == origin ? .record : .command)
    case 19: return Need.none
    case 20...22: return .membership
    default: return nil
    }
  }

  /// What telemetry (lanes 2 and 3) and manifests of blobs (lane 4) need.
  public static let needOfOthers = Need.scopes(.record)
}

extension Membership {
  /// What a record lacks; empty where it is applied. A record of kinds 20 to 22 that does not count
  /// lacks the scope `grant`.
  ///
  /// - Parameter hash: H of the entry's content.
  public func lacks(_ need: Rights.Need, record: RecordId, hash: [UInt8]) -> Scopes {
    switch need {
    case .none: return []
    case .scopes(let needed): return needed.subtracting(scopes(of: record))
    case .membership: return counts(hash) ? [] : .grant
    }
  }
}
