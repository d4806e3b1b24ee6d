internal import Model

/// A site's public Ed25519 key: 32 bytes, its name for ever.
///
/// Its secret half is a `NodeKey` like any other; it is shown once for safekeeping, and no node
/// keeps it.
public struct SiteId: Hashable, Sendable, CustomStringConvertible {
  /// The length of what a site's key, or a node's, signs.
  static let signatureByteCount = 64
  /// The length of every site's key.
  public static let byteCount = 32
  /// The public key itself.
  public let bytes: [UInt8]

  /// Makes one; nil unless there are exactly 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The site whose key this is.
  init(of key: NodeId) { bytes = key.bytes }

  /// All 64 hexadecimal digits.
  public var description: String { Hex.text(bytes) }
}
