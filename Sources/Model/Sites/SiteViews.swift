/// The site that a node belongs to.
public struct SiteView: Codable, Sendable, Equatable {
  /// The site's id: the public key that founded it, in hexadecimal; nil while the node belongs to
  /// none.
  public var site: String?
  /// Its name; empty where nobody gave one.
  public var name: String
  /// This node's id.
  public var node: String
  /// Everybody who is or was a member, this node included, by label, then id.
  public var members: [MemberView]
  /// Whether this node keeps the site's key (`site create --keep`).
  public var keepsKey: Bool
  /// This node's id from its next start on, where a new key waits for it; nil else.
  public var nextNode: String?

  /// Puts a site together.
  public init(site: String?, name: String, node: String, members: [MemberView], keepsKey: Bool) {
    self.site = site
    self.name = name
    self.node = node
    self.members = members
    self.keepsKey = keepsKey
  }
}

/// A node of a site.
public struct MemberView: Codable, Sendable, Equatable {
  /// Its id: its public key in hexadecimal.
  public var node: String
  /// What people call it.
  public var label: String
  /// What its records may do, as words: `record`, `state`, `command`, `people`, `grant`, `keeper`,
  /// `serve`; none where its rights were taken.
  public var scopes: [String]
  /// How many grants are between it and the site's key.
  public var depth: Int
  /// Whether it is the node that answers.
  public var isSelf: Bool
  /// The id that it has now, where it changed its key; nil else.
  public var successor: String?

  /// Puts a member together.
  public init(
    node: String, label: String, scopes: [String], depth: Int, isSelf: Bool,
    successor: String? = nil
  ) {
    self.node = node
    self.label = label
    self.scopes = scopes
    self.depth = depth
    self.isSelf = isSelf
    self.successor = successor
  }
}

/// Asks for a new site.
public struct SiteRequest: Codable, Sendable, Equatable {
  /// Its name.
  public var name: String
  /// What this node is called in it; nil for the machine's name.
  public var label: String?
  /// Whether the site's key is kept in the state folder.
  public var keep: Bool?

  /// Puts a request together.
  public init(name: String, label: String? = nil, keep: Bool? = nil) {
    self.name = name
    self.label = label
    self.keep = keep
  }
}

/// A site that was just made.
public struct NewSiteView: Codable, Sendable, Equatable {
  /// The site.
  public var site: SiteView
  /// Its key, 56 characters of base 32, which is in this answer and nowhere else.
  public var siteKey: String

  /// Puts both together.
  public init(site: SiteView, siteKey: String) {
    self.site = site
    self.siteKey = siteKey
  }
}

/// Gives this node all rights again by the site's key.
public struct RecoveryRequest: Codable, Sendable, Equatable {
  /// The key, as `site create` showed it.
  public var siteKey: String
  /// What this node is called; nil for the machine's name.
  public var label: String?

  /// Puts a request together.
  public init(siteKey: String, label: String? = nil) {
    self.siteKey = siteKey
    self.label = label
  }
}

/// Asks for an invitation.
public struct InvitationRequest: Codable, Sendable, Equatable {
  /// Where the joiner reaches this node: `http://hub.example:8421/prefix`; nil for this node's own
  /// address.
  public var url: String?
  /// How many nodes may join with it; 1 when it is not given.
  public var uses: Int?
  /// How long it holds; 15 minutes when it is not given.
  public var minutes: Int?
  /// What a joiner's records may do, as words; `record`, `state`, `serve` when it is not given.
  public var scopes: [String]?
  /// What the joiner pins at an https address, `sha256//...`, or `none` to leave it to authorities;
  /// this node's own certificate, where it made one, when it is not given.
  public var pin: String?

  /// Puts a request together.
  public init(
    url: String? = nil, uses: Int? = nil, minutes: Int? = nil, scopes: [String]? = nil,
    pin: String? = nil
  ) {
    self.pin = pin
    self.url = url
    self.uses = uses
    self.minutes = minutes
    self.scopes = scopes
  }
}

/// An invitation; what it holds is in this answer and nowhere else.
public struct InvitationView: Codable, Sendable, Equatable {
  /// What a person types on the other node.
  public var key: String
  /// Where that node reaches this one, with `#pin=` and the key to be shown there if it is pinned.
  public var url: String
  /// Both and the site, as a QR code carries them: `bivouac:1:...`.
  public var link: String
  /// How many nodes may join with it.
  public var uses: Int
  /// For how long, in s.
  public var seconds: Int
  /// The link as a QR code: its rows from the top, `1` for a dark module and `0` for a light one,
  /// without the quiet zone of 4 modules around it; nil where it would be too fine to read.
  public var qr: [String]?

  /// Puts an invitation together.
  public init(key: String, url: String, link: String, uses: Int, seconds: Int) {
    self.key = key
    self.url = url
    self.link = link
    self.uses = uses
    self.seconds = seconds
  }
}

/// Joins the site of another node.
public struct PairingRequest: Codable, Sendable, Equatable {
  /// Where it is; nil where `key` is a whole link, `bivouac:1:...`.
  public var url: String?
  /// What the invitation shows.
  public var key: String
  /// What this node is called; nil for the machine's name.
  public var label: String?
  /// The key that the other node has to show at its https address, `sha256//...`, or `none` to
  /// leave it to authorities; what the address says when it is not given.
  public var pin: String?

  /// Puts a request together.
  public init(url: String? = nil, key: String, label: String? = nil, pin: String? = nil) {
    self.pin = pin
    self.url = url
    self.key = key
    self.label = label
  }
}

/// What became of joining.
public struct PairedView: Codable, Sendable, Equatable {
  /// The site that this node belongs to now.
  public var site: SiteView
  /// The node that invited it.
  public var inviter: String
  /// Whether the two wall clocks are more than a day apart.
  public var isClockApart: Bool

  /// Puts it together.
  public init(site: SiteView, inviter: String, isClockApart: Bool) {
    self.site = site
    self.inviter = inviter
    self.isClockApart = isClockApart
  }
}

/// Takes a node's rights.
public struct RevocationRequest: Codable, Sendable, Equatable {
  /// Why, for the audit.
  public var reason: String?

  /// Puts a request together.
  public init(reason: String? = nil) { self.reason = reason }
}

/// Where a peer is reached.
public struct PeerRequest: Codable, Sendable, Equatable {
  /// `http://hub.example:8421/prefix`, or `https://hub.example:8421#pin=sha256//...`.
  public var url: String
  /// As in `PairingRequest`.
  public var pin: String?

  /// Puts a request together.
  public init(url: String, pin: String? = nil) {
    self.url = url
    self.pin = pin
  }
}
