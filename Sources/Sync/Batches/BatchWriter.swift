/// Puts records into a batch: what a pull, a push and a bundle carry (docs/sync-format.md,
/// section 3).
///
/// Its bytes may be taken at any time and sent: a receiver uses what came whole.
public struct BatchWriter: Sendable {
  /// The version that is written.
  public static let version: UInt8 = 1
  /// The length of a seal: its counter and its MAC, in bytes.
  public static let sealByteCount = 24

  /// Bytes that were not taken yet.
  public private(set) var bytes: [UInt8] = [Self.version]
  /// All bytes so far, those that were taken included.
  public private(set) var byteCount = 1
  /// Frames so far.
  public private(set) var frameCount = 0
  private var run: RunId?
  private let isPacked: Bool

  /// Begins a batch; packed frames are a little more work and, of headers and bodies, fewer bytes.
  public init(isPacked: Bool = true) { self.isPacked = isPacked }

  /// What was written since the last time.
  public mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// An entry of a run.
  public mutating func add(_ entry: SignedEntry, of run: RunId) {
    begin(run)
    frame(.entry, entry.encoded())
  }

  /// Commits of a run.
  public mutating func add(_ live: SignedLive, of run: RunId) {
    begin(run)
    frame(.live, live.encoded())
  }

  /// What the blocks of a range are; that range follows.
  public mutating func add(_ description: SignedDescription, of run: RunId) {
    begin(run)
    frame(.description, description.encoded())
  }

  /// A range of a run; its blocks follow, then `endRange`.
  public mutating func add(_ range: SignedRange, of run: RunId) {
    begin(run)
    frame(.range, range.encoded())
  }

  /// A range of a run whose header the receiver has, by the number of its first commit and the hash
  /// of its header, 32 bytes; what the receiver lacks of its blocks follows, then `endRange`.
  public mutating func addContinuation(first: UInt64, header: [UInt8], of run: RunId) {
    precondition(header.count == Blake2b.contentByteCount, "a hash of \(header.count) bytes")
    begin(run)
    var writer = FieldWriter()
    writer.varint(first)
    writer.raw(header)
    frame(.continuation, writer.bytes)
  }

  /// A block of the range before; where summary and content pass a frame together, in two.
  public mutating func add(_ parcel: BlockParcel) {
    if let summary = parcel.summary, let content = parcel.content,
      summary.count + content.count + 16 > Limits.frameBytesMax
    {
      add(BlockParcel(index: parcel.index, summary: summary, content: nil))
      add(BlockParcel(index: parcel.index, summary: nil, content: content))
      return
    }
    frame(.block, parcel.encoded(), isPackable: false)
  }

  /// All that this node holds of the range before was said.
  public mutating func endRange() { frame(.endOfRange, []) }

  /// Ends the batch.
  public mutating func end() {
    var writer = FieldWriter()
    writer.varint(frameCount)
    frame(.end, writer.bytes)
  }

  /// Adds the session's seal over everything before it, which the caller has made: nothing follows.
  public mutating func seal(_ bytes: [UInt8]) {
    precondition(bytes.count == Self.sealByteCount, "a seal of \(bytes.count) bytes")
    frame(.seal, bytes)
  }

  private mutating func begin(_ run: RunId) {
    guard run != self.run else { return }
    self.run = run
    var writer = FieldWriter()
    writer.run(run)
    frame(.run, writer.bytes)
  }

  private mutating func frame(_ type: BatchFrame, _ content: [UInt8], isPackable: Bool = true) {
    precondition(content.count <= Limits.frameBytesMax, "a frame of \(content.count) bytes")
    var (sort, field) = (type.rawValue, content)
    if isPacked, isPackable, let packed = Self.packed(content) {
      sort |= BatchFrame.packedBit
      field = packed
    }
    var writer = FieldWriter()
    writer.reserve(field.count + 12)
    writer.u8(sort)
    writer.bytesV(field)
    writer.fixed(RowCheck.crc32c(0, writer.bytes.span))
    bytes += writer.bytes
    byteCount += writer.bytes.count
    frameCount += 1
  }

  /// The length and a zstd frame, where that pays. Whoever reads it unpacks it before it looks at
  /// signatures, so it need not be the same everywhere.
  private static func packed(_ content: [UInt8]) -> [UInt8]? {
    guard content.count >= BatchFrame.packedBytesMin else { return nil }
    let worth = content.count - content.count / BatchFrame.savedPart - 4
    guard let zstd = StoredContent.compress(content.span, max: worth) else { return nil }
    var writer = FieldWriter()
    writer.varint(content.count)
    writer.raw(Array(zstd.dropFirst()))
    return writer.bytes
  }
}
