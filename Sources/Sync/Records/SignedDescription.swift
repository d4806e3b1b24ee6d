public import Codec
public import Model

/// What a directory says of a range's blocks beside their summaries, with its origin's signature
/// (docs/sync-format.md, section 1).
///
/// Whoever has the contents reads it there. Whoever has only the header and the summaries, which
/// name neither clock, exponent, unit nor times, could not place them without it.
public struct SignedDescription: Hashable, Sendable {
  /// One block.
  public struct Block: Hashable, Sendable {
    /// What is the same for all of its readings.
    public let description: BlockDescription
    /// The least of its times, on its own clock.
    public let start: Int64
    /// The greatest of its times.
    public let end: Int64

    /// Puts it together; `end` is not below `start`.
    public init(_ description: BlockDescription, start: Int64, end: Int64) {
      precondition(start <= end, "a block from \(start) to \(end)")
      (self.description, self.start, self.end) = (description, start, end)
    }
  }

  /// H of the header that names the blocks.
  public let headerHash: [UInt8]
  /// Every one of them, in the order of the header.
  public let blocks: [Block]
  /// The origin's.
  public let signature: [UInt8]

  /// Signs it as the origin of the range.
  public init(headerHash: [UInt8], blocks: [Block], incarnation: Incarnation, key: NodeKey) {
    precondition(headerHash.count == 32 && blocks.count <= Limits.rangeBlocksMax, "a header")
    (self.headerHash, self.blocks) = (headerHash, blocks)
    let run = RunId(origin: key.id, incarnation: incarnation)
    signature = key.sign(Self.signed(run, Self.body(headerHash, blocks)))
  }

  /// True if the run's origin signed exactly this.
  public func holds(of run: RunId) -> Bool {
    Signatures.holds(
      signature, over: Self.signed(run, Self.body(headerHash, blocks)), by: run.origin)
  }

  private static func signed(_ run: RunId, _ body: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac description 1")
    writer.run(run)
    writer.raw(body)
    return writer.bytes
  }

  /// The bytes that are sent.
  public func encoded() -> [UInt8] { Self.body(headerHash, blocks) + signature }

  private static func body(_ headerHash: [UInt8], _ blocks: [Block]) -> [UInt8] {
    var writer = FieldWriter()
    writer.raw(headerHash)
    writer.varint(blocks.count)
    var before: Int64 = 0
    for block in blocks {
      let about = block.description
      var flags: UInt8 = 0
      var exponent: Int8 = 0
      switch about.form {
      case .decimal(let power): exponent = power
      case .float: flags = 2
      case .text: flags = 4
      }
      if case .device(let epoch) = about.clock {
        writer.u8(flags | 1)
        writer.varint(UInt64(epoch))
      } else {
        writer.u8(flags)
      }
      writer.u8(about.kind)
      writer.u8(UInt8(bitPattern: exponent))
      writer.bytes8(about.unit)
      writer.zigzag(block.start &- before)
      writer.varint(UInt64(bitPattern: block.end &- block.start))
      before = block.start
    }
    return writer.bytes
  }

  /// Reads one; its signature is not looked at.
  public init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = FieldReader(bytes.span)
    headerHash = try reader.raw(32)
    let count = try reader.count(max: Limits.rangeBlocksMax)
    var blocks: [Block] = []
    var before: Int64 = 0
    for _ in 0..<count {
      let block = try reader.describedBlock(after: before)
      before = block.start
      blocks.append(block)
    }
    self.blocks = blocks
    signature = try reader.raw(Signatures.byteCount)
    try reader.end()
  }
}

extension FieldReader {
  fileprivate mutating func describedBlock(
    after before: Int64
  ) throws(DecodeError) -> SignedDescription.Block {
    let at = offset
    let flags = try u8()
    guard flags <= 5 else { throw DecodeError(.range, at: at) }
    let clock: BlockDescription.Clock =
      flags & 1 == 0 ? .node : .device(epoch: try varint32())
    let kind = try u8()
    let exponentAt = offset
    let exponent = Int8(bitPattern: try u8())
    guard flags < 2 || exponent == 0 else { throw DecodeError(.canonical, at: exponentAt) }
    let form: BlockDescription.Form =
      switch flags >> 1 {
      case 0: .decimal(exponent: exponent)
      case 1: .float
      default: .text
      }
    let unitAt = offset
    let unit = try bytes8()
    guard unit.count <= 8, unit.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw DecodeError(.range, at: unitAt)
    }
    let start = before &+ (try zigzag())
    let endAt = offset
    let end = start &+ Int64(bitPattern: try varint())
    guard start <= end else { throw DecodeError(.range, at: endAt) }
    return SignedDescription.Block(
      BlockDescription(clock: clock, form: form, kind: kind, unit: unit), start: start, end: end)
  }
}
