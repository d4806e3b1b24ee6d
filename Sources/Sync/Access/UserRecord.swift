public import Model

/// The value of a `user` register: what a person is here, and how the password is known.
public struct UserRecord: Hashable, Sendable {
  /// The version that is written.
  static let version: UInt8 = 1

  /// What the person is.
  public var role: Role
  /// Random, made with the person, and the same until the person is removed: it is what a
  /// revocation names.
  public var generation: UInt64
  /// The password's hash, in libsodium's form: ASCII, at most 255 bytes.
  public var password: [UInt8]

  /// Puts a record together.
  public init(role: Role, generation: UInt64, password: [UInt8]) {
    self.role = role
    self.generation = generation
    self.password = password
  }

  /// The register of a name.
  public static func key(_ name: String) -> RegisterKey {
    precondition(name.utf8.count <= UserName.bytesMax, "a name too long")
    return RegisterKey(.user, Array(name.utf8))
  }

  /// The name in a register's key; nil when no person can be called so.
  public static func name(_ key: [UInt8]) -> String? {
    guard let text = String(validating: key, as: UTF8.self) else { return nil }
    do throws(UserName.Fault) {
      return try UserName.checked(text) == text ? text : nil
    } catch {
      return nil
    }
  }

  /// The register's value.
  public func encoded() -> [UInt8] {
    precondition((1...Limits.passwordHashBytesMax).contains(password.count), "a password")
    var writer = FieldWriter()
    writer.u8(Self.version)
    switch role {
    case .viewer: writer.u8(1)
    case .operator: writer.u8(2)
    case .admin: writer.u8(3)
    }
    writer.fixed(generation)
    writer.bytes8(password)
    return writer.bytes
  }

  /// Reads a register's value.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    let roleAt = reader.offset
    switch try reader.u8() {
    case 1: role = .viewer
    case 2: role = .operator
    case 3: role = .admin
    default: throw DecodeError(.range, at: roleAt)
    }
    generation = try reader.fixed(UInt64.self)
    let passwordAt = reader.offset
    password = try reader.bytes8()
    guard !password.isEmpty, password.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw DecodeError(.text, at: passwordAt)
    }
    try reader.end()
  }

  /// What a session remembers of the password: another one ends it.
  public var credential: [UInt8] { Blake2b.hash(password, byteCount: 16) }
}
