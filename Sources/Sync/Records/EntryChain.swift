public import Model

/// The links of a log of entries: each covers an entry's content and the link before it, so that a
/// rewritten past shows even to somebody who holds only the end (docs/sync-format.md, section 1).
public enum EntryChain {
  /// The length of a link and of the hash of a content, in bytes.
  public static let linkByteCount = 32

  /// The link before the first entry.
  public static let start = [UInt8](repeating: 0, count: linkByteCount)

  /// H of what an entry says and of all that identifies it.
  public static func contentHash(
    of run: RunId, lane: Lane, seq: UInt64, clockEpoch: ClockEpoch, kind: UInt16, body: [UInt8]
  ) -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(body.count + 96)
    writer.purpose("bivouac journal 1")
    writer.run(run)
    writer.u8(lane.rawValue)
    writer.fixed(seq)
    writer.raw(clockEpoch.bytes)
    writer.fixed(kind)
    writer.raw(body)
    return Blake2b.hash256(writer.bytes)
  }

  /// The link of the entry with this content, from the link of the entry before.
  public static func link(after previous: [UInt8], _ contentHash: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac link 1")
    writer.raw(previous)
    writer.raw(contentHash)
    return Blake2b.hash256(writer.bytes)
  }

  static func signed(_ link: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac entry 1")
    writer.raw(link)
    return writer.bytes
  }
}
