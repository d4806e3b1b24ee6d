public import Model

/// The value of a `token` register: what a program may do, and how its secret is known.
public struct TokenRecord: Hashable, Sendable {
  /// The version that is written.
  static let version: UInt8 = 1
  /// The length of a token's id, which is its register's key, in bytes.
  public static let idByteCount = 8

  /// What a person called it.
  public var name: String
  /// What it may do; at least something.
  public var permissions: Permissions
  /// The hash of its secret (`TokenSecret`), 32 bytes.
  public var secretHash: [UInt8]

  /// Puts a record together.
  public init(name: String, permissions: Permissions, secretHash: [UInt8]) {
    self.name = name
    self.permissions = permissions
    self.secretHash = secretHash
  }

  /// The register's value.
  public func encoded() -> [UInt8] {
    precondition(name.utf8.count <= UserName.bytesMax && secretHash.count == 32, "token \(name)")
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.bytes8(name.utf8)
    writer.u8(permissions.rawValue)
    writer.raw(secretHash)
    return writer.bytes
  }

  /// Reads a register's value.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    let nameAt = reader.offset
    name = try reader.text8()
    do throws(UserName.Fault) { try UserName.check(name) } catch {
      throw DecodeError(.text, at: nameAt)
    }
    let permissionsAt = reader.offset
    permissions = Permissions(rawValue: try reader.u8())
    guard !permissions.isEmpty, Permissions.all.isSuperset(of: permissions) else {
      throw DecodeError(.range, at: permissionsAt)
    }
    secretHash = try reader.raw(32)
    try reader.end()
  }
}

/// What a program shows to be let in: `biv_`, the token's id, and 20 secret random bytes.
public struct TokenSecret: Hashable, Sendable {
  /// The length of the secret part, in bytes.
  public static let byteCount = 20
  private static let prefix = "biv_"

  /// The token's id, 8 bytes.
  public let id: [UInt8]
  /// The secret part.
  private let secret: [UInt8]

  /// Puts a secret together; nil unless there are exactly 8 and 20 bytes.
  public init?(id: [UInt8], secret: [UInt8]) {
    guard id.count == TokenRecord.idByteCount, secret.count == Self.byteCount else { return nil }
    self.id = id
    self.secret = secret
  }

  /// Reads the form that `text` writes; nil for everything else.
  public init?(text: String) {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let parts = text.dropFirst(Self.prefix.count).split(
      separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Hex.bytes(parts[0]), let secret = Base32.bytes(parts[1]),
      parts[0].lowercased() == parts[0], parts[1].lowercased() == parts[1]
    else { return nil }
    self.init(id: id, secret: secret)
  }

  /// The form that is shown once.
  public var text: String {
    "\(Self.prefix)\(Hex.text(id))_\(Base32.text(secret).lowercased())"
  }

  /// All that is kept of it.
  public var hash: [UInt8] { Blake2b.content(secret) }
}
