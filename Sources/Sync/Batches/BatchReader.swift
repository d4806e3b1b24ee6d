internal import CZstd
internal import Model

/// Takes a batch apart as its bytes arrive; performs nothing and verifies no signature.
///
/// It holds at most one frame that has not come whole: `Limits.frameBytesMax` and 16 bytes.
/// A cut loses the frame that it cuts; what came before was handed out.
public struct BatchReader: Sendable {
  /// Why nothing behind a place can be read: what came before counts.
  public enum Failure: Error, Hashable, Sendable {
    /// Another version of batches.
    case version
    /// A frame longer than the limit.
    case tooLong
    /// A frame that is not as it was sent: where the next one begins is not known.
    case altered
    /// Bytes behind the end.
    case leftover
    /// The batch counts its frames otherwise: some of them are missing.
    case count
  }

  private var buffer: [UInt8] = []
  /// Bytes of the buffer that were handed out as items.
  private var used = 0
  private var hasBegun = false
  private var run: RunId?
  private var isInRange = false
  /// Frames so far, of all types.
  public private(set) var frameCount = 0
  /// Whether the end came: the batch is whole.
  public private(set) var isWhole = false
  /// Whether the seal came: nothing may follow.
  public private(set) var isSealed = false

  /// Begins before the first byte.
  public init() {}

  /// Bytes that wait for the rest of their frame; more than 0 at the end is a cut.
  public var waitingByteCount: Int { buffer.count - used }

  /// The run that the last item belongs to.
  public var currentRun: RunId? { run }

  /// Takes more bytes: at most `Limits.frameBytesMax` at once, to be followed by `next` until that
  /// gives nothing.
  public mutating func push(_ bytes: [UInt8]) {
    if used > 0 {
      buffer.removeFirst(used)
      used = 0
    }
    buffer += bytes
  }

  /// The next item that has come whole; nil where more bytes are needed.
  public mutating func next() throws(Failure) -> BatchItem? {
    if !hasBegun {
      guard used < buffer.count else { return nil }
      guard buffer[used] == BatchWriter.version else { throw .version }
      used += 1
      hasBegun = true
    }
    guard used < buffer.count else { return nil }
    guard !isSealed, !isWhole || buffer[used] == BatchFrame.seal.rawValue else {
      throw .leftover
    }
    guard let (type, content, end) = try frame() else { return nil }
    defer {
      used = end
      frameCount += 1
    }
    return try item(type, content)
  }

  /// A frame that has come whole: its type, the place of its bytes, and where the next begins.
  private func frame() throws(Failure) -> (UInt8, Range<Int>, Int)? {
    let type = buffer[used]
    var (length, shift, at) = (0, 0, used + 1)
    while true {
      guard at < buffer.count else { return nil }
      let byte = buffer[at]
      at += 1
      length |= Int(byte & 0x7F) << shift
      // Four bytes of a varint pass every frame; a longer one is not its shortest form either.
      guard shift < 28 else { throw .tooLong }
      if byte < 0x80 {
        guard byte != 0 || shift == 0 else { throw .altered }
        break
      }
      shift += 7
    }
    guard length <= Limits.frameBytesMax else { throw .tooLong }
    guard buffer.count - at >= length + 4 else { return nil }
    let end = at + length
    let crc = RowCheck.crc32c(0, buffer.span.extracting(used..<end))
    let stated = (0..<4).reduce(UInt32(0)) { $0 | UInt32(buffer[end + $1]) << UInt32(8 * $1) }
    guard crc == stated else { throw .altered }
    return (type, at..<end, end + 4)
  }

  private mutating func item(
    _ type: UInt8, _ place: Range<Int>
  ) throws(Failure) -> BatchItem {
    let sort = type & ~BatchFrame.packedBit
    guard let kind = BatchFrame(rawValue: sort) else { return .skipped(type: sort) }
    do throws(DecodeError) {
      let content =
        type == sort
        ? Array(buffer[place]) : try Self.unpacked(buffer.span.extracting(place))
      if kind == .seal {
        guard content.count == BatchWriter.sealByteCount else { throw DecodeError(.range, at: 0) }
        isSealed = true
        return .seal(content)
      }
      if kind == .end {
        var reader = FieldReader(content.span)
        let frames = try reader.varint()
        try reader.end()
        isWhole = frames == UInt64(frameCount)
        if isWhole { return .end }
      } else {
        return try decode(kind, content)
      }
    } catch {
      return .malformed(type: sort, error)
    }
    throw .count
  }

  private mutating func decode(
    _ kind: BatchFrame, _ content: [UInt8]
  ) throws(DecodeError) -> BatchItem {
    if kind == .run {
      isInRange = false
      // One that cannot be read takes the records behind it along: they would be another's.
      run = nil
      var reader = FieldReader(content.span)
      let found = try reader.run()
      try reader.end()
      run = found
      return .run(found)
    }
    guard run != nil else { throw DecodeError(.order, at: 0) }
    switch kind {
    case .block, .endOfRange:
      guard isInRange else { throw DecodeError(.order, at: 0) }
      guard kind == .block else {
        isInRange = false
        guard content.isEmpty else { throw DecodeError(.leftover, at: 0) }
        return .endOfRange
      }
      return .block(try BlockParcel(decoding: content))
    default: isInRange = false
    }
    switch kind {
    case .entry: return .entry(try SignedEntry(decoding: content))
    case .live: return .live(try SignedLive(decoding: content))
    case .description: return .description(try SignedDescription(decoding: content))
    case .continuation:
      var reader = FieldReader(content.span)
      let first = try reader.seq(.telemetry)
      let header = try reader.raw(Blake2b.contentByteCount)
      try reader.end()
      isInRange = true
      return .continuation(first: first, header: header)
    default:
      let (range, header) = try SignedRange.decode(content)
      isInRange = true
      return .range(range, header)
    }
  }

  /// The content of a packed frame: just one zstd frame, and just what it says of itself.
  private static func unpacked(_ field: Span<UInt8>) throws(DecodeError) -> [UInt8] {
    var reader = FieldReader(field)
    let length = try reader.count(max: Limits.frameBytesMax)
    let packed = field.extracting(reader.offset..<field.count)
    let isOne = unsafe packed.withUnsafeBytes {
      unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) == $0.count
    }
    guard isOne else { throw DecodeError(.leftover, at: reader.offset) }
    let content = try StoredContent.decompress(packed, max: Limits.frameBytesMax)
    guard content.count == length else { throw DecodeError(.count, at: 0) }
    return content
  }
}
