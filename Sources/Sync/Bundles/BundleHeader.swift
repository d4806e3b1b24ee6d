public import Model

/// What a bundle says before its records (docs/sync-format.md section 8).
public struct BundleHeader: Hashable, Sendable {
  /// What every bundle begins with.
  static let magic = Array("bivouac bundle 1\n".utf8)
  /// The length of a header, in bytes.
  static let byteCount = magic.count + SiteId.byteCount + 2 * NodeId.byteCount

  /// Of which site.
  public var site: SiteId
  /// Who made it, and signs it at its end.
  public var maker: NodeId
  /// For whom; nil for anybody. It says what was left out, and keeps nobody from reading it.
  public var recipient: NodeId?

  /// Puts it together.
  public init(site: SiteId, maker: NodeId, recipient: NodeId?) {
    self.site = site
    self.maker = maker
    self.recipient = recipient
  }

  var encoded: [UInt8] {
    Self.magic + site.bytes + maker.bytes
      + (recipient?.bytes ?? [UInt8](repeating: 0, count: NodeId.byteCount))
  }

  /// Reads a header; nil where the bytes are none.
  init?(decoding bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
    let rest = Array(bytes.dropFirst(Self.magic.count))
    let named = Array(rest[64...])
    guard let site = SiteId(Array(rest[..<32])), let maker = NodeId(Array(rest[32..<64])) else {
      return nil
    }
    self.site = site
    self.maker = maker
    recipient = named.contains { $0 != 0 } ? NodeId(named) : nil
  }

  /// What the maker signs: H of everything before its signature.
  static func statement(_ hash: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac bundle 1")
    writer.raw(hash)
    return writer.bytes
  }
}
