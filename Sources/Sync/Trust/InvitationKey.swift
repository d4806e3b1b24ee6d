internal import Model

/// The secret of an invitation: 16 random bytes that both sides of a pairing hold, and that never
/// travel between them.
public struct InvitationKey: Hashable, Sendable {
  /// The length of every one.
  public static let byteCount = 16
  private static let digits = 26
  /// The bytes.
  public let bytes: [UInt8]

  /// Makes one; nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads what a person typed or scanned: either case, hyphens and spaces anywhere, O for 0, I and
  /// L for 1. Nil where a character is none, some are missing, or the last two do not fit.
  public init?(text: some StringProtocol) {
    let typed = text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
    guard typed.count == Self.digits + 2,
      let read = Base32.bytes(
        String(decoding: typed.prefix(Self.digits), as: UTF8.self) + "000000"),
      read.dropFirst(Self.byteCount).allSatisfy({ $0 == 0 })
    else { return nil }
    bytes = Array(read.prefix(Self.byteCount))
    let check = String(decoding: typed.suffix(2), as: UTF8.self) + "000000"
    guard Base32.bytes(check) == Self.check(bytes) else { return nil }
  }

  /// 26 digits of base 32 (the last two bits are zeros) and two that check them, in groups of four.
  public var text: String {
    let characters =
      Base32.text(bytes + [0, 0, 0, 0]).prefix(Self.digits)
      + Base32.text(Self.check(bytes)).prefix(2)
    var out = ""
    for (place, character) in characters.enumerated() {
      if place > 0, place.isMultiple(of: 4) { out.append("-") }
      out.append(character)
    }
    return out
  }

  /// What a node that knows the key calls the invitation; who sees it learns nothing of the key.
  public var name: [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac invitation 1")
    writer.raw(bytes)
    return Array(Blake2b.hash256(writer.bytes).prefix(8))
  }

  /// The low ten bits of CRC-16/CCITT-FALSE of a key, at the top of a group of base 32.
  private static func check(_ bytes: [UInt8]) -> [UInt8] {
    var crc: UInt16 = 0xFFFF
    for byte in bytes {
      crc ^= UInt16(byte) << 8
      for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
    }
    return [UInt8(crc >> 2 & 0xFF), UInt8(crc << 6 & 0xC0), 0, 0, 0]
  }
}

/// What a QR code says: where to go, with which key, and of which site to be.
public struct InvitationLink: Hashable, Sendable {
  /// The first 8 bytes of the site's key.
  public var site: [UInt8]
  /// The secret.
  public var key: InvitationKey
  /// The inviter's URL, with whatever pins its certificate.
  public var url: String

  /// Invites to a site.
  public init(site: SiteId, key: InvitationKey, url: String) {
    self.site = Array(site.bytes.prefix(8))
    self.key = key
    self.url = url
  }

  /// Reads `bivouac:1:SITE:KEY:URL`; nil for anything else.
  public init?(text: String) {
    let parts = text.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "bivouac", parts[1] == "1",
      let site = Hex.bytes(parts[2]), site.count == 8, let key = InvitationKey(text: parts[3]),
      !parts[4].isEmpty, parts[4].utf8.count <= Limits.invitationUrlBytesMax
    else { return nil }
    self.site = site
    self.key = key
    url = String(parts[4])
  }

  /// `bivouac:1:SITE:KEY:URL`.
  public var text: String { "bivouac:1:\(Hex.text(site)):\(key.text):\(url)" }
}
