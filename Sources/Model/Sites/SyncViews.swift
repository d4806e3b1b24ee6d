/// How records travel between this node and others.
public struct SyncView: Codable, Sendable, Equatable {
  /// The site, as in `SiteView`; nil while the node belongs to none.
  public var site: String?
  /// Where other nodes reach this one for records: addresses with ports, those with TLS behind
  /// `https://`.
  public var listening: [String]
  /// What other nodes pin where this one speaks TLS with a certificate that it made itself,
  /// `sha256//...`; nil else.
  public var pin: String?
  /// Every node of the site but this one, those that are reached or that called first.
  public var peers: [PeerSyncView]
  /// Records that came and wait until their author is known.
  public var waiting: Int
  /// What a person has to see to: identities with two contents, forks, runs that went on elsewhere.
  public var conflicts: Int

  /// Puts it together.
  public init(
    site: String?, listening: [String], peers: [PeerSyncView], waiting: Int, conflicts: Int
  ) {
    self.site = site
    self.listening = listening
    self.peers = peers
    self.waiting = waiting
    self.conflicts = conflicts
  }
}

/// How records travel between this node and one other.
public struct PeerSyncView: Codable, Sendable, Equatable {
  /// Its id; nil for an address that has not answered yet.
  public var node: String?
  /// What people call it; empty where that is not known.
  public var label: String
  /// Where this node reaches it; nil where only it calls.
  public var url: String?
  /// The key that it has to show there, `sha256//...`; nil where authorities decide, or without
  /// TLS.
  public var pin: String?
  /// `connecting`, `exchanging`, `even`, `unreachable`, `called` (it asks us), `absent`.
  public var state: String
  /// Why it is not reached, as a code; nil where it is.
  public var code: String?
  /// When it was last heard, seconds ago by the monotonic clock; nil for not since the start.
  public var lastContactSeconds: Int64?
  /// Records that it is known to lack; nil where its vector is not known.
  public var backlogRecords: UInt64?
  /// Records that it has and this node lacks; nil as above.
  public var missingRecords: UInt64?
  /// Bytes that went to it since the start.
  public var sentBytes: UInt64
  /// Bytes that came from it since the start.
  public var receivedBytes: UInt64
  /// The newest goodput, in bytes a second; nil where nothing was measured.
  public var bytesPerSecond: Int64?
  /// For how long something has waited for it, in s; nil where nothing does.
  public var backlogSeconds: Int64?
  /// How many bytes the bodies and blocks have, as stored here, of the records that it is known to
  /// lack; signatures and headers come on top. Nil where its vector is not known, or where there
  /// are too many to look at. Of what is to come from it nobody here knows the size.
  public var backlogBytes: UInt64?
  /// Of a keeper: commits of this node's own blocks that it said to have; nil for others.
  public var acknowledgedRecords: UInt64?
  /// Of a keeper: those that it has proven to have; nil for others.
  public var provenRecords: UInt64?

  /// Puts it together.
  public init(node: String?, label: String, url: String?, state: String) {
    self.node = node
    self.label = label
    self.url = url
    self.state = state
    sentBytes = 0
    receivedBytes = 0
  }
}

/// How a bundle ended.
public enum BundleEnding: String, Codable, Sendable, CaseIterable {
  /// Whole, with its maker's signature.
  case whole
  /// Cut short: every record that was whole counts.
  case cut
  /// All records are there, and the file is not as the maker left it: somebody changed it. Records
  /// verify by themselves, so those that were kept are good.
  case forged
}

/// What a bundle brought.
public struct BundleImportView: Codable, Sendable, Equatable {
  /// Records that are new here.
  public var kept: Int
  /// Records that were here already.
  public var known: Int
  /// Records of nodes that are not known: they wait.
  public var waiting: Int
  /// Records that are malformed, or whose signature fails.
  public var dropped: Int
  /// How it ended.
  public var ending: BundleEnding
  /// Who made it; of a receipt, who has imported the bundle.
  public var maker: String
  /// What this node says of a bundle to whoever made it, as hexadecimal digits: a file for the
  /// way back. Nil where a receipt was imported.
  public var receipt: String?
  /// Where a receipt was imported: records of this node's own that its maker said to have.
  public var acknowledged: UInt64?

  /// Puts it together.
  public init(
    kept: Int, known: Int, waiting: Int, dropped: Int, ending: BundleEnding, maker: String
  ) {
    self.kept = kept
    self.known = known
    self.waiting = waiting
    self.dropped = dropped
    self.ending = ending
    self.maker = maker
  }
}

/// What the status tells of a node among others.
public struct SyncTallyView: Codable, Sendable, Equatable {
  /// `gateway` or `hub`.
  public var role: String
  /// The name of its site; nil while it belongs to none.
  public var site: String?
  /// How many other nodes the site has.
  public var peers: Int
  /// How many of them it has a session with, either way.
  public var reached: Int
  /// What was set in two places at once and nobody has decided.
  public var conflicts: Int
  /// Identities with two contents, forks, and runs of this node that went on elsewhere: each means
  /// that a card was copied or restored.
  public var strange: Int
  /// Ranges of readings that keepers have proven to have since the start, and that they did not.
  public var proofs: UInt64 = 0, proofsFailed: UInt64 = 0
  /// What callers offered as proof since the start that was not asked for, came too late, or was of
  /// no keeper.
  public var proofsRefused: UInt64 = 0
  /// Beginnings of sessions and pairings that were turned away since the start, for their address
  /// began too many.
  public var hellosLimited: UInt64 = 0

  /// Puts it together.
  public init(
    role: String, site: String?, peers: Int, reached: Int, conflicts: Int, strange: Int
  ) {
    self.role = role
    self.site = site
    self.peers = peers
    self.reached = reached
    self.conflicts = conflicts
    self.strange = strange
  }
}
