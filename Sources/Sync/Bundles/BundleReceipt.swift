public import Model

/// What a receiver says of a bundle that it has imported: its import where the bundle came from is
/// the receiver's acknowledgement, as far as acknowledgements go without proof.
public struct BundleReceipt: Hashable, Sendable {
  /// What every receipt begins with.
  public static let magic = Array("bivouac receipt 1\n".utf8)
  /// The longest receipt, in bytes: a whole vector, and some hundred bytes around it.
  public static let byteCountMax = Limits.vectorBytesMax + 1_024

  /// Of which site.
  public let site: SiteId
  /// Who imported it. Whether it is a member is for the caller to say.
  public let receiver: NodeId
  /// The hash of the bundle, or of as much as was read.
  public let bundle: [UInt8]
  /// What the receiver has after it, on disk.
  public let vector: HaveVector
  private let signature: [UInt8]

  /// Signs a receipt.
  public init(site: SiteId, key: NodeKey, bundle: [UInt8], vector: HaveVector) {
    precondition(bundle.count == Blake2b.contentByteCount, "a hash of \(bundle.count) bytes")
    self.site = site
    receiver = key.id
    self.bundle = bundle
    self.vector = vector
    signature = key.sign(Self.statement(site, key.id, bundle, vector))
  }

  /// The bytes of the file.
  public var encoded: [UInt8] { Self.body(site, receiver, bundle, vector) + signature }

  /// Reads a receipt; its signature is not looked at.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.starts(with: Self.magic) else { throw DecodeError(.version, at: 0) }
    var reader = FieldReader(bytes.span)
    _ = try reader.raw(Self.magic.count)
    site = try reader.site()
    receiver = try reader.nodeId()
    bundle = try reader.raw(Blake2b.contentByteCount)
    vector = try HaveVector(decoding: try reader.bytesV(max: Limits.vectorBytesMax))
    signature = try reader.raw(Signatures.byteCount)
    try reader.end()
  }

  /// Whether its receiver signed it.
  public var holds: Bool {
    Signatures.holds(
      signature, over: Self.statement(site, receiver, bundle, vector), by: receiver)
  }

  private static func body(
    _ site: SiteId, _ receiver: NodeId, _ bundle: [UInt8], _ vector: HaveVector
  ) -> [UInt8] {
    var writer = FieldWriter()
    writer.raw(magic)
    writer.raw(site.bytes)
    writer.raw(receiver.bytes)
    writer.raw(bundle)
    writer.bytesV(vector.encoded())
    return writer.bytes
  }

  private static func statement(
    _ site: SiteId, _ receiver: NodeId, _ bundle: [UInt8], _ vector: HaveVector
  ) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac receipt 1")
    writer.raw(body(site, receiver, bundle, vector))
    return writer.bytes
  }
}
