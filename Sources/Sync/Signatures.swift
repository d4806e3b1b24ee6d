internal import CSodium
public import Model

/// Ed25519 (RFC 8032) as libsodium verifies it: no key of small order, no signature with another
/// encoding.
///
/// Whatever is signed here begins with an ASCII name and a zero byte (`FieldWriter.purpose`), so
/// that a signature made for one purpose holds for no other.
public enum Signatures {
  /// The length of a signature, in bytes.
  public static let byteCount = 64

  /// True if `signature` is that of the node `signer` over exactly `message`.
  ///
  /// Bytes of any length are taken: what cannot be a signature holds for nothing.
  public static func holds(
    _ signature: [UInt8], over message: [UInt8], by signer: NodeId
  ) -> Bool {
    holds(signature, over: message, byKey: signer.bytes)
  }

  /// The same for a key that is not a node's, as the site key; false unless it has 32 bytes.
  public static func holds(
    _ signature: [UInt8], over message: [UInt8], byKey key: [UInt8]
  ) -> Bool {
    guard signature.count == byteCount, key.count == NodeId.byteCount else { return false }
    let code = unsafe crypto_sign_ed25519_verify_detached(
      signature, message, UInt64(message.count), key)
    return code == 0
  }
}

extension NodeKey {
  /// Signs `message`: the same 64 bytes for the same message, always.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Signatures.byteCount)
    let code = unsafe crypto_sign_ed25519_detached(
      &signature, nil, message, UInt64(message.count), secret)
    precondition(code == 0, "a signature over \(message.count) bytes")
    return signature
  }
}
