public import Model

/// A hash over the contents of a range, keyed with a number that nobody could know before: only
/// who reads the contents now can make it (docs/sync-format.md, section 9).
///
/// Each content is hashed under the key by itself. Hashes that were kept of contents, or that a
/// header names, are worth nothing.
public struct RangeProof: Sendable {
  /// The length of the key, in bytes.
  public static let nonceByteCount = 16
  /// The length of the hash, in bytes.
  public static let byteCount = 32

  private let nonce: [UInt8]
  private var contents: [UInt8] = []

  /// Begins before the first content.
  public init(nonce: [UInt8]) {
    precondition(nonce.count == Self.nonceByteCount, "a nonce of \(nonce.count) bytes")
    self.nonce = nonce
  }

  /// Takes the canonical content of the next block, in the order of the range's header.
  public mutating func add(_ content: [UInt8]) {
    contents += Blake2b.keyed256(content, key: nonce)
  }

  /// The hash, with whose range it is and the header that its contents make.
  public func finish(_ run: RunId, _ clockEpoch: ClockEpoch, header: [UInt8]) -> [UInt8] {
    var writer = FieldWriter()
    writer.reserve(header.count + contents.count + 96)
    writer.purpose("bivouac proof 1")
    writer.run(run)
    writer.raw(clockEpoch.bytes)
    writer.bytesV(header)
    writer.raw(contents)
    return Blake2b.keyed256(writer.bytes, key: nonce)
  }
}
