/// A site's secret key as a person keeps it: 32 bytes and 3 that tell of a slip, as 56 characters
/// of Crockford's base 32 in groups of eight.
///
/// The check is the first 3 bytes of H("bivouac site key 1" 0 seed): one slip in 16 million passes,
/// and then the key is another site's, which is refused as well.
public enum SiteKeyText {
  private static let checkByteCount = 3

  /// The text of a seed of 32 bytes.
  public static func text(seed: [UInt8]) -> String {
    precondition(seed.count == NodeKey.seedByteCount, "a seed of \(seed.count) bytes")
    let all = Array(Base32.text(seed + check(seed)))
    return stride(from: 0, to: all.count, by: 8).map { String(all[$0..<min($0 + 8, all.count)]) }
      .joined(separator: "-")
  }

  /// The seed of a text, whatever its case, blanks and hyphens; nil where it was mistyped.
  public static func seed(_ text: some StringProtocol) -> [UInt8]? {
    let typed = String(text.filter { !$0.isWhitespace && $0 != "-" })
    guard let bytes = Base32.bytes(typed),
      bytes.count == NodeKey.seedByteCount + checkByteCount
    else { return nil }
    let seed = Array(bytes.prefix(NodeKey.seedByteCount))
    return ConstantTime.equal(Array(bytes.suffix(checkByteCount)), check(seed)) ? seed : nil
  }

  private static func check(_ seed: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac site key 1")
    writer.raw(seed)
    return Array(Blake2b.hash256(writer.bytes).prefix(checkByteCount))
  }
}
