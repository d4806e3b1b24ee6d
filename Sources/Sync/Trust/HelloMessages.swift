internal import Model

/// Why no session comes of a hello.
public enum HelloRefusal: String, Error, Hashable, Sendable, CaseIterable {
  /// Bytes that are no such message.
  case malformed
  /// No version that both speak.
  case version
  /// The other is of another site.
  case site
  /// The message is our own, sent back.
  case reflected
  /// Somebody else answers than was expected.
  case peer
  /// A key from which nothing secret follows.
  case key
  /// The node's signature does not hold.
  case signature
  /// A MAC does not hold, or a counter was used.
  case seal
  /// The node is no member of the site, or may not do this.
  case membership
  /// Come back later.
  case busy

  /// What ends a hello in the form of an answer that nobody signed: a hint.
  public var unsigned: [UInt8] {
    var writer = FieldWriter()
    writer.u8(0)
    writer.bytes8(rawValue.utf8)
    return writer.bytes
  }
}

/// Message 1 of a hello: who asks, for which site.
struct HelloAsked {
  /// Version 2 knows lane 3, frame 10, and requests 9 and 10 (docs/sync-format.md, section 6).
  static let version: UInt8 = 2
  /// The lowest that is spoken still.
  static let lowest: UInt8 = 1

  var version = Self.version
  var lowestVersion = Self.lowest
  var site: SiteId
  var node: NodeId
  var ephemeral: [UInt8]
  var nonce: [UInt8]

  var encoded: [UInt8] {
    var writer = FieldWriter()
    writer.u8(version)
    writer.u8(lowestVersion)
    writer.raw(site.bytes)
    writer.raw(node.bytes)
    writer.raw(ephemeral)
    writer.raw(nonce)
    return writer.bytes
  }
}

extension HelloAsked {
  init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    version = try reader.u8()
    lowestVersion = try reader.u8()
    guard lowestVersion >= 1, lowestVersion <= version else { throw DecodeError(.range, at: 1) }
    site = try reader.site()
    node = try reader.nodeId()
    ephemeral = try reader.raw(EphemeralKey.byteCount)
    nonce = try reader.raw(Hello.nonceByteCount)
    try reader.end()
  }
}

/// Message 2 of a hello: who answers, with a signature over both messages.
struct HelloAnswered {
  var version: UInt8
  var node: NodeId
  var ephemeral: [UInt8]
  var nonce: [UInt8]
  var session: SessionId
  var signature: [UInt8] = []

  /// All but the signature.
  var unsigned: [UInt8] {
    var writer = FieldWriter()
    writer.u8(version)
    writer.raw(node.bytes)
    writer.raw(ephemeral)
    writer.raw(nonce)
    writer.raw(session.bytes)
    return writer.bytes
  }

  var encoded: [UInt8] { unsigned + signature }

  /// What the responder signs, after message 1 whose hash is given.
  func statement(after asked: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac hello 2")
    writer.raw(asked)
    writer.raw(unsigned)
    return writer.bytes
  }
}

extension HelloAnswered {
  init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    version = try reader.u8()
    node = try reader.nodeId()
    ephemeral = try reader.raw(EphemeralKey.byteCount)
    nonce = try reader.raw(Hello.nonceByteCount)
    guard let session = SessionId(try reader.raw(SessionId.byteCount)) else {
      throw reader.error(.truncated)
    }
    self.session = session
    signature = try reader.raw(Signatures.byteCount)
    try reader.end()
  }
}

/// What a session is called by whoever carries its messages: 16 random bytes of the responder's.
public struct SessionId: Hashable, Sendable, CustomStringConvertible {
  /// The length of every one.
  public static let byteCount = 16
  /// The bytes.
  public let bytes: [UInt8]

  /// Makes one; nil unless there are exactly 16 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Thirty-two hexadecimal digits, as in the path of a request.
  public var description: String { Hex.text(bytes) }
}

/// What both sides of a hello do alike.
enum Hello {
  static let nonceByteCount = 16
  /// The channel of messages 3 and 4.
  static let channel: UInt8 = 255
  static let name = "hello"

  /// What the initiator signs in message 3.
  static func statement(_ asked: [UInt8], _ answered: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac hello 3")
    writer.raw(asked)
    writer.raw(answered)
    return writer.bytes
  }
}
