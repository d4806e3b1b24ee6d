/// The short name under which a hub keeps one of its sites apart from the others: it stands in
/// paths, in the name of a folder, and behind `--site`.
public enum SitePlace {
  /// The name of the site that the daemon's own state folder is of.
  public static let main = "main"
  /// The longest one, in bytes.
  public static let bytesMax = 32

  /// Whether a text can be one: 1 to 32 of `a` to `z`, `0` to `9` and `-`, which neither begins nor
  /// ends it (a label of RFC 1123 in lower case, so that it needs no escape anywhere).
  public static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let hyphen = UInt8(ascii: "-")
    guard (1...bytesMax).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen else {
      return false
    }
    return bytes.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == hyphen
    }
  }

  /// What stands before the paths of a site, without a slash at its end; empty for the first one.
  public static func path(of place: String) -> String { place == main ? "" : "/site/" + place }
}

/// The sites that one daemon keeps apart, as far as whoever asks may know of them.
public struct HubSitesView: Codable, Sendable, Equatable {
  /// The one that answers.
  public var here: String
  /// The first one, then the others by name.
  public var sites: [HubSiteView]
  /// How many there may be.
  public var sitesMax: Int

  /// Puts a list together.
  public init(here: String, sites: [HubSiteView], sitesMax: Int) {
    self.here = here
    self.sites = sites
    self.sitesMax = sitesMax
  }
}

/// One of the sites of a daemon.
public struct HubSiteView: Codable, Sendable, Equatable {
  /// Its short name here.
  public var place: String
  /// Where its page is, behind the daemon's own address: `/` or `/site/farm/`.
  public var path: String
  /// `served`, `starting`, or `failed` while it cannot be served.
  public var state: String
  /// What its nodes call it; nil while its node here belongs to no site.
  public var name: String?
  /// The id of its node here; nil while that is not open.
  public var node: String?
  /// Why it is not served; nil where it is, and for whoever is not on this machine.
  public var problem: ProblemView?

  /// Puts a site together.
  public init(place: String, state: String) {
    self.place = place
    self.state = state
    path = SitePlace.path(of: place) + "/"
  }
}

/// Asks a hub to keep one more site.
public struct HubSiteRequest: Codable, Sendable, Equatable {
  /// Its short name here.
  public var place: String

  /// Puts a request together.
  public init(place: String) { self.place = place }
}
