internal import Sync
internal import Web

/// Programs that a token was found to be right for, so that their next request costs one hash.
///
/// What it remembers counts as long as nothing that it hangs on was written: any write of a
/// register and any revocation empties it. It holds no secret, only hashes of what was shown.
struct ProgramCache {
  /// Programs that are remembered; one more empties it.
  static let programsMax = 256
  /// The longest `Authorization` that is looked up, in bytes: no token's is longer.
  static let shownBytesMax = 128

  private var programs: [[UInt8]: Caller] = [:]
  private var version: UInt64 = 0

  /// What is remembered under; nil for what no token is.
  static func key(_ authorization: String) -> [UInt8]? {
    guard authorization.utf8.count <= shownBytesMax else { return nil }
    return Blake2b.content(Array(authorization.utf8))
  }

  /// Who it is, if that was found out since `version` came to be.
  mutating func program(_ key: [UInt8], version: UInt64) -> Caller? {
    if version != self.version {
      programs = [:]
      self.version = version
    }
    return programs[key]
  }

  /// Remembers one that was found to be right at the version that was asked for last.
  mutating func remember(_ key: [UInt8], _ caller: Caller) {
    if programs.count >= Self.programsMax { programs = [:] }
    programs[key] = caller
  }
}
