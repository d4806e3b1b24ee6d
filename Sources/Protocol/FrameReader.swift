/// Tells frames from text in a byte stream (PROTOCOL.md section 1.1); owns its buffers, does no
/// I/O.
///
/// Whatever it cannot use is dropped and counted: a line that has lost its delimiters must not grow
/// memory.
public struct FrameReader: ~Copyable {
  /// What was cut from the stream.
  public enum Output: Sendable {
    /// The body of a good frame.
    case frame
    /// A line of text without its end; its bytes may be anything but mostly printable.
    case text
  }

  /// What was seen on the line since it was opened.
  public struct Counts: Equatable, Sendable {
    /// Frames with a right check.
    public var framesGood: UInt32 = 0
    /// Closed candidates that were no frames.
    public var corrupt: UInt32 = 0
    /// Candidates that were too long.
    public var overruns: UInt32 = 0
    /// Lines of text given out.
    public var textLines: UInt32 = 0
    /// Lines that were mostly unprintable, dropped.
    public var noiseLines: UInt32 = 0
    /// Every byte taken.
    public var bytes: UInt64 = 0

    /// Nothing seen.
    public init() {}
  }

  private enum Segment { case text, first, second, candidate, overrun }

  private var segment = Segment.text
  private var buffer = InlineArray<256, UInt8>(repeating: 0)
  private var count = 0
  private var line = InlineArray<200, UInt8>(repeating: 0)
  private var lineCount = 0
  private var lineByteUs: Int64 = 0
  private let segmentBytesMax: Int

  /// What was seen so far.
  public private(set) var counts = Counts()

  /// Begins at an open: what comes before the first zero is text.
  ///
  /// - Parameter bodyBytesMax: the longest body taken, at most 250; longer ones are overruns.
  public init(bodyBytesMax: Int = Limits.bodyBytesMax) {
    precondition(bodyBytesMax <= Limits.bodyBytesMax)
    segmentBytesMax = bodyBytesMax + 1 + Limits.checkBytes
  }

  /// When `tick` is next wanted, in the µs of the caller's clock; nil while no line is unfinished.
  public var tickUs: Int64? { lineCount == 0 ? nil : lineByteUs + Limits.textPauseUs }

  /// Takes bytes heard at `nowUs` and gives out each frame and line that ends in them; the span it
  /// gives lives only during the call.
  public mutating func push(
    _ bytes: Span<UInt8>, nowUs: Int64, emit: (Output, Span<UInt8>) -> Void
  ) {
    counts.bytes &+= UInt64(bytes.count)
    var index = 0
    while index < bytes.count {
      if case .candidate = segment { index = keepCandidate(bytes, from: index) }
      guard index < bytes.count else { return }
      let bodyCount = push(bytes[index], nowUs: nowUs, emit: emit)
      if bodyCount > 0 { emit(.frame, body(bodyCount)) }
      index += 1
    }
  }

  /// Keeps the bytes before the next zero, as far as there is room; the index after them. Nearly
  /// every byte of a busy line goes this way.
  private mutating func keepCandidate(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let room = segmentBytesMax - count
    let end = bytes.count - start <= room ? bytes.count : start + room
    var index = start
    var kept = count
    while index < end {
      let byte = bytes[index]
      if byte == 0 { break }
      buffer[kept] = byte
      kept += 1
      index += 1
    }
    count = kept
    return index
  }

  /// The body of the frame that the last byte closed.
  @_lifetime(borrow self)
  func body(_ count: Int) -> Span<UInt8> { buffer.span.extracting(0..<count) }

  /// Gives out a line whose last byte is 100 ms old.
  public mutating func tick(nowUs: Int64, emit: (Output, Span<UInt8>) -> Void) {
    guard lineCount > 0, nowUs - lineByteUs >= Limits.textPauseUs else { return }
    endLine(emit)
  }

  /// Takes one byte; the length of the body when it closes a frame, else 0. Lines go to `emit`.
  mutating func push(
    _ byte: UInt8, nowUs: Int64, emit: (Output, Span<UInt8>) -> Void
  ) -> Int {
    if byte == 0 {
      let bodyCount = close(nowUs: nowUs, emit: emit)
      segment = .first
      count = 0
      return bodyCount
    }
    append(byte, nowUs: nowUs, emit: emit)
    return 0
  }

  private mutating func append(
    _ byte: UInt8, nowUs: Int64, emit: (Output, Span<UInt8>) -> Void
  ) {
    switch segment {
    case .text: appendText(byte, nowUs: nowUs, emit: emit)
    case .overrun: break
    case .first:
      guard (0x02...0xFB).contains(byte) else {
        segment = .text
        return appendText(byte, nowUs: nowUs, emit: emit)
      }
      keep(byte)
      segment = .second
    case .second:
      guard MessageType.isType(byte) else {
        segment = .text
        appendText(buffer[0], nowUs: nowUs, emit: emit)
        return appendText(byte, nowUs: nowUs, emit: emit)
      }
      keep(byte)
      segment = .candidate
    case .candidate:
      guard count < segmentBytesMax else {
        counts.overruns &+= 1
        segment = .overrun
        return
      }
      keep(byte)
    }
  }

  private mutating func keep(_ byte: UInt8) {
    buffer[count] = byte
    count += 1
  }

  /// A zero ends the segment: only now can a candidate be judged.
  private mutating func close(
    nowUs: Int64, emit: (Output, Span<UInt8>) -> Void
  ) -> Int {
    switch segment {
    case .first, .text, .overrun: break
    case .second: appendText(buffer[0], nowUs: nowUs, emit: emit)
    case .candidate:
      if let bodyCount = decode() {
        counts.framesGood &+= 1
        return bodyCount
      }
      counts.corrupt &+= 1
    }
    return 0
  }

  /// Checks the candidate and undoes its COBS in place; nil when it is not a frame.
  private mutating func decode() -> Int? {
    let encodedCount = count - Limits.checkBytes
    guard encodedCount >= 2 else { return nil }
    var check: UInt64 = 0
    for index in 0..<Limits.checkBytes {
      let byte = buffer[encodedCount + index]
      guard byte >= 0x80 else { return nil }
      check |= UInt64(byte & 0x7F) &<< UInt64(7 * index)
    }
    guard check == UInt64(Crc32c.checksum(buffer.span.extracting(0..<encodedCount))) else {
      return nil
    }
    var read = 0
    var written = 0
    while read < encodedCount {
      let end = read + Int(buffer[read])
      guard end <= encodedCount else { return nil }
      if read > 0 {
        buffer[written] = 0
        written += 1
      }
      read += 1
      while read < end {
        buffer[written] = buffer[read]
        written += 1
        read += 1
      }
    }
    guard (1...Limits.bodyBytesMax).contains(written), MessageType.isType(buffer[0]) else {
      return nil
    }
    return written
  }

  private mutating func appendText(
    _ byte: UInt8, nowUs: Int64, emit: (Output, Span<UInt8>) -> Void
  ) {
    if byte == 0x0D || byte == 0x0A { return endLine(emit) }
    line[lineCount] = byte
    lineCount += 1
    lineByteUs = nowUs
    if lineCount == Limits.textLineBytesMax { endLine(emit) }
  }

  private mutating func endLine(_ emit: (Output, Span<UInt8>) -> Void) {
    guard lineCount > 0 else { return }
    let count = lineCount
    lineCount = 0
    let bytes = line.span.extracting(0..<count)
    if TextLine.isNoise(bytes) {
      counts.noiseLines &+= 1
    } else {
      counts.textLines &+= 1
      emit(.text, bytes)
    }
  }
}
