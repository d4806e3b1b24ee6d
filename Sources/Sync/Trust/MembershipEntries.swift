public import Model

/// On whose word a grant or a revocation stands.
public enum Warrant: Hashable, Sendable {
  /// The origin's of the record, which has to stand higher than the node it speaks of.
  case origin
  /// The site key's, whoever carries it: 64 bytes over all fields before it.
  case site(signature: [UInt8])
}

/// Kind 19: a site is founded.
public struct SiteFounded: Hashable, Sendable {
  /// Which.
  public var site: SiteId
  /// What people call it; at most 255 bytes of UTF-8.
  public var name: String
  /// The site key's, 64 bytes.
  public var signature: [UInt8]

  /// Puts it together as it was written down.
  public init(site: SiteId, name: String, signature: [UInt8]) {
    self.site = site
    self.name = name
    self.signature = signature
  }
}

/// Kind 20: a node may do something.
public struct Grant: Hashable, Sendable {
  /// In which site.
  public var site: SiteId
  /// Which node.
  public var node: NodeId
  /// What people call the node; at most 255 bytes of UTF-8.
  public var label: String
  /// What it may.
  public var scopes: Scopes
  /// A revocation cuts the grants up to its own generation: to grant anew takes a higher one.
  public var generation: UInt32
  /// On whose word.
  public var warrant: Warrant

  /// Grants on the word of the record's origin.
  public init(
    site: SiteId, node: NodeId, label: String, scopes: Scopes, generation: UInt32 = 0,
    warrant: Warrant = .origin
  ) {
    self.site = site
    self.node = node
    self.label = label
    self.scopes = scopes
    self.generation = generation
    self.warrant = warrant
  }
}

/// What the author of a revocation had seen of the node: what is in it keeps its rights for ever.
public struct SeenPast: Hashable, Sendable {
  /// What was seen of one incarnation.
  public struct Run: Hashable, Sendable {
    /// Which.
    public var incarnation: Incarnation
    /// The seqs of lanes 0 to 4, in this order: exactly five.
    public var lanes: [Intervals]

    /// Puts it together; there are exactly five lanes.
    public init(incarnation: Incarnation, lanes: [Intervals]) {
      precondition(lanes.count == Lane.allCases.count, "\(lanes.count) lanes")
      self.incarnation = incarnation
      self.lanes = lanes
    }
  }

  /// The incarnations, ascending by their number.
  public let runs: [Run]
  /// The hashes of contents (32 bytes each, ascending) of the grants and revocations that the node
  /// wrote, and of the successions that it signed, which still count.
  ///
  /// By content and not by number: a revoked key can sign a second content under an old number.
  public let kept: [[UInt8]]

  /// Puts it together in its one order; of equals one is kept.
  public init(runs: [Run] = [], kept: [[UInt8]] = []) {
    var byNumber: [UInt64: Run] = [:]
    for run in runs { byNumber[run.incarnation.number] = run }
    self.runs = byNumber.keys.sorted().compactMap { byNumber[$0] }
    self.kept = Set(kept).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Whether a record of the node was seen.
  public func contains(_ record: RecordId) -> Bool {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      let number = runs[middle].incarnation.number
      if number == record.incarnation.number {
        return runs[middle].lanes[Int(record.lane.rawValue)].contains(record.seq)
      }
      if number < record.incarnation.number { low = middle + 1 } else { high = middle }
    }
    return false
  }
}

/// Kind 21: a node may no longer do something.
public struct Revocation: Hashable, Sendable {
  /// In which site.
  public var site: SiteId
  /// Which node.
  public var node: NodeId
  /// What it still may, at most.
  public var scopesLeft: Scopes
  /// Grants up to this generation are cut.
  public var generation: UInt32
  /// What is not cut.
  public var past: SeenPast
  /// Why; at most `Limits.reasonBytesMax` bytes of UTF-8.
  public var reason: String
  /// On whose word.
  public var warrant: Warrant

  /// Revokes on the word of the record's origin.
  public init(
    site: SiteId, node: NodeId, scopesLeft: Scopes, generation: UInt32, past: SeenPast,
    reason: String, warrant: Warrant = .origin
  ) {
    self.site = site
    self.node = node
    self.scopesLeft = scopesLeft
    self.generation = generation
    self.past = past
    self.reason = reason
    self.warrant = warrant
  }
}

/// Kind 22: the origin of the record stands where another node stood.
public struct Succession: Hashable, Sendable {
  /// In which site.
  public var site: SiteId
  /// The node that was.
  public var old: NodeId
  /// The old node's, 64 bytes, over site, old and new node.
  public var signature: [UInt8]

  /// Puts it together as it was written down.
  public init(site: SiteId, old: NodeId, signature: [UInt8]) {
    self.site = site
    self.old = old
    self.signature = signature
  }
}
