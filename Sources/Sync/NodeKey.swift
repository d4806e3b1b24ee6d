internal import CSodium
public import Model

/// A node's Ed25519 key pair, made from 32 secret random bytes.
public struct NodeKey: Sendable {
  /// The length of the seed, which is all that is kept on disk.
  public static let seedByteCount = 32

  /// The public half: the node's name.
  public let id: NodeId
  /// The secret half as libsodium has it: the seed, then the public key.
  let secret: [UInt8]
  /// The keys that the node had before, the oldest first: what it recorded under them is signed
  /// when it is sent, with them. They speak for nothing new (docs/adr/0023).
  public var former: [NodeKey] = []

  /// Derives the pair from its seed; nil unless there are exactly 32 bytes.
  public init?(seed: [UInt8]) {
    guard seed.count == Self.seedByteCount else { return nil }
    var publicKey = [UInt8](repeating: 0, count: Int(crypto_sign_ed25519_PUBLICKEYBYTES))
    var secretKey = [UInt8](repeating: 0, count: Int(crypto_sign_ed25519_SECRETKEYBYTES))
    let code = unsafe crypto_sign_ed25519_seed_keypair(&publicKey, &secretKey, seed)
    guard code == 0, let id = NodeId(publicKey) else { return nil }
    self.id = id
    self.secret = secretKey
  }

  /// The key of an origin that is this node under its present key or one before; nil for others.
  public func signer(of origin: NodeId) -> NodeKey? {
    origin == id ? self : former.last { $0.id == origin }
  }
}
