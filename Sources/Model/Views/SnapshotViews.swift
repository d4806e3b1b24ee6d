/// A picture of a device, as the API shows it: its manifest, and whether its bytes are here.
public struct SnapshotView: Codable, Sendable, Equatable {
  /// Where the bytes are. The words are on the wire: never rename.
  public enum Content: String, Codable, Sendable, CaseIterable {
    /// On the node that answers.
    case here
    /// On the node that took it, as far as is known here.
    case elsewhere
    /// Nowhere here any more: the quota, or a full disk, took them.
    case gone
    /// Here, and altered by the disk: they are not given.
    case damaged
  }

  /// The BLAKE2b-256 of the bytes, as 64 hexadecimal digits.
  public var hash: String
  /// The device, by id.
  public var device: String
  /// The other node that took it: its label, or else its id; nil for the node that answers.
  public var gateway: String?
  /// When it was taken, in microseconds since 1970, as that boot of its node is dated now.
  public var takenUs: Int64
  /// By how much that may be wrong, in microseconds; nil where nobody can say.
  public var boundUs: Int64?
  /// `image/jpeg` or `image/png`.
  public var mediaType: String
  /// How many bytes it has.
  public var size: Int64
  /// What somebody said of it; nil for nothing.
  public var note: String?
  /// Who added it, such as `user:ada`.
  public var author: String
  /// Where its bytes are.
  public var content: Content

  /// Puts a view together.
  public init(
    hash: String, device: String, gateway: String?, takenUs: Int64, boundUs: Int64?,
    mediaType: String, size: Int64, note: String?, author: String, content: Content
  ) {
    self.hash = hash
    self.device = device
    self.gateway = gateway
    self.takenUs = takenUs
    self.boundUs = boundUs
    self.mediaType = mediaType
    self.size = size
    self.note = note
    self.author = author
    self.content = content
  }
}

/// Snapshots, newest first.
public struct SnapshotsPage: Codable, Sendable, Equatable {
  /// The snapshots.
  public var snapshots: [SnapshotView]
  /// How many there are, listed here or not.
  public var total: Int
  /// Bytes that contents of snapshots take on the node that answers.
  public var storedBytes: Int64
  /// Bytes that they may take; nil for no quota of their own.
  public var quotaBytes: Int64?

  /// Puts a page together.
  public init(snapshots: [SnapshotView], total: Int, storedBytes: Int64, quotaBytes: Int64?) {
    self.snapshots = snapshots
    self.total = total
    self.storedBytes = storedBytes
    self.quotaBytes = quotaBytes
  }
}
