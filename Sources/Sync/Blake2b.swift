internal import CSodium

/// BLAKE2b without a key, of libsodium: the hash of everything that is named or signed by content.
public enum Blake2b {
  /// The length of the hash of a block's content and of its summary, in bytes.
  public static let contentByteCount = 32

  /// The hash of a block's canonical content, or of its summary.
  public static func content(_ bytes: [UInt8]) -> [UInt8] {
    hash(bytes, byteCount: contentByteCount)
  }

  /// A hash of 16 to 64 bytes.
  static func hash(_ bytes: [UInt8], byteCount: Int) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: byteCount)
    let code = unsafe crypto_generichash_blake2b(
      &out, byteCount, bytes, UInt64(bytes.count), nil, 0)
    precondition(code == 0, "a hash of \(byteCount) bytes")
    return out
  }
}
