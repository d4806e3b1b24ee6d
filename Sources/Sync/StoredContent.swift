internal import CZstd

/// The form in which the content of a block is stored: a byte that names the packing, and bytes.
///
/// Not canonical, so never hashed nor signed: another version of zstd packs otherwise.
public enum StoredContent {
  /// How the bytes are packed. Raw values are on disk: never renumber.
  public enum Packing: UInt8, Sendable {
    /// Not at all.
    case plain = 0
    /// One zstd frame that states the length of its content.
    case zstd = 1
  }

  /// The level of zstd: its own usual one.
  private static let level: Int32 = 3
  /// zstd is taken where it saves at least one byte in so many: less is not worth unpacking.
  private static let savedPart = 16

  /// Of a long content so many bytes of its end are packed first: where that saves nothing the
  /// rest will not either, and zstd takes longer over bytes without a pattern than the codec did.
  private static let triedBytes = 1_024

  /// Packs a content with zstd where that pays.
  public static func pack(_ content: [UInt8]) -> [UInt8] {
    let worth = content.count - content.count / savedPart - 1
    if content.count >= Limits.packedBytesMin, isPromising(content),
      let packed = compress(content.span, max: worth)
    {
      return packed
    }
    return [Packing.plain.rawValue] + content
  }

  private static func isPromising(_ content: [UInt8]) -> Bool {
    guard content.count > 8 * triedBytes else { return true }
    let end = content.span.extracting((content.count - triedBytes)..<content.count)
    return compress(end, max: triedBytes - 1) != nil
  }

  /// A zstd frame behind a byte; nil where it would take more than `max` bytes.
  static func compress(
    _ content: Span<UInt8>, max: Int, behind first: UInt8 = Packing.zstd.rawValue
  ) -> [UInt8]? {
    let packed = unsafe [UInt8](unsafeUninitializedCapacity: max + 1) { buffer, count in
      unsafe buffer[0] = first
      let size = unsafe content.withUnsafeBytes { source in
        unsafe ZSTD_compress(
          buffer.baseAddress?.advanced(by: 1), max, source.baseAddress, source.count, level)
      }
      count = ZSTD_isError(size) == 0 ? size + 1 : 0
    }
    return packed.isEmpty ? nil : packed
  }

  /// Unpacks what was stored. Nothing is unpacked that says to be longer than
  /// `Limits.contentBytesMax`, so that is the most that is allocated.
  public static func unpack(_ stored: Span<UInt8>) throws(DecodeError) -> [UInt8] {
    guard stored.count > 0 else { throw DecodeError(.truncated, at: 0) }
    guard let packing = Packing(rawValue: stored[0]) else { throw DecodeError(.range, at: 0) }
    let packed = stored.extracting(1..<stored.count)
    switch packing {
    case .plain:
      guard packed.count <= Limits.contentBytesMax else { throw DecodeError(.tooLong, at: 0) }
      return unsafe packed.withUnsafeBufferPointer { unsafe Array($0) }
    case .zstd: return try decompress(packed, max: Limits.contentBytesMax)
    }
  }

  /// The content of a zstd frame, which says how long it is: at most `max` bytes.
  static func decompress(
    _ packed: Span<UInt8>, max: Int
  ) throws(DecodeError) -> [UInt8] {
    var stated: UInt64 = 0
    let known = unsafe packed.withUnsafeBytes { frame in
      unsafe czstd_content_size(frame.baseAddress, frame.count, &stated)
    }
    guard known != 0 else { throw DecodeError(.truncated, at: 1) }
    guard stated <= UInt64(max) else { throw DecodeError(.tooLong, at: 1) }
    let size = Int(stated)
    var whole = false
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let written = unsafe packed.withUnsafeBytes { frame in
        unsafe ZSTD_decompress(buffer.baseAddress, size, frame.baseAddress, frame.count)
      }
      whole = ZSTD_isError(written) == 0 && written == size
      count = whole ? size : 0
    }
    guard whole else { throw DecodeError(.truncated, at: 1) }
    return content
  }
}
