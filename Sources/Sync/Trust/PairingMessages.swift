internal import Model

/// Why a node does not join a site.
public enum PairingRefusal: String, Error, Hashable, Sendable, CaseIterable {
  /// Bytes that are no such message, or of another version.
  case malformed
  /// The two do not hold the same key.
  case wrongKey = "wrong-key"
  /// The invitation was used as often as it may be, or a wrong key was tried too often.
  case used
  /// The invitation's time is over, or that of this pairing.
  case expired
  /// The other is of another site than the invitation says.
  case wrongSite = "wrong-site"
  /// The message is our own, sent back.
  case reflected
  /// The inviter may not grant, or could not.
  case membership

  /// A refusal in the form of message 2 that nobody signed: a hint.
  public var unsigned: [UInt8] {
    var writer = FieldWriter()
    writer.u8(0)
    writer.bytes8(rawValue.utf8)
    return writer.bytes
  }
}

/// Message 1 of a pairing: who wants to join, by which invitation.
struct PairingAsked {
  static let version: UInt8 = 1
  static let nonceByteCount = 16

  var invitation: [UInt8]
  var node: NodeId
  var label: String
  var wallUs: Int64
  var nonce: [UInt8]

  var encoded: [UInt8] {
    var writer = FieldWriter()
    writer.u8(Self.version)
    writer.raw(invitation)
    writer.raw(node.bytes)
    writer.bytes8(label.utf8)
    writer.zigzag(wallUs)
    writer.raw(nonce)
    return writer.bytes
  }
}

extension PairingAsked {
  init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == Self.version else { throw DecodeError(.version, at: 0) }
    invitation = try reader.raw(8)
    node = try reader.nodeId()
    label = try reader.text8()
    wallUs = try reader.zigzag()
    nonce = try reader.raw(Self.nonceByteCount)
    try reader.end()
  }
}

/// Message 2: who invites, with its proof that it holds the key.
struct PairingMet {
  var site: SiteId
  var node: NodeId
  var wallUs: Int64
  var nonce: [UInt8]
  var membership: [UInt8]
  var proof: [UInt8] = []

  /// All but the proof.
  var unproven: [UInt8] {
    var writer = FieldWriter()
    writer.u8(PairingAsked.version)
    writer.raw(site.bytes)
    writer.raw(node.bytes)
    writer.zigzag(wallUs)
    writer.raw(nonce)
    writer.bytesV(membership)
    return writer.bytes
  }
}

extension PairingMet {
  init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    guard try reader.u8() == PairingAsked.version else { throw DecodeError(.version, at: 0) }
    site = try reader.site()
    node = try reader.nodeId()
    wallUs = try reader.zigzag()
    nonce = try reader.raw(PairingAsked.nonceByteCount)
    membership = try reader.bytesV(max: Limits.pairingBatchBytesMax)
    proof = try reader.raw(PairingProof.byteCount)
    try reader.end()
  }
}

/// What shows that somebody holds the key of an invitation, over all that was said before.
enum PairingProof {
  static let byteCount = 32
  /// How much of message 2's hash names a pairing in message 3.
  static let ticketByteCount = 16

  /// Roles, so that none's proof serves for another.
  enum Role: UInt8 {
    case joiner = 0
    case inviter = 1
    case outcome = 2
  }

  static func proof(_ key: InvitationKey, _ role: Role, over messages: [[UInt8]]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac pairing 1")
    writer.u8(role.rawValue)
    for message in messages { writer.raw(Blake2b.hash256(message)) }
    return Blake2b.keyed256(writer.bytes, key: key.bytes)
  }

  /// Whether two wall clocks are further apart than a day: worth a warning, never a refusal.
  static func isApart(_ left: Int64, _ right: Int64) -> Bool {
    let (apart, isOver) = left.subtractingReportingOverflow(right)
    return isOver || apart.magnitude > Limits.pairingClockApartUs
  }
}

/// What is said in message 4, before its proof.
enum PairingOutcome {
  case granted([UInt8])
  case refused(String)

  var encoded: [UInt8] {
    var writer = FieldWriter()
    switch self {
    case .granted(let batch):
      writer.u8(0)
      writer.bytesV(batch)
    case .refused(let code):
      writer.u8(1)
      writer.bytes8(code.utf8)
    }
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    switch try reader.u8() {
    case 0: self = .granted(try reader.bytesV(max: Limits.pairingBatchBytesMax))
    case 1: self = .refused(try reader.text8())
    default: throw DecodeError(.range, at: 0)
    }
    try reader.end()
  }
}
