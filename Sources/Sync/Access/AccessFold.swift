internal import Model

/// Who counts: people and tokens, of the registers and of the revocations seen so far.
///
/// The revocations are a set that only grows, so the order in which anything arrives does not
/// matter: a revoked generation never counts again, whatever write comes later or ranks higher.
public struct AccessFold: Hashable, Sendable {
  /// A person that counts.
  public struct User: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The write that counts.
    public var record: UserRecord
    /// Who wrote it, and when.
    public var stamp: Stamp
    /// Whether other writes stand beside it that say something else.
    public var isDisputed: Bool
    /// Every generation that counts under this name: removing the person revokes all of them.
    public var generations: [UInt64]
  }

  /// A token that counts.
  public struct Token: Hashable, Sendable {
    /// Its id, 8 bytes.
    public var id: [UInt8]
    /// The write that counts.
    public var record: TokenRecord
    /// Who made it, and when.
    public var stamp: Stamp
  }

  private struct Revoked: Hashable, Sendable {
    var subject: AccessRevocation.Subject
    var key: [UInt8]
    var generation: UInt64
  }

  private var revoked: Set<Revoked> = []

  /// Begins with nothing revoked.
  public init() {}

  /// Takes a revocation.
  public mutating func apply(_ revocation: AccessRevocation) {
    revoked.insert(
      Revoked(
        subject: revocation.subject, key: revocation.key, generation: revocation.generation))
  }

  /// Whether a generation of a person, or a token (generation 0), was revoked.
  public func isRevoked(
    _ subject: AccessRevocation.Subject, _ key: [UInt8], generation: UInt64 = 0
  ) -> Bool {
    revoked.contains(Revoked(subject: subject, key: key, generation: generation))
  }

  /// The person of a name; nil when nobody of that name counts.
  ///
  /// Of several writes that nothing has replaced, the one that ranks first and is not revoked
  /// counts. A write that removes or cannot be read says nothing of the others.
  public func user(_ name: String, in registers: RegisterFold) -> User? {
    guard name.utf8.count <= UserName.bytesMax else { return nil }
    let key = UserRecord.key(name)
    let standing = registers.siblings(key).compactMap { sibling -> (UserRecord, Stamp)? in
      guard let value = sibling.value, let record = Self.user(value),
        SeededBug.revocationLosesToWrite.isOn
          || !isRevoked(.user, key.bytes, generation: record.generation)
      else { return nil }
      return (record, sibling.stamp)
    }
    guard let (record, stamp) = standing.first else { return nil }
    return User(
      name: name, record: record, stamp: stamp,
      isDisputed: standing.contains { $0.0 != record },
      generations: Set(standing.map(\.0.generation)).sorted())
  }

  /// Everybody that counts, in the order of their names.
  public func users(in registers: RegisterFold) -> [User] {
    registers.keys(.user).compactMap { key in
      UserRecord.name(key).flatMap { user($0, in: registers) }
    }
  }

  /// Whether an administrator counts.
  public func isClaimed(in registers: RegisterFold) -> Bool {
    users(in: registers).contains { $0.record.role == .admin }
  }

  /// A token by its id; nil when none of that id counts.
  public func token(_ id: [UInt8], in registers: RegisterFold) -> Token? {
    guard id.count == TokenRecord.idByteCount, !isRevoked(.token, id) else { return nil }
    for sibling in registers.siblings(RegisterKey(.token, id)) {
      guard let value = sibling.value, let record = Self.token(value) else { continue }
      return Token(id: id, record: record, stamp: sibling.stamp)
    }
    return nil
  }

  /// Every token that counts, in the order of their ids.
  public func tokens(in registers: RegisterFold) -> [Token] {
    registers.keys(.token).compactMap { token($0, in: registers) }
  }

  private static func user(_ value: [UInt8]) -> UserRecord? {
    do throws(DecodeError) { return try UserRecord(decoding: value) } catch { return nil }
  }

  private static func token(_ value: [UInt8]) -> TokenRecord? {
    do throws(DecodeError) { return try TokenRecord(decoding: value) } catch { return nil }
  }
}
