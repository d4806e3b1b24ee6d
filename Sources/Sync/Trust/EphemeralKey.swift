internal import CSodium

/// An X25519 key pair (RFC 7748) of one session, made from 32 secret random bytes.
public struct EphemeralKey: Sendable {
  /// The length of both halves and of what two of them agree on, in bytes.
  public static let byteCount = 32

  /// The half that is sent.
  public let shared: [UInt8]
  private let secret: [UInt8]

  /// Derives the pair; nil unless there are exactly 32 bytes.
  public init?(secret: [UInt8]) {
    guard secret.count == Self.byteCount else { return nil }
    var shared = [UInt8](repeating: 0, count: Self.byteCount)
    guard unsafe crypto_scalarmult_curve25519_base(&shared, secret) == 0 else { return nil }
    self.shared = shared
    self.secret = secret
  }

  /// What this and another's sent half agree on; nil where that is all zero, as it is for the few
  /// points that would make every key agree on the same.
  func agreed(with other: [UInt8]) -> [UInt8]? {
    guard other.count == Self.byteCount else { return nil }
    var agreed = [UInt8](repeating: 0, count: Self.byteCount)
    let code = unsafe crypto_scalarmult_curve25519(&agreed, secret, other)
    guard code == 0, agreed.contains(where: { $0 != 0 }) else { return nil }
    return agreed
  }
}
