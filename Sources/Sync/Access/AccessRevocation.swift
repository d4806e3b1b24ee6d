internal import Model

/// Kind 14: a person, or a token, counts no more.
///
/// It is a fact: whatever register write comes later or ranks higher, a revoked generation never
/// counts again.
public struct AccessRevocation: Hashable, Sendable {
  /// What is revoked. The numbers are those of `RegisterSpace`.
  public enum Subject: UInt8, Sendable {
    /// A person, of one generation.
    case user = 12
    /// A token.
    case token = 13
  }

  /// What.
  public var subject: Subject
  /// The register's key: a name, or the id of a token.
  public var key: [UInt8]
  /// The generation of a person; 0 for a token.
  public var generation: UInt64
  /// Why; at most `Limits.reasonBytesMax` bytes of UTF-8.
  public var reason: String

  /// Puts a revocation together.
  public init(_ subject: Subject, key: [UInt8], generation: UInt64, reason: String) {
    self.subject = subject
    self.key = key
    self.generation = generation
    self.reason = reason
  }
}

extension FieldWriter {
  mutating func accessRevocation(_ revocation: AccessRevocation) {
    precondition(revocation.key.count <= Limits.accessKeyBytesMax, "a key too long")
    u8(revocation.subject.rawValue)
    bytesV(revocation.key)
    fixed(revocation.generation)
    text(revocation.reason, max: Limits.reasonBytesMax)
  }
}

extension FieldReader {
  @inline(never)
  mutating func accessRevocation() throws(DecodeError) -> AccessRevocation {
    let start = offset
    guard let subject = AccessRevocation.Subject(rawValue: try u8()) else {
      throw DecodeError(.range, at: start)
    }
    let key = try bytesV(max: Limits.accessKeyBytesMax)
    let generationAt = offset
    let generation = try fixed(UInt64.self)
    // A token has no generations: one form only.
    guard subject == .user || generation == 0 else { throw DecodeError(.range, at: generationAt) }
    return AccessRevocation(
      subject, key: key, generation: generation, reason: try textV(max: Limits.reasonBytesMax))
  }
}
