/// What is asked of the process that hashes passwords, and its answers, as bytes.
///
/// The hash takes 32 MiB at once. Done in the daemon it would hold the daemon's map of memory for
/// as long as the kernel takes to fill them, and the loop, which maps memory too, would wait (ADR
/// 0013).
public enum PasswordWork: Hashable, Sendable {
  /// Hash a new password with a salt of `PasswordHash.saltByteCount` bytes.
  case make(password: String, salt: [UInt8])
  /// Say whether a password is the one of a hash.
  case verify(password: String, hash: [UInt8])

  /// The longest form of a question, in bytes.
  public static let bytesMax = Limits.passwordWorkBytesMax
  /// The longest answer, in bytes.
  public static let answerBytesMax = Limits.passwordAnswerBytesMax

  private static let makes: UInt8 = 1
  private static let verifies: UInt8 = 2
  private static let yes: [UInt8] = [1]
  /// The answer that a password is not the one.
  public static let no: [UInt8] = [0]

  /// The bytes: what is to be done, the length of what the password is taken with, that, and the
  /// password up to the end; nil for what nobody can have been given, which no hash has.
  public func encoded() -> [UInt8]? {
    let (kind, password, with) =
      switch self {
      case .make(let password, let salt): (Self.makes, password, salt)
      case .verify(let password, let hash): (Self.verifies, password, hash)
      }
    guard with.count <= Limits.passwordHashBytesMax,
      password.utf8.count <= Limits.passwordBytes.upperBound
    else { return nil }
    return [kind, UInt8(with.count)] + with + password.utf8
  }

  /// Reads what `encoded` wrote; nil for everything else.
  public init?(decoding bytes: [UInt8]) {
    guard bytes.count >= 2, bytes.count <= Self.bytesMax, bytes.count >= 2 + Int(bytes[1]),
      let password = String(validating: bytes[(2 + Int(bytes[1]))...], as: UTF8.self),
      password.utf8.count <= Limits.passwordBytes.upperBound
    else { return nil }
    let with = Array(bytes[2..<2 + Int(bytes[1])])
    switch bytes[0] {
    case Self.makes where with.count == PasswordHash.saltByteCount:
      self = .make(password: password, salt: with)
    case Self.verifies: self = .verify(password: password, hash: with)
    default: return nil
    }
  }

  /// Does it, and returns the answer; an empty one when there is no memory for it.
  public func perform() -> [UInt8] {
    switch self {
    case .make(let password, let salt): PasswordHash.make(password, salt: salt) ?? []
    case .verify(let password, let hash):
      PasswordHash.verify(password, hash) ? Self.yes : Self.no
    }
  }

  /// What an answer to `verify` says; nil for what is none.
  public static func verdict(_ answer: [UInt8]) -> Bool? {
    switch answer {
    case yes: true
    case no: false
    default: nil
    }
  }

  /// The hash in an answer to `make`; nil for what is none.
  public static func hash(_ answer: [UInt8]) -> [UInt8]? {
    PasswordHash.isOurs(answer) ? answer : nil
  }
}
