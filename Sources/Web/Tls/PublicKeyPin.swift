/// What a server's public key is known by: SHA-256 of its SubjectPublicKeyInfo (RFC 7469, 2.4).
///
/// It outlives certificates: a new one for the same key has the same pin.
public struct PublicKeyPin: Hashable, Sendable, CustomStringConvertible {
  /// The length of the hash.
  public static let byteCount = 32
  /// What stands before the base 64 of it, as curl writes pins.
  static let prefix = "sha256//"
  /// The hash.
  public let bytes: [UInt8]

  /// Makes one; nil unless there are exactly 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads `sha256//` and 44 characters of base 64; nil for anything else.
  public init?(text: some StringProtocol) {
    guard text.hasPrefix(Self.prefix),
      let bytes = Base64.bytes(text.dropFirst(Self.prefix.count))
    else { return nil }
    self.init(bytes)
  }

  /// `sha256//` and the hash in base 64.
  public var description: String { Self.prefix + Base64.text(bytes) }
}
