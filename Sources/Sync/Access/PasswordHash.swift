internal import CSodium

/// Argon2id of passwords, as libsodium has it. It takes 32 MiB and a noticeable fraction of a
/// second: to be called in a process of its own (`PasswordWork`).
public enum PasswordHash {
  /// Random bytes that a hash needs.
  public static let saltByteCount = 16

  /// Why a password is refused. The words are the API's own: never rename.
  public enum Fault: String, Error, Sendable {
    /// Under `Limits.passwordBytes`.
    case short
    /// Over `Limits.passwordBytes`.
    case long
    /// It holds a control character: it was not typed.
    case control
  }

  /// Refuses passwords that are too short, too long, or not typed.
  public static func check(_ password: String) throws(Fault) {
    guard password.utf8.count >= Limits.passwordBytes.lowerBound else { throw .short }
    guard password.utf8.count <= Limits.passwordBytes.upperBound else { throw .long }
    guard password.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw .control
    }
  }

  /// Has libsodium look which instructions this processor has: its plain form takes about twice as
  /// long. Once, before the first hash.
  public static func prepare() { _ = sodium_init() }

  /// The hash in libsodium's own form, `$argon2id$v=19$m=32768,t=3,p=1$` and so on; nil when there
  /// is no memory for it.
  public static func make(_ password: String, salt: [UInt8]) -> [UInt8]? {
    precondition(salt.count == saltByteCount, "a salt of \(salt.count) bytes")
    var out = [UInt8](repeating: 0, count: 32)
    let typed = password.utf8.map { CChar(bitPattern: $0) }
    let code = unsafe crypto_pwhash(
      &out, 32, typed, UInt64(typed.count), salt, Limits.passwordPasses,
      Limits.passwordMemoryBytes, crypto_pwhash_ALG_ARGON2ID13)
    guard code == 0 else { return nil }
    return Array((parameters + base64(salt) + "$" + base64(out)).utf8)
  }

  /// Whether a password is the one that a hash was made of.
  public static func verify(_ password: String, _ hash: [UInt8]) -> Bool {
    // A hash that asks for more memory or time than ours would let whoever wrote it stop the
    // daemon: only our own parameters are looked at.
    guard isOurs(hash) else { return false }
    let text = hash.map { CChar(bitPattern: $0) } + [0]
    let typed = password.utf8.map { CChar(bitPattern: $0) }
    return unsafe crypto_pwhash_str_verify(text, typed, UInt64(typed.count)) == 0
  }

  /// Whether a hash is of this form, with the parameters that we use.
  static func isOurs(_ hash: [UInt8]) -> Bool {
    hash.starts(with: parameters.utf8) && hash.count < Int(crypto_pwhash_STRBYTES)
  }

  /// A hash that no password has: who asks for a name that is not there waits as long.
  public static let nobody = Array(
    ("$argon2id$v=19$m=32768,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
      + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").utf8)

  private static let parameters =
    "$argon2id$v=19$m=\(Limits.passwordMemoryBytes >> 10),t=\(Limits.passwordPasses),p=1$"

  /// RFC 4648 without padding.
  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var group = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      group <<= 8 * UInt32(3 - part.count)
      for place in 0...part.count {
        out.append(digits[Int(group >> (18 - 6 * UInt32(place)) & 63)])
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
