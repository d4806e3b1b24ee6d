internal import CSodium

/// BLAKE2b (RFC 7693) of libsodium: the hash of everything that is named or signed by content.
public enum Blake2b {
  /// The length of the hash of a block's content and of its summary, in bytes.
  public static let contentByteCount = 32

  /// The hash of a block's canonical content, or of its summary.
  public static func content(_ bytes: [UInt8]) -> [UInt8] {
    hash(bytes, byteCount: contentByteCount)
  }

  /// A hash of 16 to 64 bytes; with a key of 16 to 64 bytes, a MAC.
  static func hash(_ bytes: [UInt8], byteCount: Int, key: [UInt8] = []) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: byteCount)
    let code = unsafe crypto_generichash_blake2b(
      &out, byteCount, bytes, UInt64(bytes.count), key, key.count)
    precondition(code == 0, "a hash of \(byteCount) bytes with a key of \(key.count)")
    return out
  }

  /// BLAKE2b-256, which docs/sync-format.md calls H.
  public static func hash256(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, byteCount: 32) }

  /// BLAKE2b-256 keyed with a key of 16 to 64 bytes.
  static func keyed256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    hash(bytes, byteCount: 32, key: key)
  }

  /// BLAKE2b-128 keyed with a key of 16 to 64 bytes.
  static func keyed128(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    hash(bytes, byteCount: 16, key: key)
  }
}
