public import Model

/// A compacted range's header with its origin's signature (docs/sync-format.md, section 1).
///
/// The header names the hash of every summary and content, so its blocks verify one by one.
public struct SignedRange: Hashable, Sendable {
  /// The boot of the origin in which all its commits were made.
  public let clockEpoch: ClockEpoch
  /// H of the header before it in its log; zeros where there is none.
  public let before: [UInt8]
  /// The canonical bytes of the header.
  public let header: [UInt8]
  /// The origin's.
  public let signature: [UInt8]

  /// Signs a header as its origin.
  public init(
    clockEpoch: ClockEpoch, before: [UInt8], header: [UInt8], incarnation: Incarnation,
    key: NodeKey
  ) {
    precondition(before.count == 32 && header.count <= Limits.rangeHeaderBytesMax, "a header")
    self.clockEpoch = clockEpoch
    self.before = before
    self.header = header
    let run = RunId(origin: key.id, incarnation: incarnation)
    signature = key.sign(Self.signed(run, clockEpoch, before, header))
  }

  /// Puts a range together again that was verified before, as a store does.
  public init(clockEpoch: ClockEpoch, before: [UInt8], header: [UInt8], signature: [UInt8]) {
    self.clockEpoch = clockEpoch
    self.before = before
    self.header = header
    self.signature = signature
  }

  /// H of its header: what the next range names.
  public var headerHash: [UInt8] { Blake2b.hash256(header) }

  /// True if the run's origin signed exactly this header.
  public func holds(of run: RunId) -> Bool {
    Signatures.holds(
      signature, over: Self.signed(run, clockEpoch, before, header), by: run.origin)
  }

  private static func signed(
    _ run: RunId, _ clockEpoch: ClockEpoch, _ before: [UInt8], _ header: [UInt8]
  ) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac range 1")
    writer.run(run)
    writer.raw(clockEpoch.bytes)
    writer.raw(before)
    writer.raw(Blake2b.hash256(header))
    return writer.bytes
  }

  /// The bytes that are sent.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(header.count + 120)
    writer.raw(clockEpoch.bytes)
    writer.raw(before)
    writer.bytesV(header)
    writer.raw(signature)
    return writer.bytes
  }

  /// Reads a range; its signature is not looked at. The header's content is handed out beside it:
  /// one that cannot be read names no commits, and so is no record.
  public static func decode(
    _ bytes: [UInt8]
  ) throws(DecodeError) -> (range: SignedRange, header: RangeHeader) {
    var reader = FieldReader(bytes.span)
    let clockEpoch = try reader.clockEpoch()
    let before = try reader.raw(32)
    let header = try reader.bytesV(max: Limits.rangeHeaderBytesMax)
    let signature = try reader.raw(Signatures.byteCount)
    try reader.end()
    let content = try RangeHeader(decoding: header)
    let range = SignedRange(
      clockEpoch: clockEpoch, before: before, header: header, signature: signature)
    return (range, content)
  }
}

/// What is sent of one block of a range: its summary, its content, or both.
public struct BlockParcel: Hashable, Sendable {
  /// Its place in the header, from 0.
  public let index: Int
  /// The canonical bytes of its summary (none where it has none); nil where it is not sent.
  public let summary: [UInt8]?
  /// Its content in the stored form; nil where it is not sent.
  public let content: [UInt8]?

  /// Puts a parcel together: at least one of both.
  public init(index: Int, summary: [UInt8]?, content: [UInt8]?) {
    precondition(summary != nil || content != nil, "an empty parcel")
    self.index = index
    self.summary = summary
    self.content = content
  }

  /// What of the parcel is what the header names; what is not has no identity. Nil where nothing
  /// is. The content is unpacked for that, and handed out as it came.
  public func verified(against header: RangeHeader) -> BlockParcel? {
    guard header.blocks.indices.contains(index) else { return nil }
    let named = header.blocks[index]
    let summary = summary.flatMap { Blake2b.content($0) == named.summaryHash ? $0 : nil }
    let content = content.flatMap { Self.isContent($0, named.contentHash) ? $0 : nil }
    guard summary != nil || content != nil else { return nil }
    return BlockParcel(index: index, summary: summary, content: content)
  }

  private static func isContent(_ stored: [UInt8], _ hash: [UInt8]) -> Bool {
    do throws(DecodeError) {
      return Blake2b.content(try StoredContent.unpack(stored.span)) == hash
    } catch {
      return false
    }
  }

  /// The bytes that are sent.
  public func encoded() -> [UInt8] {
    var writer = FieldWriter()
    writer.varint(index)
    writer.u8((summary == nil ? 0 : 1) | (content == nil ? 0 : 2))
    if let summary { writer.bytesV(summary) }
    if let content { writer.bytesV(content) }
    return writer.bytes
  }

  /// Reads a parcel; nothing is compared with hashes.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    index = try reader.count(max: Limits.rangeBlocksMax - 1)
    let flagsAt = reader.offset
    let flags = try reader.u8()
    guard (1...3).contains(flags) else { throw DecodeError(.range, at: flagsAt) }
    summary = flags & 1 == 0 ? nil : try reader.bytesV(max: Limits.contentBytesMax)
    content = flags & 2 == 0 ? nil : try reader.bytesV(max: Limits.contentBytesMax + 1)
    try reader.end()
  }
}
